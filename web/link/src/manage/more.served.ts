/** Fetches the Connections component's words from the platform. */
import type { Strings } from "../../../connections/src/locales/en";
import { load as loadWords } from "../locales/further";

export const load = (language: string, platform: string | null) =>
  loadWords(language, platform, "manage-") as Promise<unknown> as Promise<Strings | null>;
