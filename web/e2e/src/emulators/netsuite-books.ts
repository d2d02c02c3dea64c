// A NetSuite account's tables, with the names and columns that are documented for SuiteQL, in a PostgreSQL within this process: queries are
// run as they are written, so that a wrong join shows.

import { PGlite } from "@electric-sql/pglite";

export type Value = string | number | null;

interface Line {
  readonly account: number;
  /** In the document's currency; debits above zero. */
  readonly amount: number;
  readonly item?: number;
  readonly quantity?: number;
  readonly rate?: string;
  readonly memo?: string;
  readonly department?: number;
  readonly class?: number;
  readonly createdfrom?: number;
  readonly tax?: boolean;
  /** The postings of goods that leave stock, which a document doesn't show. */
  readonly hidden?: boolean;
  readonly closed?: boolean;
}

interface Transaction {
  readonly id: number;
  readonly type: string;
  readonly number: string;
  readonly date: string;
  readonly due?: string;
  readonly entity?: number;
  /** The main line's account; none for journals, whose first line is it. */
  readonly account?: number;
  readonly currency?: number;
  readonly rate?: number;
  readonly subsidiary?: number;
  readonly memo?: string;
  readonly reference?: string;
  readonly unpaid?: number;
  readonly posting?: boolean;
  readonly voided?: boolean;
  readonly modified?: string;
  readonly lines: readonly Line[];
}

const SCHEMA = `
  create table transaction (id int, type text, recordtype text, tranid text, trandate date, duedate date, lastmodifieddate timestamp, entity int,
    currency int, exchangerate numeric, foreigntotal numeric, foreignamountunpaid numeric, status text, posting text, postingperiod int, memo text, otherrefnum text, voided text);
  create table transactionline (id int, transaction int, linesequencenumber int, mainline text, taxline text, item int, quantity numeric, rate text,
    foreignamount numeric, memo text, department int, class int, location int, subsidiary int, iscogs text, isclosed text, donotdisplayline text, createdfrom int);
  create table transactionaccountingline (transaction int, transactionline int, account int, accountingbook int, amount numeric, debit numeric, credit numeric, posting text);
  create table nexttransactionlinelink (previousdoc int, previousline int, previoustype text, nextdoc int, nextline int, nexttype text, foreignamount numeric, linktype text,
    lastmodifieddate timestamp);
  create table account (id int, acctnumber text, fullname text, accttype text, description text, currency int, parent int, isinactive text, issummary text);
  create table accountingperiod (id int, periodname text, startdate date, enddate date, isposting text, isquarter text, isyear text, isadjust text, closed text);
  create table customer (id int, entityid text, altname text, companyname text, isperson text, firstname text, lastname text, email text, phone text, url text, currency int,
    datecreated timestamp, lastmodifieddate timestamp, isinactive text, parent int, defaultbillingaddress int);
  create table vendor (id int, entityid text, altname text, companyname text, email text, phone text, isinactive text, datecreated timestamp, lastmodifieddate timestamp,
    defaultbillingaddress int);
  create table customersubsidiaryrelationship (entity int, subsidiary int);
  create table vendorsubsidiaryrelationship (entity int, subsidiary int);
  create table customeraddressbookentityaddress (nkey int, addr1 text, addr2 text, addr3 text, city text, state text, zip text, country text);
  create table vendoraddressbookentityaddress (nkey int, addr1 text, addr2 text, addr3 text, city text, state text, zip text, country text);
  create table item (id int, itemid text, fullname text, description text, itemtype text, incomeaccount int, expenseaccount int, assetaccount int, isinactive text,
    lastmodifieddate timestamp);
  create table currency (id int, name text, symbol text, isbasecurrency text);
  create table subsidiary (id int, name text, fullname text, parent int, currency int, country text, iselimination text, isinactive text);
  create table department (id int, name text, parent int, isinactive text);
  create table classification (id int, name text, parent int, isinactive text);
  create table location (id int, name text, parent int, isinactive text);
  create table salestaxitem (id int, itemid text, description text, rate text, isinactive text);
  create table deletedrecord (recordid int, type text, name text, deleteddate timestamp);
  -- What BUILTIN.DF shows for a value of a column.
  create table displayed (of_column text, id int, name text, primary key (of_column, id));
`;

