/** Loads the words of a further language. The build of the served module has `further.served.ts` in its place. */
import type { Strings } from "./en";

const LOADERS: Record<string, () => Promise<Strings>> = {
  ar: () => import("./ar").then(({ ar }) => ar),
  de: () => import("./de").then(({ de }) => de),
  es: () => import("./es").then(({ es }) => es),
  fr: () => import("./fr").then(({ fr }) => fr),
  nl: () => import("./nl").then(({ nl }) => nl),
};

export const languages = Object.keys(LOADERS).join();

/** The words of one of `languages`; null if they can't be had. `platform` and `_set` are for the served module. */
export function load(language: string, _platform: string | null, _set?: string): Promise<Strings | null> {
  return LOADERS[language]!().catch(() => null);
}
