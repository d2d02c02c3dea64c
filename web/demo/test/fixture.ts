/** The part of the platform's API that Tidewell uses, in memory. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const API_KEY = "fixture-key";

interface Dataset {
  id: string;
  dataType: string;
  status: string;
  progress: number;
  errorMessage?: string;
  requested: string;
}

interface FixtureConnection {
  id: string;
  companyId: string;
  key: string;
  status: "PendingAuth" | "Linked" | "Unlinked" | "Deauthorized";
  created: string;
  errors: { statusCode: string; statusText: string; errorMessage: string; erroredOnUtc: string; status: "Active" }[];
  datasets: Dataset[];
}

interface Company {
  id: string;
  name: string;
  created: string;
}

const INTEGRATIONS = [
  { key: "mqjo", name: "Ledgerly", sourceType: "Accounting", colour: "#2f6f5e" },
  { key: "gbol", name: "Bookhouse", sourceType: "Accounting", colour: "#7a4b8c" },
  { key: "qhnd", name: "Harbour Bank", sourceType: "Banking", colour: "#24507a" },
  { key: "aiwb", name: "Stallholder", sourceType: "Commerce", colour: "#b4572b" },
] as const;

const DATA_TYPES: Record<string, string[]> = {
  Accounting: ["company", "chartOfAccounts", "bankAccounts", "bankTransactions", "accountTransactions", "customers", "invoices", "payments", "balanceSheet", "profitAndLoss", "items"],
  Banking: ["banking-accounts", "banking-accountBalances", "banking-transactionCategories", "banking-transactions"],
  Commerce: ["commerce-companyInfo", "commerce-customers", "commerce-products", "commerce-orders", "commerce-payments"],
};

const STEPS = ["Queued", "Fetching", "Mapping", "Validating", "Processing", "Complete"];

export interface Fixture {
  url: string;
  profile: { name: string; redirectUrl: string; logoUrl?: string; iconUrl?: string; whiteListUrls: string[] };
  allowedOrigins: string[];
  companies: Map<string, Company>;
  connections: Map<string, FixtureConnection>;
  /** Status and message of the next sync, by data type. */
  failures: Map<string, { status: string; errorMessage: string }>;
  calls: { method: string; path: string }[];
  /** Every connection's history, newest first. */
  timeline: object[];
  /** Every connection's reconciliation. */
  tests: object[];
  /** What became of customers. */
  funnel: object;
  /** While false, syncs make no progress. */
  syncing: boolean;
  /** While false, every request is answered 503. */
  up: boolean;
  records: (path: string) => unknown[];
  close: () => Promise<void>;
}

/** `offset` months before `today`, as YYYY-MM. */
export function month(today: Date, offset: number): string {
  return new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - offset, 1)).toISOString().slice(0, 7);
}

const day = (today: Date, offset: number) => new Date(today.getTime() - offset * 86_400_000).toISOString().slice(0, 10);

