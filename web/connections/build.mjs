// Builds the browser module that the platform serves and the npm package's modules, and fails if the first is too large.
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { build, transform } from "esbuild";
import { minify } from "terser";
import { buildServed, nameTypes, settingsOf } from "./building.mjs";

const GOAL_BYTES = 16_000;
/** 18 KiB. Preact stays as it is published: parts cut out of it would save 400 bytes, and break with each of its versions. */
const LIMIT_BYTES = 18_432;
/** The part that the list doesn't need, with its limit. */
const PART_BYTES = { detail: 6_144 };
/**
 * Properties that only the bundle reads: the words of the locale files, and names that neither the platform's answers, the
 * host's props, Preact nor the DOM have. The build shortens them; a quoted one, such as the answer's `words`, it leaves,
 * so none may be looked up by a string.
 */
const INTERNAL =
  /^(?:\$\w+|session|words|dates|promised|follow|useToken|allowRenewal|renewable|leaveJourney|awaitReturn|journey|arrived|addressOf|refused|overtake|linked|failure|step|issuer|connection|view|kind|look|actions|hurry|dateTime|icon|large|entries|tone|busy|failed|pages|subtitle|connect|address|companyId|total|timeline|retry|over|ready)$/;
const here = new URL("./", import.meta.url);
const { version } = JSON.parse(await readFile(new URL("package.json", here), "utf8"));
const tools = { build, transform, minify };
const common = settingsOf(tools, here, version, INTERNAL);

await buildServed({
  tools, here, name: "connections", version, common, goal: GOAL_BYTES, limit: LIMIT_BYTES, parts: PART_BYTES,
});
// Preact's licence must accompany its code.
await copyFile(new URL("node_modules/preact/LICENSE", here), new URL("dist/LICENSE-preact.txt", here));

// The package's modules have no address of their own: bundlers write the path on the machine that builds in its place.
const packaged = {
  ...common,
  define: { ...common.define, "import.meta.url": "undefined" },
  external: ["react", "vue"],
  entryPoints: ["src/index.ts", "src/react.ts", "src/vue.ts", "src/svelte.ts"],
  outdir: "dist",
};
await build({ ...packaged, splitting: true, chunkNames: "chunks/[name]-[hash]" });
/** One component for all of a page: the wrappers load the package's root. */
const root = {
  name: "the package's root",
  setup(build) {
    build.onResolve({ filter: /^\.\/index$/ }, () => ({ path: "./index.cjs", external: true }));
  },
};
await build({ ...packaged, plugins: [...common.plugins, root], format: "cjs", outExtension: { ".js": ".cjs" } });
for (const name of ["dist/react.js", "dist/react.cjs"]) {
  const file = new URL(name, here);
  await writeFile(file, `"use client";${await readFile(file, "utf8")}`);
}
await nameTypes(new URL("dist/types/", here));
