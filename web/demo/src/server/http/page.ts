/** The page that every address leads to, in a language: the browser finds its words by the page's own `lang`. */
import type { Language } from "../../shared/languages";
import { ar } from "../../shared/locales/ar";
import { de } from "../../shared/locales/de";
import { en, type Words } from "../../shared/locales/en";
import { es } from "../../shared/locales/es";
import { fr } from "../../shared/locales/fr";
import { nl } from "../../shared/locales/nl";

const WORDS: Record<Language, Words> = { ar, de, en, es, fr, nl };

export function inLanguage(page: string, language: Language): string {
  const { dir, description, noscript } = WORDS[language];
  return page
    .replace('<html lang="en">', `<html lang="${language}" dir="${dir}">`)
    .replace(en.description, description)
    .replace(en.noscript, noscript);
}
