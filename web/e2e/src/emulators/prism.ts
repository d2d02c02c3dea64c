// Prism over a vendor's public OpenAPI: a party that isn't ours. It says whether a request is what the vendor asks for, and serves the
// vendor's own examples.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, type Running, start } from "../harness/processes.js";
import { ROOT } from "../harness/world.js";
import type { Answer, Asked } from "./emulator.js";

const PROGRAM = join(ROOT, "web/e2e/prism/node_modules/@stoplight/prism-cli/dist/index.js");
/** Reading a document of some megabytes is ten seconds' work for one core, and a shared machine has less than that. */
const START_LIMIT_MS = 300_000;
/** A first request of an operation compiles what it is held against: seconds of work, and all first requests come at once. */
export const PULL_LIMIT_MS = 300_000;

export interface Specification {
  readonly path: string;
  /** Why its stories are skipped, if they are. */
  readonly skip: string | false;
}

/** A vendor's document, beside the clone unless `variable` says otherwise; `origin` is the public repository that has it. */
export function specification(variable: string, file: string, origin: string): Specification {
  const path = process.env[variable] ?? join(ROOT, "../shared/specs", file);
  return {
    path,
    skip: !existsSync(path) && `${path} is missing: github.com/${origin} has it, and ${variable} says where it is`,
  };
}

export class Prism {
  /** What it had to say against our requests. */
  readonly refusals: string[] = [];

  private readonly answers = new Map<string, Promise<Answer>>();

  private constructor(
    private readonly url: string,
    private readonly running: Running,
    private readonly folder: string,
  ) {}

  static async start(document: string): Promise<Prism> {
    if (!existsSync(PROGRAM)) throw new Error("Prism is missing: run `npm ci` in web/e2e/prism, or `cargo xtask test`");
    const folder = mkdtempSync(join(tmpdir(), "moorline-prism-"));
    const port = await freePort();
    const running = start("Prism", process.execPath, [PROGRAM, "mock", "--port", `${port}`, "--cors=false", document], {
      env: { PATH: process.env["PATH"] ?? "" },
      log: join(folder, "prism.log"),
    });
    const prism = new Prism(`http://127.0.0.1:${port}`, running, folder);
    await running.line((line) => line.includes("Prism is listening"), START_LIMIT_MS);
    return prism;
  }

  /** What it answers to a request of Moorline's; `path` is the document's, which may leave out what its server's address has. */
  answer(asked: Asked, path: string = asked.url.pathname): Promise<Answer> {
    // Of the headers, what differs between requests is the moment that changes are asked from, of which any is as good. Prism compiles
    // what large answers are held against each time anew, seconds of work: data types that ask alike share an answer.
    const question = [asked.method, path, asked.url.search, asked.body, asked.headers["if-modified-since"] !== undefined].join(" ");
    const known = this.answers.get(question);
    if (known !== undefined) return known;
    const answer = this.ask(asked, path);
    this.answers.set(question, answer);
    answer.catch((error: unknown) => {
      this.answers.delete(question);
      this.refusals.push(`${question}: ${String(error)} ${String((error as Error).cause ?? "")}`);
    });
    return answer;
  }

  private async ask({ method, url, headers, body }: Asked, path: string): Promise<Answer> {
    const passed = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      typeof value === "string" && !HOP_BY_HOP.has(name) ? [[name, value]] : [],
    );
    // A connection that was idle is closed by a Prism that has just been busy, while the next request is on its way.
    const response = await fetch(`${this.url}${path}${url.search}`, {
      method,
      headers: [...passed, ["connection", "close"]],
      ...(body !== "" && { body }),
    });
    const said = await response.text();
    const violations = JSON.parse(response.headers.get("sl-violations") ?? "[]") as { location?: string[] }[];
    const ours = violations.filter(({ location }) => location?.[0] === "request");
    if (!response.ok || ours.length > 0) {
      this.refusals.push(`${method} ${path}${url.search}: ${response.status} ${ours.length > 0 ? JSON.stringify(ours) : said}`);
    }
    return { status: response.status, body: said === "" ? undefined : (JSON.parse(said) as unknown) };
  }

  async stop(): Promise<void> {
    await this.running.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of one connection, which the one to Prism isn't. */
const HOP_BY_HOP = new Set(["connection", "host", "content-length", "transfer-encoding", "keep-alive", "accept-encoding"]);
