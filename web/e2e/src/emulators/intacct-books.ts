// A company of Sage Intacct's, with the objects and members of Sage's OpenAPI documents, made of the sandbox's books; beside them what those
// lack: documents in another currency, debit and credit memos, invoices below zero, advances.

import type { Row } from "./fixtures.js";
import type { SandboxBooks } from "./sandbox-books.js";

/** Objects by their name, `accounts-receivable/invoice`. */
export type IntacctBooks = Record<string, Row[]>;

export interface Entity {
  readonly key: string;
  readonly id: string;
  readonly name: string;
}

const MODIFIED = "2026-01-05T08:00:00Z";
const none = { key: null, id: null, name: null };

/** A reference, or what stands in its place. */
const ref = (key: string | null | undefined, id: string | null = key ?? null, name: string | null = null): Row =>
  key === null || key === undefined ? { ...none } : { key, id, name };

/** The digits of an id, which is what Intacct has for a key. */
const keyOf = (id: unknown): string => String(Number(String(id).replace(/\D/g, "")));

const audit = (time: unknown = MODIFIED): Row => ({ createdDateTime: MODIFIED, modifiedDateTime: time });

const state = (text: unknown): string => (text === "ACTIVE" ? "active" : "inactive");

/** The objects of the books of one entity. */
export function intacctBooks(books: SandboxBooks, entity: Entity, currency: string): IntacctBooks {
  const own = { entity: { key: entity.key, id: entity.id, name: entity.name } };
  const money = (units: unknown): string => (Number(units) / 100).toFixed(2);
  const currencies = { txnCurrency: currency, baseCurrency: currency, exchangeRate: { date: null, rate: 1, typeId: null } };
  const accounts = new Map(books.ledger_accounts.map((account) => [account["id"], account]));
  const glAccount = (id: unknown): Row => ref(keyOf(id), String(accounts.get(id)?.["code"]), String(accounts.get(id)?.["title"]));
  const contact = (row: Row): Row => ref(keyOf(row["contact_id"]), String(row["contact_id"]), String(row["contact_name"]));
  const banks = new Map(books.bank_accounts.map((bank) => [bank["id"], bank]));
  const bank = (id: unknown): Row => {
    const found = banks.get(id);
    return found === undefined ? { ...none, currency: null } : { key: keyOf(id), id: bankId(found), name: String(found["label"]), currency };
  };
  const dimensions = (line: Row): Row => ({
    department: { ...none },
    location: { ...none },
    item: ref(line["item_id"] === null || line["item_id"] === undefined ? null : keyOf(line["item_id"]), String(line["item_id"]), String(line["item_title"])),
    class: ref(...classOf(line)),
  });
  let next = 1_000_000;
  const fresh = (): string => String((next += 1));

  const objects: IntacctBooks = {
    "company-config/entity": [],
    "company-config/department": [],
    "company-config/location": [],
    "projects/project": [],
    "cash-management/savings-account": [],
    "accounts-receivable/advance": [],
    "accounts-payable/advance": [],
    "cash-management/bank-fee": [],
    "cash-management/bank-fee-line": [],
    "cash-management/credit-card-fee": [],
    "cash-management/credit-card-fee-line": [],
    "cash-management/deposit": [],
    "cash-management/deposit-line": [],
  };
  objects["general-ledger/account"] = books.ledger_accounts.map((account) => ({
    key: keyOf(account["id"]),
    id: account["code"],
    name: account["title"],
    accountType: ["REVENUE", "EXPENSE"].includes(String(account["class"])) ? "incomeStatement" : "balanceSheet",
    normalBalance: String(account["normal_side"]).toLowerCase(),
    category: categoryOf(account),
    status: state(account["state"]),
    audit: audit(),
  }));
  objects["general-ledger/account-category"] = [...new Map(books.ledger_accounts.map((account) => [categoryOf(account), kindOf(account)]))].map(([id, accountType], index) => ({
    key: String(index + 1),
    id,
    accountType,
    isStatistical: false,
  }));
  objects["company-config/class"] = books.tracking_headings.map((heading) => ({
    key: keyOf(heading["id"]),
    id: heading["id"],
    name: heading["title"],
    status: state(heading["state"]),
    parent: ref(heading["under"] === null ? null : keyOf(heading["under"])),
    audit: audit(),
  }));
  objects["tax/tax-detail"] = books.tax_codes.map((code, index) => ({
    key: String(index + 1),
    id: code["code"],
    description: code["title"],
    taxPercent: (Number(code["rate_bp"]) / 100).toFixed(2),
    taxType: code["applies_to"] === "PURCHASES" ? "purchase" : "sale",
    status: code["state"] === "RETIRED" ? "inactive" : "active",
    audit: audit(),
  }));
  const party = (row: Row): Row => {
    const [address] = row["addresses"] as Row[];
    return {
      key: keyOf(row["id"]),
      id: row["id"],
      name: row["display_name"],
      status: state(row["state"]),
      currency,
      taxId: row["tax_number"],
      contacts: {
        default: {
          email1: row["email"],
          phone1: row["phone"],
          mailingAddress: {
            addressLine1: address?.["street"] ?? null,
            addressLine2: address?.["street_2"] ?? null,
            city: address?.["town"] ?? null,
            state: address?.["county"] ?? null,
            postCode: address?.["postcode"] ?? null,
            country: address?.["country"] ?? null,
          },
        },
      },
      audit: audit(),
    };
  };
  const role = (wanted: string): Row[] => books.contacts.filter((row) => (row["roles"] as string[]).includes(wanted)).map(party);
  objects["accounts-receivable/customer"] = role("CUSTOMER");
  objects["accounts-payable/vendor"] = role("SUPPLIER");
  objects["inventory-control/item"] = books.catalogue_items.map((item) => ({
    key: keyOf(item["id"]),
    id: item["sku"],
    name: item["title"],
    itemType: item["tracked"] === true ? "inventory" : "nonInventory",
    status: state(item["state"]),
    audit: audit(),
  }));
  objects["cash-management/checking-account"] = books.bank_accounts
    .filter((row) => row["kind"] !== "CREDIT_CARD")
    .map((row) => ({ key: keyOf(row["id"]), id: bankId(row), status: state(row["state"]), currency, bankAccountDetails: { bankName: row["bank"] }, audit: audit(), ...own }));
  objects["cash-management/credit-card-account"] = books.bank_accounts
    .filter((row) => row["kind"] === "CREDIT_CARD")
    .map((row) => ({ key: keyOf(row["id"]), id: bankId(row), status: state(row["state"]), currency, accountDetails: { accountType: "credit" }, audit: audit(), ...own }));

  // Documents: an invoice's lines without tax, whose sum is the rest of the total, as in countries with VAT.
  const documents = (list: Row[], kind: string): Row[] => list.filter((row) => row["kind"] === kind);
  const documentState = (row: Row): string =>
    ({ DRAFT: "draft", OPEN: "posted", PART: "partiallyPaid", SETTLED: "paid", VOIDED: "reversed" })[String(row["state"])] ?? "posted";
  const paid = (row: Row): string => money(Number(row["gross_total"]) - Number(row["outstanding"]));
  objects["accounts-receivable/invoice"] = documents(books.sales_documents, "INV").map((row) => ({
    key: keyOf(row["id"]),
    id: keyOf(row["id"]),
    invoiceNumber: row["number"],
    state: documentState(row),
    invoiceDate: row["issued_on"],
    dueDate: row["due_on"],
    referenceNumber: row["their_reference"],
    description: row["note"],
    customer: contact(row),
    totalTxnAmount: money(row["gross_total"]),
    totalTxnAmountDue: money(row["outstanding"]),
    currency: currencies,
    paymentInformation: { fullyPaidDate: row["settled_on"], totalTxnAmountPaid: paid(row) },
    audit: audit(row["updated_at"]),
    ...own,
  }));
  const linesOf = (rows: Row[], header: string, more: (line: Row) => Row): Row[] =>
    rows.flatMap((row) =>
      (row["lines"] as Row[]).map((line) => ({
        key: fresh(),
        id: null,
        [header]: { key: keyOf(row["id"]), id: keyOf(row["id"]) },
        glAccount: glAccount(line["ledger_account_id"]),
        dimensions: dimensions(line),
        audit: audit(row["updated_at"]),
        ...more(line),
        ...own,
      })),
    );
  const plainLine = (line: Row): Row => ({ txnAmount: money(line["net"]), baseAmount: money(line["net"]), memo: line["text"], lineNumber: line["no"], currency: currencies });
  objects["accounts-receivable/invoice-line"] = linesOf(documents(books.sales_documents, "INV"), "invoice", (line) => ({ ...plainLine(line), isSubtotal: null }));
  objects["accounts-payable/bill"] = documents(books.purchase_documents, "BILL").map((row) => ({
    key: keyOf(row["id"]),
    id: keyOf(row["id"]),
    billNumber: row["supplier_reference"],
    state: documentState(row),
    createdDate: row["issued_on"],
    postingDate: row["issued_on"],
    dueDate: row["due_on"],
    referenceNumber: null,
    description: row["note"],
    vendor: contact(row),
    totalTxnAmount: money(row["gross_total"]),
    totalTxnAmountDue: money(row["outstanding"]),
    currency: currencies,
    paymentInformation: { fullyPaidDate: row["settled_on"], totalTxnAmountPaid: paid(row) },
    audit: audit(row["updated_at"]),
    ...own,
  }));
  objects["accounts-payable/bill-line"] = linesOf(documents(books.purchase_documents, "BILL"), "bill", (line) => ({ ...plainLine(line), isSubTotal: null }));
  const minus = (units: unknown): string => money(-Number(units));
  const credits = documents(books.sales_documents, "CRN");
  objects["accounts-receivable/adjustment"] = credits.map((row) => ({
    key: keyOf(row["id"]),
    id: keyOf(row["id"]),
    adjustmentNumber: row["number"],
    documentNumber: null,
    state: documentState(row),
    createdDate: row["issued_on"],
    description: row["note"],
    customer: contact(row),
    txnCurrency: { currency, totalEntered: minus(row["gross_total"]), totalDue: minus(row["outstanding"]) },
    baseCurrency: { currency, paidDate: row["settled_on"] },
    audit: audit(row["updated_at"]),
    ...own,
  }));
  objects["accounts-receivable/adjustment-line"] = linesOf(credits, "arAdjustment", (line) => ({
    memo: line["text"],
    isTax: false,
    txnCurrency: { currency, amount: minus(line["net"]) },
    baseCurrency: { currency, amount: minus(line["net"]) },
    exchangeRate: { date: null, rate: "1", typeId: null },
  }));
  const debits = documents(books.purchase_documents, "PCN");
  objects["accounts-payable/adjustment"] = debits.map((row) => ({
    key: keyOf(row["id"]),
    id: keyOf(row["id"]),
    adjustmentNumber: row["supplier_reference"],
    state: documentState(row),
    createdDate: row["issued_on"],
    referenceNumber: null,
    description: row["note"],
    vendor: contact(row),
    txnTotalEntered: minus(row["gross_total"]),
    txnTotalDue: minus(row["outstanding"]),
    currency: currencies,
    paymentInformation: { paidDate: row["settled_on"] },
    audit: audit(row["updated_at"]),
    ...own,
  }));
  objects["accounts-payable/adjustment-line"] = linesOf(debits, "apAdjustment", (line) => ({ memo: line["text"], txnAmount: minus(line["net"]), baseAmount: minus(line["net"]) }));

  // Payments, and credits that were set against a document, which are payments without money.
  const arAmounts = (name: string, amount: string): Row => ({
    currency,
    ...Object.fromEntries(["paymentAmount", "inlineAmount", "adjustmentAmount", "postedAdvanceAmount", "postedOverPaymentAmount", "negativeInvoiceAmount"].map((each) => [each, each === name ? amount : null])),
  });
  const arNothing = { positiveAdjustment: { ...none }, arAdjustment: { ...none }, negativeInvoice: { ...none }, inlineTxn: { ...none }, postedAdvance: { ...none }, postedOverPayment: { ...none } };
  const arPayment = (key: string, row: Row, more: Row): Row => ({
    key,
    id: key,
    state: "complete",
    documentNumber: row["reference"] ?? null,
    referenceNumber: null,
    description: row["memo"] ?? null,
    customer: contact(row),
    financialEntity: { entityId: null, name: null },
    undepositedGLAccount: { key: null, id: null },
    exchangeRate: { date: null, rate: 1, typeId: null },
    audit: audit(row["updated_at"]),
    ...own,
    ...more,
  });
  objects["accounts-receivable/payment"] = books.receipts.map((row) => {
    const into = bank(row["bank_account_id"]);
    return arPayment(keyOf(row["id"]), row, {
      financialEntity: { entityId: into["id"], name: into["name"] },
      undepositedGLAccount: into["id"] === null ? { key: keyOf(row["ledger_account_id"]), id: accounts.get(row["ledger_account_id"])?.["code"] ?? null } : { key: null, id: null },
      txnCurrency: { currency, totalAmount: money(row["amount"]) },
    });
  });
  objects["accounts-receivable/payment-detail"] = books.receipts.flatMap((row) =>
    (row["allocations"] as Row[]).map((allocation) => ({
      key: fresh(),
      paymentDate: row["received_on"],
      txnCurrency: arAmounts("paymentAmount", money(allocation["amount"])),
      ...arNothing,
      arInvoice: ref(keyOf(allocation["document_id"])),
      arPayment: ref(keyOf(row["id"])),
      audit: audit(row["updated_at"]),
      ...own,
    })),
  );
  const apAmounts = (name: string, amount: string): Row => ({
    currency,
    ...Object.fromEntries(["paymentAmount", "inlineAmount", "discountAmount", "adjustmentAmount", "postedAdvanceAmount"].map((each) => [each, each === name ? amount : null])),
  });
  const apNothing = { apCreditAdjustment: { ...none }, apDebitAdjustment: { ...none }, inlineBill: { ...none } };
  objects["accounts-payable/payment"] = books.remittances.map((row) => ({
    key: keyOf(row["id"]),
    id: keyOf(row["id"]),
    state: "confirmed",
    documentNumber: row["reference"] ?? null,
    description: row["memo"] ?? null,
    vendor: contact(row),
    financialEntity: { entityId: bank(row["bank_account_id"])["id"] },
    txnCurrency: { currency, totalAmount: money(row["amount"]) },
    exchangeRate: { date: null, rate: "1", typeId: null },
    audit: audit(row["updated_at"]),
    ...own,
  }));
  objects["accounts-payable/payment-detail"] = books.remittances.flatMap((row) =>
    (row["allocations"] as Row[]).map((allocation) => ({
      key: fresh(),
      paymentDate: row["paid_on"],
      txnCurrency: apAmounts("paymentAmount", money(allocation["amount"])),
      ...apNothing,
      bill: ref(keyOf(allocation["document_id"])),
      apPayment: ref(keyOf(row["id"])),
      audit: audit(row["updated_at"]),
      ...own,
    })),
  );
  for (const row of documents(books.sales_documents, "INV")) {
    for (const settled of (row["settlements"] as Row[]).filter(({ by }) => by === "CREDIT")) {
      const key = fresh();
      objects["accounts-receivable/payment"].push(arPayment(key, row, { documentNumber: null, description: null, txnCurrency: { currency, totalAmount: "0.00" } }));
      objects["accounts-receivable/payment-detail"].push({
        key: fresh(),
        paymentDate: settled["on"],
        txnCurrency: arAmounts("adjustmentAmount", money(settled["amount"])),
        ...arNothing,
        arInvoice: ref(keyOf(row["id"])),
        arAdjustment: ref(keyOf(settled["id"])),
        arPayment: ref(key),
        audit: audit(row["updated_at"]),
        ...own,
      });
    }
  }
  for (const row of documents(books.purchase_documents, "BILL")) {
    for (const settled of (row["settlements"] as Row[]).filter(({ by }) => by === "CREDIT")) {
      const key = fresh();
      objects["accounts-payable/payment"].push({ ...(objects["accounts-payable/payment"][0] ?? {}), key, id: key, vendor: contact(row), documentNumber: null, description: null, txnCurrency: { currency, totalAmount: "0.00" } });
      objects["accounts-payable/payment-detail"].push({
        key: fresh(),
        paymentDate: settled["on"],
        txnCurrency: apAmounts("adjustmentAmount", money(settled["amount"])),
        ...apNothing,
        bill: ref(keyOf(row["id"])),
        apDebitAdjustment: ref(keyOf(settled["id"])),
        apPayment: ref(key),
        audit: audit(row["updated_at"]),
        ...own,
      });
    }
  }

  // Money at once: what reached a bank account, and what was charged to a card. The rest is entries of the ledger alone.
  const gross = (line: Row): Row => ({ txnAmount: money(line["gross"]), description: line["text"], currency: currencies });
  const received = books.incomes.filter((row) => (row["money"] as Row[]).every((part) => banks.has(part["bank_account_id"])));
  objects["cash-management/other-receipt"] = received.map((row) => ({
    key: keyOf(row["id"]),
    id: keyOf(row["id"]),
    state: "approved",
    payer: row["contact_name"] ?? null,
    txnDate: row["on"],
    txnNumber: null,
    description: row["memo"],
    txnCurrency: currency,
    txnTotalEntered: money(row["gross_total"]),
    bankAccount: bank((row["money"] as Row[])[0]?.["bank_account_id"]),
    audit: audit(row["updated_at"]),
    ...own,
  }));
  objects["cash-management/other-receipt-line"] = linesOf(received, "otherReceipt", gross);
  const charged = books.spendings.filter((row) => (row["money"] as Row[]).every((part) => banks.get(part["bank_account_id"])?.["kind"] === "CREDIT_CARD"));
  objects["cash-management/credit-card-txn"] = charged.map((row) => ({
    key: keyOf(row["id"]),
    id: keyOf(row["id"]),
    state: "posted",
    payee: row["contact_name"] ?? null,
    txnDate: row["on"],
    referenceNumber: null,
    description: row["memo"],
    creditCardAccount: bank((row["money"] as Row[])[0]?.["bank_account_id"]),
    currency: currencies,
    txnTotalEntered: money(row["gross_total"]),
    audit: audit(row["updated_at"]),
    ...own,
  }));
  objects["cash-management/credit-card-txn-line"] = linesOf(charged, "creditCardTxn", gross);
  objects["cash-management/funds-transfer"] = books.transfers.map((row) => ({
    key: keyOf(row["id"]),
    id: keyOf(row["id"]),
    state: "posted",
    sendDate: row["on"],
    referenceNumber: null,
    description: row["memo"],
    transferFromAccount: { bankAccount: bank((row["from"] as Row)["bank_account_id"]), transferAmount: money(row["amount"]) },
    transferToAccount: { bankAccount: bank((row["to"] as Row)["bank_account_id"]), receivedAmount: money(row["amount"]) },
    audit: audit(row["updated_at"]),
    ...own,
  }));
  objects["general-ledger/journal-entry"] = books.ledger_entries.map((row) => ({
    key: keyOf(row["id"]),
    id: keyOf(row["id"]),
    description: row["text"],
    postingDate: row["date"],
    referenceNumber: null,
    state: "posted",
    moduleName: "2.GL",
    glJournal: { key: "1", id: row["journal"], name: row["journal"] },
    audit: audit(row["updated_at"]),
    ...own,
  }));
  objects["general-ledger/journal-entry-line"] = books.ledger_entries.flatMap((row) =>
    (row["lines"] as Row[]).map((line) => ({
      key: fresh(),
      id: null,
      lineNumber: line["no"],
      txnType: Number(line["debit"]) > 0 ? "debit" : "credit",
      baseAmount: money(Number(line["debit"]) + Number(line["credit"])),
      txnAmount: money(Number(line["debit"]) + Number(line["credit"])),
      entryDate: row["date"],
      description: line["text"],
      state: "posted",
      accountingPeriod: null,
      currency: currencies,
      glAccount: glAccount(line["ledger_account_id"]),
      dimensions: { department: { ...none }, class: { ...none }, location: { ...none } },
      journalEntry: { key: keyOf(row["id"]), id: keyOf(row["id"]) },
      audit: audit(row["updated_at"]),
      ...own,
    })),
  );
  return objects;
}

