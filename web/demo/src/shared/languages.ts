/** The languages that Tidewell speaks, and the choice of one. */

export const LANGUAGES = ["en", "de", "fr", "es", "nl", "ar"] as const;

export type Language = (typeof LANGUAGES)[number];

/** The cookie of a merchant who has chosen a language on the page. */
export const LANGUAGE_COOKIE = "tidewell_language";

const known = (tag: string | undefined) => LANGUAGES.find((language) => language === tag?.trim().split("-")[0]?.toLowerCase());

/** The chosen language, else the first that the browser accepts (RFC 9110, section 12.5.4), else English. */
export function languageOf(chosen: string | undefined, accepted: string | undefined): Language {
  const wanted = (accepted ?? "")
    .split(",")
    .map((entry) => {
      const [tag, ...parameters] = entry.split(";");
      const weight = parameters.map((parameter) => /^\s*q=([0-9.]+)\s*$/.exec(parameter)?.[1]).find(Boolean);
      return { tag, weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return known(chosen) ?? wanted.map(({ tag }) => known(tag)).find(Boolean) ?? "en";
}
