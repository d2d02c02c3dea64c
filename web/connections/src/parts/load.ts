/** Loads the parts that the list doesn't need. The build of the served module has `load.served.ts` in its place. */

export interface All {
  /** One connection: its facts and its history, disconnecting it, and connecting it again. */
  detail: typeof import("./detail");
}

/** A part; rejects if it can't be had. `platform` and `attempt` are for the served module. */
export function load(_name: keyof All, _platform: string | null, _attempt: number): Promise<All["detail"]> {
  return import("./detail");
}
