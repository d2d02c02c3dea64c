// A computer with QuickBooks Desktop and Intuit's Web Connector, as far as both are documented: another party's SOAP stack makes the calls, by the
// service's own description, and what it is asked is answered from a company file.

import { createClientAsync, type Client as Soap } from "soap";

import type { Row } from "./fixtures.js";

/** The names of currencies in QuickBooks. */
const CURRENCIES: Record<string, string> = { USD: "US Dollar", CAD: "Canadian Dollar", EUR: "Euro", GBP: "British Pound Sterling", SEK: "Swedish Krona", NOK: "Norwegian Krone", DKK: "Danish Krone" };

const STATUS_OK = 'statusCode="0" statusSeverity="Info" statusMessage="Status OK"';
const NO_MATCH = 'statusCode="1" statusSeverity="Info" statusMessage="A query request did not find a matching object in QuickBooks"';

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

type Part = string | number | boolean | undefined | null | Tree | readonly (string | Tree)[];
interface Tree {
  readonly [name: string]: Part;
}

/** Elements in the order of their members; what is absent is left out, and a list is an element each. */
export function xml(tree: Tree): string {
  return Object.entries(tree)
    .flatMap(([name, part]) => (Array.isArray(part) ? (part as readonly (string | Tree)[]) : [part as Part]).map((one) => ({ name, one })))
    .filter(({ one }) => one !== undefined && one !== null)
    .map(({ name, one }) => `<${name}>${typeof one === "object" ? xml(one as Tree) : escaped(String(one))}</${name}>`)
    .join("");
}

const money = (value: unknown): string => Number(value ?? 0).toFixed(2);
const day = (value: unknown): string => String(value ?? "").slice(0, 10);
const reference = (value: unknown, name = "name"): Tree | undefined => {
  const ref = value as Row | undefined;
  return ref?.["id"] === undefined ? undefined : { ListID: String(ref["id"]), FullName: String(ref[name] ?? "") };
};
const rows = (value: unknown): Row[] => (Array.isArray(value) ? (value as Row[]) : []);
const part = (row: Row | undefined, name: string): Row => (row?.[name] ?? {}) as Row;

/** A company file. */
export interface CompanyFile {
  readonly name: string;
  readonly mark: string;
  readonly currency: string;
  readonly records: Map<string, string[]>;
  /** The rows of a report by its kind and month. */
  readonly reports: Map<string, string[]>;
}

export type Records = Record<string, Row[]>;

