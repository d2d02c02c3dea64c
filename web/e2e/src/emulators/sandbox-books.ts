// The sandbox's books of a business, as one of its own clients reads them: what emulators of other platforms make their books of.

import { createHash, randomBytes } from "node:crypto";

import type { Sandbox } from "../harness/actors/sandbox.js";
import type { Row } from "./fixtures.js";

const LISTS = [
  "ledger_accounts",
  "bank_accounts",
  "contacts",
  "catalogue_items",
  "tax_codes",
  "sales_documents",
  "receipts",
  "purchase_documents",
  "remittances",
  "spendings",
  "incomes",
  "transfers",
  "tracking_headings",
  "ledger_entries",
] as const;

export type SandboxBooks = Record<(typeof LISTS)[number], Row[]> & { readonly organisation: Row; readonly statements: Row; readonly trialBalance: Row };

/** Reads all of them, oldest first. */
export async function readSandboxBooks(sandbox: Sandbox, business: string): Promise<SandboxBooks> {
  const token = await tokenFor(sandbox.url, business);
  const get = async (path: string): Promise<Row> => {
    const response = await fetch(`${sandbox.url}/accounting/v2/${path}`, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${path} at the sandbox: ${response.status} ${await response.text()}`);
    return (await response.json()) as Row;
  };
  const one = async (path: string): Promise<Row> => (await get(path))["data"] as Row;
  const books: Record<string, unknown> = {
    organisation: await one("organisation"),
    statements: await one("statements?months=24"),
    trialBalance: await one("trial_balance"),
  };
  for (const list of LISTS) {
    const rows: Row[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await get(`${list}?per_page=250&page=${page}`);
      rows.push(...(answer["data"] as Row[]));
      if (page >= Number(answer["total_pages"])) break;
    }
    books[list] = rows;
  }
  return books as SandboxBooks;
}

async function tokenFor(sandbox: string, business: string): Promise<string> {
  const client = { id: `emulator-${business}`, secret: "a-secret-of-emulators", redirect: "http://localhost:1/callback" };
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${sandbox}/control/api${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const registered = await post("/clients", { id: client.id, secret: client.secret, product: "accounting", redirect_uris: [client.redirect] });
  if (!registered.ok) throw new Error(await registered.text());
  const verifier = randomBytes(32).toString("base64url");
  const authorize = new URL(`${sandbox}/oauth/authorize`);
  authorize.search = new URLSearchParams({
    response_type: "code",
    client_id: client.id,
    redirect_uri: client.redirect,
    scope: "accounting.read",
    state: "books",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  }).toString();
  const answered = await post("/answer", { authorization_url: authorize.href, business, person: "books@emulators.example" });
  if (!answered.ok) throw new Error(await answered.text());
  const { redirect_to: back } = (await answered.json()) as { redirect_to: string };
  const code = new URL(back).searchParams.get("code");
  if (code === null) throw new Error(`the sandbox gave no code: ${back}`);
  const response = await fetch(`${sandbox}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: client.redirect, code_verifier: verifier }),
  });
  if (!response.ok) throw new Error(`the sandbox's token endpoint: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
