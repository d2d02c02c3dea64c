// NetSuite by Oracle's help: one sign-in page for all accounts, whose answer names the account; a public client's refresh tokens that are each
// good once, and for 30 days at the longest; SuiteQL over REST, in which every value is a text and what an account or a role lacks "was not found".

import { randomUUID } from "node:crypto";

import type { PGlite } from "@electric-sql/pglite";

import { type Answer, type Choice, Emulator, type Grant, type PlatformRequest, type RegisteredClient } from "./emulator.js";
import { Certificates } from "./certificates.js";
import { openBooks } from "./netsuite-books.js";

const KEY = "akxx";
const DAY_SECONDS = 86_400;
/** The most rows of a query that is paged by numbers. */
const MOST_ROWS = 100_000;

/** The people who sign in, each with an account. */
export const PEOPLE: readonly (Choice & { readonly account: string })[] = [
  { value: "ada", label: "ada@harbour.example", account: "1234567_SB1" },
  { value: "ben", label: "ben@harbour.example", account: "7654321" },
];

/** What an account or a role may lack: tables, and columns as `table.column`. */
export const SUBSIDIARIES = ["subsidiary", "transactionline.subsidiary", "customersubsidiaryrelationship", "vendorsubsidiaryrelationship"];
export const CURRENCIES = ["currency", "transaction.exchangerate"];

export class NetSuite extends Emulator {
  protected readonly paths = { authorize: "/app/login/oauth2/authorize.nl", token: "" };
  protected readonly title = "Sign in to NetSuite";
  /** Tables and columns that aren't exposed. */
  readonly hidden = new Set<string>();
  /** Of the accounts' administrators. */
  readonly certificates = new Certificates();
  private readonly opened: Promise<PGlite>;

  constructor(client: RegisteredClient) {
    super(client, { accessSeconds: 3_600, refreshSeconds: 30 * DAY_SECONDS, rotates: () => true, graceSeconds: 0 });
    this.opened = openBooks();
  }

  books(): Promise<PGlite> {
    return this.opened;
  }

  /** The folder's variables, set to this emulator's addresses: the account's host is a part of the path here. */
  variables(): Record<string, string> {
    return { [`${KEY}.login`]: this.url, [`${KEY}.rest`]: `${this.url}/\${account}/services/rest` };
  }

  protected choices(): { several: boolean; offered: Choice[] } {
    return { several: false, offered: [...PEOPLE] };
  }

  protected override redirectParameters(grant: Grant): Record<string, string> {
    return { role: "1010", entity: "12", company: accountOf(grant) };
  }

  /** A public client names itself, and has no secret. */
  protected override isClient(request: PlatformRequest, parameters: URLSearchParams): boolean {
    return parameters.get("client_id") === this.client.id && !parameters.has("client_secret") && request.headers.authorization === undefined;
  }

  protected override route(request: PlatformRequest): Answer | Promise<Answer> {
    const below = /^\/([^/]+)\/services\/rest\/auth\/oauth2\/v1\/token$/.exec(request.url.pathname);
    if (below === null) return super.route(request);
    // An account's host knows its own grants alone.
    const form = this.parameters(request);
    if (form.get("grant_type") === "client_credentials") {
      const person = this.certificates.personOf(form, `${this.url}${request.url.pathname}`, this.now());
      const account = PEOPLE.find(({ value }) => value === person)?.account;
      if (person === undefined || account === undefined || hostOf(account) !== below[1]) return { status: 400, body: { error: "invalid_client" } };
      return this.issueAlone({ id: randomUUID(), chosen: [person], scope: "rest_webservices", challenge: undefined, revoked: false });
    }
    const grant = this.grantOfCode(form.get("code") ?? "") ?? this.grantOfRefreshToken(form.get("refresh_token") ?? "");
    if (grant !== undefined && hostOf(accountOf(grant)) !== below[1]) return { status: 400, body: { error: "invalid_request" } };
    return this.exchange(request);
  }

  protected async answer(request: PlatformRequest): Promise<Answer> {
    const below = /^\/([^/]+)\/services\/rest\/(.+)$/.exec(request.url.pathname);
    if (below === null || request.method !== "POST") return { status: 404, body: problem(404, "Not Found", "NONEXISTENT_PATH", "The path doesn't exist.") };
    if (below[2] === "auth/oauth2/v1/revoke") {
      const form = this.parameters(request);
      if (!this.isClient(request, form)) return { status: 401, body: { error: "invalid_client" } };
      const grant = this.grantOfRefreshToken(form.get("token") ?? "");
      if (grant !== undefined) grant.revoked = true;
      return { status: 200 };
    }
    const grant = this.bearer(request);
    if (grant === undefined || hostOf(accountOf(grant)) !== below[1]) {
      const challenge = `Bearer realm="${below[1] ?? ""}", error="invalid_token", error_description="Invalid login attempt."`;
      return { status: 401, headers: { "www-authenticate": challenge }, body: problem(401, "Unauthorized", "INVALID_LOGIN", "Invalid login attempt.") };
    }
    if (below[2] !== "query/v1/suiteql") return { status: 404, body: problem(404, "Not Found", "NONEXISTENT_PATH", "The path doesn't exist.") };
    if (request.headers["prefer"] !== "transient") return refused("Invalid or missing Prefer header. Use Prefer: transient.", "INVALID_HEADER");
    return this.query(request);
  }

