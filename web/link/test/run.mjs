// Compiles the tests and runs all of them, or the files that the arguments name (`npm test -- live host`).
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const out = "node_modules/.cache/tests";
const wanted = process.argv.slice(2);
const files = readdirSync("test")
  .filter((name) => name.endsWith(".test.ts") || name.endsWith(".test.tsx"))
  .filter((name) => !wanted.length || wanted.some((word) => name.startsWith(word)));
if (!files.length) {
  console.error(`No test file begins with ${wanted.join(" or ")}.`);
  process.exit(1);
}
// For the test of the README: which files a command would run.
if (process.env.LIST) {
  console.log(files.join("\n"));
  process.exit(0);
}
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await build({
  entryPoints: files.map((name) => `test/${name}`),
  outdir: out,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  outExtension: { ".js": ".mjs" },
  loader: { ".css": "text" },
});
const { status } = spawnSync(
  process.execPath,
  [
    "--test",
    "--test-reporter=spec",
    "--test-timeout=300000",
    "--test-concurrency=2",
    ...readdirSync(out).map((name) => `${out}/${name}`),
  ],
  { stdio: "inherit" },
);
process.exit(status ?? 1);