/** The company file of books that are told in standard records, and of their monthly statements. */
export function fileOf(name: string, currency: string, books: Records, statements: { kind: string; month: string; lines: Line[] }[]): CompanyFile {
  const records = new Map<string, string[]>();
  const put = (kind: string, trees: Tree[]): void => void records.set(kind, [...(records.get(kind) ?? []), ...trees.map((tree) => `<${kind}Ret>${xml(tree)}</${kind}Ret>`)]);
  const times = { TimeCreated: "2026-01-01T08:00:00-05:00", TimeModified: "2026-01-02T08:00:00-05:00" };
  const list = (row: Row): Tree => ({ ListID: String(row["id"]), ...times });
  const transaction = (row: Row): Tree => ({ TxnID: String(row["id"]), ...times });
  const foreign = (row: Row): Tree => ({ CurrencyRef: { ListID: `C-${String(row["currency"])}`, FullName: CURRENCIES[String(row["currency"])] ?? "?" }, ExchangeRate: (row["currencyRate"] as number | undefined) ?? 1 });
  const detail = (line: Row, index: number): Tree => ({
    TxnLineID: String(index + 1), ItemRef: reference(line["itemRef"]), Desc: line["description"] as string | undefined, Quantity: line["quantity"] as number, Rate: line["unitAmount"] as number, Amount: money(line["subTotal"]),
  });
  const expense = (line: Row, index: number): Tree => ({ TxnLineID: String(index + 1), AccountRef: reference(line["accountRef"]), Amount: money(line["subTotal"]), Memo: line["description"] as string | undefined });
  /** Tax is a line like any other where there is no tax on purchases. */
  const expenses = (row: Row, tax: unknown): Tree[] => [...rows(row["lineItems"]).map(expense), ...(Number(tax ?? 0) === 0 ? [] : [{ TxnLineID: "99", Amount: money(tax), Memo: "Tax" }])];
  const linked = (row: Row, kind: string, sign: number): Tree[] =>
    rows(row["paymentAllocations"]).map((one) => ({
      TxnID: String(part(one, "payment")["id"]), TxnType: kind, TxnDate: day(part(one, "allocation")["allocatedOnDate"]), LinkType: "AMTTYPE", Amount: money(sign * Number(part(one, "allocation")["totalAmount"])),
    }));
  const customer = (row: Row): Tree => ({ CustomerRef: reference(row["customerRef"], "companyName") });
  const vendor = (row: Row, member: string): Tree => ({ [member]: reference(row["supplierRef"], "supplierName") });

  const kinds: Record<string, string> = { Asset: "OtherCurrentAsset", Liability: "OtherCurrentLiability", Income: "Income", Expense: "Expense", Equity: "Equity" };
  const cards = new Set((books["bankAccounts"] ?? []).filter((row) => row["accountType"] === "Credit").map((row) => row["id"]));
  const banks = new Map((books["bankAccounts"] ?? []).map((row) => [row["id"], row]));
  const account = (row: Row): Tree => {
    const isCard = cards.has(row["id"]);
    const kind = isCard ? "CreditCard" : banks.has(row["id"]) ? "Bank" : (kinds[String(row["type"])] ?? "OtherCurrentAsset");
    // On the account's usual side; the standard's is debits less credits.
    const turned = ["Liability", "Equity", "Income"].includes(String(row["type"])) && Number(row["currentBalance"]) !== 0;
    const balance = turned ? -Number(row["currentBalance"]) : row["currentBalance"];
    return { ...list(row), Name: row["name"] as string, FullName: row["name"] as string, IsActive: true, AccountType: kind, AccountNumber: row["nominalCode"] as string | undefined, Balance: balance === undefined ? undefined : money(balance), ...foreign({ currency: row["currency"] ?? currency }) };
  };
  put("Account", (books["chartOfAccounts"] ?? []).map(account));
  put("Customer", (books["customers"] ?? []).map((row) => ({ ...list(row), Name: row["customerName"] as string, FullName: row["customerName"] as string, IsActive: row["status"] === "Active", Email: row["emailAddress"] as string | undefined, ...foreign({ currency: row["defaultCurrency"] ?? currency }) })));
  put("Vendor", (books["suppliers"] ?? []).map((row) => ({ ...list(row), Name: row["supplierName"] as string, IsActive: row["status"] === "Active", Email: row["emailAddress"] as string | undefined, ...foreign({ currency: row["defaultCurrency"] ?? currency }) })));
  put("Invoice", (books["invoices"] ?? []).map((row) => ({
    ...transaction(row), ...customer(row), TxnDate: day(row["issueDate"]), RefNumber: row["invoiceNumber"] as string, IsPending: false, DueDate: day(row["dueDate"]), Subtotal: money(row["subTotal"]), SalesTaxTotal: money(row["totalTaxAmount"]),
    ...foreign(row), BalanceRemaining: money(row["amountDue"]), Memo: row["status"] === "Void" ? "VOID:" : undefined, IsPaid: Number(row["amountDue"]) === 0, LinkedTxn: linked(row, "ReceivePayment", -1), InvoiceLineRet: rows(row["lineItems"]).map(detail),
  })));
  put("CreditMemo", (books["creditNotes"] ?? []).map((row) => ({
    ...transaction(row), ...customer(row), TxnDate: day(row["issueDate"]), RefNumber: row["creditNoteNumber"] as string, Subtotal: money(row["subTotal"]), SalesTaxTotal: money(row["totalTaxAmount"]), TotalAmount: money(row["totalAmount"]),
    ...foreign(row), CreditRemaining: money(row["remainingCredit"]), Memo: row["status"] === "Void" ? "VOID:" : undefined, LinkedTxn: linked(row, "Invoice", -1), CreditMemoLineRet: rows(row["lineItems"]).map(detail),
  })));
  const applied = (row: Row, kind: string): Tree[] =>
    rows(row["lines"]).flatMap((line) => {
      const links = rows(line["links"]);
      const document = links.find((link) => link["type"] === kind);
      const credits = links.filter((link) => link["type"] === "CreditNote");
      return document === undefined ? [] : [{ TxnID: String(document["id"]), TxnType: kind, Amount: money(line["amount"]), LinkedTxn: credits.map((credit) => ({ TxnID: String(credit["id"]), TxnType: "CreditMemo", Amount: money(credit["amount"]) })) }];
    });
  const unused = (row: Row): string => money(rows(row["lines"]).filter((line) => rows(line["links"]).every((link) => link["type"] === "PaymentOnAccount")).reduce((sum, line) => sum + Number(line["amount"]), 0));
  put("ReceivePayment", (books["payments"] ?? []).map((row) => ({
    ...transaction(row), ...customer(row), TxnDate: day(row["date"]), RefNumber: row["reference"] as string | undefined, TotalAmount: money(row["totalAmount"]), ...foreign(row), DepositToAccountRef: reference(row["accountRef"]), UnusedPayment: unused(row), AppliedToTxnRet: applied(row, "Invoice"),
  })));
  put("Bill", (books["bills"] ?? []).map((row) => ({
    ...transaction(row), ...vendor(row, "VendorRef"), TxnDate: day(row["issueDate"]), DueDate: day(row["dueDate"]), AmountDue: money(row["totalAmount"]), ...foreign(row), RefNumber: row["reference"] as string | undefined,
    Memo: row["status"] === "Void" ? "VOID:" : undefined, IsPaid: Number(row["amountDue"]) === 0, LinkedTxn: linked(row, "BillPaymentCheck", -1), ExpenseLineRet: expenses(row, row["taxAmount"]),
  })));
  put("VendorCredit", (books["billCreditNotes"] ?? []).map((row) => ({
    ...transaction(row), ...vendor(row, "VendorRef"), TxnDate: day(row["issueDate"]), CreditAmount: money(row["totalAmount"]), ...foreign(row), RefNumber: row["billCreditNoteNumber"] as string | undefined,
    Memo: row["status"] === "Void" ? "VOID:" : undefined, LinkedTxn: linked(row, "Bill", 1), ExpenseLineRet: expenses(row, row["totalTaxAmount"]), OpenAmount: money(row["remainingCredit"]),
  })));
  put("BillPaymentCheck", (books["billPayments"] ?? []).map((row) => ({
    ...transaction(row), ...vendor(row, "PayeeEntityRef"), TxnDate: day(row["date"]), BankAccountRef: reference(row["accountRef"]), Amount: money(row["totalAmount"]), ...foreign(row), RefNumber: row["reference"] as string | undefined, AppliedToTxnRet: applied(row, "Bill"),
  })));
  put("JournalEntry", (books["journalEntries"] ?? []).map((row) => {
    const lines = rows(row["journalLines"]);
    const of = (sign: number): Tree[] => lines.filter((line) => Math.sign(Number(line["netAmount"])) === sign).map((line, index) => ({ TxnLineID: String(index + 1), AccountRef: reference(line["accountRef"]), Amount: money(sign * Number(line["netAmount"])) }));
    return { ...transaction(row), TxnDate: day(row["postedOn"]), ...foreign({ currency }), JournalDebitLine: of(1), JournalCreditLine: of(-1) };
  }));
  put("Transaction", (books["accountTransactions"] ?? []).map((row) => ({
    TxnType: "Check", TxnID: String(row["transactionId"]), TxnLineID: String(row["id"]), TimeModified: times.TimeModified, AccountRef: reference(row["bankAccountRef"]), TxnDate: day(row["date"]), Amount: money(row["totalAmount"]),
  })));
  const reports = new Map(statements.map(({ kind, month, lines }) => [`${kind} ${month}`, reportRows(kind, lines)]));
  return { name, mark: `mark of ${name}`, currency, records, reports };
}

