// Sage Intacct by its documentation: one user's new access ends that user's earlier one; the token is a JWT that says whose it is; a query service
// whose rows have the members of related objects under dotted names; what a role may not read, or a company doesn't have, by number.

import { randomUUID } from "node:crypto";

import { type Answer, type Choice, Emulator, type Grant, type PlatformRequest, type RegisteredClient } from "./emulator.js";
import type { Row } from "./fixtures.js";
import type { Entity, IntacctBooks } from "./intacct-books.js";

const KEY = "knfz";
const DAY_SECONDS = 86_400;
const BASE = "/ia/api/v1";
const MOST_ROWS = 4_000;

/** The users who sign in, each of one company. */
export const USERS: readonly (Choice & { readonly company: string })[] = [
  { value: "ada", label: "ada@HarbourLane", company: "HarbourLane" },
  { value: "eve", label: "eve@HarbourLane", company: "HarbourLane" },
  { value: "ben", label: "ben@PierStreet", company: "PierStreet" },
];

export const ENTITIES: readonly Entity[] = [
  { key: "1", id: "100", name: "Harbour Lane Trading" },
  { key: "2", id: "200", name: "Harbour Lane Europe" },
];

/** The member of an object, and the object that it refers to. */
const RELATED: Record<string, string> = {
  invoice: "accounts-receivable/invoice",
  arInvoice: "accounts-receivable/invoice",
  arAdjustment: "accounts-receivable/adjustment",
  arPayment: "accounts-receivable/payment",
  bill: "accounts-payable/bill",
  apAdjustment: "accounts-payable/adjustment",
  apPayment: "accounts-payable/payment",
  otherReceipt: "cash-management/other-receipt",
  creditCardTxn: "cash-management/credit-card-txn",
  bankFee: "cash-management/bank-fee",
  creditCardFee: "cash-management/credit-card-fee",
  deposit: "cash-management/deposit",
  journalEntry: "general-ledger/journal-entry",
};

interface Query {
  readonly object: string;
  readonly fields: string[];
  readonly filters?: Record<string, Record<string, string>>[];
  readonly filterExpression?: string;
  readonly orderBy?: Record<string, "asc" | "desc">[];
  readonly start?: number;
  readonly size?: number;
}

/** A query and its answer, for whoever compares them with Sage's documents. */
export interface Asked {
  readonly query: Query;
  readonly rows: Row[];
}

export class Intacct extends Emulator {
  protected readonly paths = { authorize: `${BASE}/oauth2/authorize`, token: `${BASE}/oauth2/token` };
  protected readonly title = "Sign in to Sage Intacct";
  /** Objects by company. */
  readonly companies = new Map<string, IntacctBooks>();
  /** Objects that the role may not read, and those that the company doesn't have. */
  readonly forbidden = new Set<string>();
  readonly absent = new Set<string>();
  readonly asked: Asked[] = [];

  constructor(client: RegisteredClient) {
    super(client, {
      accessSeconds: 6 * 3_600,
      refreshSeconds: 180 * DAY_SECONDS,
      rotates: () => true,
      graceSeconds: 0,
      accessToken: (grant) => jwt({ clientId: client.id, companyId: companyOf(grant), userId: grant.chosen[0], jti: randomUUID() }),
    });
  }

  /** The folder's variables, set to this emulator's addresses. */
  variables(): Record<string, string> {
    return { [`${KEY}.host`]: `${this.url}${BASE}` };
  }

  protected choices(): { several: boolean; offered: Choice[] } {
    return { several: false, offered: [...USERS] };
  }

  protected override isClient(_request: PlatformRequest, parameters: URLSearchParams): boolean {
    return parameters.get("client_id") === this.client.id && parameters.get("client_secret") === this.client.secret;
  }

  /** A user has one access to an application at a time. */
  protected override granted(grant: Grant): void {
    for (const other of this.grants.values()) if (other !== grant && other.chosen[0] === grant.chosen[0]) other.revoked = true;
  }

  protected override refused(code: string): Answer {
    return code === "invalid_grant" ? { ...TOKEN_INVALID, status: 400 } : { status: 401, body: { error: { code: "invalidClient", message: "Client is not valid", errorId: "REST-2101", supportId: "x" } } };
  }

