// QuickBooks Online by its documentation: the company's number in the redirect; access tokens for an hour; refresh tokens for 100 days
// whose value changes daily, the previous one valid for another day; a query language; change data of 30 days; rate limits.

import { type Answer, type PlatformRequest, type Choice, type RegisteredClient, Emulator, type Grant } from "./emulator.js";
import { type Row, rowsOf } from "./fixtures.js";

const KEY = "qhyg";
const FOLDER = "quickbooks-online";
const DAY_SECONDS = 86_400;

export const COMPANIES: readonly Choice[] = [
  { value: "9130350000000001", label: "Saltmarsh Bakery" },
  { value: "9130350000000002", label: "Saltmarsh Mill" },
];

/** The kinds of records, and the fixture that holds some. */
const KINDS: Record<string, string> = {
  Account: "chartOfAccounts",
  TaxCode: "taxRates",
  TaxRate: "taxRates.2",
  Class: "trackingCategories",
  Department: "trackingCategories.2",
  Customer: "customers",
  Vendor: "suppliers",
  Item: "items",
  Invoice: "invoices",
  CreditMemo: "creditNotes",
  Payment: "payments",
  Bill: "bills",
  VendorCredit: "billCreditNotes",
  BillPayment: "billPayments",
  JournalEntry: "journalEntries",
  Transfer: "transfers",
  PurchaseOrder: "purchaseOrders",
  Purchase: "accountTransactions",
  Deposit: "accountTransactions.2",
  SalesReceipt: "accountTransactions.5",
  RefundReceipt: "accountTransactions.6",
  CreditCardPayment: "accountTransactions.15",
};

/** Kinds that are answered under another name than they are asked by. */
const ANSWERED: Record<string, string> = { CreditCardPayment: "CreditCardPaymentTxn" };

/** The number of objects at which the change data stops; it has no further page. */
const MOST_CHANGES = 1_000;

const QUERY =
  /^select \* from (\w+)(?: where (.+?))?(?: orderby Id)?(?: startposition (\d+))?(?: maxresults (\d+))?$/;
const CHANGED = /MetaData\.LastUpdatedTime > '([^']+)'/;

const changedAt = (row: Row): number => Date.parse(String((row["MetaData"] as Row | undefined)?.["LastUpdatedTime"]));

export class QuickBooks extends Emulator {
  protected readonly paths = { authorize: "/connect/oauth2", token: "/oauth2/v1/tokens/bearer" };
  protected readonly title = "Intuit";
  readonly books: Record<string, Row[]> = {};
  /** Deleted records, which only the change data reports. */
  readonly deleted: { kind: string; id: string; at: number }[] = [];
  readonly revoked: string[] = [];

  constructor(client: RegisteredClient) {
    super(client, {
      accessSeconds: 3_600,
      refreshSeconds: 100 * DAY_SECONDS,
      rotates: (age) => age >= DAY_SECONDS,
      graceSeconds: DAY_SECONDS,
      furtherMembers: (left) => ({ x_refresh_token_expires_in: left, token_type: "bearer" }),
    });
    for (const [kind, fixture] of Object.entries(KINDS)) {
      this.books[kind] = rowsOf(FOLDER, fixture, "QueryResponse", ANSWERED[kind] ?? kind);
    }
  }

  /** The folder's variables, set to this emulator's addresses. */
  variables(key = KEY): Record<string, string> {
    return {
      [`${key}.authorize`]: `${this.url}/connect/oauth2`,
      [`${key}.oauth`]: `${this.url}/oauth2/v1`,
      [`${key}.revocation`]: `${this.url}/v2/oauth2/tokens/revoke`,
      [`${key}.api`]: this.url,
    };
  }

  /** Deletes a record as a bookkeeper would. */
  delete(kind: string, id: string): void {
    this.books[kind] = (this.books[kind] ?? []).filter((row) => row["Id"] !== id);
    this.deleted.push({ kind, id, at: this.now() });
  }

  protected choices(): { several: boolean; offered: Choice[] } {
    return { several: false, offered: [...COMPANIES] };
  }

  protected override redirectParameters(grant: Grant): Record<string, string> {
    return { realmId: grant.chosen[0] ?? "" };
  }

