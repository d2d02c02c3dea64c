/** A component's package as a project has it: packed, installed, and built with each framework. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";

/** The application's folder, within the package's. */
export const APP = `${process.cwd()}/node_modules/.cache/app`;
const readme = readFileSync("README.md", "utf8");

/** Packs the package and installs it under each of the names. */
export function install(...names: string[]): void {
  rmSync(APP, { recursive: true, force: true });
  mkdirSync(APP, { recursive: true });
  const npm = (...args: string[]) => execFileSync("npm", args, { cwd: APP, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const file = `file:./${npm("pack", "--silent", "--ignore-scripts", process.cwd()).trim()}`;
  const dependencies = Object.fromEntries(names.map((name) => [name, file]));
  writeFileSync(`${APP}/package.json`, JSON.stringify({ name: "app", private: true, dependencies }));
  // React and Vue are optional peers, which the frameworks of the package's folder stand in for.
  npm("install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps");
}

/** The README's first code block below a heading. */
export function lines(heading: string): string {
  const [, code] = new RegExp(`#### ${heading}\\n[^#]*?\`\`\`\\w+\\n([^]*?)\`\`\``).exec(readme) ?? [];
  assert.ok(code, `The README has lines for ${heading}`);
  return code;
}

const vue: Plugin = {
  name: "vue",
  setup(build) {
    build.onLoad({ filter: /\.vue$/ }, ({ path }) => {
      const { descriptor } = parse(readFileSync(path, "utf8"));
      const { content } = compileScript(descriptor, { id: "app", inlineTemplate: true });
      return { contents: content, loader: "ts" };
    });
  },
};
const svelte: Plugin = {
  name: "svelte",
  setup(build) {
    build.onLoad({ filter: /\.svelte$/ }, ({ path }) => ({
      contents: compile(readFileSync(path, "utf8"), { filename: path, generate: "client" }).js.code,
      loader: "js",
    }));
  },
};

/** The settings that a framework's own tools would make. */
const SETTINGS: Record<string, BuildOptions> = {
  React: {},
  Vue: {
    plugins: [vue],
    define: {
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
  },
  Svelte: { plugins: [svelte], conditions: ["browser", "svelte"] },
  // As in an application of Angular's command line: no native `await` in the application.
  Angular: {
    target: "es2016",
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
  },
};

/** Builds an application of `files`, of which one is `main.…`, with the framework; returns its code. */
export async function built(framework: string, files: Record<string, string>): Promise<string> {
  const folder = `${APP}/${framework}`;
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(`${folder}/${file}`, text);
  const settings = SETTINGS[framework];
  const { outputFiles } = await build({
    entryPoints: [`${folder}/${Object.keys(files).find((file) => file.startsWith("main."))}`],
    absWorkingDir: APP,
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    target: "es2022",
    logLevel: "error",
    ...settings,
    define: { "process.env.NODE_ENV": '"production"', ...settings?.define },
  });
  const code = outputFiles![0]!.text;
  assert.ok(!code.replaceAll(/^\s*\/\/.*$/gm, "").includes(process.cwd()), "no path of this machine");
  return code;
}

/** Runs Node in the application; returns what it prints. */
export function run(args: string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: APP, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

/** Each compiler, with the ways in which it looks for a package's types. */
export const COMPILERS = [
  ["typescript", "esnext", "bundler"],
  ["typescript", "node16", "node16"],
  ["typescript-4.9", "node16", "node16"],
  ["typescript-4.9", "esnext", "node"],
] as const;

/** Checks the types of `page`, as an ES module and as CommonJS, and of a React page. */
export function check([compiler, module, resolution]: (typeof COMPILERS)[number], page: string, reactPage: string): void {
  const files = { "page.mts": page, "page.cts": page, "page.tsx": reactPage };
  for (const [file, text] of Object.entries(files)) writeFileSync(`${APP}/${file}`, text);
  // React's own types are beyond 4.9.
  const wanted = Object.keys(files).filter((file) => compiler === "typescript" || file !== "page.tsx");
  const common = { noEmit: true, strict: true, types: [], target: "es2022", lib: ["es2022", "dom"], jsx: "react-jsx" };
  const compilerOptions = { ...common, module, moduleResolution: resolution };
  writeFileSync(`${APP}/tsconfig.json`, JSON.stringify({ compilerOptions, files: wanted }));
  const tsc = [`${process.cwd()}/node_modules/${compiler}/bin/tsc`, "-p", "."];
  const { stdout, status } = spawnSync(process.execPath, tsc, { cwd: APP, encoding: "utf8" });
  assert.equal(status, 0, stdout);
}