/** A bank account's ID: what payments name it by. */
const bankId = (bank: Row): string => String(bank["label"]).toUpperCase().replaceAll(/[^A-Z0-9]+/g, "-");

function classOf(line: Row): [string | null, string | null, string | null] {
  const [first] = (line["tracking"] ?? []) as Row[];
  return first === undefined ? [null, null, null] : [keyOf(first["id"]), String(first["id"]), String(first["title"])];
}

/** Sage's name for the kind of an account. */
function categoryOf(account: Row): string {
  const group = String(account["group"]).toLowerCase();
  const title = String(account["title"]).toLowerCase();
  switch (account["class"]) {
    case "ASSET":
      return account["bank"] === true ? "Cash and Cash Equivalents" : title.includes("receivable") ? "Accounts Receivable" : "Other Assets";
    case "LIABILITY":
      return title.includes("payable") ? "Accounts Payable" : "Other Current Liabilities";
    case "EQUITY":
      return "Owners Equity";
    case "REVENUE":
      return group.includes("other") ? "Other Income" : "Sales Revenue";
    default:
      return group.includes("cost of") ? "Cost of Goods Sold" : group.includes("other") ? "Other Expenses" : "Operating Expenses";
  }
}

/** Sage's kind of that category. */
function kindOf(account: Row): string {
  switch (account["class"]) {
    case "REVENUE":
      return "income";
    case "EXPENSE":
      return categoryOf(account) === "Cost of Goods Sold" ? "costOfRevenue" : "expense";
    default:
      return String(account["class"]).toLowerCase();
  }
}

