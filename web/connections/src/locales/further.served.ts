/** Fetches the words of a further language from the platform: data, so that a pinned module runs no code that isn't pinned. */
import type { Strings } from "./en";

/** Both by the build; the hash is that of all words, and part of each file's name. */
declare const __LANGUAGES__: string;
declare const __WORDS__: string;

const PATIENCE_MS = 5_000;

export const languages = __LANGUAGES__;

/** `set` is the beginning of the files' names, if a component has more than one set of words. */
export async function load(language: string, platform: string | null, set = ""): Promise<Strings | null> {
  try {
    const response = await fetch(`${platform}/sdk/words/${set}${language}.${__WORDS__}.json`, {
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
