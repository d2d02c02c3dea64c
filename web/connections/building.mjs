// What the builds of the components have in common. Each passes its own tools (esbuild's `build` and `transform`, terser's
// `minify`), so that a package builds with nothing but its own dependencies.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const FURTHER_SERVED = new URL("src/locales/further.served.ts", import.meta.url).pathname;

/** Bundles style sheets as minified text, for a constructable sheet. */
export const stylesAsText = ({ transform }) => ({
  name: "styles-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: "es2022" });
      return { contents: code.trim(), loader: "text" };
    });
  },
});

/** Settings of every bundle of a component in the folder `here`. */
export const settingsOf = (tools, here, version, mangleProps) => ({
  absWorkingDir: new URL(".", here).pathname,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  jsxFactory: "h",
  jsxFragment: "Fragment",
  mangleProps,
  define: { __VERSION__: JSON.stringify(version) },
  plugins: [stylesAsText(tools)],
});

/**
 * Modules in a part of a component, in place of those that its first module has and passes on: `src/parts/kit.ts` names
 * them, and each export that a part may use. A name that isn't there fails the build.
 */
const withKit = (here) => ({
  name: "kit",
  setup(build) {
    const kit = new URL("src/parts/kit.ts", here);
    const given = new Map();
    const resolve = (path, resolveDir) => build.resolve(path, { resolveDir, kind: "import-statement", pluginData: "kit" });
    build.onStart(async () => {
      const lines = (await readFile(kit, "utf8")).matchAll(/^export \{([^}]*)\} from "([^"]*)"/gm);
      for (const [, names, path] of lines) {
        const found = await resolve(path, new URL("./", kit).pathname);
        const pairs = names.split(",").map((name) => name.trim().split(" as ")).filter(([name]) => name);
        given.set(found.path, pairs.map(([own, passed = own]) => `${passed}: ${own}`));
      }
    });
    build.onResolve({ filter: /./ }, async ({ path, resolveDir, kind, pluginData }) => {
      if (pluginData === "kit" || kind !== "import-statement") return undefined;
      const found = await resolve(path, resolveDir);
      return given.has(found.path) ? { path: found.path, namespace: "kit" } : undefined;
    });
    build.onLoad({ filter: /./, namespace: "kit" }, ({ path }) => ({ contents: `export const { ${given.get(path)} } = kit;` }));
  },
});

/**
 * Builds what the platform serves of a component, each file with its compressed forms: the first module, `dist/<name>.js`,
 * which is all that runs until its first page is there; its `parts`, which it loads when they are wanted; and its further
 * languages, as data. `dist/version.json` vouches for the first module, which holds the digest of each part, and the name of
 * the words: a page that pins it pins everything. Fails if the first module is over `limit`, or a part over its own, in
 * bytes after gzip.
 */
