// Every operation of the official clients, one line for each service, with its outcome.
//
// `get:invoiceId` answers a request with the id of an existing record. `-create` is refused because the platform can't write such
// records, `!listAttachments` because Moorline doesn't have that endpoint yet (docs/API-QUIRKS.md, "Outside for now").

/** The outcome of a call. */
type Outcome = "answers" | "not supported" | "outside";

export interface Operation {
  readonly outcome: Outcome;
  /** The parameter that names a record. */
  readonly id: string | undefined;
}

export type Services = Readonly<Record<string, string>>;

const ATTACHED = "!listAttachments !getAttachment !downloadAttachment";

export const PLATFORM: Services = {
  companies:
    "create list get update replace addProduct refreshProductData removeProduct getAccessToken setCompanySyncSettings getCompanySyncSettings delete",
  connectionManagement: "get",
  connections: "create list get updateAuthorization unlink delete",
  cors: "set get",
  customDataType: "configure getConfiguration refresh list",
  integrations: "list get getBranding",
  pushData: "getModelOptions listOperations getOperation",
  readData: "getValidationResults",
  refreshData: "all byDataType get listPullOperations getPullOperation",
  settings: "getProfile updateProfile updateSyncSettings getSyncSettings createApiKey listApiKeys deleteApiKey get set",
  supplementalData: "configure getConfiguration",
  webhooks: "createConsumer listConsumers deleteConsumer",
};

/** The platform's operations by their older names. */
export const COMMON: Services = {
  companies: "create list get update delete",
  connections: "create list get updateAuthorization unlink delete",
  integrations: "list get getBranding",
  pushData: "getModelOptions listOperations getOperation",
  refreshData: "all byDataType get listPullOperations getPullOperation",
  settings: "getProfile updateProfile updateSyncSettings getSyncSettings createApiKey listApiKeys deleteApiKey",
  supplementalData: "configure getConfiguration",
  webhooks: "!create !list !get",
};

export const ACCOUNTING: Services = {
  accountTransactions: "list get:accountTransactionId",
  accounts: "list get:accountId -getCreateModel -create",
  bankAccountTransactions: "list:accountId -getCreateModel -create",
  bankAccounts: "list get:accountId -getCreateUpdateModel -create -update",
  billCreditNotes: "list get:billCreditNoteId -getCreateUpdateModel -create -update !uploadAttachment",
  billPayments: "list get:billPaymentId -getCreateModel -create -delete",
  bills: `list get:billId getCreateUpdateModel create update:billId -delete:billId ${ATTACHED} !uploadAttachment`,
  companyInfo: "get refresh",
  creditNotes: "list get:creditNoteId -getCreateUpdateModel -create -update",
  customers: `list get:customerId getCreateUpdateModel create update:customerId ${ATTACHED}`,
  directCosts: `list get:directCostId -getCreateModel -create ${ATTACHED} !uploadAttachment`,
  directIncomes: `list get:directIncomeId -getCreateModel -create ${ATTACHED} !uploadAttachment`,
  invoices: `list get:invoiceId getCreateUpdateModel create update:invoiceId -delete:invoiceId !downloadPdf ${ATTACHED} !uploadAttachment`,
  items: "list get:itemId -getCreateModel -create",
  journalEntries: "list get:journalEntryId -getCreateModel -create -delete",
  journals: "list get:journalId -getCreateModel -create",
  paymentMethods: "list get:paymentMethodId",
  payments: "list get:paymentId -getCreateModel -create",
  purchaseOrders: "list get:purchaseOrderId -getCreateUpdateModel -create -update",
  reports:
    "getBalanceSheet getProfitAndLoss getCashFlowStatement !getAgedCreditorsReport !getAgedDebtorsReport !isAgedCreditorsReportAvailable !isAgedDebtorReportAvailable",
  salesOrders: "list get:salesOrderId",
  suppliers: `list get:supplierId getCreateUpdateModel create update:supplierId ${ATTACHED}`,
  taxRates: "list get:taxRateId",
  trackingCategories: "list get:trackingCategoryId",
  transfers: "list get:transferId -getCreateModel -create !uploadAttachment",
};

