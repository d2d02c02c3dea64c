/** The parts that need no browser, and the files of the package. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { eventParser, type ServerEvent } from "../src/server/event-stream";
import { datesIn } from "../src/locales/dates";
import { ar } from "../src/locales/ar";
import { de } from "../src/locales/de";
import { en } from "../src/locales/en";
import { detail } from "../src/locales/en.detail";
import { es } from "../src/locales/es";
import { fr } from "../src/locales/fr";
import { fill, languageOf, localeOf } from "../src/locales/index";
import { nl } from "../src/locales/nl";
import { dataTypeName } from "../src/views/told";
import type { Ui } from "../src/views/ui";
import { parseInline } from "../src/views/markdown";
import { isInAppBrowser } from "../src/popup";
import { flat } from "./world";
import { readToken, servedFrom } from "../src/server/token";

test("inline Markdown becomes bold, italic, code and links", () => {
  assert.deepEqual(parseInline("Plain text."), ["Plain text."]);
  assert.deepEqual(parseInline("**Bold** and *italic* `code`"), [
    { kind: "strong", children: ["Bold"] },
    " and ",
    { kind: "em", children: ["italic"] },
    " ",
    { kind: "code", children: ["code"] },
  ]);
  assert.deepEqual(parseInline("__a__ _b_"), [
    { kind: "strong", children: ["a"] },
    " ",
    { kind: "em", children: ["b"] },
  ]);
  assert.deepEqual(parseInline("**see [the *list*](https://x.test/a?b=1)**"), [
    {
      kind: "strong",
      children: [
        "see ",
        { kind: "a", href: "https://x.test/a?b=1", children: ["the ", { kind: "em", children: ["list"] }] },
      ],
    },
  ]);
});

test("what isn't Markdown, or isn't safe, stays text", () => {
  for (const text of [
    "2 * 3 * 4",
    "snake_case_name",
    "a ** b ** c",
    "[x]",
    "(y)",
    "<b>bold</b>",
    "* item",
    "_",
    "**",
    "``",
    "",
  ]) {
    assert.deepEqual(parseInline(text), text ? [text] : [], text);
  }
  for (const target of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "/relative",
    "//host/x",
    "mailto:a@b.c",
    "file:///etc/passwd",
  ]) {
    assert.deepEqual(parseInline(`[label](${target})`), [`[label](${target})`], target);
  }
  assert.equal(parseInline("\\*not\\* \\[x\\]\\(y\\)").join(""), "*not* [x](y)");
});

test("no text takes Markdown long or deep", () => {
  const start = performance.now();
  for (const piece of ["*", "**", "`", "[", "](", "_a", "**a*", "[a](", "\\"]) {
    parseInline(piece.repeat(2_000));
  }
  parseInline(`${"**a *b ".repeat(300)}${"b* a**".repeat(300)}`);
  assert.ok(performance.now() - start < 2_000);
});

test("an event stream may be cut anywhere", () => {
  const text =
    ': hello\r\n\r\nevent: ready\ndata: {}\n\nid: 7\nevent: connection\ndata: {"a":1,\ndata:"b":2}\r\rdata:x\r\n\r\nid\ndata: y\n\n';
  const expected: ServerEvent[] = [
    { type: "ready", data: "{}", id: "" },
    { type: "connection", data: '{"a":1,\n"b":2}', id: "7" },
    { type: "message", data: "x", id: "7" },
    { type: "message", data: "y", id: "" },
  ];
  for (let size = 1; size <= text.length; size++) {
    const events: ServerEvent[] = [];
    const parse = eventParser((event) => events.push(event));
    for (let at = 0; at < text.length; at += size) parse(text.slice(at, at + size));
    assert.deepEqual(events, expected, `in pieces of ${size}`);
  }
});

test("tokens are read, and nothing that isn't one breaks", () => {
  const token = (payload: unknown) => `h.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.s`;
  assert.deepEqual(readToken(token({ sub: "c1", iss: "https://x.test/base/", name: "Größe ÿ>" })), {
    companyId: "c1",
    issuer: "https://x.test/base",
  });
  assert.deepEqual(readToken(token({ sub: "c1", iss: "moorline" })), { companyId: "c1", issuer: null });
  for (const bad of [
    "",
    "a.b.c",
    "x",
    undefined,
    null,
    7,
    token(null),
    token([]),
    token({ sub: "" }),
    token({ sub: 5 }),
  ]) {
    assert.equal(readToken(bad), null);
  }
});

test("a served module knows its platform, a bundled one doesn't", () => {
  assert.equal(servedFrom("https://x.test/sdk/connections.js"), "https://x.test");
  assert.equal(servedFrom("https://x.test/sdk/v0.1.0/connections.js?x=1"), "https://x.test");
  assert.equal(servedFrom("https://x.test/base/sdk/connections.js"), "https://x.test/base");
  for (const elsewhere of [
    "file:///app/node_modules/@moorline/connections/dist/connections.js",
    "https://shop.test/assets/index-1a2b.js",
    "http://localhost:5173/node_modules/.vite/deps/x.js",
    undefined,
  ]) {
    assert.equal(servedFrom(elsewhere), null);
  }
});

test("spans of time are in the largest unit that fits, and never in the future", () => {
  const dates = datesIn("en-GB");
  const now = Date.parse("2026-05-10T12:00:00Z");
  const ago = (iso: string) => dates.ago(iso, now);
  assert.equal(ago("2026-05-10T11:59:40Z"), "now");
  assert.equal(ago("2026-05-10T11:58:30Z"), "1 minute ago");
  assert.equal(ago("2026-05-10T07:30:00Z"), "4 hours ago");
  assert.equal(ago("2026-05-09T11:00:00Z"), "yesterday");
  assert.equal(ago("2026-05-06T11:00:00Z"), "4 days ago");
  assert.equal(ago("2026-04-20T11:00:00Z"), "2 weeks ago");
  assert.equal(ago("2025-12-01T00:00:00Z"), "5 months ago");
  assert.equal(ago("2023-12-01T00:00:00Z"), "2 years ago");
  assert.equal(ago("2026-05-10T12:03:00Z"), "now");
  assert.equal(ago("2026-05-10T07:30:00"), "4 hours ago", "a date without an offset is UTC");
  assert.equal(dates.ago(null), null);
  assert.equal(dates.ago("soon"), null);
  assert.equal(dates.date(undefined), null);
});

test("a language without words falls back to English, and its region stays for dates", () => {
  const spoken = (...wanted: string[]) => {
    const language = languageOf(wanted);
    return `${language} ${localeOf(language, wanted)}`;
  };
  assert.equal(spoken("en-US", "de"), "en en-US");
  assert.equal(spoken("de-AT", "en-US"), "de de-AT");
  assert.equal(spoken("nl"), "nl nl");
  assert.equal(spoken("ar-EG"), "ar ar-EG");
  assert.equal(spoken("xx", "en-GB"), "en en-GB");
  assert.equal(spoken("pl-PL"), "en en-PL");
  assert.equal(spoken("pl-PL", "es"), "es es-PL");
  assert.equal(spoken("not a tag!"), "en en");
  assert.equal(spoken(), "en en");
  // Words that could not be loaded are English, in the same region.
  assert.equal(localeOf("en", ["de-CH"]), "en-CH");
});

const LOCALES = { ar, de, es, fr, nl };

test("each language has every word, with the same placeholders", () => {
  const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
  for (const [language, words] of Object.entries(LOCALES)) {
    assert.equal(words.$lang, language);
    const all = new Map(flat(words));
    for (const [key, text] of flat(en)) {
      const translated = all.get(key) ?? "";
      assert.ok(translated.trim(), `${language} has ${key}`);
      assert.deepEqual(placeholders(translated), placeholders(text), `${language}: ${key}`);
    }
    for (const [key, text] of all) assert.doesNotMatch(text, /\.\.\.| $|^ /, `${language}: ${key}`);
  }
  assert.equal(ar.$dir, "rtl");
});

/** Texts of the platform's sources, which the words of the pages and of both components must agree with. */
const rust = (path: string) => readFileSync(`../../crates/${path}`, "utf8");
/** Data types by their variant in those sources. */
const dataTypes = new Map([...rust("records/src/data_type.rs").matchAll(/(\w+) = "([\w-]+)": /g)].map(([, variant, key]) => [variant!, key!]));

