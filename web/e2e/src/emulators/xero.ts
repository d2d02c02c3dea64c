// Xero by its documentation: one sign-in shares several organisations, each with a link of its own; access tokens for 30 minutes;
// refresh tokens for 60 days that rotate, the previous one valid for another 30 minutes; pages; `If-Modified-Since`; rate limits.

import { randomUUID } from "node:crypto";

import { type Answer, type PlatformRequest, type Choice, type RegisteredClient, Emulator, type Grant } from "./emulator.js";
import { type Row, rowsOf } from "./fixtures.js";

const KEY = "gbol";
const FOLDER = "xero";
const DAY_SECONDS = 86_400;

export const ORGANISATIONS: readonly Choice[] = [
  { value: "11111111-0000-4000-8000-000000000001", label: "Harbour Lane Café" },
  { value: "11111111-0000-4000-8000-000000000002", label: "Harbour Lane Roastery" },
];

interface Link {
  readonly id: string;
  readonly tenantId: string;
  readonly grant: Grant;
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The instant in `/Date(1774951872160+0000)/`. */
const instant = (text: unknown): number => Number(/-?\d+/.exec(String(text))?.[0] ?? 0);

export const dateOf = (time: number): string => `/Date(${time}+0000)/`;

export class Xero extends Emulator {
  protected readonly paths = { authorize: "/identity/connect/authorize", token: "/connect/token" };
  protected readonly title = "Xero";
  readonly links: Link[] = [];
  /** Records by endpoint, which all organisations share. */
  readonly books: Record<string, Row[]>;

  constructor(client: RegisteredClient) {
    super(client, {
      accessSeconds: 1_800,
      refreshSeconds: 60 * DAY_SECONDS,
      rotates: () => true,
      graceSeconds: 30 * 60,
      accessToken: (grant) =>
        `${base64({ alg: "RS256" })}.${base64({ authentication_event_id: grant.id, jti: randomUUID() })}.signature`,
      furtherMembers: (_, grant) => ({ scope: grant.scope }),
    });
    const rows = (name: string, member: string): Row[] => rowsOf(FOLDER, name, member);
    this.books = {
      Organisation: rows("company", "Organisations"),
      Accounts: rows("chartOfAccounts", "Accounts"),
      TaxRates: rows("taxRates", "TaxRates"),
      TrackingCategories: rows("trackingCategories", "TrackingCategories"),
      Contacts: rows("customers", "Contacts"),
      Items: rows("items", "Items"),
      Invoices: [...rows("invoices", "Invoices"), ...rows("bills", "Invoices")],
      CreditNotes: [...rows("creditNotes", "CreditNotes"), ...rows("billCreditNotes", "CreditNotes")],
      Payments: rows("payments", "Payments"),
      BankTransactions: [...rows("bankTransactions", "BankTransactions"), ...rows("payments.2", "BankTransactions")],
      ManualJournals: rows("journalEntries", "ManualJournals"),
      BankTransfers: rows("transfers", "BankTransfers"),
      PurchaseOrders: rows("purchaseOrders", "PurchaseOrders"),
    };
  }

  /** The folder's variables, set to this emulator's addresses. */
  variables(): Record<string, string> {
    return { [`${KEY}.login`]: this.url, [`${KEY}.identity`]: this.url, [`${KEY}.api`]: this.url };
  }

  protected choices(): { several: boolean; offered: Choice[] } {
    return { several: true, offered: [...ORGANISATIONS] };
  }

  protected override granted(grant: Grant): void {
    for (const tenantId of grant.chosen) this.links.push({ id: randomUUID(), tenantId, grant });
  }

  /** Disconnects as a customer does at Xero, under connected apps. */
  disconnectAtXero(tenantId: string): void {
    for (const link of this.links.filter((link) => link.tenantId === tenantId)) {
      this.links.splice(this.links.indexOf(link), 1);
      link.grant.revoked = !this.links.some(({ grant }) => grant === link.grant);
    }
  }

  protected answer(request: PlatformRequest): Answer | Promise<Answer> {
    const { pathname, searchParams } = request.url;
    const grant = this.bearer(request);
    if (grant === undefined) return problem(401, "Unauthorized", "TokenExpired: token expired");
    const link = /^\/connections\/(.+)$/.exec(pathname)?.[1];
    if (link !== undefined && request.method === "DELETE") {
      const index = this.links.findIndex(({ id, grant: owner }) => id === link && owner === grant);
      if (index < 0) return { status: 404 };
      this.links.splice(index, 1);
      return { status: 204 };
    }
    if (pathname === "/connections") {
      const event = searchParams.get("authEventId");
      return {
        body: this.links
          .filter(({ grant: owner }) => owner === grant && (event === null || event === owner.id))
          .map(({ id, tenantId }) => ({
            id,
            authEventId: grant.id,
            tenantId,
            tenantType: "ORGANISATION",
            tenantName: ORGANISATIONS.find(({ value }) => value === tenantId)?.label,
            createdDateUtc: "2026-03-31T10:11:12.5165400",
            updatedDateUtc: "2026-03-31T10:11:12.5187840",
          })),
      };
    }
    const tenant = request.headers["xero-tenant-id"];
    if (!this.links.some(({ tenantId, grant: owner }) => owner === grant && tenantId === tenant)) {
      return problem(403, "Forbidden", "AuthenticationUnsuccessful");
    }
    const endpoint = pathname.replace("/api.xro/2.0/", "");
    if (endpoint.startsWith("Reports/")) {
      const periods = searchParams.get("periods");
      if (periods !== null && !(Number(periods) >= 1 && Number(periods) <= 12)) {
        return problem(400, "Bad Request", "periods must be between 1 and 12");
      }
    }
    if (endpoint === "Reports/BalanceSheet") return { body: balanceSheet(searchParams) };
    if (endpoint === "Reports/ProfitAndLoss") return { body: profitAndLoss(searchParams) };
    const rows = this.books[endpoint];
    if (rows === undefined) return { status: 404, body: "<p>The resource you're looking for cannot be found</p>" };
    return this.list(request, endpoint, rows);
  }