export const LENDING: Services = {
  accountingBankData: "listTransactions:accountId",
  "accountingBankData.accounts": "list get:accountId",
  "accountsPayable.billCreditNotes": "list get:billCreditNoteId",
  "accountsPayable.billPayments": "list get:billPaymentId",
  "accountsPayable.bills": `list get:billId ${ATTACHED}`,
  "accountsPayable.suppliers": `list get:supplierId ${ATTACHED}`,
  "accountsReceivable.creditNotes": "list get:creditNoteId",
  "accountsReceivable.customers": `list get:customerId ${ATTACHED}`,
  "accountsReceivable.directIncomes": `list get:directIncomeId ${ATTACHED}`,
  "accountsReceivable.invoices": `list get:invoiceId ${ATTACHED} !downloadPdf !listReconciled`,
  "accountsReceivable.payments": "list get:paymentId",
  "accountsReceivable.reports": "!getAgedCreditors !getAgedDebtors !isAgedCreditorsAvailable !isAgedDebtorsAvailable",
  "banking.accountBalances": "list",
  "banking.accounts": "list get:accountId",
  "banking.categorizedStatement": "!get",
  "banking.transactionCategories": "list get:transactionCategoryId",
  "banking.transactions": "list get:transactionId",
  companies: "create list get update delete",
  companyInfo: "getAccountingProfile getCommerceProfile",
  connections: "create list get unlink delete",
  dataIntegrity: "!details !status !summaries",
  excelReports: "!download !generate !getStatus",
  fileUpload: "upload listUploaded download",
  "financialStatements.accounts": "list get:accountId",
  "financialStatements.balanceSheet": "get !getCategorizedAccounts",
  "financialStatements.cashFlow": "get",
  "financialStatements.profitAndLoss": "get !getCategorizedAccounts",
  liabilities: "!generateLoanSummary !generateLoanTransactions !getLoanSummary !listLoanTransactions",
  "loanWriteback.accounts": "-getCreateModel -create",
  "loanWriteback.bankAccounts": "-getCreateUpdateModel -create",
  "loanWriteback.bankTransactions": "-getCreateModel -create",
  "loanWriteback.createOperations": "list get",
  "loanWriteback.directCosts": "-getCreateModel -create",
  "loanWriteback.payments": "-getCreateModel -create",
  "loanWriteback.suppliers": "getCreateUpdateModel create",
  "loanWriteback.transfers": "-getCreateModel -create",
  manageData: "getStatus",
  "manageData.pullOperations": "list get",
  "manageData.refresh": "allDataTypes dataType",
  "sales.customers": "list get:customerId",
  "sales.disputes": "list get:disputeId",
  "sales.locations": "list get:locationId",
  "sales.metrics": "!getCustomerRetention !getLifetimeValue !getRevenue",
  "sales.orders": "list get:orderId",
  "sales.paymentMethods": "list get:paymentMethodId",
  "sales.payments": "list get:paymentId",
  "sales.productCategories": "list get:productId",
  "sales.products": "list get:productId",
  "sales.reports": "!getOrders !getRefunds",
  "sales.transactions": "list get:transactionId",
  "transactions.accountTransactions": "list get:accountTransactionId",
  "transactions.directCosts": `list get:directCostId ${ATTACHED}`,
  "transactions.journalEntries": "list get:journalEntryId",
  "transactions.journals": "list get:journalId",
  "transactions.transfers": "list get:transferId",
};

const OUTCOMES: Record<string, Outcome> = { "-": "not supported", "!": "outside" };

/** `invoices.get` and so on, in the table's order, in which an operation that creates something precedes those that read it. */
export function operations(services: Services): Map<string, Operation> {
  const found = new Map<string, Operation>();
  for (const [service, words] of Object.entries(services)) {
    for (const word of words.split(" ")) {
      const outcome = OUTCOMES[word[0] ?? ""] ?? "answers";
      const [method = "", id] = (outcome === "answers" ? word : word.slice(1)).split(":");
      found.set(`${service}.${method}`, { outcome, id });
    }
  }
  return found;
}

/** An installed client's methods, found by walking through it: `invoices.get` and so on. */
export function methodsOf(client: object, path = "", seen = new Set<object>()): string[] {
  seen.add(client);
  const found: string[] = [];
  const members = new Set(Object.keys(client));
  for (let type = Object.getPrototypeOf(client) as object; type !== Object.prototype; type = Object.getPrototypeOf(type) as object) {
    // The base class of every generated service has no operations.
    if (type.constructor.name === "ClientSDK") break;
    for (const name of Object.getOwnPropertyNames(type)) members.add(name);
  }
  for (const name of members) {
    if (name.startsWith("_") || name === "constructor" || name.startsWith("sdk") || name === "httpClient") continue;
    const member: unknown = Reflect.get(client, name);
    const at = path === "" ? name : `${path}.${name}`;
    if (typeof member === "function") found.push(at);
    else if (isService(member) && !seen.has(member)) found.push(...methodsOf(member, at, seen));
  }
  return path === "" ? found.filter((method) => method.includes(".")) : found;
}

function isService(member: unknown): member is object {
  if (typeof member !== "object" || member === null) return false;
  const name = (Object.getPrototypeOf(member) as object | null)?.constructor.name ?? "Object";
  return !["Object", "Array", "Map", "Set", "URL", "HTTPClient", "SDKHooks"].includes(name);
}

/** Calls an operation of a client by its name in the table. */
export function call(client: object, operation: string, request: object): Promise<unknown> {
  const parts = operation.split(".");
  const method = parts.pop() ?? "";
  const service = parts.reduce<object>((from, part) => Reflect.get(from, part) as object, client);
  return (Reflect.get(service, method) as (request: object) => Promise<unknown>).call(service, request);
}