/** Documents that the sandbox's books lack, with their postings: in another currency, memos, invoices below zero, advances, drafts, reversals. */
export function addForeignDocuments(objects: IntacctBooks, entity: Entity, currency: string): void {
  const own = { entity: { key: entity.key, id: entity.id, name: entity.name } };
  const [customer] = objects["accounts-receivable/customer"] ?? [];
  const [bank] = objects["cash-management/checking-account"] ?? [];
  const accounts = objects["general-ledger/account"] ?? [];
  const accountIn = (category: string): Row => {
    const found = accounts.find((account) => account["category"] === category);
    if (found === undefined) throw new Error(`no account of the category ${category}`);
    return { key: found["key"], id: found["id"], name: found["name"] };
  };
  const [receivable, sales, cash, expense] = [accountIn("Accounts Receivable"), accountIn("Sales Revenue"), accountIn("Cash and Cash Equivalents"), accountIn("Operating Expenses")];
  const who = { key: customer?.["key"], id: customer?.["id"], name: customer?.["name"] };
  const date = "2026-01-20";
  const time = audit("2026-01-20T08:00:00Z");
  const add = (object: string, ...rows: Row[]): void => void (objects[object] ??= []).push(...rows.map((row) => ({ ...row, ...own })));
  const currencies = (txnCurrency: string, rate: number): Row => ({ txnCurrency, baseCurrency: currency, exchangeRate: { date, rate, typeId: "Intacct Daily Rate" } });
  const dimensions = { department: { ...none }, class: { ...none }, location: { ...none }, item: { ...none } };
  let number = 900_100;
  const post = (key: string, lines: [Row, string][], posted = "posted"): void => {
    add("general-ledger/journal-entry", { key, id: key, description: `Entry ${key}`, postingDate: date, referenceNumber: null, state: posted, moduleName: "3.AR", glJournal: { key: "2", id: "ARJ", name: "Sales" }, audit: time });
    for (const [glAccount, amount] of lines) {
      const line = String((number += 1));
      const size = amount.replace("-", "");
      add("general-ledger/journal-entry-line", { key: line, id: line, lineNumber: 1, txnType: amount.startsWith("-") ? "credit" : "debit", baseAmount: size, txnAmount: size, entryDate: date, description: null, state: posted, accountingPeriod: null, currency: currencies(currency, 1), glAccount, dimensions, journalEntry: { key, id: key }, audit: time });
    }
  };
  const invoice = (key: string, state: string, total: string, due: string, money: Row): void => {
    add("accounts-receivable/invoice", { key, id: key, invoiceNumber: `F-${key}`, state, invoiceDate: date, dueDate: "2026-02-19", referenceNumber: "PO 7", description: null, customer: who, totalTxnAmount: total, totalTxnAmountDue: due, currency: money, paymentInformation: { fullyPaidDate: null, totalTxnAmountPaid: "0.00" }, audit: time });
    add("accounts-receivable/invoice-line", { key: `${key}1`, id: `${key}1`, invoice: { key, id: key }, txnAmount: total, baseAmount: total, memo: "Oak tables", lineNumber: 1, isSubtotal: null, currency: money, glAccount: sales, dimensions, audit: time });
  };
  // 300 euros, of which 150 were paid when a euro was worth more.
  invoice("900001", "partiallyPaid", "300.00", "150.00", currencies("EUR", 11.2345));
  post("900001", [[receivable, "3370.35"], [sales, "-3370.35"]]);
  const paidInEuros = { financialEntity: { entityId: bank?.["id"], name: "Current account" }, undepositedGLAccount: { key: null, id: null } };
  add("accounts-receivable/payment", { key: "900002", id: "900002", state: "complete", documentNumber: "WIRE 2", referenceNumber: null, description: null, customer: who, ...paidInEuros, txnCurrency: { currency: "EUR", totalAmount: "150.00" }, exchangeRate: { date, rate: 11.5, typeId: "-1" }, audit: time });
  const nothing = { positiveAdjustment: { ...none }, arAdjustment: { ...none }, negativeInvoice: { ...none }, inlineTxn: { ...none }, postedAdvance: { ...none }, postedOverPayment: { ...none } };
  const amounts = { inlineAmount: null, adjustmentAmount: null, postedAdvanceAmount: null, postedOverPaymentAmount: null, negativeInvoiceAmount: null };
  add("accounts-receivable/payment-detail", { key: "9000021", paymentDate: date, txnCurrency: { currency: "EUR", ...amounts, paymentAmount: "150.00" }, ...nothing, arInvoice: ref("900001"), arPayment: ref("900002"), audit: time });
  post("900002", [[cash, "1725.00"], [receivable, "-1685.18"], [sales, "-39.82"]]);
  // An adjustment that raises what is owed, an invoice below zero, and money before there was something to pay.
  add("accounts-receivable/adjustment", { key: "900003", id: "900003", adjustmentNumber: "DM-3", documentNumber: null, state: "posted", createdDate: date, description: "Late fee", customer: who, txnCurrency: { currency, totalEntered: "50.00", totalDue: "50.00" }, baseCurrency: { currency, paidDate: null }, audit: time });
  add("accounts-receivable/adjustment-line", { key: "9000031", id: "9000031", memo: "Late fee", isTax: false, txnCurrency: { currency, amount: "50.00" }, baseCurrency: { currency, amount: "50.00" }, exchangeRate: { date, rate: "1", typeId: null }, arAdjustment: { key: "900003", id: "900003" }, glAccount: sales, dimensions, audit: time });
  post("900003", [[receivable, "50.00"], [sales, "-50.00"]]);
  invoice("900004", "posted", "-80.00", "-80.00", currencies(currency, 1));
  post("900004", [[sales, "80.00"], [receivable, "-80.00"]]);
  add("accounts-receivable/advance", { key: "900005", id: "900005", state: "posted", advanceNumber: "ADV-5", referenceNumber: null, description: "Deposit", customer: who, txnTotalEntered: "200.00", paymentInformation: { paymentDate: date, receiptDate: date, financialEntity: { entityId: bank?.["id"], currency } }, audit: time });
  post("900005", [[cash, "200.00"], [receivable, "-200.00"]]);
  // Neither an invoice that was reversed nor the one that reversed it is owed, and what isn't posted is in no books.
  invoice("900006", "reversed", "70.00", "0.00", currencies(currency, 1));
  invoice("900007", "reversal", "-70.00", "0.00", currencies(currency, 1));
  post("900008", [[cash, "1000.00"], [sales, "-1000.00"]], "draft");
  // Money at once, in euros.
  add("cash-management/credit-card-account", { key: "900009", id: "AMEX", status: "active", currency: "EUR", accountDetails: { accountType: "credit" }, audit: time });
  add("cash-management/credit-card-txn", { key: "900010", id: "900010", state: "posted", payee: "Ferry", txnDate: date, referenceNumber: "CC-1", description: "Crossing", creditCardAccount: { key: "900009", id: "AMEX", name: null }, currency: currencies("EUR", 11), txnTotalEntered: "30.00", audit: time });
  add("cash-management/credit-card-txn-line", { key: "9000101", id: "9000101", creditCardTxn: { key: "900010", id: "900010" }, txnAmount: "30.00", description: "Ticket", currency: currencies("EUR", 11), glAccount: expense, dimensions, audit: time });
  post("900010", [[expense, "330.00"], [cash, "-330.00"]]);
  // Money to a supplier before there was a bill, and what the bank and the card took and gave.
  const [vendor] = objects["accounts-payable/vendor"] ?? [];
  const payable = accountIn("Accounts Payable");
  const supplier = { key: vendor?.["key"], id: vendor?.["id"], name: vendor?.["name"] };
  const current = { id: bank?.["id"], name: "Current account", currency };
  const never = { reversedBy: { key: null, id: null, reversalDate: null }, reversalOf: { key: null, id: null, txnDate: null } };
  add("accounts-payable/advance", { key: "900011", id: "900011", state: "advancePaid", advanceNumber: "VA-11", referenceNumber: null, description: "Retainer", vendor: supplier, advanceDate: date, txnTotalEntered: "75.00", financialEntity: { entityId: bank?.["id"], currency }, currency: currencies(currency, 1), audit: time });
  post("900011", [[payable, "75.00"], [cash, "-75.00"]]);
  const fee = (key: string, txnType: string, total: string, lines: [Row, string][]): void => {
    add("cash-management/bank-fee", { key, id: key, state: "confirmed", txnType, txnDate: date, referenceNumber: `B-${key}`, description: "Statement", bankAccount: current, currency: currencies(currency, 1), txnTotalEntered: total, ...never, audit: time });
    add("cash-management/bank-fee-line", { key: `${key}1`, id: `${key}1`, bankFee: { key, id: key }, txnAmount: total, description: txnType, currency: currencies(currency, 1), glAccount: lines[0]?.[0], dimensions, audit: time });
    post(key, lines);
  };
  fee("900012", "serviceCharge", "12.00", [[expense, "12.00"], [cash, "-12.00"]]);
  fee("900013", "interest", "3.00", [[sales, "-3.00"], [cash, "3.00"]]);
  add("cash-management/credit-card-fee", { key: "900014", id: "900014", state: null, txnDate: date, referenceNumber: "CF-14", description: "Yearly fee", creditCardAccount: { key: "900009", id: "AMEX" }, currency: currencies("EUR", 11), txnTotalEntered: "5.00", ...never, audit: time });
  add("cash-management/credit-card-fee-line", { key: "9000141", id: "9000141", creditCardFee: { key: "900014", id: "900014" }, txnAmount: "5.00", description: "Fee", currency: currencies("EUR", 11), glAccount: expense, dimensions, audit: time });
  post("900014", [[expense, "55.00"], [cash, "-55.00"]]);
  // Cash that was brought to the bank.
  add("cash-management/deposit", { key: "900015", id: "900015", state: "deposited", txnDate: date, depositId: "Slip 15", description: null, bankAccount: current, txnCurrency: currency, txnTotalEntered: "40.00", audit: time });
  add("cash-management/deposit-line", { key: "9000151", id: "9000151", deposit: { key: "900015", id: "900015" }, txnAmount: "40.00", glAccount: cash, audit: time });
}