  protected answer(request: PlatformRequest): Answer {
    const { pathname, searchParams } = request.url;
    if (pathname === "/v2/oauth2/tokens/revoke") {
      const { token } = JSON.parse(request.body) as { token: string };
      const grant = this.grantOfRefreshToken(token);
      if (grant === undefined) return { status: 400, body: { error: "invalid_request" } };
      grant.revoked = true;
      this.revoked.push(grant.id);
      return { status: 200 };
    }
    const grant = this.bearer(request);
    const [, realm = "", resource = ""] = /^\/v3\/company\/(\d+)\/(.+)$/.exec(pathname) ?? [];
    if (grant === undefined) return fault(401, "AUTHENTICATION", "3200", "message=AuthenticationFailed; errorCode=003200; statusCode=401", "Token expired");
    if (!grant.chosen.includes(realm)) return fault(403, "AUTHORIZATION", "3100", "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403", "Company is not authorised");
    if (resource === `companyinfo/${realm}`) return { body: this.company(realm) };
    if (resource === "preferences") {
      const CurrencyPrefs = { MultiCurrencyEnabled: true, HomeCurrency: { value: "GBP" } };
      return { body: { Preferences: { CurrencyPrefs, domain: "QBO" }, time: new Date(this.now()).toISOString() } };
    }
    if (resource === "query") return this.query(searchParams.get("query") ?? "");
    if (resource === "cdc") return this.changes(searchParams);
    if (resource === "reports/BalanceSheet") return { body: report("BalanceSheet", searchParams, BALANCE_SHEET) };
    if (resource === "reports/ProfitAndLoss") return { body: report("ProfitAndLoss", searchParams, PROFIT_AND_LOSS) };
    return fault(404, "SystemFault", "4000", "Unsupported Operation", `Operation ${resource} is not supported.`);
  }

  private company(realm: string): unknown {
    const name = COMPANIES.find(({ value }) => value === realm)?.label;
    const info = rowsOf(FOLDER, "company", "CompanyInfo") as unknown as Row;
    return { CompanyInfo: { ...info, CompanyName: name, LegalName: name }, time: new Date(this.now()).toISOString() };
  }

  private query(text: string): Answer {
    const [, kind = "", where = "", start = "1", size = "100"] = QUERY.exec(text) ?? [];
    const rows = this.books[kind];
    if (rows === undefined) {
      return fault(400, "ValidationFault", "4000", "Error parsing query", `QueryParserError: ${text}`);
    }
    const since = CHANGED.exec(where)?.[1];
    const from = since === undefined ? undefined : Date.parse(since);
    const kinds = /AccountType in \(([^)]+)\)/.exec(where)?.[1];
    const inactive = where.includes("Active in (true, false)");
    const found = rows.filter(
      (row) =>
        (from === undefined || changedAt(row) > from) &&
        (inactive || row["Active"] !== false) &&
        (kinds === undefined || kinds.includes(`'${String(row["AccountType"])}'`)),
    );
    const first = Number(start) - 1;
    const page = found.slice(first, first + Math.min(Number(size), 1_000));
    const response = page.length === 0 ? {} : { [ANSWERED[kind] ?? kind]: page, startPosition: first + 1, maxResults: page.length };
    return { body: { QueryResponse: response, time: new Date(this.now()).toISOString() } };
  }

  private changes(parameters: URLSearchParams): Answer {
    const from = Date.parse(parameters.get("changedSince") ?? "");
    if (this.now() - from > 30 * DAY_SECONDS * 1_000) {
      return fault(400, "ValidationFault", "2020", "Required param missing, need to supply the required value for the API", "changedSince is more than 30 days ago");
    }
    const kinds = (parameters.get("entities") ?? "").split(",");
    if (kinds.some((kind) => this.books[kind] === undefined || ANSWERED[kind] !== undefined)) {
      return fault(400, "ValidationFault", "2050", "Entity not supported", `One of ${kinds.join()} is not among the entities of the change data.`);
    }
    const responses = kinds.map((kind) => {
      const changed = (this.books[kind] ?? []).filter((row) => changedAt(row) >= from);
      const gone = this.deleted
        .filter((one) => one.kind === kind && one.at >= from)
        .map(({ id, at }) => ({ domain: "QBO", status: "Deleted", Id: id, MetaData: { LastUpdatedTime: new Date(at).toISOString() } }));
      const rows = [...changed, ...gone].slice(0, MOST_CHANGES);
      return rows.length === 0 ? {} : { [kind]: rows, startPosition: 1, maxResults: rows.length };
    });
    return { body: { CDCResponse: [{ QueryResponse: responses }], time: new Date(this.now()).toISOString() } };
  }
}