/** A line of a statement with its part, `income` or `assets`, and the account that it is of; none for a result. */
export interface Line {
  readonly part: string;
  readonly account: string | undefined;
  readonly label: string;
  readonly value: number;
}

/** The headings of a report's parts, and the words of its results, in their order. */
const LAYOUT: Record<string, { readonly part?: string; readonly heading?: string; readonly result?: string; readonly of?: readonly string[] }[]> = {
  ProfitAndLossStandard: [
    { heading: "Ordinary Income/Expense" },
    { part: "income", heading: "Income" },
    { part: "costOfSales", heading: "Cost of Goods Sold" },
    { result: "Gross Profit", of: ["income", "costOfSales"] },
    { part: "expenses", heading: "Expense" },
    { result: "Net Ordinary Income", of: ["income", "costOfSales", "expenses"] },
    { heading: "Other Income/Expense" },
    { part: "otherIncome", heading: "Other Income" },
    { part: "otherExpenses", heading: "Other Expense" },
    { result: "Net Other Income", of: ["otherIncome", "otherExpenses"] },
    { result: "Net Income", of: ["income", "costOfSales", "expenses", "otherIncome", "otherExpenses"] },
  ],
  BalanceSheetStandard: [
    { part: "assets", heading: "ASSETS" },
    { heading: "LIABILITIES & EQUITY" },
    { part: "liabilities", heading: "Liabilities" },
    { part: "equity", heading: "Equity" },
    { result: "TOTAL LIABILITIES & EQUITY", of: ["liabilities", "equity"] },
  ],
};
const COSTS = ["costOfSales", "expenses", "otherExpenses"];

