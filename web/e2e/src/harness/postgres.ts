// A new database for each test file, on the server that MOORLINE_TEST_POSTGRES names.

import { randomBytes } from "node:crypto";

import pg from "pg";

/** The server's address, or undefined if the tests run without PostgreSQL. */
export const postgresServer = process.env["MOORLINE_TEST_POSTGRES"];

export interface Database {
  readonly url: string;
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

export async function createDatabase(): Promise<Database> {
  if (postgresServer === undefined) throw new Error("MOORLINE_TEST_POSTGRES is not set");
  const name = `e2e_${randomBytes(6).toString("hex")}`;
  await once(postgresServer, `create database ${name}`);
  const url = new URL(postgresServer);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    query: (text, values) => once(url.href, text, values),
    drop: async () => {
      if (postgresServer !== undefined) await once(postgresServer, `drop database if exists ${name} with (force)`);
    },
  };
}

async function once(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}
