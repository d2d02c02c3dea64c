/** Finds words and date formats for a language. English is built in; other languages are loaded when first needed. */
import { en, type Strings } from "./en";

/** Language tag to a loader of its words, such as `de: () => import("./de").then((m) => m.de)`. */
const further: Record<string, () => Promise<Strings>> = {};

/** The first wanted language that has words, and the words at hand; `later` resolves to words that must be loaded. */
export function speak(wanted: readonly string[]): { locale: string; words: Strings; later?: Promise<Strings> } {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0]!;
    try {
      // Dates follow the region (en-GB, en-US) even if the words don't.
      const [locale] = Intl.getCanonicalLocales(tag);
      if (language === "en") return { locale: locale!, words: en };
      if (further[language]) return { locale: locale!, words: en, later: further[language]() };
    } catch {
      // Not a language tag.
    }
  }
  return { locale: "en", words: en };
}

/** Replaces the `{placeholders}` of a text by values. */
export function fill(text: string, values: Record<string, string>): string {
  return String(text).replace(/\{(\w+)\}/g, (placeholder, name: string) => own(values, name) ?? placeholder);
}

/** A value by a name from outside, without the properties that every object inherits. */
export function own(values: Record<string, string>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
