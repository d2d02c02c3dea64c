// Builds the browser module that the platform serves and the npm package's modules, and fails if the first is too large.
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { build, transform } from "esbuild";
import { minify } from "terser";
import { buildServed, nameTypes, settingsOf } from "../connections/building.mjs";

const GOAL_BYTES = 20_000;
/** 20 KiB; 19 kB as a browser receives it (Brotli). */
const LIMIT_BYTES = 20_480;
/** The parts that the first page doesn't need, each with its limit. */
const PART_BYTES = { asking: 7_168, elsewhere: 4_096, files: 5_120, manage: 8_192 };
/**
 * Properties that only the bundle reads: the words of the locale files, and names that neither the platform's answers, the
 * host's props, Preact nor the DOM have, and no text's placeholder. The build shortens them, so none may be looked up by a
 * string; a quoted one, such as the disclosure's `words`, it leaves.
 */
const INTERNAL =
  /^(?:\$\w+|session|words|dates|follow|useToken|allowRenewal|renewable|leaveJourney|awaitReturn|journey|arrived|addressOf|refused|overtake|linked|failure|step|issuer|connection|view|kind|look|actions|hurry|dateTime|icon|large|tone|busy|failed|connect|address|retry|over|ready|place|told|trouble|leaving|closable|say|own|listed|agree|finish|begin|linkView|opening|parts|section|sections|subtitle|markup|offer|report|fail|choose|bare)$/;
const here = new URL("./", import.meta.url);
const { version } = JSON.parse(await readFile(new URL("package.json", here), "utf8"));
const tools = { build, transform, minify };
const common = {
  ...settingsOf(tools, here, version, INTERNAL),
  // Sources of the other component that this one shares must find the same Preact.
  alias: { preact: new URL("node_modules/preact", here).pathname },
};

await buildServed({
  tools, here, name: "link", version, common, goal: GOAL_BYTES, limit: LIMIT_BYTES, parts: PART_BYTES,
  // The part that manages connections speaks in the Connections component's words.
  words: { "": "src/locales", "manage-": "../connections/src/locales" },
});
// Preact's licence must accompany its code.
await copyFile(new URL("node_modules/preact/LICENSE", here), new URL("dist/LICENSE-preact.txt", here));

// The package's modules have no address of their own: bundlers write the path on the machine that builds in its place.
const packaged = { ...common, define: { ...common.define, "import.meta.url": "undefined" }, external: ["react", "vue"], outdir: "dist" };
/** The words of this component, also in modules that it shares. */
const further = {
  name: "own words",
  setup(build) {
    build.onResolve({ filter: /\/further$/ }, () => ({ path: new URL("src/locales/further.ts", here).pathname }));
  },
};
/** One component for all of a page: the wrappers load the package's root. */
const root = {
  name: "the package's root",
  setup(build) {
    build.onResolve({ filter: /^\.\/index$/ }, ({ importer }) =>
      /link\/src\/(react|vue|svelte)\.ts$/.test(importer) ? { path: "./index.cjs", external: true } : undefined,
    );
  },
};
const link = {
  ...packaged,
  entryPoints: ["src/index.ts", "src/react.ts", "src/vue.ts", "src/svelte.ts"],
  plugins: [...common.plugins, further],
};
// The other component, so that one alias serves pages that import both from `@codat/sdk-link-types`.
const connections = { ...packaged, entryPoints: { connections: "../connections/src/index.ts" } };
for (const modules of [link, connections]) {
  await build({ ...modules, splitting: true, chunkNames: "chunks/[name]-[hash]" });
  await build({ ...modules, plugins: [...modules.plugins, root], format: "cjs", outExtension: { ".js": ".cjs" } });
}
for (const name of ["dist/react.js", "dist/react.cjs"]) {
  const file = new URL(name, here);
  await writeFile(file, `"use client";${await readFile(file, "utf8")}`);
}
await nameTypes(new URL("dist/types/", here));
