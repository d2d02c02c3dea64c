// What the builds of the components have in common. Each passes its own tools (esbuild's `build` and `transform`, terser's
// `minify`), so that a package builds with nothing but its own dependencies.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
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
 * Builds the module that the platform serves, `dist/<name>.js`, its further languages as data, and the compressed forms of
 * both; `dist/version.json` vouches for the module. Fails if that is over `limit`, in bytes after gzip.
 */
export async function buildServed({ tools, here, name, version, common, goal, limit }) {
  // The served module fetches further languages as data. Their files are named by a hash of all of them, which the module
  // holds, so a first pass settles the shortened names that the words go by.
  const locales = (await readdir(new URL("src/locales", here))).map((file) => /^(\w\w)\.ts$/.exec(file)?.[1]);
  const languages = locales.filter((language) => language && language !== "en");
  const fetched = {
    name: "words-by-fetch",
    setup(build) {
      build.onResolve({ filter: /\/further$/ }, () => ({ path: FURTHER_SERVED }));
    },
  };
  const served = new URL(`dist/${name}.js`, here);
  const serve = (words, mangleCache) =>
    tools.build({
      ...common,
      entryPoints: ["src/index.ts"],
      outfile: `dist/${name}.js`,
      define: { ...common.define, __LANGUAGES__: JSON.stringify(languages.join()), __WORDS__: JSON.stringify(words) },
      plugins: [...common.plugins, fetched],
      mangleCache,
    });
  const { mangleCache } = await serve("", {});
  const words = await Promise.all(
    languages.map(async (language) => {
      const { outputFiles } = await tools.build({
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
  const smaller = await tools.minify(await readFile(served, "utf8"), { module: true, ecma: 2022, compress: { passes: 3 } });
  await writeFile(served, smaller.code);

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

  console.log(`${name}.js ${version}: ${gzipped} bytes gzipped (goal ${goal}, limit ${limit})`);
  if (gzipped > limit) {
    console.error(`${name}.js is ${gzipped - limit} bytes over its limit.`);
    process.exit(1);
  }
  if (gzipped > goal) console.warn(`Warning: ${name}.js is ${gzipped - goal} bytes over its goal.`);
}

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
