/** The choice of a language, each by its own name. */
import { useId } from "react";
import { type Language, LANGUAGES } from "../../shared/languages";
import { choose, words } from "./speech";

const NAMES: Record<Language, string> = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
  nl: "Nederlands",
  ar: "العربية",
};

export function LanguageChoice() {
  const id = useId();
  return (
    <p className="language">
      <label htmlFor={id}>{words.frame.language}</label>
      <select id={id} value={words.lang} onChange={(event) => choose(event.target.value as Language)}>
        {LANGUAGES.map((language) => (
          <option key={language} value={language} lang={language}>
            {NAMES[language]}
          </option>
        ))}
      </select>
    </p>
  );
}
