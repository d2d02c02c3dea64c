/** Loads the parts from the platform, with their digests checked. */
import * as kit from "./kit";
import type { All } from "./load";
import { loadPinned } from "./pinned";

export const load = (name: keyof All, platform: string | null, attempt: number) => loadPinned(name, kit, platform, attempt);
