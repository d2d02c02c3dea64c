/** The commands of the package's README, as printed there. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

/** `npm ci` and `npm run build` were done before any test: a build now would take files from under other suites. */
const NPM = `
npm() {
  case "$*" in
    ci | "run build") echo "done: $*" ;;
    *) LIST=1 npm_config_ignore_scripts=true command npm "$@" ;;
  esac
}
`;

test("every command of the README is one that npm knows, and its tests are there", () => {
  const blocks = [...readFileSync("README.md", "utf8").matchAll(/^```sh\n([^]*?)^```/gm)].map(([, code]) => code!);
  assert.equal(blocks.length, 1);
  const printed = execFileSync("sh", ["-e", "-c", NPM + blocks[0]], { encoding: "utf8" });
  const scripts = JSON.parse(readFileSync("package.json", "utf8")).scripts;
  assert.ok(scripts.build);
  assert.match(printed, /done: ci\n(?:.*\n)*done: run build\n/);
  // All files for the first call of the tests; those that are named, for the next.
  const listed = printed.split("\n").filter((line) => line.endsWith(".test.ts"));
  const all = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
  const named = [...blocks[0]!.matchAll(/npm test -- ([\w ]+?)(?= *(?:#|$))/gm)].map(([, words]) => words!.split(" "));
  assert.ok(named.length, "commands that name files");
  for (const word of named.flat()) assert.ok(all.some((name) => name.startsWith(word)), `a test file for ${word}`);
  const further = named.flatMap((words) => all.filter((name) => words.some((word) => name.startsWith(word))));
  assert.deepEqual(listed, [...all, ...further]);
  // The variable that leaves pictures is one that the tests read.
  assert.match(blocks[0]!, /^SCREENSHOTS=\w+ npm test -- screens/m);
  assert.match(readFileSync("test/screens.test.ts", "utf8"), /process\.env\["SCREENSHOTS"\]/);
});
