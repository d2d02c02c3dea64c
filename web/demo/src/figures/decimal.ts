/** Exact decimal arithmetic for money: an integer count of 10^-scale units, never a float. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

export const ZERO: Decimal = { units: 0n, scale: 0 };

const PATTERN = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Reads a decimal from text, or from a number that a JSON parser has already made.
 * A number's shortest text is the decimal that it was parsed from if that had at most 15 significant digits
 * (IEEE 754 binary64), which is more than any bookkeeping amount needs.
 */
export function decimal(value: string | number): Decimal {
  const match = PATTERN.exec(String(value));
  if (!match) throw new RangeError(`${String(value)} is not a decimal.`);
  const [, sign, whole = "0", fraction = "", exponent = "0"] = match;
  const shift = Number(exponent);
  let units = BigInt(whole + fraction);
  let scale = fraction.length - shift;
  if (scale < 0) {
    units *= 10n ** BigInt(-scale);
    scale = 0;
  }
  return { units: sign === "-" ? -units : units, scale };
}

function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.units * 10n ** BigInt(scale - a.scale), b.units * 10n ** BigInt(scale - b.scale), scale];
}

export function add(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = aligned(a, b);
  return { units: x + y, scale };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, negate(b));
}

export function negate(a: Decimal): Decimal {
  return { units: -a.units, scale: a.scale };
}

export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const [x, y] = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

export function isNegative(a: Decimal): boolean {
  return a.units < 0n;
}

export function isZero(a: Decimal): boolean {
  return a.units === 0n;
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const value of values) total = add(total, value);
  return total;
}

/** Divides by a whole number, rounded half away from zero to `scale` digits: for averages only. */
export function average(total: Decimal, count: number, scale: number): Decimal {
  if (count <= 0) return ZERO;
  const numerator = total.units * 10n ** BigInt(Math.max(0, scale - total.scale));
  const denominator = BigInt(count) * 10n ** BigInt(Math.max(0, total.scale - scale));
  const doubled = (numerator < 0n ? -numerator : numerator) * 2n;
  const rounded = (doubled + denominator) / (denominator * 2n);
  return { units: numerator < 0n ? -rounded : rounded, scale };
}

/** `part / whole` in thousandths, for bar lengths and percentages; 0 if the whole is zero. */
export function permille(part: Decimal, whole: Decimal): number {
  const [x, y] = aligned(part, whole);
  return y === 0n ? 0 : Number((x * 1000n) / y);
}

export function text(a: Decimal): string {
  const digits = (a.units < 0n ? -a.units : a.units).toString().padStart(a.scale + 1, "0");
  const whole = digits.slice(0, digits.length - a.scale);
  const fraction = a.scale === 0 ? "" : `.${digits.slice(digits.length - a.scale)}`;
  return `${a.units < 0n ? "-" : ""}${whole}${fraction}`;
}
