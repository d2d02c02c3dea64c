// Prism over a vendor's public OpenAPI document: an independent party that validates requests against the document and serves its
// examples.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, type Running, start } from "../harness/processes.js";
import { ROOT } from "../harness/world.js";
import type { Answer, PlatformRequest } from "./emulator.js";

const PROGRAM = join(ROOT, "web/e2e/prism/node_modules/@stoplight/prism-cli/dist/index.js");
/** Reading a document of some megabytes takes one core ten seconds, and a shared machine longer. */
const START_LIMIT_MS = 300_000;
/** Ports that are tried. */
const ATTEMPTS = 3;
/** The first request of each operation makes Prism compile its schemas, which takes seconds, and all first requests come at once. */
export const PULL_LIMIT_MS = 300_000;

interface Specification {
  readonly path: string;
  /** The reason for which its stories are skipped, or false. */
  readonly skip: string | false;
}

/** A vendor's document: at the path that `variable` names, else beside the clone. `origin` is the public repository that has it. */
export function specification(variable: string, file: string, origin: string): Specification {
  const path = process.env[variable] ?? join(ROOT, "../shared/specs", file);
  return {
    path,
    skip: !existsSync(path) && `${path} is missing: get it from github.com/${origin}, or set ${variable} to its path`,
  };
}

export class Prism {
  /** Its objections to our requests. */
  readonly refusals: string[] = [];

  private readonly answers = new Map<string, Promise<Answer>>();

  private constructor(
    private readonly url: string,
    private readonly running: Running,
    private readonly folder: string,
  ) {}

  static async start(document: string): Promise<Prism> {
    if (!existsSync(PROGRAM)) throw new Error("Prism is missing: run `npm ci` in web/e2e/prism, or `cargo xtask test`");
    for (let attempt = 1; ; attempt += 1) {
      const folder = mkdtempSync(join(tmpdir(), "moorline-prism-"));
      const port = await freePort();
      const running = start("Prism", process.execPath, [PROGRAM, "mock", "--port", `${port}`, "--cors=false", document], {
        env: { PATH: process.env["PATH"] ?? "" },
        log: join(folder, "prism.log"),
      });
      const prism = new Prism(`http://127.0.0.1:${port}`, running, folder);
      try {
        await running.line((line) => line.includes("Prism is listening"), START_LIMIT_MS);
        return prism;
      } catch (error) {
        await prism.stop();
        // It listens only after it has read the document: another program may have come to the port by then.
        if (attempt === ATTEMPTS || !String(error).includes("EADDRINUSE")) throw error;
      }
    }
  }

  /** Prism's answer to a request of Moorline's; `path` is the document's, which may lack the base path of the server's address. */
  answer(request: PlatformRequest, path: string = request.url.pathname): Promise<Answer> {
    // Equal requests of different data types share an answer, because Prism compiles the schemas of large answers anew each time, which
    // takes seconds. Of the headers only `If-Modified-Since` differs, and any moment is as good as another.
    const key = [request.method, path, request.url.search, request.body, request.headers["if-modified-since"] !== undefined].join(" ");
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const answer = this.forward(request, path);
    this.answers.set(key, answer);
    answer.catch((error: unknown) => {
      this.answers.delete(key);
      this.refusals.push(`${key}: ${String(error)} ${String((error as Error).cause ?? "")}`);
    });
    return answer;
  }

  private async forward({ method, url, headers, body }: PlatformRequest, path: string): Promise<Answer> {
    const passed = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      typeof value === "string" && !HOP_BY_HOP.has(name) ? [[name, value]] : [],
    );
    // Prism, after being busy, closes an idle connection while the next request is on its way.
    const response = await fetch(`${this.url}${path}${url.search}`, {
      method,
      headers: [...passed, ["connection", "close"]],
      ...(body !== "" && { body }),
    });
    const text = await response.text();
    const violations = JSON.parse(response.headers.get("sl-violations") ?? "[]") as { location?: string[] }[];
    const ours = violations.filter(({ location }) => location?.[0] === "request");
    if (!response.ok || ours.length > 0) {
      this.refusals.push(`${method} ${path}${url.search}: ${response.status} ${ours.length > 0 ? JSON.stringify(ours) : text}`);
    }
    return { status: response.status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
  }

  async stop(): Promise<void> {
    await this.running.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Headers of one connection only, which are not for the connection to Prism. */
const HOP_BY_HOP = new Set(["connection", "host", "content-length", "transfer-encoding", "keep-alive", "accept-encoding"]);