/** The year of the books is that of their first posting. */
const FIRST = { year: 2025, month: 11 };
const MONTHS = 15;

export const ACCOUNT = {
  checking: 1, receivable: 2, stock: 3, undeposited: 4, equipment: 5, payable: 6, card: 7, taxes: 8, equity: 9, sales: 10, interest: 11, goods: 12, rent: 13, loss: 14,
  savings: 15, headcount: 16, received: 17, deposits: 18, prepaid: 19,
};
const USD = 1;
const EUR = 2;
const [NORTHWIND, BERGMANN, WALKER] = [501, 502, 503];
const [LANDLORD, FREIGHT] = [601, 602];
const [CHAIR, DELIVERY] = [701, 702];
const [SHOP, OFFICE] = [1, 2];

const invoiced = (amount: number, tax: number, more: Partial<Line> = {}): Line[] => [
  { account: ACCOUNT.sales, amount: -amount, item: CHAIR, quantity: -2, rate: String(amount / 2), memo: "Chairs", department: SHOP, class: 1, ...more },
  ...(tax === 0 ? [] : [{ account: ACCOUNT.taxes, amount: -tax, tax: true, memo: "CA 10%" }]),
];

const TRANSACTIONS: readonly Transaction[] = [
  { id: 100, type: "Journal", number: "JE100", date: "2025-12-01", memo: "Opening balances", lines: [
    { account: ACCOUNT.checking, amount: 50_000 }, { account: ACCOUNT.savings, amount: 10_000 }, { account: ACCOUNT.stock, amount: 900.5 }, { account: ACCOUNT.equity, amount: -60_900.5 }] },
  { id: 101, type: "CustInvc", number: "INV101", date: "2026-01-10", due: "2026-02-09", entity: NORTHWIND, account: ACCOUNT.receivable, unpaid: 87, reference: "PO-77", memo: "Two chairs",
    lines: [...invoiced(200, 20), { account: ACCOUNT.goods, amount: 120, item: CHAIR, hidden: true }, { account: ACCOUNT.stock, amount: -120, item: CHAIR, hidden: true }] },
  { id: 102, type: "CustPymt", number: "PAY102", date: "2026-01-18", entity: NORTHWIND, account: ACCOUNT.undeposited, lines: [{ account: ACCOUNT.receivable, amount: -100 }] },
  { id: 103, type: "Deposit", number: "DEP103", date: "2026-01-20", account: ACCOUNT.checking, lines: [{ account: ACCOUNT.undeposited, amount: -100 }] },
  { id: 104, type: "CustInvc", number: "INV104", date: "2026-01-25", due: "2026-02-24", entity: BERGMANN, account: ACCOUNT.receivable, currency: EUR, rate: 1.1, unpaid: 0, lines: invoiced(300, 0) },
  { id: 105, type: "CustPymt", number: "PAY105", date: "2026-02-03", entity: BERGMANN, account: ACCOUNT.checking, currency: EUR, rate: 1.1, lines: [{ account: ACCOUNT.receivable, amount: -350 }] },
  { id: 106, type: "CustCred", number: "CM106", date: "2026-02-05", entity: NORTHWIND, account: ACCOUNT.receivable, memo: "Scratched",
    lines: [{ account: ACCOUNT.sales, amount: 50, item: CHAIR, quantity: 1, rate: "50", memo: "Chair", department: SHOP }, { account: ACCOUNT.taxes, amount: 5, tax: true }] },
  { id: 126, type: "CustCred", number: "CM126", date: "2026-03-18", entity: WALKER, account: ACCOUNT.receivable, lines: [{ account: ACCOUNT.sales, amount: 7, item: DELIVERY, quantity: 1, rate: "7" }] },
  { id: 107, type: "VendBill", number: "B-9001", date: "2026-02-01", due: "2026-03-03", entity: LANDLORD, account: ACCOUNT.payable, unpaid: 160,
    lines: [{ account: ACCOUNT.rent, amount: 500, memo: "February", department: OFFICE }] },
  { id: 108, type: "VendPymt", number: "204", date: "2026-02-12", entity: LANDLORD, account: ACCOUNT.checking, lines: [{ account: ACCOUNT.payable, amount: 300 }] },
  { id: 109, type: "VendCred", number: "VC109", date: "2026-02-14", entity: LANDLORD, account: ACCOUNT.payable, lines: [{ account: ACCOUNT.rent, amount: -40, memo: "Heating" }] },
  { id: 110, type: "Check", number: "205", date: "2026-02-15", entity: FREIGHT, account: ACCOUNT.checking, lines: [{ account: ACCOUNT.rent, amount: 75, memo: "Parking" }] },
  { id: 111, type: "CardChrg", number: "CC111", date: "2026-02-16", entity: FREIGHT, account: ACCOUNT.card, lines: [{ account: ACCOUNT.rent, amount: 20.25 }] },
  { id: 112, type: "CardRfnd", number: "CR112", date: "2026-02-17", entity: FREIGHT, account: ACCOUNT.card, lines: [{ account: ACCOUNT.rent, amount: -8 }] },
  { id: 113, type: "CashSale", number: "CS113", date: "2026-02-18", entity: WALKER, account: ACCOUNT.checking, lines: invoiced(160, 16) },
  { id: 114, type: "CashRfnd", number: "CF114", date: "2026-02-19", entity: WALKER, account: ACCOUNT.checking, lines: [{ account: ACCOUNT.sales, amount: 10, item: DELIVERY, quantity: 1, rate: "10" }] },
  { id: 115, type: "Transfer", number: "TR115", date: "2026-02-20", account: ACCOUNT.savings, memo: "Set aside", lines: [{ account: ACCOUNT.checking, amount: -1_000 }] },
  { id: 116, type: "PurchOrd", number: "PO116", date: "2026-03-01", entity: FREIGHT, account: ACCOUNT.payable, posting: false,
    lines: [{ account: ACCOUNT.stock, amount: 100, item: CHAIR, quantity: 5, rate: "20" }] },
  { id: 117, type: "ItemRcpt", number: "IR117", date: "2026-03-05", entity: FREIGHT, account: ACCOUNT.received, lines: [{ account: ACCOUNT.stock, amount: 100, item: CHAIR, quantity: 5, rate: "20", createdfrom: 116 }] },
  { id: 118, type: "SalesOrd", number: "SO118", date: "2026-03-06", entity: NORTHWIND, account: ACCOUNT.receivable, posting: false, reference: "PO-78",
    lines: [{ account: ACCOUNT.sales, amount: -400, item: CHAIR, quantity: -4, rate: "100", closed: true }] },
  { id: 119, type: "CustDep", number: "CD119", date: "2026-03-07", entity: NORTHWIND, account: ACCOUNT.undeposited, lines: [{ account: ACCOUNT.deposits, amount: -80 }] },
  { id: 120, type: "DepAppl", number: "DA120", date: "2026-03-08", entity: NORTHWIND, account: ACCOUNT.deposits, lines: [{ account: ACCOUNT.receivable, amount: -3 }] },
  { id: 121, type: "CustRfnd", number: "RF121", date: "2026-03-09", entity: NORTHWIND, account: ACCOUNT.checking, lines: [{ account: ACCOUNT.receivable, amount: 10 }] },
  { id: 122, type: "CustInvc", number: "INV122", date: "2026-03-10", entity: WALKER, account: ACCOUNT.receivable, unpaid: 0, voided: true, lines: [{ account: ACCOUNT.sales, amount: 0, item: CHAIR, quantity: -1, rate: "0" }] },
  { id: 123, type: "VendBill", number: "B-9002", date: "2026-03-11", entity: FREIGHT, account: ACCOUNT.payable, unpaid: 66, posting: false, lines: [{ account: ACCOUNT.rent, amount: 66, createdfrom: 116 }] },
  { id: 124, type: "VPrep", number: "VP124", date: "2026-03-12", entity: FREIGHT, account: ACCOUNT.checking, lines: [{ account: ACCOUNT.prepaid, amount: 30 }] },
  { id: 125, type: "CustInvc", number: "INV125", date: "2026-03-15", due: "2026-04-14", entity: WALKER, account: ACCOUNT.receivable, unpaid: 99, lines: [
    ...invoiced(110, 9), { account: ACCOUNT.sales, amount: 20, item: DELIVERY, rate: "-18.18%", memo: "Discount" }] },
  // Of another subsidiary.
  { id: 130, type: "CustInvc", number: "EU130", date: "2026-03-16", entity: BERGMANN, account: ACCOUNT.receivable, subsidiary: 2, currency: EUR, unpaid: 70, lines: invoiced(70, 0) },
  { id: 131, type: "Journal", number: "JE131", date: "2026-03-17", subsidiary: 2, currency: EUR, lines: [{ account: ACCOUNT.checking, amount: 9 }, { account: ACCOUNT.interest, amount: -9 }] },
  { id: 132, type: "Journal", number: "JE132", date: "2026-03-31", memo: "Interest", lines: [{ account: ACCOUNT.checking, amount: 4.5 }, { account: ACCOUNT.interest, amount: -4.5 }] },
  { id: 133, type: "Journal", number: "JE133", date: "2026-03-31", lines: [{ account: ACCOUNT.loss, amount: 1.5 }, { account: ACCOUNT.card, amount: -1.5 }] },
  // More rows than a page holds.
  ...Array.from({ length: 490 }, (_, index): Transaction => ({ id: 1_000 + index, type: "Journal", number: `JE${1_000 + index}`, date: "2025-12-15",
    lines: [{ account: ACCOUNT.rent, amount: 1 }, { account: ACCOUNT.checking, amount: -1 }] })),
];

