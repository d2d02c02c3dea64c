/** A small HTTP server: JSON routes, the built files, and the headers of every answer. */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import type { Config } from "../config";
import { LANGUAGE_COOKIE, languageOf } from "../../shared/languages";
import { Failure, fromClient, invalid, notFound } from "../problem";
import { inLanguage } from "./page";

export interface Call {
  params: Record<string, string>;
  cookies: Record<string, string>;
  body: Record<string, unknown>;
  setCookie: (value: string) => void;
}

export interface Route {
  method: "GET" | "POST";
  /** `/api/figures/:connectionId` */
  path: string;
  answer: (call: Call) => Promise<unknown>;
}

const BODY_LIMIT = 64 * 1024;
const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

function securityHeaders({ platformUrl, publicUrl }: Config): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${platformUrl}`,
    `connect-src 'self' ${platformUrl}`,
    `img-src 'self' ${platformUrl}`,
    "style-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ];
  return {
    "Content-Security-Policy": policy.join("; "),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    // Allows the window that Tidewell opens for the platform's pages.
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    ...(publicUrl.startsWith("https:") ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
  };
}

export function serve(config: Config, routes: Route[]): Server {
  const headers = securityHeaders(config);
  const table = routes.map((route) => ({ ...route, segments: route.path.split("/") }));

  return createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    respond(request, response).catch((error: unknown) => {
      const failure = fromClient(error);
      if (failure.status >= 500) console.error(`${request.method} ${pathOf(request)}: ${describe(failure)}`);
      if (response.headersSent) response.destroy();
      else sendJson(response, failure.status, failure.problem);
    });
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    if (!path.startsWith("/api/")) return sendFile(config.clientDir, path, request, response);

    const segments = path.split("/");
    for (const route of table) {
      const params = route.method === request.method ? match(route.segments, segments) : undefined;
      if (!params) continue;
      if (route.method === "POST") requireOwnPage(request, config);
      const answer = await route.answer({
        params,
        cookies: cookiesOf(request),
        body: route.method === "POST" ? await bodyOf(request) : {},
        setCookie: (value) => response.appendHeader("Set-Cookie", value),
      });
      return sendJson(response, 200, answer ?? {});
    }
    throw notFound("nothingThere");
  }
}

function describe(failure: Failure): string {
  const cause = failure.cause instanceof Error ? `: ${failure.cause.name}: ${failure.cause.message.slice(0, 300)}` : "";
  return `${failure.problem.error}${failure.problem.correlationId ? ` (${failure.problem.correlationId})` : ""}${cause}`;
}

/** Percent-decoded text; malformed text is not found. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notFound("nothingThere");
  }
}

const pathOf = (request: IncomingMessage) => new URL(request.url ?? "/", "http://host").pathname;

function match(pattern: string[], path: string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, name] of pattern.entries()) {
    const value = path[i] ?? "";
    if (name.startsWith(":")) params[name.slice(1)] = decoded(value);
    else if (name !== value) return undefined;
  }
  return params;
}

/** Refuses requests of other sites: their forms can't send JSON, and browsers always send the origin of a POST. */
function requireOwnPage(request: IncomingMessage, { publicUrl }: Config): void {
  const origin = request.headers.origin;
  const own = origin === publicUrl || (origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.headers.host);
  const json = request.headers["content-type"]?.split(";")[0]?.trim() === "application/json";
  if (!own || !json) throw new Failure(403, { error: "invalid", key: "notOurs" });
}

function cookiesOf(request: IncomingMessage): Record<string, string> {
  const cookies: Record<string, string> = {};
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0) cookies[pair.slice(0, at).trim()] = pair.slice(at + 1).trim();
  }
  return cookies;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > BODY_LIMIT) throw new Failure(413, { error: "invalid", key: "tooMuch" });
    chunks.push(chunk as Buffer);
  }
  if (size === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Refused below, like any other body that isn't an object.
  }
  throw invalid("unreadable");
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(JSON.stringify(value));
}

/** Sends a built file, or the page for any other address, of which the browser finds the view. */
async function sendFile(root: string, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    throw new Failure(405, { error: "invalid", key: "notDone" });
  }
  const safe = normalize(decoded(path)).replace(/^(\.\.[/\\])+/, "");
  const type = TYPES[extname(safe)];
  const file = join(root, safe);
  if (type && file.startsWith(root) && (await isFile(file))) {
    response.writeHead(200, {
      "Content-Type": type,
      "Cache-Control": safe.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "public, max-age=300",
      // The platform shows our logo on its link pages.
      ...(extname(safe) === ".svg" ? { "Cross-Origin-Resource-Policy": "cross-origin" } : {}),
    });
    if (request.method === "HEAD") response.end();
    else createReadStream(file).on("error", () => response.destroy()).pipe(response);
    return;
  }
  if (type && type !== TYPES[".html"]) throw notFound("noFile");
  const language = languageOf(cookiesOf(request)[LANGUAGE_COOKIE], request.headers["accept-language"]);
  const page = inLanguage(await readFile(join(root, "index.html"), "utf8"), language);
  response.writeHead(200, {
    "Content-Type": TYPES[".html"],
    "Cache-Control": "no-cache",
    "Content-Language": language,
    Vary: "Accept-Language, Cookie",
  });
  response.end(request.method === "HEAD" ? undefined : page);
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
