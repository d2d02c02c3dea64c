/** Data that Tidewell's server sends to its pages. Amounts are decimal text; dates are ISO 8601. */
import type { Words } from "./locales/en";

export type SourceType = "Accounting" | "Banking" | "Commerce";

export interface Merchant {
  /** Tidewell's own id of the merchant, which is also the company's description at Moorline; its name is the business's. */
  id: string;
  businessName: string;
  contactName: string;
  email: string;
}

export interface Session {
  platformUrl: string;
  merchant: Merchant | null;
}

export interface Picture {
  src: string;
  alt: string;
}

export interface Platform {
  key: string;
  name: string;
  sourceType: SourceType;
  isBeta: boolean;
  logo: Picture | null;
  button: Picture | null;
  buttonHover: Picture | null;
}

export type ConnectionStatus = "PendingAuth" | "Linked" | "Unlinked" | "Deauthorized";

export interface ConnectionView {
  id: string;
  platformKey: string | null;
  platformName: string;
  sourceType: SourceType;
  status: ConnectionStatus;
  created: string;
  logo: Picture | null;
}

/** The outcome of a visit to a platform, as the redirect claims and the platform's records confirm. */
export type LinkOutcome = "linked" | "unconfirmed" | "unchanged" | "cancelled" | "failed" | "unsupported";

export interface LinkResult {
  /** Grows with each result, so that a page can recognise a new one. */
  sequence: number;
  outcome: LinkOutcome;
  connectionId: string | null;
  platformName: string | null;
  /** The reason in the platform's record of a failure, if it has one. */
  reason: string | null;
}

export interface ConnectionsView {
  connections: ConnectionView[];
  lastResult: LinkResult | null;
}

/** An entry of a connection's history. */
export interface HistoryEntry {
  id: string;
  occurred: string;
  title: string;
  actor: "customer" | "client" | "platform" | "moorline";
  reason: string | null;
}

export interface HistoryView {
  entries: HistoryEntry[];
  /** The number of all entries, of which `entries` holds the newest. */
  total: number;
}

export type CheckResult = "agrees" | "differs" | "open";

export interface CheckSide {
  label: string;
  amount: string | null;
  currency: string;
  /** Of the larger side, without regard to the sign: the length of its bar. */
  permille: number;
}

/** Two sums over a connection's records that should be the same. */
export interface Check {
  id: string;
  name: string;
  result: CheckResult;
  reason: string;
  difference: string | null;
  sides: CheckSide[];
  /** The record that explains a difference best. */
  record: { dataType: string; name: string; reason: string } | null;
}

export interface ChecksView {
  checks: Check[];
}

export interface LinkStart {
  connectionId: string;
  linkUrl: string;
}

export type DatasetPhase = "waiting" | "running" | "done" | "unavailable" | "failed";

export interface DatasetView {
  dataType: string;
  phase: DatasetPhase;
  /** The platform's own name of the status, e.g. `Fetching`. */
  status: string;
  /** 0–100. */
  progress: number;
  /** The reason for which it waits, is unavailable or failed. */
  detail: string | null;
  lastSuccess: string | null;
}

export interface SyncView {
  connections: (ConnectionView & { datasets: DatasetView[] })[];
  settled: boolean;
}

export interface Money {
  currency: string;
  amount: string;
}

export interface CashSeries {
  currency: string;
  months: { month: string; in: string; out: string; net: string }[];
  totalIn: string;
  totalOut: string;
  net: string;
}

export type AgeBand = "current" | "1-30" | "31-60" | "61-90" | "over-90";

export interface Receivables {
  currency: string;
  outstanding: string;
  overdue: string;
  openInvoices: number;
  bands: { band: AgeBand; amount: string; invoices: number }[];
}

export interface TopCustomers {
  currency: string;
  /** The first month that is counted. */
  since: string;
  invoiced: string;
  /** A customer without a name is "". */
  customers: { name: string; amount: string; invoices: number; sharePermille: number }[];
}

export interface SalesSeries {
  currency: string;
  months: { month: string; orders: number; sales: string }[];
  orders: number;
  sales: string;
  refunds: string;
  net: string;
  averageOrder: string;
}

export interface AccountBalance {
  id: string;
  name: string;
  institution: string | null;
  currency: string;
  current: string | null;
  available: string | null;
}

/** A figure whose data may be missing for now or for good. */
export type Part<T> =
  | { state: "ready"; value: T }
  | { state: "pending" }
  | { state: "unsupported" }
  | ({ state: "failed" } & Pick<Problem, "key" | "message">);

export interface AccountingFigures {
  kind: "Accounting";
  cash: Part<CashSeries[]>;
  receivables: Part<Receivables[]>;
  customers: Part<TopCustomers[]>;
}

export interface BankingFigures {
  kind: "Banking";
  accounts: Part<{ accounts: AccountBalance[]; totals: Money[] }>;
  cash: Part<CashSeries[]>;
}

export interface CommerceFigures {
  kind: "Commerce";
  sales: Part<SalesSeries[]>;
}

export type Figures = { connectionId: string; asOf: string } & (AccountingFigures | BankingFigures | CommerceFigures);

export type FunnelStep = "opened" | "chose" | "began" | "authorised" | "linked";

/** How far all customers came when they connected a platform. */
export interface FunnelView {
  from: string;
  to: string;
  isCounted: boolean;
  steps: { step: FunnelStep; customers: number }[];
  /** By Moorline's reason, the most frequent first. */
  losses: { reason: string; customers: number }[];
}

export type FailureKey = keyof Words["failures"];

export interface Problem {
  error:
    | "signed_out"
    | "invalid"
    | "not_found"
    | "company_gone"
    | "refused"
    | "platform_unreachable"
    | "platform_error"
    | "internal";
  /** In English; a reason of the platform's own if there is no key. */
  message: string;
  /** The message's key in the words of every language. */
  key?: FailureKey;
  correlationId?: string;
}