/** What was set against what: a payment or credit, a document, the amount. */
const LINKS: readonly [number, number, number][] = [[102, 101, 100], [105, 104, 300], [106, 101, 30], [108, 107, 300], [109, 107, 40], [120, 101, 3], [121, 106, 10]];

const MODIFIED = "2026-03-20 09:30:00";

const cents = (amount: number): number => Math.round(amount * 100) / 100;

export async function openBooks(): Promise<PGlite> {
  const db = await PGlite.create();
  await db.exec(SCHEMA);
  await insert(db, "subsidiary", ["id", "name", "fullname", "parent", "currency", "country", "iselimination", "isinactive"], [
    [1, "Harbour Lane Trading", "Harbour Lane Trading", null, USD, "US", "F", "F"],
    [2, "Harbour Lane Europe", "Harbour Lane Trading : Harbour Lane Europe", 1, EUR, "DE", "F", "F"],
    [3, "Eliminations", "Eliminations", null, USD, "US", "T", "F"],
  ]);
  await insert(db, "currency", ["id", "name", "symbol", "isbasecurrency"], [[USD, "US Dollar", "USD", "T"], [EUR, "Euro", "EUR", "F"]]);
  await insert(db, "account", ["id", "acctnumber", "fullname", "accttype", "description", "currency", "isinactive", "issummary"], (
    [
      [ACCOUNT.checking, "1000", "Checking", "Bank"], [ACCOUNT.receivable, "1100", "Accounts Receivable", "AcctRec"], [ACCOUNT.stock, "1200", "Inventory", "OthCurrAsset"],
      [ACCOUNT.undeposited, "1499", "Undeposited Funds", "OthCurrAsset"], [ACCOUNT.equipment, "1500", "Equipment", "FixedAsset"], [ACCOUNT.payable, "2000", "Accounts Payable", "AcctPay"],
      [ACCOUNT.card, "2100", "Company Card", "CredCard"], [ACCOUNT.taxes, "2200", "Sales Taxes Payable", "OthCurrLiab"], [ACCOUNT.equity, "3000", "Opening Balance", "Equity"],
      [ACCOUNT.sales, "4000", "Sales", "Income"], [ACCOUNT.interest, "4900", "Interest", "OthIncome"], [ACCOUNT.goods, "5000", "Cost of Goods Sold", "COGS"],
      [ACCOUNT.rent, "6000", "Rent", "Expense"], [ACCOUNT.loss, "6900", "Exchange Loss", "OthExpense"], [ACCOUNT.savings, "1010", "Bank : Savings", "Bank"],
      [ACCOUNT.headcount, "9000", "Headcount", "Stat"], [ACCOUNT.received, "2010", "Received, not billed", "OthCurrLiab"], [ACCOUNT.deposits, "2300", "Customer Deposits", "OthCurrLiab"],
      [ACCOUNT.prepaid, "1300", "Vendor Prepayments", "OthCurrAsset"],
    ] as const
  ).map(([id, number, name, type]) => [id, number, name, type, id === ACCOUNT.rent ? "Offices and parking" : null, ["Bank", "CredCard"].includes(type) ? USD : null, id === ACCOUNT.equipment ? "T" : "F", "F"]));
  const periods: Value[][] = [];
  for (let month = 0; month < MONTHS; month += 1) {
    const at = new Date(Date.UTC(FIRST.year, FIRST.month - 1 + month, 1));
    const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0));
    periods.push([month + 1, `${at.getUTCMonth() + 1}/${at.getUTCFullYear()}`, iso(at), iso(last), "T", "F", "F", "F", "F"]);
  }
  periods.push([90, "FY 2026", "2026-01-01", "2026-12-31", "F", "F", "T", "F", "F"], [91, "Q1 2026", "2026-01-01", "2026-03-31", "F", "T", "F", "F", "F"]);
  await insert(db, "accountingperiod", ["id", "periodname", "startdate", "enddate", "isposting", "isquarter", "isyear", "isadjust", "closed"], periods);
  const entity = ["id", "entityid", "altname", "companyname", "isperson", "firstname", "lastname", "email", "phone", "currency", "lastmodifieddate", "isinactive", "defaultbillingaddress"];
  await insert(db, "customer", entity, [
    [NORTHWIND, "CUST501", "Northwind Traders", "Northwind Traders", "F", null, null, "pay@northwind.example", "555-0100", USD, MODIFIED, "F", 801],
    [BERGMANN, "CUST502", "Bergmann & Söhne", "Bergmann & Söhne", "F", null, null, null, null, EUR, MODIFIED, "F", null],
    [WALKER, "CUST503", "Ada Walker", null, "T", "Ada", "Walker", "ada@walker.example", null, USD, "2026-01-02 08:00:00", "T", null],
  ]);
  await insert(db, "vendor", ["id", "entityid", "altname", "companyname", "email", "phone", "isinactive", "lastmodifieddate", "defaultbillingaddress"], [
    [LANDLORD, "VEND601", "Quayside Estates", "Quayside Estates", "rent@quayside.example", "555-0199", "F", MODIFIED, 802],
    [FREIGHT, "VEND602", "Tide Freight", "Tide Freight", null, null, "F", MODIFIED, null],
  ]);
  const address = ["nkey", "addr1", "addr2", "city", "state", "zip", "country"];
  await insert(db, "customeraddressbookentityaddress", address, [[801, "1 Market Street", "Floor 2", "San Francisco", "CA", "94105", "US"]]);
  await insert(db, "vendoraddressbookentityaddress", address, [[802, "9 Quay", null, "Oakland", "CA", "94607", "US"]]);
  await insert(db, "customersubsidiaryrelationship", ["entity", "subsidiary"], [[NORTHWIND, 1], [BERGMANN, 1], [BERGMANN, 2], [WALKER, 1]]);
  await insert(db, "vendorsubsidiaryrelationship", ["entity", "subsidiary"], [[LANDLORD, 1], [FREIGHT, 1]]);
  await insert(db, "item", ["id", "itemid", "fullname", "description", "itemtype", "incomeaccount", "expenseaccount", "assetaccount", "isinactive", "lastmodifieddate"], [
    [CHAIR, "CHAIR", "Chair", "A chair of oak", "InvtPart", ACCOUNT.sales, ACCOUNT.goods, ACCOUNT.stock, "F", MODIFIED],
    [DELIVERY, "DELIVERY", "Delivery", null, "Service", ACCOUNT.sales, null, null, "F", MODIFIED],
    [703, "OLDKIT", "Old kit", null, "Kit", null, null, null, "T", MODIFIED],
  ]);
  await insert(db, "department", ["id", "name", "parent", "isinactive"], [[SHOP, "Shop", null, "F"], [OFFICE, "Office", SHOP, "F"]]);
  await insert(db, "classification", ["id", "name", "parent", "isinactive"], [[1, "Retail", null, "F"]]);
  await insert(db, "location", ["id", "name", "parent", "isinactive"], [[1, "Pier 3", null, "T"]]);
  await insert(db, "salestaxitem", ["id", "itemid", "description", "rate", "isinactive"], [[901, "CA-10", "California", "10.00%", "F"], [902, "OLD", null, "8.25%", "T"]]);
  await db.exec(`
    insert into displayed select 'entity', id, coalesce(companyname, altname) from customer union all select 'entity', id, companyname from vendor
      union all select 'item', id, itemid from item union all select 'account', id, acctnumber || ' ' || fullname from account union all select 'department', id, name from department
      union all select 'class', id, name from classification union all select 'location', id, name from location;
    create index on transactionline (transaction); create index on transactionaccountingline (transaction, transactionline); create index on transaction (id);`);
  await post(db, TRANSACTIONS);
  for (const [next, previous, amount] of LINKS) await apply(db, next, previous, amount, MODIFIED);
  return db;
}

