/** The lender's languages: the choice of one, their words, and their place on a small screen. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { languageOf, LANGUAGES } from "../src/shared/languages";
import { ar } from "../src/shared/locales/ar";
import { de } from "../src/shared/locales/de";
import { en, type Words } from "../src/shared/locales/en";
import { es } from "../src/shared/locales/es";
import { fr } from "../src/shared/locales/fr";
import { nl } from "../src/shared/locales/nl";
import { type Fixture, startFixture } from "./fixture";
import { launch, startTidewell, type Tidewell } from "./tidewell";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ALL: Record<string, Words> = { en, de, fr, es, nl, ar };
const pictures = process.env["SCREENSHOTS"];
if (pictures) mkdirSync(pictures, { recursive: true });

/** Every text of a language, by its place; the forms of a plural count as one. */
function texts(words: object, place = ""): [string, string[]][] {
  return Object.entries(words).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === "string") return [[`${place}${name}`, [value]]];
    if ("other" in (value as object)) return [[`${place}${name}`, Object.values(value as object) as string[]]];
    return texts(value as object, `${place}${name}.`);
  });
}

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe("the words", () => {
  it.each(Object.keys(ALL))("of %s have English's placeholders, and every form that a number can take", (language) => {
    const own = new Map(texts(ALL[language] as Words));
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const [place, english] of texts(en)) {
      const forms = own.get(place) ?? [];
      const wanted = placeholders(english.at(-1) ?? "");
      for (const form of forms) {
        expect(form.trim(), place).not.toBe("");
        // "One order" needs no number.
        expect(placeholders(form).filter((name) => name !== "{n}"), place).toEqual(wanted.filter((name) => name !== "{n}"));
        expect(form.split("*").length, place).toBe((english[0] ?? "").split("*").length);
      }
      expect(placeholders(forms.at(-1) ?? ""), place).toEqual(wanted);
      // French and Spanish have a form for millions, which no count of ours reaches.
      if (english.length > 1) expect(forms.length, place).toBe(categories.filter((category) => category !== "many" || language === "ar").length);
    }
  });

  it.each(Object.keys(ALL))("of %s name data types as the link page does", (language) => {
    const read = (path: string) => readFileSync(`${ROOT}${path}`, "utf8");
    const types = new Map([...read("crates/records/src/data_type.rs").matchAll(/(\w+) = "([\w-]+)": /g)].map(([, variant, key]) => [variant, key]));
    expect(types.size).toBeGreaterThan(40);
    const said = new Map([...read(`crates/words/locales/${language}.ftl`).matchAll(/^(type-[\w-]+) = (.*)$/gm)].map(([, key, text]) => [key, text]));
    const named: Record<string, string | undefined> = {};
    for (const [, variants, key] of read("crates/platform/src/consents/disclosure/words.rs").matchAll(/((?:DataType::\w+[\s|]*)+)=>\s*\{?\s*\(\w+,\s*"(type-[\w-]+)"\)/g)) {
      for (const [, variant] of (variants ?? "").matchAll(/DataType::(\w+)/g)) named[types.get(variant) ?? ""] = said.get(key);
    }
    expect(ALL[language]?.dataTypes).toEqual(named);
  });

  it("are taken from the language that a merchant chose, else from the first that the browser accepts", () => {
    expect(languageOf(undefined, "de-AT,de;q=0.9,en;q=0.8")).toBe("de");
    expect(languageOf(undefined, "en;q=0.2, fr-CA;q=0.7")).toBe("fr");
    expect(languageOf(undefined, "pl, nl;q=0, es;q=0.1")).toBe("es");
    expect(languageOf("ar", "de")).toBe("ar");
    expect(languageOf("xx", "pl")).toBe("en");
    expect(languageOf(undefined, undefined)).toBe("en");
  });
});

it("the style sheets have no left and no right", () => {
  const folder = `${ROOT}web/demo/src/client/styles`;
  for (const name of readdirSync(folder)) {
    expect(readFileSync(`${folder}/${name}`, "utf8").match(/^\s*(?:[\w-]*-)?(?:left|right)(?:-[\w-]*)?:|:\s*(?:left|right)\b/gm), name).toBeNull();
  }
});

