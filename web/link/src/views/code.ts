/** QR codes (ISO/IEC 18004:2015) of texts: in bytes, at error correction level M, up to version 20. */

/** By version, from 1: the codewords of correction in each block, and the number of blocks (table 9, level M). */
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

/** Table 10: true where a mask turns a module over. */
const MASKS: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Rows of modules, true if dark. `undefined` is free for data. */
type Modules = (boolean | undefined)[][];

/** The rows of the smallest code for a text, true for a dark module; null if it is longer than such a code can be. */
export function codeOf(text: string): boolean[][] | null {
  const bytes = [...new TextEncoder().encode(text)];
  for (let version = 1; version <= BLOCKS.length; version += 1) {
    const frame = frameOf(version);
    const room = Math.floor(frame.flat().filter((module) => module === undefined).length / 8);
    const blocks = BLOCKS[version - 1]!;
    const data = dataOf(bytes, version, room - blocks * CORRECTION[version - 1]!);
    if (!data) continue;
    const codewords = interleaved(data, blocks, CORRECTION[version - 1]!);
    const tried = MASKS.map((_, mask) => filled(frame, codewords, mask));
    return tried.reduce((best, each) => (penaltyOf(each) < penaltyOf(best) ? each : best));
  }
  return null;
}

/** The data codewords, or null if there is no room for them (7.4). */
function dataOf(bytes: number[], version: number, room: number): number[] | null {
  const bits: number[] = [];
  const put = (value: number, length: number) => {
    for (let at = length - 1; at >= 0; at -= 1) bits.push((value >> at) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  if (bits.length > room * 8) return null;
  put(0, Math.min(4, room * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  for (let filler = 0xec; bits.length < room * 8; filler ^= 0xec ^ 0x11) put(filler, 8);
  return Array.from({ length: room }, (_, at) => parseInt(bits.slice(at * 8, at * 8 + 8).join(""), 2));
}

/** Blocks of data, each with its correction, column by column (7.5, 7.6). The later blocks may be one longer. */
function interleaved(data: number[], count: number, correction: number): number[] {
  const short = Math.floor(data.length / count);
  const longer = data.length % count;
  const generator = generatorOf(correction);
  const blocks: number[][] = [];
  for (let at = 0, block = 0; block < count; block += 1) {
    const end = at + short + (block >= count - longer ? 1 : 0);
    blocks.push(data.slice(at, end));
    at = end;
  }
  const columns = (rows: number[][], length: number) =>
    Array.from({ length }, (_, at) => rows.flatMap((row) => (at < row.length ? [row[at]!] : []))).flat();
  return [
    ...columns(blocks, short + 1),
    ...columns(
      blocks.map((block) => remainder(block, generator)),
      correction,
    ),
  ];
}

/** A product in GF(256) modulo x⁸ + x⁴ + x³ + x² + 1. */
function times(a: number, b: number): number {
  let product = 0;
  for (let at = 7; at >= 0; at -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((b >> at) & 1) product ^= a;
  }
  return product;
}

/** The coefficients of (x - 2⁰)(x - 2¹)… below the first, which is 1. */
function generatorOf(degree: number): number[] {
  const result: number[] = [...Array<number>(degree - 1).fill(0), 1];
  for (let root = 1, step = 0; step < degree; step += 1, root = times(root, 2)) {
    for (let at = 0; at < degree; at += 1) result[at] = times(result[at]!, root) ^ (result[at + 1] ?? 0);
  }
  return result;
}

function remainder(block: number[], generator: number[]): number[] {
  const rest: number[] = generator.map(() => 0);
  for (const byte of block) {
    const factor = byte ^ rest.shift()!;
    rest.push(0);
    generator.forEach((coefficient, at) => (rest[at]! ^= times(coefficient, factor)));
  }
  return rest;
}

/** A version's fixed patterns; the modules of its format are light for now (6.3). */
function frameOf(version: number): Modules {
  const size = 17 + 4 * version;
  const modules: Modules = Array.from({ length: size }, () => Array<undefined>(size).fill(undefined));
  const set = (x: number, y: number, dark: boolean) => {
    if (modules[y] && x >= 0 && x < size) modules[y][x] = dark;
  };
  const square = (x: number, y: number, reach: number, dark: (distance: number) => boolean) => {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) set(x + dx, y + dy, dark(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  };
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  // Alignment patterns, but not over the corners with finders.
  const centres = centresOf(version, size);
  for (const x of centres) {
    for (const y of centres) {
      const corner = (x === 6 && y === 6) || (x === 6 && y === size - 7) || (x === size - 7 && y === 6);
      if (!corner) square(x, y, 2, (distance) => distance !== 1);
    }
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) {
    square(x, y, 4, (distance) => distance !== 2 && distance !== 4);
  }
  write(modules, formatPlaces(size), 0);
  set(8, size - 8, true);
  if (version >= 7) {
    // 7.10
    let rest = version;
    for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    for (let at = 0; at < 18; at += 1) {
      const [far, near] = [size - 11 + (at % 3), Math.floor(at / 3)];
      const dark = (((version << 12) | rest) >> at) % 2 === 1;
      set(far, near, dark);
      set(near, far, dark);
    }
  }
  return modules;
}

/** The rows and columns of alignment patterns (annex E). */
function centresOf(version: number, size: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, at) => size - 7 - at * step)];
}

/** The places of the format's bits, from the lowest, twice (figure 25). */
function formatPlaces(size: number): [number, number][][] {
  return Array.from({ length: 15 }, (_, at) => [
    at < 8 ? [8, at < 6 ? at : at + 1] : [at === 8 ? 7 : 14 - at, 8],
    at < 8 ? [size - 1 - at, 8] : [8, size - 15 + at],
  ]);
}

function write(modules: Modules, places: [number, number][][], bits: number): void {
  places.forEach((both, at) => {
    for (const [x, y] of both) modules[y]![x] = ((bits >> at) & 1) === 1;
  });
}

/** The codewords in the free modules, from right to left and up and down (7.7.3), under a mask, with its format (7.9). */
function filled(frame: Modules, codewords: number[], mask: number): boolean[][] {
  const size = frame.length;
  const modules = frame.map((row) => [...row]);
  let bit = 0;
  // Two columns at a time, past the one with the timing pattern.
  for (let right = size - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up) {
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (frame[y]![x] !== undefined) continue;
        const dark = (((codewords[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
        modules[y]![x] = dark !== MASKS[mask]!(x, y);
        bit += 1;
      }
    }
  }
  // Level M is 00.
  let rest = mask;
  for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  write(modules, formatPlaces(size), ((mask << 10) | rest) ^ 0x5412);
  return modules as boolean[][];
}

/** The higher, the harder to read (7.8.3). */
function penaltyOf(modules: boolean[][]): number {
  const lines = (rows: boolean[][]) => rows.map((row) => row.map(Number).join(""));
  const all = [...lines(modules), ...lines(modules.map((_, x) => modules.map((row) => row[x]!)))];
  let penalty = 0;
  for (const line of all) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) penalty += run.length - 2;
    penalty += 40 * [...line.matchAll(/(?=00001011101|10111010000)/g)].length;
  }
  modules.slice(1).forEach((row, y) =>
    row.slice(1).forEach((dark, x) => {
      const above = modules[y]!;
      if (dark === row[x] && dark === above[x] && dark === above[x + 1]) penalty += 3;
    }),
  );
  const dark = modules.flat().filter(Boolean).length / modules.length ** 2;
  return penalty + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}
