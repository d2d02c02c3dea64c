/** Loads the parts that the first page doesn't need. The build of the served module has `load.served.ts` in its place. */

export interface All {
  /** Choosing a platform, and the way to it: wanted by everyone, so it is loaded as soon as the customer comes near. */
  asking: typeof import("./asking");
  /** The link for another device, or for another person. */
  elsewhere: typeof import("./elsewhere");
  /** Uploading files. */
  files: typeof import("./files");
  /** What is connected: seen, disconnected, connected again. */
  manage: typeof import("./manage");
}

const LOADERS: { [Name in keyof All]: () => Promise<All[Name]> } = {
  asking: () => import("./asking"),
  elsewhere: () => import("./elsewhere"),
  files: () => import("./files"),
  manage: () => import("./manage"),
};

/** A part; rejects if it can't be had. `platform` and `attempt` are for the served module. */
export function load(name: keyof All, _platform: string | null, _attempt: number): Promise<All[keyof All]> {
  return LOADERS[name]();
}
