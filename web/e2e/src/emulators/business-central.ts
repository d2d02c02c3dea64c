// Business Central by Microsoft's documentation and the source of its API: one sign-in leads to several environments, each with companies
// of its own; refresh tokens for 90 days, each renewal with another one, and no revocation; OData lists with links to their next pages;
// payments in an app of their own; errors with a code and words.

import { type Answer, type PlatformRequest, type Choice, type RegisteredClient, Emulator } from "./emulator.js";
import { lookupOf, type Row, rowsOf } from "./fixtures.js";

const KEY = "trji";
const FOLDER = "business-central";
const DAY_SECONDS = 86_400;
/** The most rows of a page here, whatever a request allows: so that there are next pages. */
const LARGEST_PAGE = 3;
/** Microsoft's page for the approval of a whole organisation. */
const APPROVAL = "/organizations/v2.0/adminconsent";
const TENANT = "5a000000-0000-4000-8000-00000000000a";

interface Company {
  readonly id: string;
  readonly name: string;
}

interface Environment {
  readonly name: string;
  readonly type: "Production" | "Sandbox";
  readonly companies: readonly Company[];
}

const LANE: Company = { id: "c0000000-0000-4000-8000-000000000001", name: "Harbour Lane Trading" };
const PIER: Company = { id: "c0000000-0000-4000-8000-000000000002", name: "Pier Street Trading" };

/** A sandbox is a copy: its companies have the same ids. */
const ENVIRONMENTS: readonly Environment[] = [
  { name: "Production", type: "Production", companies: [LANE, PIER] },
  { name: "Trial run", type: "Sandbox", companies: [LANE] },
  { name: "Closed", type: "Production", companies: [PIER] },
];

/** The people who sign in, and the environments in which they are users. All of them see all environments. */
export const PEOPLE: readonly (Choice & { readonly companies: Record<string, readonly Company[]> })[] = [
  { value: "ada", label: "ada@harbour.example", companies: { Production: [LANE, PIER], "Trial run": [LANE] } },
  { value: "ben", label: "ben@harbour.example", companies: { Production: [LANE] } },
  { value: "cyd", label: "cyd@harbour.example", companies: { Closed: [PIER] } },
  { value: "dan", label: "dan@harbour.example", companies: {} },
];

/** The balances of the accounts of customers and suppliers, which are those of the open documents here, less what was paid on account. */
const OWED: Record<string, number> = { "13100": 90 + 120 - 24 - 5, "22100": -(147 - 40 - (14.7 - 12)) };

/** The members that are lists of their own, and come only if they are asked for. */
const EXPANDED = /Lines$|^dimensionValues$/;

export class BusinessCentral extends Emulator {
  protected readonly paths = { authorize: "/organizations/oauth2/v2.0/authorize", token: "/organizations/oauth2/v2.0/token" };
  protected readonly title = "Sign in to your account";
  /** Records by entity, which all companies share. */
  readonly books: Record<string, Row[]>;
  readonly reports: Record<string, Row[]>;
  readonly analytics: Record<string, Row[]>;
  /** The trial balance at the end of the month before. */
  private readonly before: Row[];
  /** False where the app with the ledgers of customers and suppliers isn't installed. */
  hasReports = true;
  /** True where nobody can sign in before an administrator has approved the application. */
  needsApproval = false;

  constructor(client: RegisteredClient) {
    super(client, {
      accessSeconds: 4_500,
      refreshSeconds: 90 * DAY_SECONDS,
      rotates: () => true,
      // The previous token isn't revoked.
      graceSeconds: 90 * DAY_SECONDS,
      furtherMembers: () => ({ ext_expires_in: 4_500, scope: SCOPES.join(" ") }),
    });
    const rows = (name: string): Row[] => rowsOf(FOLDER, name, "value");
    this.books = {
      companyInformation: rows("company"),
      accounts: rows("chartOfAccounts").map((row) => ({ ...row, netChange: OWED[String(row["number"])] ?? row["netChange"] })),
      taxGroups: rows("taxRates"),
      dimensions: rows("trackingCategories"),
      bankAccounts: rows("bankAccounts"),
      paymentMethods: rows("paymentMethods"),
      customers: rows("customers"),
      vendors: rows("suppliers"),
      items: rows("items"),
      salesInvoices: rows("invoices"),
      salesCreditMemos: rows("creditNotes"),
      purchaseInvoices: rows("bills"),
      purchaseCreditMemos: rows("billCreditNotes"),
      purchaseOrders: rows("purchaseOrders"),
      salesOrders: rows("salesOrders"),
      purchaseReceipts: rows("itemReceipts"),
      generalLedgerEntries: rows("journalEntries"),
      trialBalances: rows("profitAndLoss"),
    };
    const foreign = (...names: string[]): Row[] => names.flatMap((name) => lookupOf(FOLDER, name, "details").map((row) => ({ ...row, currencyCode: "EUR" })));
    const open = (...names: string[]): Row[] =>
      names.flatMap((name) => lookupOf(FOLDER, name, "open").map((row) => ({ ...row, cleOpen: true, vleOpen: true, dcleAppliedCustLedgerEntryNo: 0, dvleAppliedVendLedgerEntryNo: 0 })));
    // The details with which payments and refunds were posted, which were applied by nothing.
    const posted = (name: string): Row[] =>
      lookupOf(FOLDER, name, "posted").map((row) => ({
        ...row, dcleDocumentType: "Payment", dvleDocumentType: "Payment", dcleAppliedCustLedgerEntryNo: 0, dvleAppliedVendLedgerEntryNo: 0,
      }));
    this.reports = {
      customerLedgerEntries: rows("payments"),
      vendorLedgerEntries: rows("billPayments"),
      detailedCustomerLedgerEntries: foreign("payments", "creditNotes.2"),
      detailedVendorLedgerEntries: foreign("billPayments", "bills.2", "billCreditNotes.2"),
      generalLedgerEntries: rows("transfers"),
    };
    this.analytics = {
      customerLedgerEntries: [...lookupOf(FOLDER, "payments", "applications"), ...posted("payments"), ...open("creditNotes.2")],
      vendorLedgerEntries: [...lookupOf(FOLDER, "billPayments", "applications"), ...posted("billPayments"), ...open("bills.2", "billCreditNotes.2")],
    };
    this.before = lookupOf(FOLDER, "profitAndLoss", "before");
  }