/** A year of a small bakery's records, with odd cents in every amount, so that sums in floats would drift. */
function bakery(today: Date): (path: string) => unknown[] {
  const customers = ["Harbour Café", "Quay Street Hotel", "Saltmarsh Deli", "North Pier School", "The Lighthouse Inn", "Corner & Co"];
  return (path) => {
    if (path.endsWith("/data/bankAccounts")) {
      return [
        { id: "b1", accountName: "Current", currency: "GBP", accountType: "Debit", balance: 18234.17 },
        { id: "b2", accountName: "Yen", currency: "JPY", accountType: "Debit", balance: 90000 },
      ];
    }
    if (path.endsWith("/data/accountTransactions")) {
      const line = (id: string, account: string, currency: string, months: number, totalAmount: number, dataType: string, entry = id) => ({
        id,
        transactionId: entry,
        bankAccountRef: { id: account },
        date: `${month(today, months)}-01T00:00:00`,
        currency,
        totalAmount,
        status: "Reconciled",
        lines: [{ amount: totalAmount, recordRef: { id: entry, dataType } }],
      });
      return [
        ...Array.from({ length: 14 }, (_, i) => i).flatMap((i) => [
          line(`in-${i}-a`, "b1", "GBP", i, 9120.1 + i * 310.2, "payments"),
          line(`in-${i}-b`, "b1", "GBP", i, 0.2, "directIncomes"),
          line(`out-${i}`, "b1", "GBP", i, -(7210.3 + (i % 4) * 905.07), "billPayments"),
          line(`x-${i}-a`, "b1", "GBP", i, -5000, "transfers", `x-${i}`),
          line(`x-${i}-b`, "b3", "GBP", i, 5000, "transfers", `x-${i}`),
        ]),
        { ...line("void", "b1", "GBP", 1, 88888, "payments"), status: "Void" },
        line("y1", "b2", "JPY", 1, 120000, "payments"),
      ];
    }
    const account = /bankAccounts\/(\w+)\/bankTransactions$/.exec(path)?.[1];
    if (account === "b1") {
      return Array.from({ length: 14 }, (_, i) => i).flatMap((i) => [
        { id: `in-${i}-a`, amount: 9120.1 + i * 310.2, clearedOnDate: `${month(today, i)}-01T00:00:00`, transactionType: "Credit" },
        { id: `in-${i}-b`, amount: 0.2, clearedOnDate: `${month(today, i)}-01T00:00:00`, transactionType: "Int" },
        { id: `out-${i}`, amount: -(7210.3 + (i % 4) * 905.07), clearedOnDate: `${month(today, i)}-01T00:00:00`, transactionType: "Debit" },
        { id: `x-${i}`, amount: -5000, clearedOnDate: `${month(today, i)}-01T00:00:00`, transactionType: "Xfer" },
      ]);
    }
    if (account === "b2") {
      return [{ id: "y1", amount: 120000, clearedOnDate: `${month(today, 1)}-12T00:00:00`, transactionType: "Credit" }];
    }
    if (path.endsWith("/data/invoices")) {
      const invoices = customers.flatMap((companyName, c) =>
        Array.from({ length: 8 - c }, (_, i) => {
          const late = [-12, 8, 44, 75, 130, -40, -60, -90][i] ?? 0;
          const open = i < 5 && (c + i) % 2 === 0;
          const total = 1840.35 + c * 11.1 + i * 95.7;
          return {
            id: `inv-${c}-${i}`,
            invoiceNumber: `${1000 + c * 10 + i}`,
            currency: "GBP",
            issueDate: `${day(today, late + 30)}T00:00:00`,
            dueDate: `${day(today, late)}T00:00:00`,
            status: open ? "Submitted" : "Paid",
            subTotal: total,
            totalTaxAmount: 0,
            totalAmount: Number(total.toFixed(2)),
            amountDue: open ? Number(total.toFixed(2)) : 0,
            customerRef: { id: `c${c}`, companyName },
          };
        }),
      );
      return [
        ...invoices,
        { id: "void", issueDate: `${day(today, 3)}T00:00:00`, status: "Void", totalAmount: 99999, totalTaxAmount: 0, amountDue: 99999, currency: "GBP" },
      ];
    }
    if (path.endsWith("/data/banking-accounts")) {
      return [
        bankAccount("a1", "Business current", "GBP", 24310.55),
        bankAccount("a2", "Reserve", "GBP", 60000.1),
        bankAccount("a3", "Gulf supplies", "KWD", 1250.125),
        bankAccount("a4", "Card", "JPY", -48200),
      ];
    }
    if (path.endsWith("/data/banking-transactions")) {
      return Array.from({ length: 12 }, (_, i) => i).flatMap((i) => [
        { id: `t-${i}`, accountId: "a1", currency: "GBP", amount: 6400.4 + i * 120.6, postedDate: `${month(today, i)}-01T00:00:00` },
        { id: `u-${i}`, accountId: "a1", currency: "GBP", amount: -(5900.9 + i * 44.1), postedDate: `${month(today, i)}-01T00:00:00` },
        { id: `k-${i}`, accountId: "a3", currency: "KWD", amount: 210.375, postedDate: `${month(today, i)}-01T00:00:00` },
      ]);
    }
    if (path.endsWith("/data/commerce-orders")) {
      return Array.from({ length: 12 }, (_, i) => i).flatMap((i) =>
        Array.from({ length: 6 + ((i * 5) % 9) }, (_, n) => ({
          id: `o-${i}-${n}`,
          orderNumber: `${i}${n}`,
          currency: "GBP",
          createdDate: `${month(today, i)}-01T10:00:00Z`,
          totalAmount: 31.1 + n * 4.2,
          totalRefund: n === 0 ? 5.05 : 0,
        })),
      );
    }
    return [];
  };
}

