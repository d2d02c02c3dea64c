// Compiles the tests and runs them all. Arguments name the files to run (`npm test -- keyboard`).
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const out = "node_modules/.cache/tests";
const wanted = process.argv.slice(2);
const files = readdirSync("test")
  .filter((name) => name.endsWith(".test.ts") || name.endsWith(".test.tsx"))
  .filter((name) => !wanted.length || wanted.some((word) => name.startsWith(word)));
if (!files.length) {
  console.error("No test file of that name.");
  process.exit(1);
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
    // A whole file's, too: that of all screens takes three minutes where the machine has other work.
    "--test-timeout=900000",
    "--test-concurrency=2",
    ...readdirSync(out).map((name) => `${out}/${name}`),
  ],
  { stdio: "inherit" },
);
process.exit(status ?? 1);
