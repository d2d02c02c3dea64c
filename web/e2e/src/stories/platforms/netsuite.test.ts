// The journey to NetSuite and back, against an emulator by Oracle's help that runs the queries on a database.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";

import { emulatedOnBothDatabases, goThrough, leave, newestPull } from "../../emulators/emulated-world.js";
import type { PlatformRequest } from "../../emulators/emulator.js";
import { CURRENCIES, NetSuite, PEOPLE, refused, SUBSIDIARIES } from "../../emulators/netsuite.js";
import { apply, post } from "../../emulators/netsuite-books.js";
import { arriveAtResult, chooseByKeyboard, pressByKeyboard, tabTo } from "../../harness/actors/customer.js";
import { openProfile } from "../../harness/browser.js";
import { look } from "../../harness/look.js";
import { until } from "../../harness/until.js";
import { ROOT } from "../../harness/world.js";

const KEY = "akxx";
const [ADA, BEN] = PEOPLE.map(({ label }) => label) as [string, string];
const TRADING = "Harbour Lane Trading";
const TYPES = [
  "company",
  "chartOfAccounts",
  "taxRates",
  "trackingCategories",
  "bankAccounts",
  "customers",
  "suppliers",
  "items",
  "invoices",
  "creditNotes",
  "payments",
  "bills",
  "billCreditNotes",
  "billPayments",
  "directIncomes",
  "directCosts",
  "transfers",
  "purchaseOrders",
  "salesOrders",
  "itemReceipts",
  "journalEntries",
  "accountTransactions",
  "profitAndLoss",
  "balanceSheet",
];
const DAY_SECONDS = 86_400;

interface Company {
  readonly companyId: string;
  readonly connectionId: string;
}

interface Statement {
  readonly reports: { netProfit?: number; netAssets?: number; assets?: { value: number }; liabilities?: { value: number }; equity?: { value: number } }[];
}

/** The query of a request. */
const queryOf = ({ body }: PlatformRequest): string => (body.startsWith("{") ? (JSON.parse(body) as { q?: string }).q ?? "" : "");
const asksFor = (words: string) => (request: PlatformRequest): boolean => queryOf(request).includes(words);