function fault(status: number, type: string, code: string, Message: string, Detail: string): Answer {
  return { status, body: { Fault: { Error: [{ Message, Detail, code }], type }, time: new Date().toISOString() } };
}

/** 429 as documented, without a `Retry-After`. */
export const THROTTLED: Answer = fault(
  429,
  "THROTTLE",
  "3001",
  "message=ThrottleExceeded; errorCode=003001; statusCode=429",
  "The request limit was reached.",
);

interface Section {
  group: string;
  title: string;
  amount: string;
  rows?: (Section | { name: string; amount: string })[];
}

const BALANCE_SHEET: Section[] = [
  { group: "TotalAssets", title: "ASSETS", amount: "6075.95", rows: [{ name: "Checking", amount: "6075.95" }] },
  {
    group: "TotalLiabilitiesAndEquity",
    title: "LIABILITIES AND EQUITY",
    amount: "6075.95",
    rows: [
      { group: "Liabilities", title: "Liabilities", amount: "75.95", rows: [{ name: "Sales tax", amount: "75.95" }] },
      { group: "Equity", title: "Equity", amount: "6000.00", rows: [{ name: "Retained Earnings", amount: "6000.00" }] },
    ],
  },
];

const PROFIT_AND_LOSS: Section[] = [
  { group: "Income", title: "Income", amount: "900.00", rows: [{ name: "Sales", amount: "900.00" }] },
  { group: "COGS", title: "Cost of Goods Sold", amount: "300.00", rows: [{ name: "Flour", amount: "300.00" }] },
  { group: "GrossProfit", title: "Gross Profit", amount: "600.00" },
  { group: "Expenses", title: "Expenses", amount: "500.00", rows: [{ name: "Wages", amount: "500.00" }] },
  { group: "NetOperatingIncome", title: "Net Operating Income", amount: "100.00" },
  { group: "NetIncome", title: "Net Income", amount: "100.00" },
];

/** One column for each month, followed by the total. */
function report(name: string, parameters: URLSearchParams, sections: Section[]): unknown {
  const first = new Date(`${parameters.get("start_date") ?? ""}T00:00:00Z`);
  const last = new Date(`${parameters.get("end_date") ?? ""}T00:00:00Z`);
  const day = (date: Date): string => date.toISOString().slice(0, 10);
  const months: [string, string][] = [];
  for (let at = first; at <= last; at = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1))) {
    months.push([day(at), day(new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)))]);
  }
  const spans: [string, string][] = name === "ProfitAndLoss" ? [...months, [day(first), day(last)]] : months;
  const cells = (title: string, amount: string): unknown => [{ value: title }, ...spans.map(() => ({ value: amount }))];
  const row = (line: Section | { name: string; amount: string }): unknown =>
    "name" in line
      ? { ColData: cells(line.name, line.amount), type: "Data" }
      : {
          ...(line.rows !== undefined && { Header: { ColData: cells(line.title, "") }, Rows: { Row: line.rows.map(row) } }),
          Summary: { ColData: cells(line.title, line.amount) },
          type: "Section",
          group: line.group,
        };
  return {
    Header: { ReportName: name, ReportBasis: "Accrual", SummarizeColumnsBy: "Month", Currency: "USD" },
    Columns: {
      Column: [
        { ColTitle: "", ColType: "Account" },
        ...spans.map(([StartDate, EndDate], at) => ({
          ColTitle: at === months.length ? "Total" : StartDate,
          ColType: "Money",
          MetaData: [
            { Name: "StartDate", Value: StartDate },
            { Name: "EndDate", Value: EndDate },
            { Name: "ColKey", Value: at === months.length ? "total" : StartDate },
          ],
        })),
      ],
    },
    Rows: { Row: sections.map(row) },
  };
}