  protected answer(request: PlatformRequest): Answer {
    const { pathname } = request.url;
    if (pathname === `${BASE}/oauth2/revoke`) {
      const form = this.parameters(request);
      if (!this.isClient(request, form)) return this.refused("invalid_client");
      const grant = this.grantOfRefreshToken(form.get("token") ?? "") ?? this.grantOfAccessToken(form.get("token") ?? "");
      if (grant !== undefined) grant.revoked = true;
      return { status: 200 };
    }
    const grant = this.bearer(request);
    if (grant === undefined) return TOKEN_INVALID;
    if (pathname !== `${BASE}/services/core/query` || request.method !== "POST") return problem(404, "notFound", "REST-1001", "The resource was not found");
    const entity = request.headers["x-ia-api-param-entity"];
    if (entity === "") return problem(400, "invalidRequest", "REST-1064", "The entity is empty");
    return this.query(companyOf(grant), typeof entity === "string" ? entity : undefined, JSON.parse(request.body) as Query);
  }

  private query(company: string, entity: string | undefined, query: Query): Answer {
    const { object, fields, start = 1, size = 100 } = query;
    const books = this.companies.get(company) ?? {};
    if (this.absent.has(object) || books[object] === undefined) return problem(400, "invalidRequest", "REST-1033", `The object ${object} is not supported in version 1`);
    if (this.forbidden.has(object)) return problem(403, "forbidden", "REST-3007", `User doesn't have permission to query ${object}`);
    if (!(size >= 1 && size <= MOST_ROWS) || start < 1) return problem(400, "invalidRequest", "REST-1028", `size must be between 1 and ${MOST_ROWS}`);
    if (entity !== undefined && !(books["company-config/entity"] ?? []).some(({ id }) => id === entity)) return problem(400, "invalidRequest", "REST-1064", `The entity ${entity} is not valid`);
    const all = books[object].filter((row) => entity === undefined || row["entity"] === undefined || (row["entity"] as Row)["id"] === entity);
    const at = (row: Row, path: string): unknown => valueAt(books, row, path);
    const plain = fields.filter((field) => !field.includes(":"));
    const named = [...plain, ...fields.filter((field) => field.includes(":")).map((field) => field.split(":")[1] ?? ""), ...(query.filters ?? []).flatMap((filter) => Object.values(filter).flatMap((of) => Object.keys(of))), ...(query.orderBy ?? []).flatMap((order) => Object.keys(order))];
    const [example] = books[object];
    const unknown = example === undefined ? undefined : named.find((path) => at(example, path) === undefined);
    if (unknown !== undefined) return problem(400, "invalidRequest", "REST-1043", `The field ${unknown} is not a field of ${object}`);
    const tests = (query.filters ?? []).map((filter) => testOf(filter, at));
    const any = /\bor\b/.test(query.filterExpression ?? "");
    if (tests.length > 1 && query.filterExpression === undefined) return problem(400, "invalidRequest", "REST-1046", "filterExpression is missing");
    const found = all.filter((row) => tests.length === 0 || (any ? tests.some((fits) => fits(row)) : tests.every((fits) => fits(row))));
    const shown = fields.length === plain.length ? found.map((row) => Object.fromEntries(fields.map((field) => [field, at(row, field) ?? null]))) : summed(found, fields, plain, at);
    const order = (query.orderBy ?? []).flatMap((by) => Object.keys(by));
    const keys = new Map(shown.map((row, index) => [row, fields.length === plain.length ? found[index] : undefined]));
    const value = (row: Row, path: string): unknown => row[path] ?? at(keys.get(row) ?? {}, path);
    // What an order leaves equal comes in any order, another each time.
    const sorted = shown
      .map((row) => ({ row, chance: Math.random() }))
      .sort((a, b) => order.reduce((less, path) => less || compare(value(a.row, path), value(b.row, path)), 0) || a.chance - b.chance)
      .map(({ row }) => row);
    const page = sorted.slice(start - 1, start - 1 + size);
    this.asked.push({ query, rows: page });
    const next = start + size;
    return {
      body: {
        "ia::result": page,
        "ia::meta": { totalCount: sorted.length, start, pageSize: size, next: next <= sorted.length ? next : null, previous: start > 1 ? Math.max(1, start - size) : null },
      },
    };
  }
}

