/** Loads the Connections component's words. The build of the served module has `more.served.ts` in its place. */
import type { Strings } from "../../../connections/src/locales/en";

const LOADERS: Record<string, () => Promise<Strings>> = {
  ar: () => import("../../../connections/src/locales/ar").then(({ ar }) => ar),
  de: () => import("../../../connections/src/locales/de").then(({ de }) => de),
  es: () => import("../../../connections/src/locales/es").then(({ es }) => es),
  fr: () => import("../../../connections/src/locales/fr").then(({ fr }) => fr),
  nl: () => import("../../../connections/src/locales/nl").then(({ nl }) => nl),
};

/** The words of a further language; null if they can't be had. `platform` is for the served module. */
export function load(language: string, _platform: string | null): Promise<Strings | null> {
  return LOADERS[language]!().catch(() => null);
}