export async function buildServed({ tools, here, name, version, common, goal, limit, parts = {}, words = { "": "src/locales" } }) {
  const served = {
    name: "served",
    setup(build) {
      build.onResolve({ filter: /\/further$/ }, () => ({ path: FURTHER_SERVED }));
      build.onResolve({ filter: /\/parts\/load$/ }, () => ({ path: new URL("src/parts/load.served.ts", here).pathname }));
      build.onResolve({ filter: /\/more$/ }, () => ({ path: new URL("src/manage/more.served.ts", here).pathname }));
    },
  };
  const languages = (await readdir(new URL("src/locales", here)))
    .map((file) => /^(\w\w)\.ts$/.exec(file)?.[1])
    .filter((language) => language && language !== "en");
  const compile = (entry, mangleCache, { hash = "", digests = "", ...settings }) =>
    tools.build({
      ...common,
      entryPoints: [entry],
      write: false,
      define: {
        ...common.define,
        __LANGUAGES__: JSON.stringify(languages.join()),
        __WORDS__: JSON.stringify(hash),
        __PARTS__: JSON.stringify(digests),
      },
      plugins: [...common.plugins, served, ...(settings.plugins ?? [])],
      mangleCache,
      ...(settings.format && { format: settings.format, globalName: settings.globalName }),
    });
  const first = (mangleCache, settings) => compile("src/index.ts", mangleCache, settings);
  // A part is a function of what the first module passes to it, so that neither is needed to have the other's address.
  const part = (name, mangleCache, hash) =>
    compile(`src/parts/${name}.ts`, mangleCache, { hash, format: "iife", globalName: "part", plugins: [withKit(here)] });
  // What esbuild leaves: one and a half per cent.
  const smaller = async (code) => (await tools.minify(code, { module: true, ecma: 2022, compress: { passes: 3 } })).code;
  const digest = (code) => createHash("sha384").update(code).digest("base64");

  // A first pass over everything settles the shortened names that all of it goes by.
  let { mangleCache } = await first({}, {});
  for (const each of Object.keys(parts)) ({ mangleCache } = await part(each, mangleCache));

  // Words are named by a hash of all of them, parts by the digest of each.
  const sets = Object.entries(words).flatMap(([prefix, folder]) => languages.map((language) => [prefix, folder, language]));
  const texts = await Promise.all(
    sets.map(async ([prefix, folder, language]) => {
      const entryPoints = [`${folder}/${language}.ts`];
      const { outputFiles } = await tools.build({ ...common, entryPoints, mangleCache, write: false });
      const module = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
      return [prefix + language, JSON.stringify(module[language])];
    }),
  );
  const hash = createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 12);
  const files = texts.map(([language, text]) => [`words/${language}.${hash}.json`, text]);
  const digests = [];
  for (const each of Object.keys(parts)) {
    const { outputFiles } = await part(each, mangleCache, hash);
    const code = await smaller(`export default(kit)=>{${outputFiles[0].text};return part}`);
    digests.push(each, digest(code));
    files.push([`parts/${partName(each, digest(code))}`, code]);
  }
  const { outputFiles } = await first(mangleCache, { hash, digests: digests.join(" ") });
  const code = await smaller(outputFiles[0].text);
  files.push([`${name}.js`, code]);

  const gzipped = {};
  for (const [file, text] of files) {
    const plain = Buffer.from(text);
    const path = new URL(`dist/${file}`, here).pathname;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, plain);
    // The forms in which the platform sends them.
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
    await writeFile(`${path}.br`, brotliCompressSync(plain, { params }));
    const small = gzipSync(plain, { level: 9 });
    await writeFile(`${path}.gz`, small);
    gzipped[file.replace(/^parts\/(\w+).*/, "$1")] = small.length;
  }
  const vouched = { version, integrity: `sha384-${digest(code)}`, bytes: Buffer.byteLength(code), gzipped: gzipped[`${name}.js`] };
  await writeFile(new URL("dist/version.json", here), `${JSON.stringify(vouched)}\n`);

  console.log(`${name}.js ${version}: ${vouched.gzipped} bytes gzipped (goal ${goal}, limit ${limit})`);
  for (const each of Object.keys(parts)) console.log(`  ${each}: ${gzipped[each]} (limit ${parts[each]})`);
  const over = Object.entries({ [`${name}.js`]: limit, ...parts }).filter(([file, bytes]) => gzipped[file] > bytes);
  for (const [file, bytes] of over) console.error(`${file} is ${gzipped[file] - bytes} bytes over its limit.`);
  if (over.length) process.exit(1);
  if (vouched.gzipped > goal) console.warn(`Warning: ${name}.js is ${vouched.gzipped - goal} bytes over its goal.`);
}

/** A part's file, named by its digest; `src/parts/pinned.ts` makes the same name. */
const partName = (name, digest) => `${name}.${digest.replace(/\W/g, "").slice(0, 16)}.js`;

/** Node's own resolution needs whole file names, also in types, and types of their own for `require`. */
export async function nameTypes(types) {
  for (const name of await readdir(types, { recursive: true })) {
    if (!name.endsWith(".d.ts")) continue;
    const file = new URL(name, types);
    const text = await readFile(file, "utf8");
    const naming = (extension) => text.replace(/((?:from|import)\s*\(?")(\.{1,2}\/[^"]*?)(?:\.js)?"/g, `$1$2${extension}"`);
    await writeFile(file, naming(".js"));
    await writeFile(new URL(name.replace(/\.ts$/, ".cts"), types), naming(".cjs"));
  }
}