/** The answers to the folder's queries for changes since a day, of an account that has everything. */
async function changesOf(netsuite: NetSuite, day: string): Promise<{ name: string; status: number; ids: string[]; detail: string }[]> {
  const manifest = readFileSync(join(ROOT, "integrations", "netsuite", "manifest.toml"), "utf8");
  const texts = new Map([...manifest.matchAll(/^(\w+) = \{ (?:text = |by = "\w+", values = \{ T = )"([^"]*)"/gm)].map(([, name, text]) => [name, text]));
  const fill = (query: string, since: string): string => {
    const known = new Map([...texts, ["subsidiary", "1"], ["offset", "0"], ["since", since], ["first_day", "2026-02-01"], ["last_day", "2026-02-28"], ["time", day]]);
    let text = query;
    while (text.includes("${")) text = text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => known.get(name) ?? assert.fail(name));
    return text;
  };
  const seen = new Map<string, number>();
  const answers = [];
  for (const section of manifest.split("\n[[data]]\n").slice(1)) {
    const part = (pattern: RegExp): string => pattern.exec(section)?.[1] ?? "";
    const type = part(/^type = "(\w+)"/m);
    const number = (seen.get(type) ?? 0) + 1;
    seen.set(type, number);
    const answer = await netsuite.ask(fill(part(/^body = \{ q = "([^"]*)"/m), part(/^since = \{ text = "([^"]*)"/m)));
    const { items = [], ...rest } = answer.body as { items?: { id: string }[] };
    answers.push({ name: `${type}.${number}`, status: answer.status ?? 200, ids: [...new Set(items.map(({ id }) => id))], detail: answer.status === undefined ? "" : JSON.stringify(rest) });
  }
  return answers;
}

emulatedOnBothDatabases("NetSuite", KEY, (client) => new NetSuite(client), (stage) => {
  afterEach(() => {
    stage.emulator.hidden.clear();
    stage.emulator.aheadSeconds = 0;
  });

  /** Links a new company; of several subsidiaries, the customer chooses one. */
  async function linkWith(name: string, person = ADA, subsidiary: string | null = TRADING): Promise<Company> {
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection(name, KEY);
    const arrival = await goThrough(stage.browser, linkUrl, [person]);
    if (subsidiary !== null) {
      await arrival.page.locator("label.check", { hasText: subsidiary }).getByRole("radio").check();
      await arrival.page.getByRole("button", { name: "Connect this business" }).click();
    }
    await arriveAtResult(arrival.page);
    await leave(arrival);
    await stage.world.client.untilStatus(companyId, connectionId, "Linked");
    return { companyId, connectionId };
  }

  test("a customer chooses a subsidiary, all of it is pulled to the cent, and disconnecting revokes the grant", async () => {
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection("Harbour Lane", KEY);
    const arrival = await goThrough(stage.browser, linkUrl, [ADA]);
    const { page } = arrival;
    await page.getByRole("heading", { name: "Which business do you want to connect?" }).waitFor();
    const offered = await page.locator("label.check").allInnerTexts();
    assert.deepEqual(
      offered.map((text) => text.replaceAll(/\s+/g, " ").trim()),
      ["Harbour Lane Trading US USD", "Harbour Lane Europe DE EUR"],
      "a subsidiary for eliminations is no company",
    );
    await page.locator("label.check", { hasText: TRADING }).getByRole("radio").check();
    await page.getByRole("button", { name: "Connect this business" }).click();
    await arriveAtResult(page);
    await leave(arrival);
    await stage.world.client.untilStatus(companyId, connectionId, "Linked");
    const statuses = await stage.world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", `${dataType}: ${(await newestPull(stage.world, companyId, dataType))?.errorMessage ?? ""}`);
    const asked = stage.emulator.received.filter(({ url }) => url.pathname.endsWith("/suiteql"));
    assert.ok(asked.every(({ url }) => url.pathname.startsWith("/1234567-sb1/")), "the account's own host is asked");
    const pages = asked.map(queryOf).filter((query) => query.includes("SELECT t.id, t.type, t.tranid, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, TO_CHAR(t.lastmodifieddate"));
    assert.ok(pages.length > 1 && new Set(pages).size === pages.length, "each page goes on behind the last record of the one before");

    const data = `/companies/${companyId}/data`;
    const invoices = await stage.world.client.readAll<{ invoiceNumber: string; currency: string; currencyRate: number; totalAmount: number; amountDue: number; status: string }>(`${data}/invoices`);
    const told = new Map(invoices.map(({ invoiceNumber, currency, currencyRate, totalAmount, amountDue, status }) => [invoiceNumber, `${status} ${currency} ${currencyRate} ${totalAmount} ${amountDue}`]));
    assert.deepEqual(Object.fromEntries(told), {
      INV101: "PartiallyPaid USD 1 220 87",
      INV104: "Paid EUR 1.1 300 0",
      INV122: "Void USD 1 0 0",
      INV125: "Submitted USD 1 99 99",
    });
    const credits = await stage.world.client.readAll<{ remainingCredit: number; status: string }>(`${data}/creditNotes`);
    assert.deepEqual(credits.map(({ remainingCredit, status }) => `${remainingCredit} ${status}`).sort(), ["15 PartiallyPaid", "7 Submitted"]);
    const payments = await stage.world.client.readAll<{ reference: string; totalAmount: number; lines: { amount: number }[] }>(`${data}/payments`);
    assert.deepEqual(
      payments.map(({ reference, totalAmount, lines }) => `${reference} ${totalAmount} ${lines.map(({ amount }) => amount).join("+")}`).sort(),
      ["CD119 80 80", "DA120 0 0", "PAY102 100 100", "PAY105 350 300+50", "RF121 -10 -10"],
    );

    // What is read back is what the tables have, to the cent.
    const db = await stage.emulator.books();
    const posted = (await db.query<{ count: number; sum: string }>(
      "select count(distinct l.transaction)::int as count, sum(abs(l.amount)) as sum from transactionaccountingline l join transactionline n on n.transaction = l.transaction and n.id = l.transactionline where l.posting = 'T' and l.accountingbook = 1 and n.subsidiary = 1",
    )).rows[0];
    const entries = await stage.world.client.readAll<{ journalLines: { netAmount: number }[] }>(`${data}/journalEntries`);
    const cents = (sum: number, { netAmount }: { netAmount: number }): number => sum + Math.round(netAmount * 100);
    assert.equal(entries.length, posted?.count);
    assert.ok(entries.every(({ journalLines }) => journalLines.reduce(cents, 0) === 0), "each entry's debits are its credits");
    assert.equal(entries.flatMap(({ journalLines }) => journalLines).reduce((sum, { netAmount }) => sum + Math.abs(Math.round(netAmount * 100)), 0), Math.round(Number(posted?.sum) * 100));
    const banks = (await db.query<{ id: string; sum: string; count: number }>(
      "select l.account::text as id, sum(l.amount) as sum, count(distinct l.transaction)::int as count from transactionaccountingline l join account a on a.id = l.account join transactionline n on n.transaction = l.transaction and n.id = l.transactionline where l.posting = 'T' and l.accountingbook = 1 and n.subsidiary = 1 and a.accttype in ('Bank', 'CredCard') group by l.account",
    )).rows;
    const moved = await stage.world.client.readAll<{ bankAccountRef: { id: string }; totalAmount: number }>(`/companies/${companyId}/connections/${connectionId}/data/accountTransactions`);
    assert.ok(banks.length > 1);
    for (const { id, sum, count } of banks) {
      const own = moved.filter(({ bankAccountRef }) => bankAccountRef.id === id);
      assert.equal(own.length, count, `account ${id}`);
      assert.equal(own.reduce((total, { totalAmount }) => total + Math.round(totalAmount * 100), 0), Math.round(Number(sum) * 100), `account ${id}`);
    }
    const { reports: profits } = await stage.world.client.read<Statement>(`${data}/financials/profitAndLoss?periodLength=1&periodsToCompare=1&startMonth=2026-02-01`);
    assert.equal(profits[0]?.netProfit, 160 - 50 - 10 - (500 - 40 + 75 + 20.25 - 8));
    const { reports } = await stage.world.client.read<Statement>(`${data}/financials/balanceSheet?periodLength=1&periodsToCompare=3`);
    for (const { assets, liabilities, equity, netAssets } of reports) {
      assert.equal(netAssets, equity?.value);
      assert.equal(Math.round((assets?.value ?? NaN) * 100), Math.round(((liabilities?.value ?? NaN) + (equity?.value ?? NaN)) * 100));
    }

    // A month from the sign-in, and no longer, whatever is renewed.
    const { results: consents } = await stage.world.client.read<{ results: { validUntil?: string }[] }>(`/companies/${companyId}/consents`);
    const days = (Date.parse(consents[0]?.validUntil ?? "") - Date.now()) / DAY_SECONDS / 1_000;
    assert.ok(days > 29 && days <= 30, JSON.stringify(consents));

    await stage.world.client.disconnect(companyId, connectionId);
    await until("the grant is revoked", () => [...stage.emulator.grants.values()].every(({ revoked }) => revoked));
    const [revocation] = stage.emulator.requests("/revoke");
    assert.equal(revocation?.url.pathname, "/1234567-sb1/services/rest/auth/oauth2/v1/revoke");
  });

  test("the customer is told how long access lasts before it is given", async () => {
    const { linkUrl } = await stage.world.client.newConnection("Careful", KEY);
    const page = await (await stage.browser.newContext()).newPage();
    await page.goto(linkUrl);
    await page.getByText("NetSuite ends this access after 30 days").first().waitFor();
    await page.getByText("Access lasts for 30 days at most").first().waitFor({ state: "attached" });
    await page.context().close();
  });

  test("the queries for changes find what was changed, settled and deleted since, and run on the tables", async () => {
    const db = await stage.emulator.books();
    const answers = await changesOf(stage.emulator, "2026-03-25");
    const failed = answers.filter(({ status }) => status !== 200);
    assert.deepEqual(failed, []);
    await post(db, [{ id: 9_010, type: "CustInvc", number: "INV9010", date: "2026-03-20", entity: 503, account: 2, unpaid: 5, modified: "2026-04-01 10:00:00", lines: [{ account: 10, amount: -5 }] }]);
    await post(db, [{ id: 9_011, type: "CustPymt", number: "PAY9011", date: "2026-03-20", entity: 501, account: 1, modified: "2026-04-01 10:00:00", lines: [{ account: 2, amount: -87 }] }]);
    await db.exec("update transaction set foreignamountunpaid = 0 where id = 101");
    await apply(db, 9_011, 101, 87, "2026-04-01 10:00:00");
    await db.exec("insert into deletedrecord values (104, 'CustInvc', 'INV104', '2026-04-01 10:00:00'), (105, 'Customer Payment', 'PAY105', '2026-04-01 10:00:00'), (106, 'creditmemo', 'CM106', '2026-03-01 10:00:00')");
    const found = new Map((await changesOf(stage.emulator, "2026-03-31")).map(({ name, ids }) => [name, ids]));
    assert.deepEqual(found.get("invoices.1"), ["9010"]);
    assert.ok(found.get("invoices.2")?.includes("101"), "settled since, and its own time unchanged");
    assert.deepEqual(found.get("invoices.3"), ["104"]);
    assert.deepEqual(found.get("payments.1"), ["9011"]);
    assert.deepEqual(found.get("payments.2"), ["105"]);
    assert.deepEqual(found.get("creditNotes.2"), []);
    assert.deepEqual(found.get("accountTransactions.1"), ["9011"], "an invoice moves no bank account");
    assert.deepEqual(found.get("accountTransactions.3"), ["104", "105"]);
    await db.exec("update transaction set foreignamountunpaid = 87 where id = 101; delete from nexttransactionlinelink where nextdoc = 9011; delete from deletedrecord");
    for (const table of ["transactionaccountingline", "transactionline"]) await db.exec(`delete from ${table} where transaction in (9010, 9011)`);
    await db.exec("delete from transaction where id in (9010, 9011)");
  });

  test("on a telephone and by keyboard alone, a customer agrees, chooses a subsidiary and arrives", async () => {
    // NetSuite's own tax codes have ids below zero.
    const db = await stage.emulator.books();
    await db.exec("insert into salestaxitem values (-7, '-Not Taxable-', 'Not taxable', '0.00%', 'F')");
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection("Handy", KEY);
    const profile = await openProfile(stage.browser, { viewport: { width: 375, height: 760 } });
    const page = await profile.page();
    await page.goto(linkUrl);
    assert.deepEqual(await look(page, "netsuite-start-phone"), []);
    const boxes = await page.locator('form[action$="/start"]').getByRole("checkbox").count();
    for (let box = 0; box < boxes; box += 1) {
      const label = await page.locator('form[action$="/start"] label.check').nth(box).innerText();
      await tabTo(page, label.trim());
      await page.keyboard.press("Space");
    }
    await pressByKeyboard(page, "Continue to Oracle NetSuite");
    await page.getByLabel(ADA, { exact: true }).check();
    await page.getByRole("button", { name: "Allow access", exact: true }).click();
    await page.getByRole("heading", { name: "Which business do you want to connect?" }).waitFor();
    assert.deepEqual(await look(page, "netsuite-choice-phone"), []);
    await chooseByKeyboard(page, TRADING);
    await pressByKeyboard(page, "Connect this business");
    await arriveAtResult(page);
    assert.deepEqual(await look(page, "netsuite-result-phone"), []);
    await leave({ profile, page, steps: { instructions: boxes, companyName: undefined } });
    await stage.world.client.untilStatus(companyId, connectionId, "Linked");
    await stage.world.client.untilSettled(companyId);
    await db.exec("delete from salestaxitem where id = -7");
    const rates = await stage.world.client.readAll<{ id: string }>(`/companies/${companyId}/data/taxRates`);
    assert.ok(rates.some(({ id }) => id === "-7"), JSON.stringify(rates));
    await stage.world.client.disconnect(companyId, connectionId);
  });

  test("a second pull brings what was settled, and marks what is deleted", async () => {
    const company = await linkWith("Changing");
    await stage.world.client.untilSettled(company.companyId);
    const db = await stage.emulator.books();
    const today = new Date().toISOString().slice(0, 19).replace("T", " ");
    await db.exec("update transaction set foreignamountunpaid = 0 where id = 125");
    await post(db, [{ id: 9_001, type: "CustPymt", number: "PAY9001", date: "2026-03-20", entity: 503, account: 1, modified: today, lines: [{ account: 2, amount: -99 }] }]);
    await apply(db, 9_001, 125, 99, today);
    await db.exec("delete from transaction where id = 122");
    await db.query("insert into deletedrecord values (122, 'Invoice', 'INV122', $1)", [today]);
    for (const dataType of ["invoices", "payments"]) await stage.world.client.queue(company.companyId, dataType);
    const statuses = await stage.world.client.untilSettled(company.companyId);
    assert.equal(statuses.get("invoices"), "Complete");
    const invoices = await stage.world.client.readAll<{ id: string; status: string; metadata?: { isDeleted: boolean } }>(`/companies/${company.companyId}/data/invoices`);
    assert.equal(invoices.find(({ id }) => id === "125")?.status, "Paid");
    const gone = invoices.find(({ id }) => id === "122");
    assert.ok(gone === undefined || gone.metadata?.isDeleted === true, JSON.stringify(gone));
    const payments = await stage.world.client.readAll<{ id: string }>(`/companies/${company.companyId}/data/payments`);
    assert.ok(payments.some(({ id }) => id === "9001"));
  });

  test("a limit in a 400 is waited out, and what a role may not read is said with what to do", async () => {
    stage.emulator.interruptions.push({
      fits: asksFor("FROM vendor e"),
      answer: { ...refused("Concurrent request limit exceeded. Request blocked.", "CONCURRENCY_LIMIT_EXCEEDED"), headers: { "retry-after": "1" } },
      times: 1,
    });
    stage.emulator.hidden.add("customer");
    const { companyId } = await linkWith("Narrow");
    const statuses = await stage.world.client.untilSettled(companyId);
    stage.emulator.hidden.delete("customer");
    assert.equal(statuses.get("suppliers"), "Complete");
    const suppliers = await stage.world.client.readAll<{ emailAddress?: string }>(`/companies/${companyId}/data/suppliers`);
    assert.ok(suppliers.some(({ emailAddress }) => emailAddress === "rent@quayside.example"), "asked again, and not in plainer words");
    assert.equal(statuses.get("customers"), "PermissionsError");
    assert.match((await newestPull(stage.world, companyId, "customers"))?.errorMessage ?? "", /Record 'customer' was not found.*permission Lists, Customers/);
    assert.equal(statuses.get("invoices"), "Complete");
  });

  test("a plainer query is made where the first is refused", async () => {
    stage.emulator.hidden.add("vendor.email");
    stage.emulator.hidden.add("nexttransactionlinelink");
    const { companyId } = await linkWith("Plain");
    const statuses = await stage.world.client.untilSettled(companyId);
    stage.emulator.hidden.clear();
    for (const dataType of ["suppliers", "invoices", "creditNotes", "payments"]) assert.equal(statuses.get(dataType), "Complete", dataType);
    const suppliers = await stage.world.client.readAll<{ supplierName: string; emailAddress?: string }>(`/companies/${companyId}/data/suppliers`);
    assert.deepEqual(suppliers.map(({ supplierName, emailAddress }) => [supplierName, emailAddress ?? null]).sort(), [["Quayside Estates", null], ["Tide Freight", null]]);
    const credits = await stage.world.client.readAll<{ remainingCredit?: number }>(`/companies/${companyId}/data/creditNotes`);
    assert.ok(credits.length === 2 && credits.every(({ remainingCredit }) => (remainingCredit ?? null) === null), "what can't be told is left out");
    const payments = await stage.world.client.readAll<{ lines: { links?: unknown[] }[] }>(`/companies/${companyId}/data/payments`);
    assert.ok(payments.length > 0 && payments.every(({ lines }) => lines.every(({ links }) => (links ?? []).length === 0)));
  });

  test("an account without subsidiaries, currencies and books is one company, and says what it doesn't have", async () => {
    for (const name of [...SUBSIDIARIES, ...CURRENCIES, "transactionaccountingline.accountingbook", "department", "transactionline.department", "salestaxitem"]) stage.emulator.hidden.add(name);
    // Nothing is posted twice in an account with one book.
    const db = await stage.emulator.books();
    await db.exec("create table second_book as select * from transactionaccountingline where accountingbook = 2; delete from transactionaccountingline where accountingbook = 2");
    const { companyId } = await linkWith("Plainest", BEN, null);
    const statuses = await stage.world.client.untilSettled(companyId);
    await db.exec("insert into transactionaccountingline select * from second_book; drop table second_book");
    stage.emulator.hidden.clear();
    assert.equal(statuses.get("company"), "NotSupported");
    assert.equal(statuses.get("taxRates"), "NotSupported");
    assert.match((await newestPull(stage.world, companyId, "taxRates"))?.errorMessage ?? "", /SuiteTax/);
    for (const dataType of ["chartOfAccounts", "trackingCategories", "customers", "invoices", "bills", "payments", "journalEntries", "balanceSheet"]) {
      assert.equal(statuses.get(dataType), "Complete", `${dataType}: ${(await newestPull(stage.world, companyId, dataType))?.errorMessage ?? ""}`);
    }
    const categories = await stage.world.client.readAll<{ id: string }>(`/companies/${companyId}/data/trackingCategories`);
    assert.deepEqual(categories.map(({ id }) => id).sort(), ["class-1", "location-1"]);
  });

  test("a role that doesn't see the subsidiaries doesn't get all of them", async () => {
    stage.emulator.hidden.add("subsidiary");
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection("Blind", KEY);
    const arrival = await goThrough(stage.browser, linkUrl, [ADA]);
    await arriveAtResult(arrival.page);
    await leave(arrival);
    stage.emulator.hidden.clear();
    const connection = await stage.world.client.connection(companyId, connectionId);
    assert.equal(connection.status, "PendingAuth");
    assert.match(connection.dataConnectionErrors?.at(-1)?.errorMessage ?? "", /permission Lists, Subsidiaries/);
  });

  test("another subsidiary than before is noticed, and nothing changes until the customer decides", async () => {
    const { companyId, connectionId } = await linkWith("Mistaken");
    await stage.world.client.untilSettled(companyId);
    await stage.world.client.disconnect(companyId, connectionId);
    const { linkUrl } = await stage.world.client.connection(companyId, connectionId);
    const arrival = await goThrough(stage.browser, linkUrl, [ADA]);
    await arrival.page.locator("label.check", { hasText: "Europe" }).getByRole("radio").check();
    await arrival.page.getByRole("button", { name: "Connect this business" }).click();
    await arrival.page.getByRole("heading", { name: "That’s a different business" }).waitFor();
    await arrival.page.getByRole("button", { name: "Leave everything as it was" }).click();
    await arriveAtResult(arrival.page);
    await leave(arrival);
    assert.notEqual((await stage.world.client.connection(companyId, connectionId)).status, "Linked");
  });

  test("a look that is over leaves the connection deauthorized, and connecting again brings it back", async () => {
    const { companyId, connectionId } = await linkWith("Looked");
    await stage.world.client.untilSettled(companyId);
    stage.emulator.aheadSeconds = 31 * DAY_SECONDS;
    await stage.world.client.queue(companyId, "customers");
    await stage.world.client.untilStatus(companyId, connectionId, "Deauthorized");
    const { linkUrl } = await stage.world.client.connection(companyId, connectionId);
    const arrival = await goThrough(stage.browser, linkUrl, [ADA]);
    await arrival.page.locator("label.check", { hasText: TRADING }).getByRole("radio").check();
    await arrival.page.getByRole("button", { name: "Connect this business" }).click();
    await arriveAtResult(arrival.page);
    await leave(arrival);
    await stage.world.client.untilStatus(companyId, connectionId, "Linked");
    stage.emulator.aheadSeconds = 0;
  });

  test("the records agree with each other", async () => {
    const { companyId, connectionId } = await linkWith("Agreeing");
    await stage.world.client.untilSettled(companyId);
    const { tests } = await stage.world.client.read<{ tests: { id: string; result: string; reason: string }[] }>(`/companies/${companyId}/connections/${connectionId}/reconciliation`);
    // Of customers and suppliers it can't tell: of what is on account, nothing tells how much was used since.
    assert.deepEqual(tests.filter(({ result }) => result === "differs"), []);
    for (const wanted of ["profitAndLoss", "balanceSheet", "cashBooks/1", "cashBooks/15", "cashBooks/7"]) {
      const found = tests.find(({ id }) => id === wanted);
      assert.equal(found?.result, "passed", `${wanted}: ${found?.reason ?? ""}`);
    }
  });
});
