// Builds the browser module that the platform serves and the npm package carries, and holds it to its size.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";

const GOAL_BYTES = 16_000;
const LIMIT_BYTES = 18_000;
const here = new URL("./", import.meta.url);
const { version } = JSON.parse(await readFile(new URL("package.json", here), "utf8"));

/**
 * Properties that nobody outside the bundle reads or writes, which the build may therefore rename, as it does with all
 * that begin with `$` (the words of the locale files) or `_` (Preact's inner names): Preact's hooks for classes, and what
 * our own modules say to each other. Never a name of the DOM, of the platform's JSON or of the public API.
 */
const OWN_NAMES = [
  ..."componentDidMount componentDidUpdate componentWillUnmount getSnapshotBeforeUpdate".split(" "),
  ..."dangerouslySetInnerHTML forceUpdate setState".split(" "),
  ..."askAgain awaitReturn broken busy dates failed follow hurry issuer leaveReconnection look promised".split(" "),
  ..."reconnected reconnection renewed retry session step useToken words dateTime ago".split(" "),
];

/** The style sheet travels inside the module, minified, as text for a constructable sheet. */
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

/** What no view asks of Preact is folded to what it always is, and the minifier drops what nothing reaches then. */
const FOLDS = [
  // No view is an error boundary: what is thrown goes on.
  [/\boptions\._catchError\((\w+).*?\)/g, "throw $1"],
  // The hooks for debuggers and add-ons.
  [/\boptions\.\w+/g, "(undefined)"],
  // HTML as text, and the state of form fields.
  [/\b(newHtml|oldHtml|inputValue|checked) = value;/g, ";"],
  [/\b(newHtml|oldHtml|inputValue|checked)\b(?![;'])/g, "(undefined)"],
  [/\b[\w.]+\.(ref|defaultProps|contextType)\b(?! =\s)/g, "(undefined)"],
  // Lives that no class of ours has.
  [/\bc\.(componentWill(Mount|ReceiveProps|Update)|shouldComponentUpdate|getChildContext)\b/g, "(undefined)"],
  [/\b\w+\.getDerivedStateFromProps\b/g, "(undefined)"],
  // Suspense and hydration.
  [/\b\w+\._flags & MODE_(SUSPENDED|HYDRATE)\b/g, "0"],
  [/\bisHydrating\b(?=[ )])(?! =)/g, "false"],
  [/\bexcessDomChildren (!=|==) NULL/g, "null $1 null"],
];

/**
 * Preact from the sources that it ships, folded, and with `preact/props.js` in place of its own. A fold that finds
 * nothing stops the build, so that a Preact that has been rewritten is noticed.
 */
const leanPreact = {
  name: "lean-preact",
  setup(build) {
    const sources = new URL("node_modules/preact/src/", here).pathname;
    const idle = new Set(["diff/props.js", ...FOLDS.map(([what]) => what)]);
    build.onResolve({ filter: /^preact$/ }, () => ({ path: `${sources}index.js`, sideEffects: false }));
    build.onLoad({ filter: /\/preact\/src\/.*\.js$/ }, async ({ path }) => {
      if (idle.delete(path.slice(sources.length))) path = new URL("preact/props.js", here).pathname;
      let contents = await readFile(path, "utf8");
      for (const [what, always] of FOLDS) {
        contents = contents.replace(what, (...match) => {
          idle.delete(what);
          return always.replace("$1", match[1]);
        });
      }
      return { contents };
    });
    build.onEnd(() => {
      if (idle.size) throw new Error(`Preact has been rewritten; nothing found for ${[...idle].join(" and ")}.`);
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
  mangleProps: new RegExp(`^(\\$\\w+|_[a-z]\\w*|${OWN_NAMES.join("|")})$`),
  define: { __VERSION__: JSON.stringify(version) },
  plugins: [styles, leanPreact],
};

const bundle = new URL("dist/connections.js", here);
const { outputFiles } = await build({ ...common, entryPoints: ["src/index.ts"], write: false });
const squeezed = await minify(outputFiles[0].text, {
  module: true,
  ecma: 2020,
  compress: { passes: 3, pure_getters: true, unsafe_arrows: true, hoist_props: true },
});
await mkdir(new URL("dist/", here), { recursive: true });
await writeFile(bundle, squeezed.code);
// Preact's licence asks to go where its code goes.
await copyFile(new URL("node_modules/preact/LICENSE", here), new URL("dist/LICENSE-preact.txt", here));
await build({
  ...common,
  entryPoints: ["src/react.ts"],
  outfile: "dist/react.js",
  external: ["react", "./connections.js"],
  // The wrapper stands on the built component instead of carrying a second copy of it.
  plugins: [
    {
      name: "built-component",
      setup(build) {
        build.onResolve({ filter: /^\.\/index(\.js)?$/ }, () => ({ path: "./connections.js", external: true }));
      },
    },
  ],
  banner: { js: '"use client";' },
});

const { code } = squeezed;
const gzipped = gzipSync(code, { level: 9 }).length;
const integrity = `sha384-${createHash("sha384").update(code).digest("base64")}`;
await writeFile(
  new URL("dist/version.json", here),
  `${JSON.stringify({ version, integrity, bytes: Buffer.byteLength(code), gzipped })}\n`,
);

console.log(`connections.js ${version}: ${gzipped} bytes gzipped (goal ${GOAL_BYTES}, limit ${LIMIT_BYTES})`);
if (gzipped > LIMIT_BYTES) {
  console.error("connections.js is larger than its limit.");
  process.exit(1);
}
if (gzipped > GOAL_BYTES) console.warn("Warning: connections.js is over its goal.");

/** Node's own resolution wants whole file names, in types too. */
const types = new URL("dist/types/", here);
for (const name of await readdir(types, { recursive: true })) {
  if (!name.endsWith(".d.ts")) continue;
  const file = new URL(name, types);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/((?:from|import)\s*\(?")(\.{1,2}\/[^"]*?)(?:\.js)?"/g, '$1$2.js"'));
}
