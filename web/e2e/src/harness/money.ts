// Exact sums over the amounts of a JSON document, without floats.

const DECIMALS = 6;

/** Millionths of a unit. */
export type Micro = bigint;

export function micro(text: string): Micro {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Error(`${text} is not a decimal.`);
  const [, sign, whole = "0", fraction = ""] = match;
  if (fraction.length > DECIMALS && /[1-9]/.test(fraction.slice(DECIMALS))) throw new Error(`${text} has more than ${DECIMALS} decimals.`);
  const value = BigInt(whole + fraction.slice(0, DECIMALS).padEnd(DECIMALS, "0"));
  return sign === "-" ? -value : value;
}

export function sum(amounts: Iterable<Micro>): Micro {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

/** Parses JSON with each number as its text, so that no digit is lost. */
export function parseExactly(text: string): unknown {
  let quoted = "";
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    if (inString) {
      quoted += letter;
      if (letter === "\\") {
        at += 1;
        quoted += text[at] ?? "";
      } else if (letter === '"') inString = false;
    } else if (letter === '"') {
      inString = true;
      quoted += letter;
    } else if (/[-\d]/.test(letter)) {
      const number = /^-?\d+(\.\d+)?([eE][-+]?\d+)?/.exec(text.slice(at, at + 80))?.[0] ?? letter;
      quoted += `"${number}"`;
      at += number.length - 1;
    } else quoted += letter;
  }
  return JSON.parse(quoted);
}
