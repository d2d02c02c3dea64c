/** Runs the built server against a fixture, and a browser against the server. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser } from "playwright-core";
import { API_KEY } from "./fixture";

const SERVER = fileURLToPath(new URL("../dist/server.js", import.meta.url));

export interface Tidewell {
  url: string;
  dataDir: string;
  stdout: () => string;
  stderr: () => string;
  stop: () => Promise<void>;
}

export async function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, host, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export function runServer(env: Record<string, string>): { child: ChildProcessWithoutNullStreams; stdout: () => string; stderr: () => string } {
  const child = spawn(process.execPath, [SERVER], { env: { PATH: process.env["PATH"] ?? "", ...env } });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  return { child, stdout: () => out, stderr: () => err };
}

/** Starts the server on another host than the platform's, as in the demo, so that browsers see two sites. */
export async function startTidewell(moorlineUrl: string, { dataDir, port }: { dataDir?: string; port?: number } = {}): Promise<Tidewell> {
  const host = "127.0.0.1";
  const directory = dataDir ?? (await mkdtemp(join(tmpdir(), "tidewell-")));
  const at = port ?? (await freePort(host));
  const url = `http://${host}:${at}`;
  const { child, stdout, stderr } = runServer({
    MOORLINE_API_KEY: API_KEY,
    MOORLINE_URL: moorlineUrl,
    PUBLIC_URL: url,
    HOST: host,
    PORT: String(at),
    DATA_DIR: directory,
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => stdout().includes("\n") && resolve());
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${stderr()}`)));
  });
  return {
    url,
    dataDir: directory,
    stdout,
    stderr,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      if (!dataDir) await rm(directory, { recursive: true, force: true });
    },
  };
}

const CHROMIUM = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);

export function launch(): Promise<Browser> {
  return chromium.launch({
    // Without one on the machine, Playwright uses its own, or explains how to install it.
    ...(CHROMIUM ? { executablePath: CHROMIUM } : {}),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
