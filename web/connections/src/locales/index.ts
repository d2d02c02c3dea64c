/** Finds words and date formats for a language. English is always there; others are to be loaded when first needed. */
import { en, type Strings } from "./en";

/** Language tag to a loader of its words, such as `de: () => import("./de").then((m) => m.de)`. */
const further: Record<string, () => Promise<Strings>> = {};

/** The first wanted language that we speak, and the words at hand; `later` brings the words that must be loaded. */
export function speak(wanted: readonly string[]): { locale: string; words: Strings; later?: Promise<Strings> } {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0]!;
    try {
      // Dates follow the region (en-GB, en-US) even where the words don't.
      const [locale] = Intl.getCanonicalLocales(tag);
      if (language === "en") return { locale: locale!, words: en };
      if (further[language]) return { locale: locale!, words: en, later: further[language]() };
    } catch {
      // Not a language tag.
    }
  }
  return { locale: "en", words: en };
}

/** Puts values in the `{places}` of a text. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => own(values, name) ?? place);
}

/** A value by a name that comes from elsewhere: what every object inherits is none of it. */
export function own(values: Record<string, string>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
