/** Texts about data types, statuses and the endings of a visit to a platform. */
import type { AgeBand, DatasetView, LinkOutcome, SourceType } from "../shared/wire";

const DATA_TYPES: Record<string, string> = {
  accountTransactions: "Account transactions",
  balanceSheet: "Balance sheet",
  bankAccounts: "Bank accounts",
  bankTransactions: "Bank transactions",
  billCreditNotes: "Bill credit notes",
  billPayments: "Bill payments",
  bills: "Bills",
  cashFlowStatement: "Cash flow statement",
  chartOfAccounts: "Chart of accounts",
  company: "Company details",
  creditNotes: "Credit notes",
  customers: "Customers",
  directCosts: "Direct costs",
  directIncomes: "Direct incomes",
  invoices: "Invoices",
  itemReceipts: "Item receipts",
  items: "Products and services",
  journalEntries: "Journal entries",
  journals: "Journals",
  paymentMethods: "Payment methods",
  payments: "Payments",
  profitAndLoss: "Profit and loss",
  purchaseOrders: "Purchase orders",
  salesOrders: "Sales orders",
  suppliers: "Suppliers",
  taxRates: "Tax rates",
  trackingCategories: "Tracking categories",
  transfers: "Transfers",
  "banking-accountBalances": "Account balances",
  "banking-accounts": "Accounts",
  "banking-transactionCategories": "Transaction categories",
  "banking-transactions": "Transactions",
  "commerce-companyInfo": "Shop details",
  "commerce-customers": "Shoppers",
  "commerce-disputes": "Disputes",
  "commerce-locations": "Locations",
  "commerce-orders": "Orders",
  "commerce-paymentMethods": "Payment methods",
  "commerce-payments": "Payments",
  "commerce-productCategories": "Product categories",
  "commerce-products": "Products",
  "commerce-taxComponents": "Taxes",
  "commerce-transactions": "Payouts and fees",
};

export const dataTypeName = (key: string) => DATA_TYPES[key] ?? key;

export const SOURCE_TYPES: { type: SourceType; title: string; why: string }[] = [
  { type: "Accounting", title: "Accounting", why: "Your books show what you've invoiced and what you're owed." },
  { type: "Banking", title: "Banking", why: "Your accounts show what comes in and what goes out." },
  { type: "Commerce", title: "Commerce", why: "Your shop or till shows what sells, month by month." },
];

/** The text of a data type's state. */
export function datasetWords(dataset: DatasetView, platformName: string): string {
  switch (dataset.status) {
    case "Initial":
    case "Queued":
      return "Waiting its turn";
    case "Fetching":
      return dataset.detail ? `Fetching: ${dataset.detail}` : `Fetching from ${platformName}`;
    case "MapQueued":
    case "Mapping":
      return "Putting it in order";
    case "ValidationQueued":
    case "Validating":
      return "Checking it";
    case "ProcessingQueued":
    case "Processing":
      return "Storing it";
    case "Complete":
      return "Arrived";
    case "NotSupported":
      return `${platformName} doesn't offer this`;
    case "AuthError":
      return `${platformName} no longer lets us in. Reconnect it under Manage connections.`;
    case "RateLimitError":
      return `${platformName} asked us to slow down. Try again in a few minutes.`;
    case "PermissionsError":
      return `The person who connected ${platformName} isn't allowed to share this.`;
    case "PrerequisiteNotMet":
      return "Something that this depends on hasn't arrived.";
    case "Cancelled":
      return "This was stopped before it arrived.";
    case "FetchError":
      return `${platformName} didn't hand this over. Try again.`;
    case "MapError":
    case "ValidationError":
      return `What ${platformName} sent couldn't be read. Try again, or tell us if it stays so.`;
    default:
      return "Something went wrong while storing this. Try again.";
  }
}

interface OutcomeWords {
  tone: "good" | "plain" | "bad";
  title: string;
  body: string;
  next: string;
}

export function outcomeWords(outcome: LinkOutcome, platform: string | null, reason: string | null): OutcomeWords {
  const name = platform ?? "your platform";
  switch (outcome) {
    case "linked":
      return {
        tone: "good",
        title: `${platform ?? "Your platform"} is connected`,
        body: "We've started to read your data. It shows in your Tidewell window as it arrives.",
        next: "You can close this window.",
      };
    case "unconfirmed":
      return {
        tone: "plain",
        title: "We're waiting for confirmation",
        body: `You came back, but ${name} hasn't confirmed the connection yet.`,
        next: "Your Tidewell window goes on by itself once it does. If nothing happens, connect again.",
      };
    case "unchanged":
      return {
        tone: "plain",
        title: "Nothing has changed",
        body: `You left without a new connection. Whatever was connected before still is.`,
        next: "Close this window, and choose a platform whenever you're ready.",
      };
    case "cancelled":
      return {
        tone: "plain",
        title: "You cancelled the connection",
        body: `We haven't seen anything of yours at ${name}.`,
        next: "Close this window, and try again or choose another platform.",
      };
    case "unsupported":
      return {
        tone: "plain",
        title: "We don't work with that platform yet",
        body: "It isn't in our list, so we can't read it for you.",
        next: "Close this window, and choose another that you use: a bank account or a shop will do as well.",
      };
    case "failed":
      return {
        tone: "bad",
        title: `${platform ?? "The platform"} couldn't be connected`,
        body: reason ? `It told us: “${reason}”` : `Something went wrong at ${name} or on the way there.`,
        next: "Nothing was shared. Close this window, and try again in a few minutes.",
      };
  }
}

export const AGE_BANDS: Record<AgeBand, string> = {
  current: "Not due yet",
  "1-30": "1–30 days late",
  "31-60": "31–60 days late",
  "61-90": "61–90 days late",
  "over-90": "Over 90 days late",
};