  /** The folder's variables, set to this emulator's addresses. */
  variables(): Record<string, string> {
    return { [`${KEY}.login`]: `${this.url}/organizations/oauth2/v2.0`, [`${KEY}.api`]: this.url, [`${KEY}.approval`]: `${this.url}${APPROVAL}` };
  }

  protected override route(request: PlatformRequest): Answer | Promise<Answer> {
    const { pathname, searchParams } = request.url;
    if (pathname === APPROVAL) return this.approve(request);
    if (this.needsApproval && pathname === this.paths.authorize && request.method === "POST") {
      return this.back(searchParams, { error: "access_denied", error_description: "AADSTS90094: An administrator of Harbour has set a policy that prevents you from granting Moorline the permissions it is requesting." });
    }
    return super.route(request);
  }

  /** The page on which an administrator approves an application for all people of the directory. */
  private approve({ method, url, body }: PlatformRequest): Answer {
    const { searchParams: asked } = url;
    if (asked.get("client_id") !== this.client.id || asked.get("redirect_uri") !== this.client.redirectUri || asked.get("scope") === null) {
      return { status: 400, body: "<h1>AADSTS900144: the request is not complete</h1>" };
    }
    if (method !== "POST") {
      return {
        body: `<!doctype html><title>Permissions requested</title><h1>Permissions requested for your organization</h1>
          <form method="post" action="${APPROVAL}${url.search.replaceAll("&", "&amp;")}"><button name="decision" value="accept">Accept</button><button name="decision" value="cancel">Cancel</button></form>`,
      };
    }
    if (new URLSearchParams(body).get("decision") !== "accept") {
      return this.back(asked, { error: "permission_denied", error_description: "AADSTS500111: The administrator has canceled the request." });
    }
    this.needsApproval = false;
    return this.back(asked, { admin_consent: "True", tenant: TENANT, scope: asked.get("scope") ?? "" });
  }

  private back(asked: URLSearchParams, parameters: Record<string, string>): Answer {
    const back = new URL(this.client.redirectUri);
    for (const [name, value] of Object.entries({ ...parameters, state: asked.get("state") ?? "" })) back.searchParams.set(name, value);
    return { status: 302, headers: { location: back.href } };
  }

  protected choices(): { several: boolean; offered: Choice[] } {
    return { several: false, offered: [...PEOPLE] };
  }

  /** The client's id and secret stand in the form. */
  protected override isClient(_request: PlatformRequest, parameters: URLSearchParams): boolean {
    return parameters.get("client_id") === this.client.id && parameters.get("client_secret") === this.client.secret;
  }