function reportRows(kind: string, lines: Line[]): string[] {
  const found: string[] = [];
  const put = (element: string, attributes: string, inner = ""): void => void found.push(`<${element} rowNumber="${found.length + 1}"${attributes}>${inner}</${element}>`);
  const cells = (label: string, value: number): string => `<ColData colID="1" value="${escaped(label)}"/><ColData colID="2" value="${value.toFixed(2)}"/>`;
  const sum = (parts: readonly string[], way: (part: string) => number): number => lines.filter(({ part }) => parts.includes(part)).reduce((all, { part, value }) => all + way(part) * value, 0);
  for (const { part, heading, result, of } of LAYOUT[kind] ?? []) {
    if (heading !== undefined) put("TextRow", ` value="${escaped(heading)}"`);
    if (part !== undefined) {
      for (const line of lines.filter((one) => one.part === part)) {
        put("DataRow", "", `${line.account === undefined ? "" : `<RowData rowType="account" value="${escaped(line.account)}"/>`}${cells(line.label, line.value)}`);
      }
      put("SubtotalRow", "", cells(`Total ${heading ?? ""}`, sum([part], () => 1)));
    }
    if (result !== undefined) put("TotalRow", "", cells(result, sum(of ?? [], (one) => (COSTS.includes(one) ? -1 : 1))));
  }
  return found;
}

/** The end of a call, with the words that the Web Connector shows. */
export interface Update {
  readonly end: "finished" | "nothing" | "unknown" | "broken" | "off";
  readonly words: string;
  /** The seconds after which it may ask again, if they were named. */
  readonly wait?: number;
}

/** An outcome of QuickBooks' own in place of an answer: its code and its words. */
export interface Fault {
  readonly code: string;
  readonly words: string;
}

/** The Web Connector on a computer with a company file that is open. */
export class WebConnector {
  readonly asked: string[] = [];
  /** QuickBooks can't be opened with the company file. */
  cannotOpen: Fault | undefined;
  /** Outcomes in place of answers, by the kind of question. */
  readonly faults = new Map<string, Fault>();
  /** Kinds of questions whose answers are cut off in the middle. */
  readonly cutOff = new Set<string>();
  /** The place in the next list of several pages is lost, as when QuickBooks is closed and opened again. */
  losesItsPlace = false;
  /** The computer is off after so many answers. */
  isOffAfter = Infinity;
  private walks = new Map<string, string[]>();
  private ticket = "";

  private constructor(
    private readonly soap: Soap,
    private readonly user: string,
    private readonly password: string,
    public file: CompanyFile,
  ) {}

  /** Adds an application by its set-up file, as the Web Connector does. */
  static async add(setup: string, password: string, file: CompanyFile): Promise<WebConnector> {
    const of = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(setup)?.[1] ?? "";
    const soap = await createClientAsync(`${of("AppURL")}?wsdl`);
    return new WebConnector(soap, of("UserName"), password, file);
  }

  private async call<T>(operation: string, parts: Record<string, unknown>): Promise<T> {
    const method = this.soap[`${operation}Async`] as (parts: unknown) => Promise<[Record<string, T>]>;
    const [answer] = await method.call(this.soap, parts);
    return (answer ?? {})[`${operation}Result`] as T;
  }

  /** One update, as by its timetable or by hand. */
  async update(): Promise<Update> {
    await this.call("serverVersion", {});
    if (((await this.call<string | null>("clientVersion", { strVersion: "2.3.0.215" })) ?? "") !== "") throw new Error("the version is refused");
    const said = await this.call<{ string: (string | null)[] }>("authenticate", { strUserName: this.user, strPassword: this.password });
    const [ticket, instruction, wait] = said.string;
    if (instruction === "nvu") return { end: "unknown", words: "" };
    if (instruction === "none") return { end: "nothing", words: "", ...(wait !== undefined && { wait: Number(wait) }) };
    this.ticket = ticket ?? "";
    this.walks = new Map();
    if (this.cannotOpen !== undefined) {
      const { code, words } = this.cannotOpen;
      const next = await this.call<string>("connectionError", { ticket: this.ticket, hresult: code, message: words });
      // Any other word would be the place of another company file to try.
      if (next !== "done") throw new Error(`it is to try ${next}`);
      return { end: "broken", words: (await this.lastError()) ?? "" };
    }
    for (let answers = 0; ; answers += 1) {
      if (answers >= this.isOffAfter) return { end: "off", words: "" };
      if (this.losesItsPlace && [...this.walks.values()].some((left) => left.length > 0)) {
        this.losesItsPlace = false;
        this.walks = new Map();
      }
      const question = await this.call<string | null>("sendRequestXML", { ticket: this.ticket, strHCPResponse: "", strCompanyFileName: "C:\\Books\\Company.QBW", qbXMLCountry: "US", qbXMLMajorVers: 13, qbXMLMinorVers: 0 });
      if (question === null || question === "") {
        const words = (await this.lastError()) ?? "";
        if (words === "NoOp") continue;
        await this.close();
        return { end: "broken", words };
      }
      const kind = /<(\w+)QueryRq/.exec(question)?.[1] ?? "";
      const fault = this.faults.get(kind);
      const answer = fault === undefined ? this.answer(question) : "";
      const response = this.cutOff.has(kind) ? answer.slice(0, answer.length / 2) : answer;
      const percent = await this.call<number>("receiveResponseXML", { ticket: this.ticket, response, hresult: fault?.code ?? "", message: fault?.words ?? "" });
      if (percent === 100) return { end: "finished", words: await this.close() };
      if (percent < 0) {
        const words = (await this.lastError()) ?? "";
        await this.close();
        return { end: "broken", words };
      }
    }
  }

