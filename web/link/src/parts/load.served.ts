/** Loads the parts from the platform, with their digests checked. */
import { loadPinned } from "../../../connections/src/parts/pinned";
import * as kit from "./kit";
import type { All } from "./load";

export const load = (name: keyof All, platform: string | null, attempt: number) =>
  loadPinned(name, kit, platform, attempt) as Promise<All[keyof All]>;
