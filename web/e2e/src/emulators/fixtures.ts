// The pages of a folder's fixtures, which are as the vendor sends them.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../harness/world.js";

export type Row = Record<string, unknown>;

/** The records of the page of `integrations/<folder>/fixtures/<name>.json` at a member of it. */
export function rowsOf(folder: string, name: string, ...path: string[]): Row[] {
  const text = readFileSync(join(ROOT, "integrations", folder, "fixtures", `${name}.json`), "utf8");
  let value: unknown = (JSON.parse(text) as { page: unknown }).page;
  for (const step of path) value = (value as Row)[step];
  return value as Row[];
}

/** The records that a fixture's map looked up under a name. */
export function lookupOf(folder: string, name: string, member: string): Row[] {
  const text = readFileSync(join(ROOT, "integrations", folder, "fixtures", `${name}.json`), "utf8");
  return (JSON.parse(text) as { lookup: Record<string, Row[]> }).lookup[member] ?? [];
}