  private lastError(): Promise<string | null> {
    return this.call<string | null>("getLastError", { ticket: this.ticket });
  }

  private async close(): Promise<string> {
    return (await this.call<string | null>("closeConnection", { ticket: this.ticket })) ?? "";
  }

  private answer(document: string): string {
    const [, kind = "", attributes = "", body = ""] = /<QBXMLMsgsRq[^>]*><(\w+)QueryRq([^>]*)>(.*)<\/\1QueryRq><\/QBXMLMsgsRq>/s.exec(document) ?? [];
    if (!document.includes('<?qbxml version="13.0"?>') || kind === "") throw new Error(`not a document of qbXML: ${document}`);
    this.asked.push(kind);
    const answered = (status: string, inner: string): string => `<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><${kind}QueryRs requestID="" ${status}>${inner}</${kind}QueryRs></QBXMLMsgsRs></QBXML>`;
    switch (kind) {
      case "Host":
        return answered(STATUS_OK, `<HostRet>${xml({ ProductName: "QuickBooks Enterprise Solutions", Country: "US", SupportedQBXMLVersion: ["12.0", "13.0"] })}</HostRet>`);
      case "Preferences":
        return answered(STATUS_OK, `<PreferencesRet>${xml({ MultiCurrencyPreferences: { IsMultiCurrencyOn: true, HomeCurrencyRef: { ListID: "1", FullName: CURRENCIES[this.file.currency] } } })}</PreferencesRet>`);
      case "Company": {
        const mark = { OwnerID: "{}", DataExtName: "FileID", DataExtType: "STR255TYPE", DataExtValue: this.file.mark };
        return answered(STATUS_OK, `<CompanyRet>${xml({ IsSampleCompany: false, CompanyName: this.file.name, LegalCompanyName: this.file.name, FirstMonthFiscalYear: "January", DataExtRet: [mark] })}</CompanyRet>`);
      }
      case "GeneralSummaryReport": {
        const report = /<GeneralSummaryReportType>(\w+)</.exec(body)?.[1] ?? "";
        const month = /<FromReportDate>(\d{4}-\d\d)/.exec(body)?.[1] ?? "";
        const found = this.file.reports.get(`${report} ${month}`) ?? reportRows(report, []);
        return answered(STATUS_OK, `<ReportRet>${xml({ ReportTitle: report, ReportSubtitle: "", ReportBasis: "Accrual" })}<ReportData>${found.join("")}</ReportData></ReportRet>`);
      }
      default:
        return this.listed(attributes, body, this.file.records.get(kind) ?? [], answered);
    }
  }

  private listed(attributes: string, body: string, all: string[], answered: (status: string, inner: string) => string): string {
    const most = Number(/<MaxReturned>(\d+)</.exec(body)?.[1] ?? Infinity);
    const known = /iterator="Continue" iteratorID="([^"]+)"/.exec(attributes)?.[1];
    const left = known === undefined ? all : this.walks.get(known);
    if (left === undefined) return answered('statusCode="3120" statusSeverity="Error" statusMessage="There is no such iterator."', "");
    if (left.length === 0) return answered(NO_MATCH, "");
    const id = known ?? `{${this.asked.length}}`;
    this.walks.set(id, left.slice(most));
    const walk = attributes.includes("iterator=") ? ` iteratorRemainingCount="${Math.max(0, left.length - most)}" iteratorID="${id}"` : "";
    return answered(`${STATUS_OK} retCount="${Math.min(most, left.length)}"${walk}`, left.slice(0, most).join(""));
  }
}