  private query({ url, body }: PlatformRequest): Promise<Answer> {
    const parameter = (name: string, usual: number): number => Number(url.searchParams.get(name) ?? usual);
    return this.ask((JSON.parse(body) as { q: string }).q, parameter("limit", 1_000), parameter("offset", 0));
  }

  /** The answer to a query. */
  async ask(q: string, limit = 1_000, offset = 0): Promise<Answer> {
    if (!(limit >= 1 && limit <= 1_000) || offset % limit !== 0) return refused("Invalid value for the limit or offset query parameter.", "INVALID_PARAMETER");
    const lacking = this.lackingIn(q);
    if (lacking !== undefined) return refused(`Invalid search query. Detailed unprocessed description follows. Search error occurred: ${lacking}`);
    const db = await this.opened;
    const text = translated(q);
    let rows: Record<string, string | null>[];
    let total: number;
    try {
      rows = (await db.query<Record<string, string | null>>(`${text} limit ${limit} offset ${offset}`, [], { parsers: AS_TEXT })).rows;
      total = Number((await db.query<{ count: number }>(`select count(*) as count from (${withoutOrder(text)}) counted`)).rows[0]?.count ?? 0);
    } catch (error) {
      return refused(`Invalid search query. Detailed unprocessed description follows. Search error occurred: ${String(error)}.`);
    }
    if (offset >= MOST_ROWS) return refused("The maximum number of results is 100000.", "INVALID_PARAMETER");
    const items = rows.map((row) => ({ links: [], ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) }));
    return { body: { links: [], count: items.length, hasMore: offset + items.length < total, items, offset, totalResults: total } };
  }

  /** The first table or column of a query that isn't exposed, as it is said. */
  private lackingIn(query: string): string | undefined {
    const aliases = new Map<string, string>();
    for (const [, table, alias] of query.matchAll(/\b(?:FROM|JOIN)\s+([a-z]+)\s+([a-z]+)\b/g)) if (table !== undefined && alias !== undefined) aliases.set(alias, table);
    const table = [...aliases.values()].find((name) => this.hidden.has(name));
    if (table !== undefined) return `Record '${table}' was not found.`;
    const columns = [...query.matchAll(/\b([a-z]+)\.([a-z]+)\b/g)].map(([, alias, column]) => [aliases.get(alias ?? "") ?? "", column ?? ""] as const);
    const column = columns.find(([of, name]) => this.hidden.has(`${of}.${name}`));
    return column === undefined ? undefined : `Field '${column[1]}' for record '${column[0]}' was not found. Reason: NOT_EXPOSED - Not available for channel SEARCH.`;
  }
}

const accountOf = (grant: Grant): string => PEOPLE.find(({ value }) => value === grant.chosen[0])?.account ?? "";

/** An account's name in a host's. */
const hostOf = (account: string): string => account.toLowerCase().replaceAll("_", "-");

/** PostgreSQL's words for NetSuite's. Rows that an order leaves equal come in any order, another each time. */
function translated(query: string): string {
  const shown = "(select s.name from displayed s where s.of_column = '$2' and s.id = $1.$2)";
  const displayed = query.replaceAll(/BUILTIN\.DF\(([a-z]+)\.([a-z]+)\)/g, shown);
  return displayed.includes(" GROUP BY ") || !displayed.includes(" ORDER BY ") ? displayed : `${displayed}, random()`;
}

/** The order costs time, and changes nothing of a number of rows. */
const withoutOrder = (text: string): string => text.slice(0, text.includes(" ORDER BY ") ? text.lastIndexOf(" ORDER BY ") : undefined);

/** Types of PostgreSQL that are written as a user of NetSuite has set: days as in the United States, numbers without noughts at their end. */
const number = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
const day = (text: string): string => text.slice(0, 10).split("-").map(Number).slice(1).concat(Number(text.slice(0, 4))).join("/");
const AS_TEXT = { 20: number, 23: number, 25: String, 1043: String, 1700: number, 1082: day, 1114: day };

const problem = (status: number, title: string, code: string, detail: string): unknown => ({
  type: "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html",
  title,
  status,
  "o:errorDetails": [{ detail, "o:errorCode": code }],
});

export const refused = (detail: string, code = "INVALID_PARAMETER", status = 400): Answer => ({ status, body: problem(status, "Bad Request", code, detail) });