  private list(request: PlatformRequest, endpoint: string, all: Row[]): Answer {
    const { searchParams } = request.url;
    const types = searchParams
      .get("where")
      ?.split(" OR ")
      .map((term) => /^Type=="([\w-]+)"$/.exec(term)?.[1]);
    const since = request.headers["if-modified-since"];
    const from = since === undefined ? undefined : Date.parse(`${String(since).replace(/Z$/, "")}Z`);
    const rows = all.filter(
      (row) =>
        (types === undefined || types.includes(String(row["Type"]))) &&
        (from === undefined || instant(row["UpdatedDateUTC"] ?? row["CreatedDateUTC"]) >= from),
    );
    const member = endpoint === "Organisation" ? "Organisations" : endpoint;
    const envelope = { Id: randomUUID(), Status: "OK", ProviderName: "Moorline", DateTimeUTC: `/Date(${this.now()})/` };
    const headers = { "X-MinLimit-Remaining": "59", "X-DayLimit-Remaining": "4999", "X-AppMinLimit-Remaining": "9999" };
    const page = searchParams.get("page");
    if (page === null) return { headers, body: { ...envelope, [member]: rows } };
    const pageSize = Math.min(Number(searchParams.get("pageSize") ?? "100"), 1_000);
    const start = (Number(page) - 1) * pageSize;
    const pagination = { page: Number(page), pageSize, pageCount: Math.ceil(rows.length / pageSize), itemCount: rows.length };
    return { headers, body: { ...envelope, pagination, [member]: rows.slice(start, start + pageSize) } };
  }
}

/** 429 as documented, with the limit that was reached. */
export function tooMany(limit: "minute" | "day" | "concurrent", retryAfterSeconds?: number): Answer {
  return {
    status: 429,
    headers: {
      "X-Rate-Limit-Problem": limit,
      ...(retryAfterSeconds !== undefined && { "Retry-After": `${retryAfterSeconds}` }),
    },
  };
}

function problem(Status: number, Title: string, Detail: string): Answer {
  return { status: Status, body: { Type: null, Title, Status, Detail, Instance: randomUUID(), Extensions: {} } };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The ends of a report's columns: as at Xero, each ends on the day of the last one, or before it in a month that has no such day. */
function columnEnds(last: string, periods: number): Date[] {
  const end = new Date(`${last}T00:00:00Z`);
  return Array.from({ length: periods + 1 }, (_, back) => {
    const monthEnd = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - back + 1, 0));
    monthEnd.setUTCDate(Math.min(end.getUTCDate(), monthEnd.getUTCDate()));
    return monthEnd;
  });
}

type Line = [name: string, amount: string, kind?: "Row" | "SummaryRow"];

function report(name: string, parameters: URLSearchParams, last: string, sections: [title: string, lines: Line[]][]): unknown {
  const ends = columnEnds(last, Number(parameters.get("periods") ?? "0"));
  const heads = ends.map((end) => `${end.getUTCDate()} ${MONTHS[end.getUTCMonth()] ?? ""} ${end.getUTCFullYear()}`);
  const cells = (first: string, others: string[]): unknown => [first, ...others].map((Value) => ({ Value }));
  return {
    Status: "OK",
    Reports: [
      {
        ReportID: name,
        ReportName: name,
        ReportType: name,
        Rows: [
          { RowType: "Header", Cells: cells("", heads) },
          ...sections.map(([Title, lines]) => ({
            RowType: "Section",
            Title,
            Rows: lines.map(([line, amount, RowType = "Row"]) => ({ RowType, Cells: cells(line, ends.map(() => amount)) })),
          })),
        ],
      },
    ],
  };
}

function balanceSheet(parameters: URLSearchParams): unknown {
  return report("BalanceSheet", parameters, parameters.get("date") ?? "", [
    ["Assets", []],
    ["Bank", [["Business current", "6075.95"], ["Total Bank", "6075.95", "SummaryRow"]]],
    ["", [["Total Assets", "6075.95", "SummaryRow"]]],
    ["Liabilities", []],
    ["Current Liabilities", [["VAT", "75.95"], ["Total Current Liabilities", "75.95", "SummaryRow"]]],
    ["", [["Total Liabilities", "75.95", "SummaryRow"]]],
    ["", [["Net Assets", "6000.00"]]],
    ["Equity", [["Retained Earnings", "6000.00"], ["Total Equity", "6000.00", "SummaryRow"]]],
  ]);
}

function profitAndLoss(parameters: URLSearchParams): unknown {
  return report("ProfitAndLoss", parameters, parameters.get("toDate") ?? "", [
    ["Income", [["Sales", "900.00"], ["Total Income", "900.00", "SummaryRow"]]],
    ["Less Cost of Sales", [["Beans", "300.00"], ["Total Cost of Sales", "300.00", "SummaryRow"]]],
    ["", [["Gross Profit", "600.00"]]],
    ["Less Operating Expenses", [["Wages", "500.00"], ["Total Operating Expenses", "500.00", "SummaryRow"]]],
    ["", [["Net Profit", "100.00"]]],
  ]);
}