const bankAccount = (id: string, name: string, currency: string, current: number) => ({
  id,
  name,
  currency,
  type: "Debit",
  balance: { current, available: current },
  identifiers: { type: "Depository" },
  institution: { id: "hb", name: "Harbour Bank" },
});

export async function startFixture(): Promise<Fixture> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;

  const fixture: Fixture = {
    url,
    profile: { name: "Unnamed", redirectUrl: "", whiteListUrls: [] },
    allowedOrigins: ["https://elsewhere.example"],
    companies: new Map(),
    connections: new Map(),
    failures: new Map(),
    calls: [],
    timeline: [],
    funnel: {
      from: "2026-05-17",
      to: "2026-06-15",
      isCounted: true,
      total: { opened: 40, chose: 31, began: 24, authorised: 20, linked: 18, losses: { left: 3, cancelled: 2, somethingNew: 1 } },
      results: [],
    },
    tests: [
      {
        id: "receivables",
        name: "What customers owe",
        result: "passed",
        reason: "Both sides are 4210.35 GBP.",
        sides: [
          { label: "Open invoices, less credit notes and payments on account", amount: 4210.35, currency: "GBP", asOf: "2026-06-15" },
          { label: "Receivables in the chart of accounts", amount: 4210.35, currency: "GBP", asOf: "2026-06-15" },
        ],
        difference: 0,
        records: [],
      },
    ],
    syncing: true,
    up: true,
    records: bakery(new Date()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fixture;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", url);
    const method = request.method ?? "GET";
    const segments = pathname.split("/").filter(Boolean);
    const send = (status: number, body?: unknown) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    const refuse = (status: number, error: string) =>
      send(status, { statusCode: status, service: "Fixture", error, correlationId: "c0ffee", canBeRetried: "Unknown", detailedErrorCode: 0 });

    if (pathname === "/sdk/connections.js") return script(response);
    if (segments[0] === "art") return art(segments[1] ?? "", segments[2] ?? "", response);
    if (segments[0] === "link") return link(segments[1] ?? "", searchParams.get("choose"), response);

    fixture.calls.push({ method, path: pathname });
    if (!fixture.up) return refuse(503, "Service Unavailable");
    if (request.headers.authorization !== `Basic ${Buffer.from(API_KEY).toString("base64")}`) return refuse(401, "Unauthorized");
    const body = method === "GET" ? {} : await read(request);

    if (pathname === "/profile") {
      if (method === "PUT") Object.assign(fixture.profile, body);
      return send(200, fixture.profile);
    }
    if (pathname === "/linkFunnel") return send(200, fixture.funnel);
    if (pathname === "/corsSettings") {
      if (method === "POST") fixture.allowedOrigins = (body as { allowedOrigins: string[] }).allowedOrigins;
      return send(200, { allowedOrigins: fixture.allowedOrigins });
    }
    if (pathname === "/integrations") return send(200, page("/integrations", INTEGRATIONS.map(integration)));
    if (segments[0] === "integrations" && segments[2] === "branding") return send(200, branding(segments[1] ?? ""));
    if (pathname === "/companies" && method === "POST") {
      const company = { ...(body as { name: string; description?: string }), id: randomUUID(), created: new Date().toISOString() };
      fixture.companies.set(company.id, company);
      return send(200, { ...company, redirect: `${url}/company/${company.id}` });
    }

    const company = segments[0] === "companies" ? fixture.companies.get(segments[1] ?? "") : undefined;
    if (!company) return refuse(404, `No company was found with ID ${segments[1]}`);
    const rest = segments.slice(2).join("/");
    const own = [...fixture.connections.values()].filter(({ companyId }) => companyId === company.id);

    if (rest === "connections" && method === "GET") return send(200, page(pathname, own.map(shape)));
    if (rest === "connections" && method === "POST") {
      const key = (body as { platformKey: string }).platformKey;
      const accounting = own.some((connection) => sourceTypeOf(connection.key) === "Accounting" && connection.status === "Linked");
      if (accounting && sourceTypeOf(key) === "Accounting") return refuse(400, "This company already has a linked accounting connection.");
      const connection: FixtureConnection = {
        id: randomUUID(),
        companyId: company.id,
        key,
        status: "PendingAuth",
        created: new Date().toISOString(),
        errors: [],
        datasets: [],
      };
      fixture.connections.set(connection.id, connection);
      return send(200, shape(connection));
    }
    if (/^connections\/[^/]+\/timeline$/.test(rest)) {
      if (!own.some(({ id }) => id === segments[3])) return refuse(404, "No such connection");
      return send(200, { pageNumber: 1, pageSize: 20, totalResults: fixture.timeline.length, results: fixture.timeline.slice(0, 20) });
    }
    if (/^connections\/[^/]+\/reconciliation$/.test(rest)) {
      if (!own.some(({ id }) => id === segments[3])) return refuse(404, "No such connection");
      return send(200, { companyId: company.id, connectionId: segments[3], computed: new Date().toISOString(), tests: fixture.tests });
    }
    if (rest === "accessToken") return send(200, { expiresIn: 86_400, accessToken: `token-of-${company.id}`, tokenType: "Bearer" });
    if (rest === "dataStatus") {
      if (fixture.syncing) own.forEach(advance);
      const statuses: Record<string, unknown> = {};
      for (const { dataType, status, id } of own.flatMap(({ datasets }) => datasets)) {
        statuses[dataType] = {
          dataType,
          currentStatus: status,
          latestSyncId: id,
          ...(status === "Complete" ? { latestSuccessfulSyncId: id, lastSuccessfulSync: new Date().toISOString() } : {}),
        };
      }
      return send(200, statuses);
    }
    if (rest === "data/history") {
      const operations = own.flatMap((connection) =>
        connection.datasets.map(({ requested, ...dataset }) => ({
          ...dataset,
          companyId: company.id,
          connectionId: connection.id,
          requested,
          isCompleted: dataset.status === "Complete",
          isErrored: dataset.status.endsWith("Error"),
        })),
      );
      return send(200, page(pathname, operations));
    }
    if (rest === "data/all") {
      for (const connection of own) if (connection.status === "Linked") queue(connection);
      response.writeHead(204).end();
      return;
    }
    if (rest.startsWith("data/queue/")) {
      const dataset = own.flatMap(({ datasets }) => datasets).find(({ dataType }) => dataType === rest.slice("data/queue/".length));
      if (!dataset) return refuse(404, "no such data type");
      Object.assign(dataset, { id: randomUUID(), status: "Queued", progress: 0, requested: new Date().toISOString(), errorMessage: undefined });
      return send(200, {
        ...dataset,
        companyId: company.id,
        connectionId: searchParams.get("connectionId") ?? own[0]?.id,
        isCompleted: false,
        isErrored: false,
      });
    }
    if (rest.includes("data/")) {
      const records = fixture.records(pathname);
      const number = Number(searchParams.get("page") ?? 1);
      // Small pages for any page size, so that paging is exercised.
      return send(200, page(pathname, records.slice((number - 1) * 20, number * 20), records.length, number));
    }
    return refuse(404, "NotFound");
  }

  function page(path: string, results: unknown[], totalResults = results.length, pageNumber = 1) {
    return { results, pageNumber, pageSize: 20, totalResults, _links: { self: { href: path }, current: { href: path } } };
  }

  function integration({ key, name, sourceType }: (typeof INTEGRATIONS)[number]) {
    return { key, name, sourceType, enabled: true, logoUrl: `${url}/art/${key}/logo`, isBeta: key === "gbol" };
  }

  function branding(key: string) {
    const name = INTEGRATIONS.find((known) => known.key === key)?.name ?? key;
    const image = (kind: string, alt: string) => ({ image: { src: `${url}/art/${key}/${kind}`, alt } });
    return {
      logo: { full: image("full", name), square: image("logo", `${name} logo`) },
      // One platform without buttons of its own, which the contract allows.
      ...(key === "gbol" ? {} : { button: { default: image("button", `Connect to ${name}`), hover: image("hover", `Connect to ${name}`) } }),
    };
  }

  function shape({ id, companyId, key, status, created, errors }: FixtureConnection) {
    const known = INTEGRATIONS.find((known) => known.key === key);
    return {
      id,
      integrationId: randomUUID(),
      integrationKey: key,
      sourceId: randomUUID(),
      sourceType: known?.sourceType,
      platformName: known?.name,
      linkUrl: `${url}/link/${id}?company=${companyId}`,
      status,
      created,
      dataConnectionErrors: errors,
    };
  }

  function queue(connection: FixtureConnection) {
    connection.datasets = (DATA_TYPES[sourceTypeOf(connection.key)] ?? []).map((dataType) => ({
      id: randomUUID(),
      dataType,
      status: "Queued",
      progress: 0,
      requested: new Date().toISOString(),
    }));
  }

  /** Each reading of the data status advances the first unfinished data types by one step. */
  function advance(connection: FixtureConnection) {
    for (const dataset of connection.datasets.filter(({ status }) => STEPS.indexOf(status) >= 0 && status !== "Complete").slice(0, 4)) {
      const failure = fixture.failures.get(dataset.dataType);
      if (dataset.status === "Fetching" && failure) {
        Object.assign(dataset, failure);
        fixture.failures.delete(dataset.dataType);
        continue;
      }
      dataset.status = STEPS[STEPS.indexOf(dataset.status) + 1] ?? "Complete";
      dataset.progress = Math.round((STEPS.indexOf(dataset.status) / (STEPS.length - 1)) * 100);
    }
  }

  function link(id: string, choice: string | null, response: ServerResponse): void {
    const connection = fixture.connections.get(id);
    if (!connection) return void response.writeHead(404).end();
    const codes: Record<string, [string, string]> = {
      allow: ["200", ""],
      leave: ["201", "no content"],
      cancel: ["403", "User cancelled."],
      fail: ["500", "Unknown error occurred."],
      unsupported: ["501", "Not supported."],
    };
    const chosen = codes[choice ?? ""];
    if (!chosen) {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
      response.end(
        `<!doctype html><html lang="en"><title>${sourceTypeOf(connection.key)}</title><main><h1>Consent</h1>${Object.keys(codes)
          .map((name) => `<p><a href="?choose=${name}">${name}</a>`)
          .join("")}</main>`,
      );
      return;
    }
    const [statusCode, errorMessage] = chosen;
    if (choice === "allow") {
      connection.status = "Linked";
      queue(connection);
    }
    if (choice === "fail") {
      connection.errors.push({
        statusCode: "500",
        statusText: "server_error",
        errorMessage: "The platform closed for maintenance.",
        erroredOnUtc: new Date().toISOString(),
        status: "Active",
      });
    }
    const known = INTEGRATIONS.find(({ key }) => key === connection.key);
    const values: Record<string, string> = {
      companyId: connection.companyId,
      connectionId: connection.id,
      statusCode,
      statusText: "",
      errorMessage,
      platform: connection.key,
      platformName: known?.name ?? "",
    };
    const location = fixture.profile.redirectUrl.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
    response.writeHead(303, { Location: location }).end();
  }
}

