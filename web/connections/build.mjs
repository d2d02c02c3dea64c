// Builds the browser module that the platform serves and the npm package's modules, and fails if the first is too large.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";

const GOAL_BYTES = 16_000;
/** 18 KiB. Preact stays as it is published: parts cut out of it would save 400 bytes, and break with each of its versions. */
const LIMIT_BYTES = 18_432;
/**
 * Properties that only the bundle reads: the words of the locale files, and names that neither the platform's answers, the
 * host's props, Preact nor the DOM have. The build shortens them; a quoted one, such as the answer's `words`, it leaves,
 * so none may be looked up by a string.
 */
const INTERNAL =
  /^(?:\$\w+|session|words|dates|promised|follow|useToken|allowRenewal|renewable|leaveReconnection|awaitReturn|reconnection|reconnected|failure|step|issuer|connection|view|kind|look|actions|hurry|dateTime|icon|large|entries|tone|busy|failed|pages|subtitle|connect|address|companyId|total|timeline|retry|over|ready)$/;
const here = new URL("./", import.meta.url);
const { version } = JSON.parse(await readFile(new URL("package.json", here), "utf8"));

/** Bundles the style sheet as minified text, for a constructable sheet. */
const styles = {
  name: "styles-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), {
        loader: "css",
        minify: true,
        target: "es2022",
      });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const common = {
  absWorkingDir: new URL(".", here).pathname,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  jsxFactory: "h",
  jsxFragment: "Fragment",
  mangleProps: INTERNAL,
  define: { __VERSION__: JSON.stringify(version) },
  plugins: [styles],
};

// The served module fetches further languages as data. Their files are named by a hash of all of them, which the module
// holds, so a first pass settles the shortened names that the words go by.
const locales = (await readdir(new URL("src/locales", here))).map((name) => /^(\w\w)\.ts$/.exec(name)?.[1]);
const languages = locales.filter((name) => name && name !== "en");
const fetched = {
  name: "words-by-fetch",
  setup(build) {
    build.onResolve({ filter: /\/further$/ }, () => ({ path: new URL("src/locales/further.served.ts", here).pathname }));
  },
};
const served = new URL("dist/connections.js", here);
const serve = (words, mangleCache) =>
  build({
    ...common,
    entryPoints: ["src/index.ts"],
    outfile: "dist/connections.js",
    define: { ...common.define, __LANGUAGES__: JSON.stringify(languages.join()), __WORDS__: JSON.stringify(words) },
    plugins: [styles, fetched],
    mangleCache,
  });
const { mangleCache } = await serve("", {});
const words = await Promise.all(
  languages.map(async (language) => {
    const { outputFiles } = await build({
      ...common,
      entryPoints: [`src/locales/${language}.ts`],
      mangleCache,
      write: false,
    });
    const module = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
    return [language, JSON.stringify(module[language])];
  }),
);
const hash = createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 12);
await serve(hash, mangleCache);
await mkdir(new URL("dist/words", here), { recursive: true });
const files = words.map(([language, text]) => [new URL(`dist/words/${language}.${hash}.json`, here), text]);
for (const [file, text] of files) await writeFile(file, text);

// What esbuild leaves: one and a half per cent.
const smaller = await minify(await readFile(served, "utf8"), { module: true, ecma: 2022, compress: { passes: 3 } });
await writeFile(served, smaller.code);
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
await build({ ...packaged, plugins: [styles, root], format: "cjs", outExtension: { ".js": ".cjs" } });
for (const name of ["dist/react.js", "dist/react.cjs"]) {
  const file = new URL(name, here);
  await writeFile(file, `"use client";${await readFile(file, "utf8")}`);
}

// The forms in which the platform sends them.
for (const file of [served, ...files.map(([file]) => file)]) {
  const plain = await readFile(file);
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  await writeFile(`${file.pathname}.br`, brotliCompressSync(plain, { params }));
  await writeFile(`${file.pathname}.gz`, gzipSync(plain, { level: 9 }));
}

const code = await readFile(served);
const gzipped = gzipSync(code, { level: 9 }).length;
const integrity = `sha384-${createHash("sha384").update(code).digest("base64")}`;
await writeFile(
  new URL("dist/version.json", here),
  `${JSON.stringify({ version, integrity, bytes: code.length, gzipped })}\n`,
);

console.log(`connections.js ${version}: ${gzipped} bytes gzipped (goal ${GOAL_BYTES}, limit ${LIMIT_BYTES})`);
if (gzipped > LIMIT_BYTES) {
  console.error(`connections.js is ${gzipped - LIMIT_BYTES} bytes over its limit.`);
  process.exit(1);
}
if (gzipped > GOAL_BYTES) console.warn(`Warning: connections.js is ${gzipped - GOAL_BYTES} bytes over its goal.`);

// Node's own resolution needs whole file names, also in types, and types of their own for `require`.
const types = new URL("dist/types/", here);
for (const name of await readdir(types, { recursive: true })) {
  if (!name.endsWith(".d.ts")) continue;
  const file = new URL(name, types);
  const text = await readFile(file, "utf8");
  const naming = (extension) => text.replace(/((?:from|import)\s*\(?")(\.{1,2}\/[^"]*?)(?:\.js)?"/g, `$1$2${extension}"`);
  await writeFile(file, naming(".js"));
  await writeFile(new URL(name.replace(/\.ts$/, ".cts"), types), naming(".cjs"));
}
