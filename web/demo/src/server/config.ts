/** Settings, all from the environment. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

export interface Config {
  apiKey: string;
  moorlineUrl: string;
  /** The platform as browsers reach it. */
  platformUrl: string;
  publicUrl: string;
  host: string;
  port: number;
  dataDir: string;
  clientDir: string;
}

/** A setting that is missing or invalid; the message names it and its remedy. */
export class ConfigError extends Error {}

function originOf(name: string, value: string): string {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new ConfigError(`${name} is not a URL: ${value}`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new ConfigError(`${name} must be an http or https URL: ${value}`);
  if (url.pathname !== "/" || url.search || url.hash) throw new ConfigError(`${name} must be an origin without a path: ${value}`);
  return url.origin;
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  const apiKey = env["MOORLINE_API_KEY"]?.trim();
  if (!apiKey) throw new ConfigError("MOORLINE_API_KEY is not set: make a key with `moorline keys create` and pass it on");
  const host = env["HOST"] || "127.0.0.1";
  const port = Number(env["PORT"] || "7420");
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new ConfigError(`PORT must be a number from 0 to 65535: ${env["PORT"]}`);
  const moorlineUrl = originOf("MOORLINE_URL", env["MOORLINE_URL"] || "http://localhost:7400");
  return {
    apiKey,
    moorlineUrl,
    platformUrl: originOf("MOORLINE_PUBLIC_URL", env["MOORLINE_PUBLIC_URL"] || moorlineUrl),
    publicUrl: originOf("PUBLIC_URL", env["PUBLIC_URL"] || `http://${host.includes(":") ? `[${host}]` : host}:${port}`),
    host,
    port,
    dataDir: resolve(env["DATA_DIR"] || "data"),
    clientDir: fileURLToPath(new URL("./client/", import.meta.url)),
  };
}