const companyOf = (grant: Grant): string => USERS.find(({ value }) => value === grant.chosen[0])?.company ?? "";

const jwt = (claims: Row): string => [{ alg: "HS256", typ: "JWT" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).concat("c2lnbmVk").join(".");

/** The value at a dotted path, through what an object refers to; undefined if there is no such member. */
function valueAt(books: IntacctBooks, row: Row, path: string): unknown {
  let value: unknown = row;
  let step = "";
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return value === null ? null : undefined;
    let members = value as Row;
    const related = RELATED[step];
    if (!(name in members) && related !== undefined) {
      const table = books[related] ?? [];
      const key = members["key"];
      const found = indexed(table).get(key);
      // Of nothing, the members are known by another's.
      if (found === undefined) return table[0] === undefined || name in table[0] ? null : undefined;
      members = found;
    }
    value = members[name];
    step = name;
  }
  return value;
}

const indexes = new WeakMap<Row[], { length: number; byKey: Map<unknown, Row> }>();

function indexed(table: Row[]): Map<unknown, Row> {
  let index = indexes.get(table);
  if (index?.length !== table.length) {
    index = { length: table.length, byKey: new Map(table.map((row) => [row["key"], row])) };
    indexes.set(table, index);
  }
  return index.byKey;
}

function compare(a: unknown, b: unknown): number {
  const [first, second] = [a ?? "", b ?? ""].map(String) as [string, string];
  const numbers = [first, second].every((text) => /^-?\d+(\.\d+)?$/.test(text));
  return numbers ? Number(first) - Number(second) : first < second ? -1 : Number(first > second);
}

function testOf(filter: Record<string, Record<string, string>>, at: (row: Row, path: string) => unknown): (row: Row) => boolean {
  const [[operator, condition] = ["", {}]] = Object.entries(filter);
  const [[path, wanted] = ["", ""]] = Object.entries(condition);
  const known: Record<string, (difference: number) => boolean> = {
    $eq: (difference) => difference === 0,
    $ne: (difference) => difference !== 0,
    $lt: (difference) => difference < 0,
    $lte: (difference) => difference <= 0,
    $gt: (difference) => difference > 0,
    $gte: (difference) => difference >= 0,
  };
  const fits = known[operator];
  if (fits === undefined) throw new Error(`the operator ${operator} isn't known here`);
  return (row) => {
    const value = at(row, path);
    return value !== null && value !== undefined && fits(compare(value, wanted));
  };
}

/** Sums grouped by the other fields, in cents. */
function summed(rows: Row[], fields: string[], plain: string[], at: (row: Row, path: string) => unknown): Row[] {
  const groups = new Map<string, { shown: Row; cents: Map<string, number> }>();
  for (const row of rows) {
    const shown = Object.fromEntries(plain.map((field) => [field, at(row, field) ?? null]));
    const name = JSON.stringify(shown);
    const group = groups.get(name) ?? { shown, cents: new Map<string, number>() };
    groups.set(name, group);
    for (const field of fields.filter((each) => each.startsWith("sum:"))) {
      group.cents.set(field, (group.cents.get(field) ?? 0) + Math.round(Number(at(row, field.slice(4))) * 100));
    }
  }
  return [...groups.values()].map(({ shown, cents }) => ({ ...shown, ...Object.fromEntries([...cents].map(([field, sum]) => [field, (sum / 100).toFixed(2)])) }));
}

export function problem(status: number, code: string, errorId: string, message: string): Answer {
  return { status, body: { "ia::result": { "ia::error": { code, message, errorId, additionalInfo: {}, supportId: "x", details: [] } }, "ia::meta": { totalCount: 1, totalSuccess: 0, totalError: 1 } } };
}

const TOKEN_INVALID: Answer = {
  status: 401,
  body: { error: { code: "tokenInvalid", message: "Token is not valid", errorId: "REST-2102", additionalInfo: { messageId: "IA.TOKEN_IS_INVALID", placeholders: {}, propertySet: {} }, supportId: "x" } },
};