test("a data type has the name in each language that the link page gives it", () => {
  assert.ok(dataTypes.size > 40);
  const keys = new Map<string, string>();
  const groups = rust("platform/src/consents/disclosure/words.rs").matchAll(/((?:DataType::\w+[\s|]*)+)=>\s*\{?\s*\(\w+,\s*"(type-[\w-]+)"\)/g);
  for (const [, variants, key] of groups) {
    for (const [, variant] of variants!.matchAll(/DataType::(\w+)/g)) keys.set(dataTypes.get(variant!)!, key!);
  }
  assert.deepEqual([...keys.keys()].sort(), [...dataTypes.values()].sort());
  for (const [language, words] of Object.entries({ en: { ...en, ...detail }, ...LOCALES })) {
    const page = new Map([...rust(`words/locales/${language}.ftl`).matchAll(/^(type-[\w-]+) = (.*)$/gm)].map(([, key, text]) => [key!, text!]));
    const ui = { words } as unknown as Ui;
    for (const [dataType, key] of keys) {
      const text = page.get(key)!;
      assert.equal(dataTypeName(ui, dataType), text.charAt(0).toUpperCase() + text.slice(1), `${language}: ${dataType}`);
    }
  }
});

test("each language names every event of a history", () => {
  const events = [...rust("store/src/model/event.rs").matchAll(/=> "((?:connection|read|write)\.[\w.]+)"/g)].map(([, type]) => type!);
  assert.ok(events.length > 15);
  // A change of status names these.
  const named = ["connection.connected", "connection.disconnected", "connection.reconnected"];
  for (const [language, words] of Object.entries(LOCALES)) {
    for (const type of events.filter((type) => !named.includes(type))) {
      assert.ok(type in words.$events, `${language}: ${type}`);
    }
  }
});

test("the style sheet has no left and no right", () => {
  const css = (readFileSync("src/base.css", "utf8") + readFileSync("src/styles.css", "utf8")).replaceAll(/\/\*[^]*?\*\//g, "");
  assert.doesNotMatch(css, /\b(left|right)\b/);
  for (const [rule, top, right, bottom, left] of css.matchAll(/(?:padding|margin): (\S+) (\S+) (\S+) (\S+);/g)) {
    assert.equal(left, right, `${rule} (${top}, ${bottom})`);
  }
});

test("each further language is at most 2.6 kB on the wire, and the component 17 kB", () => {
  const size = (file: string) => readFileSync(`dist/${file}`).length;
  const files = readdirSync("dist/words");
  assert.equal(files.length, 15);
  for (const file of files.filter((file) => file.endsWith(".json"))) {
    assert.ok(size(`words/${file}.br`) <= 2_600, `${file}.br: ${size(`words/${file}.br`)}`);
    assert.ok(size(`words/${file}.gz`) <= 3_000, `${file}.gz: ${size(`words/${file}.gz`)}`);
  }
  assert.ok(size("connections.js.br") <= 17_000 && size("connections.js.gz") <= 18_432);
});

test("placeholders in texts are replaced by values as they are", () => {
  assert.equal(fill("{a} and {b} of {a}", { a: "$&", b: "<b>" }), "$& and <b> of $&");
  assert.equal(fill("{constructor}", {}), "{constructor}");
  // A name's own full stop ends the sentence, too, as on the hosted pages.
  assert.equal(fill("Shared with {a}. {b}.", { a: "Noord B.V.", b: "So" }), "Shared with Noord B.V. So.");
  assert.equal(fill("{a}… {c}.", { a: "Noord B.V." }), "Noord B.V.… {c}.");
});

test("browsers inside apps are distinguished from browsers", () => {
  for (const agent of [
    "Mozilla/5.0 (iPhone) Instagram 350.0",
    "… [FBAN/FBIOS;FBAV/450]",
    "Mozilla/5.0 (Linux; Android 15; Pixel; wv) Chrome/140",
    "… MicroMessenger/8",
    "… Line/14.1",
  ]) {
    assert.ok(isInAppBrowser(agent), agent);
  }
  for (const agent of [
    "Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/19 Safari/605",
    "Mozilla/5.0 (X11; Linux x86_64) Chrome/156 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko Firefox/150.0",
    "Mozilla/5.0 (Linux; Android 15; Pixel) Chrome/140 Mobile",
  ]) {
    assert.ok(!isInAppBrowser(agent), agent);
  }
});

test("the bundle is at most 18 KiB gzipped, and version.json vouches for it", () => {
  const bundle = readFileSync("dist/connections.js");
  const { version, integrity } = JSON.parse(readFileSync("dist/version.json", "utf8"));
  const gzipped = gzipSync(bundle, { level: 9 }).length;
  assert.ok(gzipped <= 18_432, `${gzipped} bytes`);
  assert.equal(version, JSON.parse(readFileSync("package.json", "utf8")).version);
  assert.equal(integrity, `sha384-${createHash("sha384").update(bundle).digest("base64")}`);
});

test("no built file names a folder of the machine that built it", () => {
  const files = readdirSync("dist", { recursive: true, encoding: "utf8" }).filter((name) => /\.(c?js|json|c?ts)$/.test(name));
  assert.ok(files.includes("connections.js") && files.includes("react.js"));
  for (const name of files) {
    const text = readFileSync(`dist/${name}`, "utf8");
    assert.ok(!text.includes(process.cwd()), name);
    // Bundlers write the path of the module on their machine in its place.
    if (name !== "connections.js") assert.doesNotMatch(text, /import\.meta/, name);
  }
});

test("the module can be imported on a server", () => {
  const script = `import * as m from ${JSON.stringify(`${process.cwd()}/dist/connections.js`)}; console.log(Object.keys(m).join())`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  assert.equal(
    stdout.trim(),
    "CodatConnections,MoorlineConnections,MoorlineConnectionsElement,initCodatConnections,mount,version",
  );
});

test("our own code holds no innerHTML, no eval and no inline style", async () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
  assert.ok(files.length > 15, "the sources are read");
  for (const name of files) {
    const source = readFileSync(`src/${name}`, "utf8");
    assert.doesNotMatch(source, /innerHTML|insertAdjacentHTML|\bstyle=|dangerously/i, name);
  }
  // The bundle without Preact, which has code for both that no view of ours reaches.
  const { outputFiles } = await build({
    entryPoints: ["src/index.ts"],
    bundle: true,
    write: false,
    format: "esm",
    external: ["preact"],
    jsxFactory: "h",
    jsxFragment: "Fragment",
    loader: { ".css": "text" },
  });
  assert.doesNotMatch(outputFiles[0]!.text, /\.innerHTML|cssText|\.style\b/);
  const bundle = readFileSync("dist/connections.js", "utf8");
  assert.doesNotMatch(bundle, /outerHTML|insertAdjacentHTML|\beval\(|new Function\(/);
});