  protected answer(request: PlatformRequest): Answer {
    const pathname = decodeURIComponent(request.url.pathname);
    const person = PEOPLE.find(({ value }) => value === this.bearer(request)?.chosen[0]);
    if (person === undefined) return STRANGER;
    if (pathname === "/environments/v1.2") {
      return {
        body: {
          value: ENVIRONMENTS.map(({ name, type }) => ({
            aadTenantId: TENANT,
            applicationFamily: "BusinessCentral",
            type,
            name,
            countryCode: "GB",
            webServiceUrl: this.url,
            webClientLoginUrl: `https://businesscentral.dynamics.com/${TENANT}/${name}`,
            ringName: "PROD",
          })),
        },
      };
    }
    const companies = /^\/v2\.0\/([^/]+)\/api\/v2\.0\/companies$/.exec(pathname);
    if (companies !== null) {
      const own = person.companies[companies[1] ?? ""];
      if (own === undefined) return STRANGER;
      return { body: { value: own.map(({ id, name }) => ({ id, name, displayName: name, businessProfileId: "" })) } };
    }
    const below = /^\/v2\.0\/([^/]+)\/([^/]+)\/api\/(v2\.0|microsoft\/reportsFinance\/beta|microsoft\/analytics\/v1\.0)\/companies\(([^)]+)\)\/(\w+)$/.exec(pathname);
    if (below === null) return NO_RESOURCE;
    const [, tenant, environment, api, company, entity] = below;
    if (tenant !== TENANT || person.companies[environment ?? ""]?.some(({ id }) => id === company) !== true) return STRANGER;
    if (api !== "v2.0" && !this.hasReports) return NO_RESOURCE;
    const rows = (api === "v2.0" ? this.books : api?.includes("analytics") === true ? this.analytics : this.reports)[entity ?? ""];
    return rows === undefined ? NO_RESOURCE : this.list(request, rows);
  }

  private list({ url, headers }: PlatformRequest, all: Row[]): Answer {
    const parameters = url.searchParams;
    const filter = parameters.get("$filter");
    const fits = filter === null ? () => true : filterOf(filter);
    if (fits === undefined) return refused("BadRequest_InvalidRequestUri", `The filter ${filter ?? ""} can't be read.`);
    let rows = all.filter(fits);
    if (filter?.startsWith("dateFilter eq ") === true) rows = this.before;
    const expanded = new Set([...(parameters.get("$expand") ?? "").matchAll(/\w+/g)].map(([name]) => name));
    const selected = parameters.get("$select")?.split(",");
    const shown = rows.map((row) => shape(row, expanded, selected));
    const [order, direction] = (parameters.get("$orderby") ?? "").split(" ");
    if (order !== undefined && order !== "" && order !== "postingDate") shown.sort((a, b) => (Number(a[order]) - Number(b[order])) * (direction === "desc" ? -1 : 1));
    const top = parameters.get("$top");
    if (top !== null) return { body: { value: shown.slice(0, Number(top)) } };
    const allowed = /odata\.maxpagesize=(\d+)/.exec(String(headers["prefer"]))?.[1];
    const size = allowed === undefined ? 20_000 : Math.min(Number(allowed), LARGEST_PAGE);
    const start = Number(parameters.get("$skiptoken") ?? "0");
    const next = new URL(url);
    next.searchParams.set("$skiptoken", String(start + size));
    return {
      body: {
        value: shown.slice(start, start + size),
        ...(start + size < shown.length && { "@odata.nextLink": next.href }),
      },
    };
  }
}

const SCOPES = [
  "https://api.businesscentral.dynamics.com/Financials.ReadWrite.All",
  "https://api.businesscentral.dynamics.com/user_impersonation",
];

function shape(row: Row, expanded: Set<string>, selected: string[] | undefined): Row {
  const members = Object.entries(row).filter(
    ([name]) => (!EXPANDED.test(name) || expanded.has(name)) && (selected === undefined || selected.includes(name)),
  );
  return Object.fromEntries(
    members.map(([name, value]) => [name, Array.isArray(value) ? (value as Row[]).map((inner) => shape(inner, expanded, undefined)) : value]),
  );
}

/** The filters that are known here, and several of them together. */
function filterOf(text: string): ((row: Row) => boolean) | undefined {
  if (/^dateFilter (eq|ge) \d{4}-\d{2}-\d{2}( and dateFilter le \d{4}-\d{2}-\d{2})?$/.test(text)) return () => true;
  const parts = text.split(" and ").map(conditionOf);
  return parts.every((part) => part !== undefined) ? (row) => parts.every((fits) => fits(row)) : undefined;
}

function conditionOf(text: string): ((row: Row) => boolean) | undefined {
  const since = /^lastModifiedDateTime gt (\S+Z)$/.exec(text)?.[1];
  if (since !== undefined) return (row) => Date.parse(String(row["lastModifiedDateTime"])) > Date.parse(since);
  const [, member = "", operator, of] = /^(\w+) (gt|ne|eq) (\d+|true|false|'[^']*')$/.exec(text) ?? [];
  if (of === undefined) return undefined;
  if (operator === "gt") return (row) => Number(row[member]) > Number(of);
  const value = of.replaceAll("'", "");
  return (row) => (String(row[member]) === value) === (operator === "eq");
}

export function refused(code: string, message: string, status = 400): Answer {
  return { status, body: { error: { code, message: `${message}  CorrelationId:  e221d067-0000-4000-8000-000000000001.` } } };
}

/** 401 for a token that isn't good, and for a person who is no user there. */
const STRANGER = refused("Authentication_InvalidCredentials", "The server has rejected the client credentials.", 401);
const NO_RESOURCE = refused("BadRequest_NotFound", "No HTTP resource was found that matches the request URI.", 404);