describe("a merchant's browser", () => {
  let browser: Browser;
  let fixture: Fixture;
  let tidewell: Tidewell;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    fixture = await startFixture();
    tidewell = await startTidewell(fixture.url);
  });
  afterEach(async () => {
    await context?.close();
    await tidewell.stop();
    await fixture.close();
  });

  const open = async (locale: string) => {
    context = await browser.newContext({ locale, viewport: { width: 320, height: 640 } });
    page = await context.newPage();
    await page.goto(tidewell.url);
  };

  const signUp = async (words: Words) => {
    await page.getByLabel(words.welcome.businessName).fill("Saltmarsh Bakery");
    await page.getByLabel(words.welcome.contactName).fill("Mara Quill");
    await page.getByLabel(words.welcome.email).fill("mara@saltmarsh.example");
    await page.getByRole("button", { name: words.welcome.create }).click();
    await page.getByRole("heading", { level: 1, name: words.connect.title }).waitFor();
    await page.locator("li.platform").first().waitFor();
  };

  const connect = async () => {
    const opening = page.waitForEvent("popup");
    await page.locator("li.platform button").first().click();
    const popup = await opening;
    await popup.getByRole("link", { name: "allow", exact: true }).click();
    await popup.waitForURL(/\/linked\?/);
    await popup.locator("h1").waitFor();
    return popup;
  };

  const violations = async (on: Page): Promise<string[]> => {
    await on.evaluate(readFileSync(AXE, "utf8"));
    return on.evaluate(async () => {
      const { violations: found } = await (window as unknown as { axe: typeof import("axe-core") }).axe.run(document);
      return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    });
  };

  /** The current screen is in the language, as wide as the window, and free of findings. */
  const look = async (on: Page, { lang, dir }: Words, name: string) => {
    expect(await on.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), name).toEqual([lang, dir]);
    for (const [width, colorScheme] of [[320, "light"], [320, "dark"], [1280, "light"]] as const) {
      await on.setViewportSize({ width, height: 900 });
      await on.emulateMedia({ colorScheme });
      if (pictures) await on.screenshot({ path: `${pictures}/lender-${lang}-${name}-${width}-${colorScheme}.png`, fullPage: true });
      expect(await on.evaluate(() => document.documentElement.scrollWidth), `${name} at ${width}`).toBeLessThanOrEqual(width);
      if (lang === "ar") expect(await violations(on), name).toEqual([]);
    }
  };

  it.each(LANGUAGES)("that wants %s sees every screen in it, whole at 320 px", async (language) => {
    const words = ALL[language] as Words;
    await open(language);
    await page.getByRole("button", { name: words.welcome.create }).click();
    await page.getByText(words.failures.businessName).waitFor();
    await look(page, words, "welcome");
    await signUp(words);
    await look(page, words, "connect");
    await page.getByRole("link", { name: words.frame.data }).click();
    await page.getByRole("heading", { level: 1, name: words.data.none }).waitFor();
    await look(page, words, "nothing");
    await page.goto(`${tidewell.url}/connect`);
    await page.locator("li.platform").first().waitFor();
    await page.setViewportSize({ width: 320, height: 900 });
    const popup = await connect();
    await popup.setViewportSize({ width: 320, height: 900 });
    await look(popup, words, "linked");
    await popup.close();
    await page.getByRole("heading", { level: 1, name: words.data.here }).waitFor();
    await page.locator(".check-sentence").waitFor();
    await look(page, words, "data");
    await page.getByRole("link", { name: words.data.seeOverview }).click();
    await page.getByText("Harbour Café").waitFor();
    await look(page, words, "overview");
    await page.goto(`${tidewell.url}/funnel`);
    await page.locator(".funnel li").first().waitFor();
    await look(page, words, "funnel");
  });

  it("gets another language by a choice on the page, which stays", async () => {
    await open("de-AT");
    await page.getByRole("button", { name: de.welcome.create }).waitFor();
    await page.getByLabel(de.frame.language).selectOption("Español");
    await page.getByRole("button", { name: es.welcome.create }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: es.welcome.create }).waitFor();
    const answer = await fetch(tidewell.url, { headers: { "Accept-Language": "ar" } });
    expect(answer.headers.get("content-language")).toBe("ar");
    expect(answer.headers.get("vary")).toContain("Accept-Language");
    const text = await answer.text();
    expect(text).toContain('<html lang="ar" dir="rtl">');
    expect(text).toContain(ar.description);
    expect(text).toContain(ar.noscript);
    // What another page writes there is a word, not markup.
    const strange = await fetch(tidewell.url, { headers: { Cookie: "tidewell_language=%22%3E" } });
    expect(await strange.text()).toContain('<html lang="en" dir="ltr">');
  });

  it("writes dates and amounts as its own region does", async () => {
    await open("de-CH");
    await signUp(de);
    await (await connect()).close();
    await page.getByRole("heading", { level: 1, name: de.data.here }).waitFor();
    await page.goto(`${tidewell.url}/overview`);
    await page.getByText(/129['’]916\.80/).waitFor();
  });

  it("falls back to English if the words can't be had", async () => {
    context = await browser.newContext({ locale: "fr" });
    page = await context.newPage();
    await page.route("**/assets/fr-*.js", (route) => route.abort());
    await page.goto(tidewell.url);
    await page.getByRole("button", { name: en.welcome.create }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");
  });

  it("shows no text of ours that isn't from the words", async () => {
    const strange = (value: unknown): unknown =>
      typeof value === "string"
        ? value.replace(/\{\w+\}|\p{L}/gu, (found) => (found.length > 1 ? found : "ж"))
        : Array.isArray(value)
          ? value.map(strange)
          : Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, strange(inner)]));
    const words = { ...(strange(en) as Words), lang: "de", dir: "ltr" };
    context = await browser.newContext({ locale: "de", viewport: { width: 900, height: 900 } });
    page = await context.newPage();
    await context.route("**/assets/de-*.js", (route) => route.fulfill({ contentType: "text/javascript", body: `export const de = ${JSON.stringify(words)};` }));
    await page.goto(tidewell.url);
    /** Latin words on the page, without names and what the platform says in English. */
    const ours = async (on: Page) =>
      (
        await on.evaluate(() => {
          const found = [document.title];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
          while (walk.nextNode()) {
            const node = walk.currentNode;
            if (node.parentElement?.closest("[lang=en], select, noscript, script")) continue;
            if (node instanceof Element) for (const name of ["aria-label", "title", "alt", "placeholder"]) found.push(node.getAttribute(name) ?? "");
            else found.push(node.textContent ?? "");
          }
          return found;
        })
      )
        .map((text) => text.replace(/Tidewell|Saltmarsh Bakery|Ledgerly|Bookhouse|Harbour Bank|Stallholder|Moorline|TW-\w+/g, ""))
        .filter((text) => /\p{Script=Latin}/u.test(text));
    await page.locator("form button").click();
    expect(await ours(page), "welcome").toEqual([]);
    await page.locator("input[name=businessName]").fill("Saltmarsh Bakery");
    await page.locator("input[name=contactName]").fill("Mara Quill");
    await page.locator("input[name=email]").fill("mara@saltmarsh.example");
    await page.locator("form button").click();
    await page.locator("li.platform").first().waitFor();
    expect(await ours(page), "connect").toEqual([]);
    await page.goto(`${tidewell.url}/data`);
    await page.locator(".notice").waitFor();
    expect(await ours(page), "nothing").toEqual([]);
    await page.goto(`${tidewell.url}/connect`);
    await page.locator("li.platform").first().waitFor();
    const popup = await connect();
    expect(await ours(popup), "linked").toEqual([]);
    await page.locator(".check-sentence").waitFor();
    expect(await ours(page), "data").toEqual([]);
  });
});
