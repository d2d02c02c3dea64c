// Programs that the stories start and end.

import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

export interface Running {
  readonly child: ChildProcess;
  /** Every line of standard output so far. */
  readonly lines: string[];
  readonly log: string;
  /** The first line that fits, printed before or after the call. */
  line(fits: (line: string) => boolean, limitMs?: number): Promise<string>;
  /** Ends it with SIGTERM, and with SIGKILL if that takes longer than 20 s. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 20_000;
const alive = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

export function start(
  name: string,
  command: string,
  args: string[],
  options: { env: Record<string, string>; log: string },
): Running {
  const child = spawn(command, args, {
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  alive.add(child);
  const log = createWriteStream(options.log, { flags: "a" });
  child.stderr.pipe(log, { end: false });
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    log.write(`${line}\n`);
    for (const look of waiting) look(line);
  });
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      alive.delete(child);
      resolve();
    };
    child.once("exit", end);
    child.once("error", end);
  });

  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  };

  return {
    child,
    lines,
    log: options.log,
    line: (fits, limitMs = START_LIMIT_MS) =>
      new Promise((resolve, reject) => {
        const found = lines.find(fits);
        if (found !== undefined) return resolve(found);
        const finish = (): void => {
          waiting.delete(look);
          clearTimeout(timer);
        };
        const look = (line: string): void => {
          if (!fits(line)) return;
          finish();
          resolve(line);
        };
        const timer = setTimeout(() => {
          finish();
          reject(new Error(`${name} was not ready after ${limitMs / 1000} s\n${tail(options.log)}`));
        }, limitMs);
        void ended.then(() => {
          finish();
          reject(new Error(`${name} ended before it was ready\n${tail(options.log)}`));
        });
        waiting.add(look);
      }),
    stop,
  };
}

function tail(log: string, count = 40): string {
  try {
    return readFileSync(log, "utf8").trimEnd().split("\n").slice(-count).join("\n");
  } catch {
    return "";
  }
}

// Below the ephemeral ports (from 32768 on Linux, from 49152 elsewhere), one of which another story's listener could take between the
// check and the use. Each process checks a range of its own.
const FIRST_PORT = 12_000;
const RANGES = 400;
const RANGE = 50;
let checked = 0;

/** A port that nothing listens on. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  for (let attempt = 0; attempt < RANGE; attempt += 1) {
    const port = FIRST_PORT + (process.pid % RANGES) * RANGE + (checked++ % RANGE);
    if (await listensAt(port, host)) return port;
  }
  throw new Error(`No port is free on ${host}.`);
}

/** True if this machine answers on 127.0.0.2, as Linux does and macOS doesn't. */
export function hasSecondLoopback(): Promise<boolean> {
  return listensAt(0, "127.0.0.2");
}

async function listensAt(port: number, host: string): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
  if (listens) await new Promise((resolve) => server.close(resolve));
  return listens;
}
