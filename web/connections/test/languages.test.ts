/** Languages: the choice of one, its words alone, and their place on the smallest screen. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { build, transform } from "esbuild";
import { ar } from "../src/locales/ar";
import { de } from "../src/locales/de";
import { en } from "../src/locales/en";
import { es } from "../src/locales/es";
import { fr } from "../src/locales/fr";
import { nl } from "../src/locales/nl";
import { OPTIONS, show, STATES, USUAL } from "./states";
import { cutOff, flat, read, row, title, violations, world } from "./world";

const it = world();
const usual = () => it.platform.company(structuredClone(USUAL));
const LANGUAGES = { ar, de, es, fr, nl };
const pictures = process.env["SCREENSHOTS"];
if (pictures) mkdirSync(pictures, { recursive: true });

test("the words are in the language of the option, else of the browser, else English; dates keep the region", async () => {
  for (const [locale, browser, heading, date] of [
    ["de-AT", "en-GB", de.$title, "12. Jänner 2026"],
    [undefined, "fr-CA", fr.$title, "12 janvier 2026"],
    [undefined, "pl-PL", en.$title, "12 January 2026"],
    ["pl", "es-ES", en.$title, "January 12, 2026"],
    ["nl-BE", "pl-PL", nl.$title, "12 januari 2026"],
  ] as const) {
    const page = await it.open(usual(), { context: { locale: browser }, options: { locale } });
    await title(page, heading);
    await row(page, "Xero").click();
    await page.locator(".timeline li").first().waitFor();
    assert.match(await page.locator("dl").innerText(), new RegExp(date), `${locale} ${browser}`);
    await page.context().close();
  }
});

test("only another language's words are loaded, once, and no view is drawn in the wrong ones first", async () => {
  it.platform.words.length = 0;
  const english = await it.open(usual());
  await row(english, "Xero").waitFor();
  assert.deepEqual(it.platform.words, []);
  const page = await it.page();
  await page.addInitScript(() => {
    const seen: string[] = ((window as any).seen = []);
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (init) {
      const root = attach.call(this, init);
      new MutationObserver(() => {
        for (const heading of root.querySelectorAll("h2")) if (seen.at(-1) !== heading.innerText) seen.push(heading.innerText);
      }).observe(root, { subtree: true, childList: true, characterData: true });
      return root;
    };
  });
  const company = usual();
  await it.open(company, { page, options: { locale: "de" } });
  await row(page, "Xero").waitFor();
  assert.deepEqual(await page.evaluate("window.seen"), [de.$title]);
  assert.equal(it.platform.words.length, 1);
});

test("without its words a language gives way to English, from left to right, in the reader's region", async () => {
  it.platform.wordless = true;
  const page = await it.open(usual(), { options: { locale: "ar-AE" } });
  await title(page, en.$title);
  it.platform.wordless = false;
  assert.deepEqual(
    await page.locator(".card").evaluate((card: HTMLElement) => [card.lang, card.dir, getComputedStyle(card).direction]),
    ["en", "ltr", "ltr"],
  );
});

test("the provider's own sentences are requested in the language of the words", async () => {
  const company = usual();
  const page = await it.page();
  const wanted = page.waitForRequest((request) => request.method() === "GET" && request.url().endsWith("/view"));
  await it.open(company, { page, options: { locale: "nl-BE" } });
  assert.equal((await (await wanted).allHeaders())["accept-language"], "nl");
});

test("Arabic runs from right to left on any page, and its arrows point the other way", async () => {
  const page = await it.open(usual(), { options: { locale: "ar" } });
  await row(page, "Xero").waitFor();
  const middle = async (selector: string) => {
    const box = (await page.locator(selector).first().boundingBox())!;
    return box.x + box.width / 2;
  };
  assert.ok((await middle(".row .logo")) > (await middle(".row b")), "logos stand on the right");
  assert.ok((await middle(".close")) < 230, "Close is on the left");
  const arrow = page.locator(".row > svg").first();
  assert.equal(await arrow.evaluate((icon) => getComputedStyle(icon).scale), "-1 1");
  assert.ok((await middle(".row > svg")) < (await middle(".row b")));
  // English words on a page that runs from right to left stay in their order.
  const english = await it.open(usual(), { head: "<style>body { direction: rtl }</style>" });
  await row(english, "Xero").waitFor();
  assert.equal(await english.locator(".card").evaluate((card) => getComputedStyle(card).direction), "ltr");
});

for (const [locale, words] of Object.entries(LANGUAGES)) {
  test(`every view in ${locale} is whole at 320 px`, async () => {
    read(words);
    try {
      for (const state of STATES) {
        const page = await it.page({ viewport: { width: 320, height: 568 } });
        await show(it, state, page, { ...OPTIONS, locale });
        assert.deepEqual(await cutOff(page), [], `${state.name}: cut off`);
        // The others differ from English, whose views the screens test, in their words alone.
        if (locale === "ar") assert.deepEqual(await violations(page), [], state.name);
        if (pictures) await page.screenshot({ path: `${pictures}/${locale}-${state.name.replaceAll(" ", "-")}-320.png` });
        await page.context().close();
      }
    } finally {
      read();
    }
  });
}

test("no text of ours stands outside the locale files", async () => {
  const strange = (words: object): object =>
    Object.fromEntries(
      Object.entries(words).map(([key, value]) => [
        key,
        /^\$(lang|dir)$/.test(key) ? value : typeof value === "string" ? `⟦${value}⟧` : strange(value),
      ]),
    );
  // German has the names of data types and events that English derives.
  const pseudo = strange({ ...de, ...en, $dataTypes: { ...de.$dataTypes, ...en.$dataTypes }, $events: de.$events });
  const { outputFiles } = await build({
    entryPoints: ["src/index.ts"],
    bundle: true,
    write: false,
    format: "esm",
    jsxFactory: "h",
    jsxFragment: "Fragment",
    define: { __VERSION__: '"0"' },
    plugins: [
      {
        name: "pseudo",
        setup(build) {
          build.onLoad({ filter: /locales\/en\.ts$/ }, () => ({ contents: `export const en = ${JSON.stringify(pseudo)}` }));
          build.onLoad({ filter: /locales\/en\.detail\.ts$/ }, () => ({ contents: "export const detail = {}" }));
          build.onLoad({ filter: /\.css$/ }, async ({ path }) => ({
            contents: (await transform(readFileSync(path, "utf8"), { loader: "css" })).code,
            loader: "text",
          }));
        },
      },
    ],
  });
  it.platform.script = outputFiles[0]!.text;
  read(pseudo);
  try {
    for (const state of STATES) {
      const page = await it.page();
      const company = await show(it, state, page);
      // What the platform and the host say, and dates, which are the browser's.
      const theirs = JSON.stringify([company.view, [...company.timelines.values()], OPTIONS, USUAL, "The service is busy", company.refusal]);
      const texts = await page.evaluate(() => {
        const found: string[] = [];
        const walk = (node: Node) => {
          if (node instanceof Text) found.push(node.data);
          else if (node instanceof Element) {
            const label = node.getAttribute("aria-label");
            if (label) found.push(label);
            if (!node.matches("[lang=en] [lang=en], style, code")) node.childNodes.forEach(walk);
          }
        };
        document.querySelector("moorline-connections")!.shadowRoot!.childNodes.forEach(walk);
        return found;
      });
      assert.ok(texts.length > 2, state.name);
      for (const text of texts.map((text) => text.trim()).filter(Boolean)) {
        if (/^⟦[^]*⟧$/.test(text) || /^\d{1,2} \w+ \d{4}/.test(text) || /^(\d+ \w+ ago|Now|Yesterday)$/.test(text)) continue;
        // Our words around a status that is announced.
        if (/: ⟦[^]*⟧$/.test(text)) continue;
        assert.ok(theirs.includes(JSON.stringify(text).slice(1, -1)) || isMarkdownOf(theirs, text), `${state.name}: ${text}`);
      }
      await page.context().close();
    }
  } finally {
    it.platform.script = "";
    read();
  }
});

/** True for text that the host has set in Markdown. */
function isMarkdownOf(theirs: string, text: string): boolean {
  return theirs.replaceAll(/[*_[\]]|\(https[^)]*\)/g, "").includes(text);
}

test("each word that is shown in English has its counterpart in each language", () => {
  for (const words of Object.values(LANGUAGES)) {
    const same = flat(words).filter(([key, text]) => new Map(flat(en)).get(key) === text && !/^\$dir$/.test(key));
    assert.deepEqual(same, [], words.$lang);
  }
});
