/** Finds the language of the words and the region of dates. English is built in; other languages are loaded when wanted. */
import { languages } from "./further";

/** The first wanted language of which there are words, else English. */
export function languageOf(wanted: readonly string[]): string {
  const known = `en,${languages}`.split(",");
  return locales(wanted).find(({ language }) => known.includes(language))?.language ?? "en";
}

/** The locale of dates beside words in a language: the region stays as wanted, even if the words don't. */
export function localeOf(language: string, wanted: readonly string[]): string {
  const all = locales(wanted);
  const own = all.find((locale) => locale.language === language);
  const region = (own?.region ? own : all.find((locale) => locale.region))?.region;
  return new Intl.Locale(own ?? language, region ? { region } : {}).toString();
}

/** The tags that are language tags. */
function locales(tags: readonly string[]): Intl.Locale[] {
  return tags.flatMap((tag) => {
    try {
      return [new Intl.Locale(tag)];
    } catch {
      return [];
    }
  });
}

/** Replaces the `{placeholders}` of a text by values. A name's own full stop ends the sentence, too: "shared with Noord B.V." */
export function fill(text: string, values: Record<string, string>): string {
  return String(text).replace(/\{(\w+)\}(\.?)/g, (placeholder, name: string, stop: string) => {
    const value = own(values, name);
    return value === undefined ? placeholder : value + (String(value).endsWith(".") ? "" : stop);
  });
}

/** A value by a name from outside, without the properties that every object inherits. */
export function own(values: Record<string, string>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
