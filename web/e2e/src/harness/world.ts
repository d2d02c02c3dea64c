// The programs of one test file: platform, sandbox and lender, each on a site of its own.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { Client } from "./actors/client.js";
import { Sandbox } from "./actors/sandbox.js";
import { createDatabase, type Database } from "./postgres.js";
import { freePort, hasSecondLoopback, type Running, start } from "./processes.js";
import { until } from "./until.js";

export type Engine = "SQLite" | "PostgreSQL";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../../..");
const TARGET = resolve(ROOT, process.env["CARGO_TARGET_DIR"] ?? "target");
export const PROGRAM = process.env["MOORLINE_TEST_PROGRAM"] ?? join(TARGET, "debug/moorline");

export interface Options {
  engine: Engine;
  /** Settings over the demo's own, as `MOORLINE_…` variables. */
  settings?: Record<string, string>;
  lender?: boolean;
  /** The platform's port, if another program must know it beforehand. */
  port?: number;
}

export interface World {
  readonly engine: Engine;
  readonly platform: string;
  readonly client: Client;
  readonly sandbox: Sandbox;
  /** The lender's address; empty without a lender. */
  readonly lender: string;
  readonly folder: string;
  readonly database: Database | undefined;
  readonly process: Running;
  /** Configures it as an operator does, on the command line while the program runs. */
  configureIntegration(key: string, clientId: string, secret: string): Promise<void>;
  /** Runs a command of the program over the same database, with further settings and variables, and gives what it printed. */
  command(args: string[], settings?: Record<string, string>): Promise<string>;
  /** Has customers offered an integration that needs no OAuth client. */
  enableIntegration(key: string): Promise<void>;
  stop(): Promise<void>;
}

/** Another `moorline serve` over the same database. */
interface Sibling {
  readonly client: Client;
  readonly process: Running;
  stop(): Promise<void>;
}

/** The program's environment, without the machine's own settings, with which two runs could differ. */
function environment(settings: Record<string, string>): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("MOORLINE_"));
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    MOORLINE_LOG__FILTER: process.env["E2E_LOG"] ?? "info",
    ...settings,
  };
}

/** Starts `moorline demo` and, if requested, the lender. */
export async function startWorld(options: Options): Promise<World> {
  if (!existsSync(PROGRAM)) {
    throw new Error(`${PROGRAM} is missing: run \`cargo build --package moorline\`, or set MOORLINE_TEST_PROGRAM`);
  }
  const folder = mkdtempSync(join(tmpdir(), "moorline-e2e-"));
  const database = options.engine === "PostgreSQL" ? await createDatabase() : undefined;
  const port = options.port ?? (await freePort());
  const sandboxPort = await freePort();
  const moorline = start(
    "moorline demo",
    PROGRAM,
    ["demo", "--json", "--data", join(folder, "data"), "--port", `${port}`, "--sandbox-port", `${sandboxPort}`],
    {
      env: environment({
        ...(database !== undefined && { MOORLINE_DATABASE_URL: database.url }),
        ...options.settings,
      }),
      log: join(folder, "moorline.log"),
    },
  );
  const announced = JSON.parse(await moorline.line((line) => line.startsWith("{"))) as {
    platform: string;
    sandbox: string;
    apiKey: string;
  };
  const lender = options.lender === true ? await startLender(announced.platform, announced.apiKey, folder) : undefined;

  return {
    engine: options.engine,
    platform: announced.platform,
    client: new Client(announced.platform, announced.apiKey),
    sandbox: new Sandbox(announced.sandbox),
    lender: lender?.url ?? "",
    folder,
    database,
    process: moorline,
    configureIntegration: async (key, clientId, secret) => {
      await runCli(["integrations", "configure", key, "--client-id", clientId], shared(folder, database, options.settings), secret);
    },
    command: (args, settings) => runCli(args, shared(folder, database, { ...options.settings, ...settings })),
    enableIntegration: async (key) => {
      await runCli(["integrations", "enable", key], shared(folder, database, options.settings), "");
    },
    stop: async () => {
      await lender?.running.stop();
      await moorline.stop();
      await database?.drop();
      if (process.env["E2E_KEEP"] === undefined) rmSync(folder, { recursive: true, force: true });
      else console.error(`kept ${folder}`);
    },
  };
}

export async function startSibling(world: World, settings: Record<string, string> = {}): Promise<Sibling> {
  const port = await freePort();
  const process = start("moorline serve", PROGRAM, ["serve"], {
    env: environment({
      ...shared(world.folder, world.database, settings),
      MOORLINE_LISTEN: `127.0.0.1:${port}`,
      MOORLINE_PUBLIC_URL: world.platform,
      // As in the demo, of which this is a sibling.
      MOORLINE_LIMITS__REQUESTS_PER_DAY: "0",
      MOORLINE_LIMITS__CONCURRENT_PER_COMPANY: "0",
      MOORLINE_LIMITS__REQUESTS_PER_MINUTE_PER_ADDRESS: "0",
    }),
    log: join(world.folder, "sibling.log"),
  });
  const url = `http://127.0.0.1:${port}`;
  await until("the sibling is ready", async () => (await fetch(`${url}/ready`)).ok);
  return { client: new Client(url, world.client.apiKey), process, stop: () => process.stop() };
}

/** The settings that every process of one installation shares. */
function shared(
  folder: string,
  database: Database | undefined,
  settings: Record<string, string> = {},
): Record<string, string> {
  return {
    MOORLINE_DATABASE_URL: database?.url ?? `sqlite:${join(folder, "data/moorline.db")}`,
    MOORLINE_KEY_FILE: join(folder, "data/moorline.key"),
    ...settings,
  };
}

/** No command of a story takes this long; one that does is ended, and what it printed is shown. */
const COMMAND_LIMIT_MS = 120_000;

async function runCli(args: string[], settings: Record<string, string>, input = ""): Promise<string> {
  const child = spawn(PROGRAM, args, { env: environment(settings), stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(input);
  const timer = setTimeout(() => child.kill("SIGKILL"), COMMAND_LIMIT_MS);
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  if (code !== 0) throw new Error(`moorline ${args.join(" ")}: exit code ${String(code)}\n${output}`);
  return output;
}

async function startLender(
  platform: string,
  apiKey: string,
  folder: string,
): Promise<{ url: string; running: Running }> {
  const server = join(ROOT, "web/demo/dist/server.js");
  if (!existsSync(server)) throw new Error(`${server} is missing: run \`npm run build\` in web/demo`);
  const second = await hasSecondLoopback();
  const host = second ? "127.0.0.2" : "127.0.0.1";
  const port = await freePort(host);
  const url = second ? `http://${host}:${port}` : `http://lender.localhost:${port}`;
  const data = join(folder, "lender");
  mkdirSync(data);
  const running = start("the lender", process.execPath, [server], {
    env: {
      PATH: process.env["PATH"] ?? "",
      MOORLINE_URL: platform,
      MOORLINE_API_KEY: apiKey,
      PUBLIC_URL: url,
      HOST: host,
      PORT: `${port}`,
      DATA_DIR: data,
    },
    log: join(folder, "lender.log"),
  });
  await running.line((line) => line.startsWith("listening "));
  return { url, running };
}