/** Writes transactions with their lines, and the postings of both books. */
export async function post(db: PGlite, transactions: readonly Transaction[]): Promise<void> {
  const [headers, lines, postings]: [Value[][], Value[][], Value[][]] = [[], [], []];
  for (const one of transactions) {
    const rate = one.rate ?? 1;
    const subsidiary = one.subsidiary ?? 1;
    const posts = one.posting === false ? "F" : "T";
    const all: (Line & { main?: boolean })[] = [...one.lines];
    if (one.account !== undefined) {
      all.unshift({ account: one.account, amount: cents(-one.lines.reduce((sum, { amount, hidden }) => (hidden === true ? sum : sum + amount), 0)), main: true });
    }
    const own = all[0];
    const at = new Date(`${one.date}T00:00:00Z`);
    const period = (at.getUTCFullYear() - FIRST.year) * 12 + at.getUTCMonth() + 1 - FIRST.month + 1;
    headers.push([one.id, one.type, one.number, one.date, one.due ?? null, one.modified ?? MODIFIED, one.entity ?? null, one.currency ?? USD, rate, Math.abs(own?.amount ?? 0),
      one.unpaid ?? null, posts, period, one.memo ?? null, one.reference ?? null, one.voided === true ? "T" : "F"]);
    all.forEach((line, index) => {
      lines.push([index, one.id, index, line.main === true ? "T" : "F", line.tax === true ? "T" : "F", line.item ?? null, line.quantity ?? null, line.rate ?? null, line.amount,
        line.memo ?? null, line.department ?? null, line.class ?? null, subsidiary, line.hidden === true ? "T" : "F", line.closed === true ? "T" : "F", "F", line.createdfrom ?? null]);
      const amount = cents(line.amount * rate);
      // The second book is kept for another authority, at half of every amount.
      for (const [book, posted] of [[1, amount], [2, amount / 2]] as const) {
        postings.push([one.id, index, line.account, book, posted, posted > 0 ? posted : null, posted < 0 ? -posted : null, posts]);
      }
    });
  }
  await insert(db, "transaction", ["id", "type", "tranid", "trandate", "duedate", "lastmodifieddate", "entity", "currency", "exchangerate", "foreigntotal", "foreignamountunpaid",
    "posting", "postingperiod", "memo", "otherrefnum", "voided"], headers);
  await insert(db, "transactionline", ["id", "transaction", "linesequencenumber", "mainline", "taxline", "item", "quantity", "rate", "foreignamount", "memo", "department", "class",
    "subsidiary", "iscogs", "isclosed", "donotdisplayline", "createdfrom"], lines);
  await insert(db, "transactionaccountingline", ["transaction", "transactionline", "account", "accountingbook", "amount", "debit", "credit", "posting"], postings);
}

/** Sets a payment or credit against a document, as of a time; the document's own time stays as it is. */
export async function apply(db: PGlite, next: number, previous: number, amount: number, at: string): Promise<void> {
  await db.query(
    `insert into nexttransactionlinelink select p.id, 0, p.type, n.id, 1, n.type, $3, 'Payment', $4::timestamp from transaction p, transaction n where p.id = $2 and n.id = $1`,
    [next, previous, amount, at],
  );
}

async function insert(db: PGlite, table: string, columns: string[], rows: readonly (readonly Value[])[]): Promise<void> {
  for (let from = 0; from < rows.length; from += 500) {
    const values = rows.slice(from, from + 500).map((row) => `(${row.map(literal).join(", ")})`);
    await db.exec(`insert into ${table} (${columns.join(", ")}) values ${values.join(", ")}`);
  }
}

const literal = (value: Value): string => (value === null ? "null" : typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`);

const iso = (day: Date): string => day.toISOString().slice(0, 10);