const sourceTypeOf = (key: string) => INTEGRATIONS.find((known) => known.key === key)?.sourceType ?? "Accounting";

/** A substitute for the component with the contract's class: a close button, and the token that it received. */
function script(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*" });
  response.end(`
    export class CodatConnections {
      constructor({ target, props }) {
        const element = document.createElement("section");
        element.dataset.token = props.accessToken;
        const close = document.createElement("button");
        close.textContent = "Close connections";
        close.addEventListener("click", () => props.onClose?.());
        const heading = document.createElement("h2");
        heading.textContent = "Manage connections";
        element.append(heading, close);
        target.append(element);
      }
    }
  `);
}

function art(key: string, kind: string, response: ServerResponse): void {
  const { name = key, colour = "#444" } = INTEGRATIONS.find((known) => known.key === key) ?? {};
  response.writeHead(200, { "Content-Type": "image/svg+xml" });
  if (kind === "button" || kind === "hover") {
    response.end(
      `<svg xmlns="http://www.w3.org/2000/svg" width="220" height="44"><rect width="220" height="44" rx="8" fill="${colour}"${kind === "hover" ? ' opacity=".85"' : ""}/><text x="110" y="28" fill="#fff" font-family="sans-serif" font-size="15" font-weight="600" text-anchor="middle">Connect to ${name}</text></svg>`,
    );
  } else {
    response.end(
      `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><rect width="96" height="96" rx="20" fill="${colour}"/><text x="48" y="62" fill="#fff" font-family="sans-serif" font-size="42" font-weight="700" text-anchor="middle">${name[0]}</text></svg>`,
    );
  }
}

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : {};
}
