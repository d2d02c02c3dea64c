/** The page's language: its words, placeholders filled in, plurals, and the names of data types. */
import { LANGUAGE_COOKIE, type Language, LANGUAGES } from "../../shared/languages";
import { en, type Words } from "../../shared/locales/en";
import type { Plural } from "../../shared/locales/plural";

const OTHERS: Record<Exclude<Language, "en">, () => Promise<Words>> = {
  ar: () => import("../../shared/locales/ar").then(({ ar }) => ar),
  de: () => import("../../shared/locales/de").then(({ de }) => de),
  es: () => import("../../shared/locales/es").then(({ es }) => es),
  fr: () => import("../../shared/locales/fr").then(({ fr }) => fr),
  nl: () => import("../../shared/locales/nl").then(({ nl }) => nl),
};

/** English until `speak`; the language of a page stays the same until it is loaded again. */
export let words: Words = en;
/** The language with the region, for dates and numbers. English is British, as the lender is. */
export let locale = "en-GB";
let forms = new Intl.PluralRules(locale);

/** Takes the words of a language, or stays with English if they can't be had. */
export async function speak(language: string): Promise<void> {
  const other = LANGUAGES.find((known): known is keyof typeof OTHERS => known === language && known !== "en");
  if (!other) return;
  try {
    words = await OTHERS[other]();
  } catch {
    Object.assign(document.documentElement, { lang: en.lang, dir: en.dir });
    return;
  }
  locale = navigator.languages.find((tag) => tag.split("-")[0] === other) ?? other;
  forms = new Intl.PluralRules(locale);
}

/** Keeps the choice of a language, and shows the page in it. */
export function choose(language: Language): void {
  document.cookie = `${LANGUAGE_COOKIE}=${language}; Path=/; Max-Age=31536000; SameSite=Lax`;
  window.location.reload();
}

/** Replaces placeholders. Between Arabic words, a name in another script keeps its own direction. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) return placeholder;
    return words.dir === "rtl" ? `\u2068${value}\u2069` : String(value);
  });
}

/** The form for a number, which replaces `{n}`. */
export const counted = (n: number, plural: Plural, values: Record<string, string | number> = {}): string =>
  fill(plural[forms.select(n)] ?? plural.other, { n: new Intl.NumberFormat(locale).format(n), ...values });

/** A data type within a sentence; one of a later Moorline is shown as it is. */
export const dataTypeInText = (key: string): string => (words.dataTypes as Record<string, string>)[key] ?? key;

/** A data type by itself. */
export function dataTypeName(key: string): string {
  const [first = "", ...rest] = dataTypeInText(key);
  return first.toLocaleUpperCase(words.lang) + rest.join("");
}
