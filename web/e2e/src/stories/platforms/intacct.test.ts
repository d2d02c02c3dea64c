// The journey to Sage Intacct and back, against an emulator with a sandbox company's books.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";

import type { Page } from "playwright-core";

import { emulatedOnBothDatabases, goThrough, leave, newestPull } from "../../emulators/emulated-world.js";
import type { Row } from "../../emulators/fixtures.js";
import { ENTITIES, Intacct, problem, USERS } from "../../emulators/intacct.js";
import { addForeignDocuments, intacctBooks } from "../../emulators/intacct-books.js";
import { readSandboxBooks, type SandboxBooks } from "../../emulators/sandbox-books.js";
import { arriveAtResult, BUSINESSES, proceed } from "../../harness/actors/customer.js";
import { openProfile } from "../../harness/browser.js";
import { look } from "../../harness/look.js";
import { freePort, start } from "../../harness/processes.js";
import { until } from "../../harness/until.js";
import { PROGRAM, ROOT } from "../../harness/world.js";

const KEY = "knfz";
const [ADA, EVE, BEN] = USERS.map(({ label }) => label) as [string, string, string];
const [TRADING, EUROPE] = ENTITIES.map(({ name }) => name) as [string, string];
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
  "journalEntries",
  "profitAndLoss",
  "balanceSheet",
];
const CURRENCY = "SEK";
const LACKS = "This user may not see everything";
const DAY_SECONDS = 86_400;

interface Company {
  readonly companyId: string;
  readonly connectionId: string;
}

interface Document {
  readonly id: string;
  readonly status: string;
  readonly currency: string;
  readonly currencyRate: number;
  readonly totalAmount: number;
  readonly amountDue?: number;
  readonly remainingCredit?: number;
}

interface Section {
  readonly value: number;
}

interface Statement {
  readonly reports: { fromDate?: string; date?: string; netProfit?: number; grossProfit?: number; netAssets?: number; assets?: Section; liabilities?: Section; equity?: Section }[];
}

const cents = (amount: number): number => Math.round(amount * 100);

emulatedOnBothDatabases("Sage Intacct", KEY, (client) => new Intacct(client), (stage) => {
  let books: SandboxBooks;
  const visible = async (page: Page): Promise<string[]> => (await page.locator("label.check").allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " ").trim());

  before(async () => {
    books = await readSandboxBooks(stage.world.sandbox, BUSINESSES.carpenter);
    const [trading] = ENTITIES as [(typeof ENTITIES)[0]];
    const harbour = intacctBooks(books, trading, CURRENCY);
    addForeignDocuments(harbour, trading, CURRENCY);
    harbour["company-config/entity"] = [...ENTITIES, { key: "3", id: "300", name: "Harbour Lane, closed", status: "inactive" }].map((entity) => ({ status: "active", ...entity }));
    stage.emulator.companies.set("HarbourLane", harbour);
    stage.emulator.companies.set("PierStreet", intacctBooks(books, trading, CURRENCY));
  });
  afterEach(() => {
    stage.emulator.forbidden.clear();
    stage.emulator.absent.clear();
    stage.emulator.aheadSeconds = 0;
  });

  /** Chooses an entity on the page after the sign-in. */
  async function choose(page: Page, name: string): Promise<void> {
    await page.locator("label.check", { hasText: name }).getByRole("radio").check();
    await page.getByRole("button", { name: "Connect this business" }).click();
  }

  async function linkWith(name: string, user: string, entity: string | null): Promise<Company> {
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection(name, KEY);
    const arrival = await goThrough(stage.browser, linkUrl, [user]);
    if (entity !== null) await choose(arrival.page, entity);
    await arriveAtResult(arrival.page);
    await leave(arrival);
    await stage.world.client.untilStatus(companyId, connectionId, "Linked");
    return { companyId, connectionId };
  }

  test("the customer is told before what to prepare, that each user has one access, and that nothing is changed", async () => {
    const { linkUrl } = await stage.world.client.newConnection("Careful", KEY);
    const profile = await openProfile(stage.browser, { viewport: { width: 375, height: 760 } });
    const page = await profile.page();
    await page.goto(linkUrl);
    await page.getByText("Each user can have one such access").waitFor();
    await page.getByText("Sage Intacct has no permission for reading alone").first().waitFor({ state: "attached" });
    assert.deepEqual(await look(page, "intacct-start-phone"), []);
    await leave({ profile, page, steps: { instructions: 0, companyName: undefined } });
  });

  test("a customer chooses an entity, all of it is pulled to the cent, and disconnecting revokes the grant", async () => {
    const { world, emulator } = stage;
    const { companyId, connectionId, linkUrl } = await world.client.newConnection("Harbour Lane", KEY);
    const arrival = await goThrough(stage.browser, linkUrl, [ADA]);
    await arrival.page.getByRole("heading", { name: "Which business do you want to connect?" }).waitFor();
    assert.deepEqual(await visible(arrival.page), [`${TRADING} 100`, `${EUROPE} 200`, "HarbourLane all entities together"], "an inactive entity is no company");
    assert.equal(await arrival.page.getByText(LACKS).count(), 0);
    await choose(arrival.page, TRADING);
    await arriveAtResult(arrival.page);
    await leave(arrival);
    await world.client.untilStatus(companyId, connectionId, "Linked");
    const statuses = await world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", `${dataType}: ${(await newestPull(world, companyId, dataType))?.errorMessage ?? ""}`);
    assert.equal(statuses.get("salesOrders"), undefined);

    const queries = emulator.requests("/query");
    const first = queries.findIndex(({ headers }) => headers["x-ia-api-param-entity"] !== undefined);
    assert.ok(first > 0 && queries.slice(first).every(({ headers }) => headers["x-ia-api-param-entity"] === "100"), "all questions after the choice are about the entity");

    const data = `/companies/${companyId}/data`;
    const invoices = await world.client.readAll<Document>(`${data}/invoices`);
    const own = new Map(invoices.map((invoice) => [invoice.id, invoice]));
    const expected = books.sales_documents.filter(({ kind }) => kind === "INV");
    for (const document of expected) {
      const told = own.get(String(Number(String(document["id"]).replace(/\D/g, ""))));
      assert.equal(cents(told?.totalAmount ?? NaN), document["gross_total"], String(document["number"]));
      assert.equal(cents(told?.amountDue ?? NaN), document["outstanding"], String(document["number"]));
    }
    const euros = own.get("900001");
    assert.deepEqual([euros?.status, euros?.currency, euros?.currencyRate, euros?.totalAmount, euros?.amountDue], ["PartiallyPaid", "EUR", 11.2345, 300, 150]);
    assert.equal(own.get("adjustment-900003")?.amountDue, 50);
    assert.equal(own.get("900006")?.status, "Void");
    assert.equal(invoices.length, expected.length + 3, "an invoice below zero, and a reversal, are none");
    const credits = await world.client.readAll<Document>(`${data}/creditNotes`);
    assert.equal(credits.find(({ id }) => id === "invoice-900004")?.remainingCredit, 80);
    const bills = await world.client.readAll<Document>(`${data}/bills`);
    const billed = books.purchase_documents.filter(({ kind }) => kind === "BILL").reduce((sum, { gross_total }) => sum + Number(gross_total), 0);
    assert.equal(bills.reduce((sum, { totalAmount }) => sum + cents(totalAmount), 0), billed);
    const payments = await world.client.readAll<{ id: string; currency: string; currencyRate?: number; totalAmount: number }>(`${data}/payments`);
    const wire = payments.find(({ id }) => id === "900002");
    assert.deepEqual([wire?.currency, wire?.currencyRate, wire?.totalAmount], ["EUR", 11.5, 150]);
    assert.ok(payments.some(({ id }) => id === "advance-900005"));
    // Each kind of money at the bank and the card is somewhere, once.
    const connected = `/companies/${companyId}/connections/${connectionId}/data`;
    const moved = async (list: string): Promise<string[]> =>
      (await world.client.readAll<{ id: string; totalAmount?: number; to?: { amount: number } }>(list))
        .filter(({ id }) => /9000\d\d/.test(id))
        .map(({ id, totalAmount, to }) => `${id.replace(/^(deposit-\d+)-.*/, "$1")} ${String(totalAmount ?? to?.amount)}`)
        .sort();
    assert.deepEqual(await moved(`${data}/billPayments`), ["advance-900011 75"]);
    assert.deepEqual(await moved(`${connected}/directCosts`), ["900010 30", "card-fee-900014 5", "fee-900012 12"]);
    assert.deepEqual(await moved(`${connected}/directIncomes`), ["fee-900013 3"]);
    assert.deepEqual(await moved(`${connected}/transfers`), ["deposit-900015 40"]);

    // What is read back is what the ledger has.
    const entries = await world.client.readAll<{ id: string; journalLines: { netAmount: number; accountRef: { id: string } }[] }>(`${data}/journalEntries`);
    assert.equal(entries.length, books.ledger_entries.length + 10);
    assert.ok(!entries.some(({ id }) => id === "900008"), "a draft is in no books");
    const sums = new Map<string, number>();
    for (const { id, journalLines } of entries.filter((entry) => Number(entry.id) < 900_000)) {
      assert.equal(journalLines.reduce((sum, { netAmount }) => sum + cents(netAmount), 0), 0, id);
      for (const { netAmount, accountRef } of journalLines) sums.set(accountRef.id, (sums.get(accountRef.id) ?? 0) + cents(netAmount));
    }
    for (const row of books.trialBalance["rows"] as Record<string, unknown>[]) {
      assert.equal(sums.get(String(Number(String(row["ledger_account_id"]).replace(/\D/g, "")))) ?? 0, Number(row["debit"]) - Number(row["credit"]), String(row["title"]));
    }
    const pages = emulator.asked.filter(({ query }) => query.object === "general-ledger/journal-entry-line" && query.fields.includes("lineNumber"));
    assert.ok(pages.length > 1, "the ledger's lines take several pages");

    const { results: accounts } = await world.client.read<{ results: unknown[] }>(`${data}/accounts?pageSize=500`);
    assert.equal(accounts.length, books.ledger_accounts.length);
    const { reports } = await world.client.read<Statement>(`${data}/financials/balanceSheet?periodLength=1&periodsToCompare=3`);
    assert.ok(reports.length > 0);
    for (const { assets, liabilities, equity, netAssets } of reports) {
      assert.equal(netAssets, equity?.value);
      assert.equal(cents(assets?.value ?? NaN), cents((liabilities?.value ?? NaN) + (equity?.value ?? NaN)));
    }

    await world.client.disconnect(companyId, connectionId);
    await until("the grant is revoked", () => [...emulator.grants.values()].every(({ revoked }) => revoked));
    assert.equal(emulator.requests("/revoke").length, 1);
  });

  test("statements are those of the books, and the records agree with each other", async () => {
    const { world } = stage;
    const { companyId, connectionId } = await linkWith("Pier Street", BEN, null);
    const statuses = await world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", `${dataType}: ${(await newestPull(world, companyId, dataType))?.errorMessage ?? ""}`);
    const months = (books.statements["months"] as { month: string; profit_and_loss: Record<string, unknown>; balance_sheet: { sections: { section: string; total: number }[]; net_assets: number } }[]).slice(-12);
    const start = `${months[0]?.month ?? ""}-01`;
    const data = `/companies/${companyId}/data/financials`;
    const { reports: profits } = await world.client.read<Statement>(`${data}/profitAndLoss?periodLength=1&periodsToCompare=12&startMonth=${months.at(-1)?.month ?? ""}-01`);
    const { reports: balances } = await world.client.read<Statement>(`${data}/balanceSheet?periodLength=1&periodsToCompare=12&startMonth=${months.at(-1)?.month ?? ""}-01`);
    const by = (reports: Statement["reports"], month: string): Statement["reports"][number] | undefined => reports.find(({ fromDate, date }) => (fromDate ?? date ?? "").startsWith(month));
    let compared = 0;
    for (const { month, profit_and_loss: profit, balance_sheet: sheet } of months) {
      const told = by(profits, month);
      if (told !== undefined) {
        assert.equal(cents(told.netProfit ?? NaN), profit["net_profit"], month);
        compared += 1;
      }
      const balance = by(balances, month);
      if (balance !== undefined) {
        assert.equal(cents(balance.netAssets ?? NaN), sheet.net_assets, month);
        assert.equal(cents(balance.assets?.value ?? NaN), sheet.sections.find(({ section }) => section === "ASSETS")?.total, month);
      }
    }
    assert.ok(compared >= 11, `${compared} months since ${start}`);
    for (const [id, { companyId: company, connectionId: connection }] of [
      ["Pier Street", { companyId, connectionId }],
      ["Harbour Lane", await linkWith("Harbour Lane again", EVE, TRADING)],
    ] as const) {
      await world.client.untilSettled(company);
      const { tests } = await world.client.read<{ tests: { id: string; result: string; reason: string }[] }>(`/companies/${company}/connections/${connection}/reconciliation`);
      for (const wanted of ["receivables", "payables", "profitAndLoss", "balanceSheet"]) {
        const found = tests.find((one) => one.id === wanted);
        assert.equal(found?.result, "passed", `${id}, ${wanted}: ${found?.reason ?? ""}`);
      }
      await world.client.disconnect(company, connection);
    }
  });

  test("of changes, only what changed is asked for, and what was settled without a change of its time", async () => {
    const port = await freePort();
    const intacct = await new Intacct({ id: "terminal", secret: "only for the terminal", redirectUri: `http://localhost:${port}/callback` }).start();
    const pier = intacctBooks(books, ENTITIES[0] as (typeof ENTITIES)[0], CURRENCY);
    intacct.companies.set("PierStreet", pier);
    const table = pier["accounts-receivable/invoice"] ?? [];
    const old = { createdDateTime: "2025-01-05T08:00:00Z", modifiedDateTime: "2025-01-05T08:00:00Z" };
    for (const row of table) Object.assign(row, { audit: old, state: "paid", totalTxnAmountDue: "0.00", paymentInformation: { fullyPaidDate: "2025-02-01", totalTxnAmountPaid: row["totalTxnAmount"] } });
    const [open, settled, renamed] = table as [Row, Row, Row];
    Object.assign(open, { state: "posted", totalTxnAmountDue: open["totalTxnAmount"] });
    Object.assign(settled, { paymentInformation: { fullyPaidDate: "2026-02-10", totalTxnAmountPaid: settled["totalTxnAmount"] } });
    Object.assign(renamed, { audit: { ...old, modifiedDateTime: "2026-02-11T10:00:00Z" } });
    const args = ["--client-id", "terminal", "--set", `host=${intacct.url}/ia/api/v1`, "--allow-private", new URL(intacct.url).host, "--port", `${port}`, "--types", "invoices", "--since", "2026-02-09"];
    const trial = start("moorline pack try", PROGRAM, ["pack", "try", join(ROOT, "integrations/sage-intacct"), ...args], {
      env: { PATH: process.env["PATH"] ?? "", MOORLINE_PACK_CLIENT_SECRET: "only for the terminal" },
      log: join(stage.world.folder, "pack-try.log"),
    });
    const url = (await trial.line((line) => line.trim().startsWith("http"))).trim();
    const profile = await openProfile(stage.browser);
    const page = await profile.page();
    await page.goto(url);
    await page.getByLabel(BEN, { exact: true }).check();
    await page.getByRole("button", { name: "Allow access", exact: true }).click();
    await trial.line((line) => line.includes("Everything could be read"));
    await profile.close();
    await trial.stop();
    const read = (time: string): string[] =>
      intacct.asked
        .filter(({ query }) => query.object === "accounts-receivable/invoice-line" && JSON.stringify(query.filters ?? []).includes(time))
        .flatMap(({ rows }) => [...new Set(rows.map((row) => String(row["invoice.key"])))]);
    assert.deepEqual(read("invoice.audit.modifiedDateTime"), [renamed["key"]]);
    assert.deepEqual(read("fullyPaidDate").sort(), [open["key"], settled["key"]].map(String).sort());
    await intacct.stop();
  });

  test("what the user may not read is listed by name, checked again, and left out if the customer wants it so", async () => {
    const { world, emulator } = stage;
    for (const object of ["accounts-payable/bill", "accounts-payable/bill-line", "accounts-payable/payment-detail"]) emulator.forbidden.add(object);
    const { companyId, connectionId, linkUrl } = await world.client.newConnection("Narrow", KEY);
    const profile = await openProfile(stage.browser, { viewport: { width: 375, height: 760 } });
    const page = await profile.page();
    await page.goto(linkUrl);
    const steps = await proceed(page);
    await page.getByLabel(BEN, { exact: true }).check();
    await page.getByRole("button", { name: "Allow access", exact: true }).click();
    const list = page.getByRole("group", { name: LACKS });
    await list.waitFor();
    assert.deepEqual(await list.getByRole("listitem").allInnerTexts(), ["Accounts Payable, Bills: List, View", "Accounts Payable, Posted payments: List, View"]);
    assert.deepEqual(await look(page, "intacct-lacks-phone"), []);

    // An administrator gives one of them; the customer checks again, by keyboard alone.
    for (const object of ["accounts-payable/bill", "accounts-payable/bill-line"]) emulator.forbidden.delete(object);
    for (let presses = 0; presses < 12 && (await page.evaluate(() => document.activeElement?.textContent ?? "")) !== "Check again"; presses += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await proceed(page);
    await page.getByLabel(BEN, { exact: true }).check();
    await page.getByRole("button", { name: "Allow access", exact: true }).click();
    await list.waitFor();
    assert.deepEqual(await list.getByRole("listitem").allInnerTexts(), ["Accounts Payable, Posted payments: List, View"]);
    assert.ok(await page.getByRole("radio").isChecked(), "the only business need not be chosen");
    for (let presses = 0; presses < 12 && (await page.evaluate(() => document.activeElement?.textContent ?? "")) !== "Connect this business"; presses += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await arriveAtResult(page);
    await leave({ profile, page, steps });
    await world.client.untilStatus(companyId, connectionId, "Linked");
    const statuses = await world.client.untilSettled(companyId);
    assert.equal(statuses.get("bills"), "Complete");
    assert.equal(statuses.get("billPayments"), "PermissionsError");
    const said = (await newestPull(world, companyId, "billPayments"))?.errorMessage ?? "";
    assert.match(said, /doesn't have permission to query accounts-payable\/payment-detail.*permission Accounts Payable, Posted payments: List and View/);
    await world.client.disconnect(companyId, connectionId);
  });

  test("a second access of the same user ends the first, which says how that may have come about", async () => {
    const { world } = stage;
    const first = await linkWith("First", ADA, TRADING);
    await world.client.untilSettled(first.companyId);
    const second = await linkWith("Second", ADA, EUROPE);
    await world.client.untilSettled(second.companyId);
    await world.client.queue(first.companyId, "customers");
    const lost = await world.client.untilStatus(first.companyId, first.connectionId, "Deauthorized");
    assert.match(lost.dataConnectionErrors?.at(-1)?.errorMessage ?? "", /Access was withdrawn at Sage Intacct, or has expired\. Sage Intacct also ends an access when the same user allows another one/);
    assert.equal((await world.client.connection(second.companyId, second.connectionId)).status, "Linked");

    const { linkUrl } = await world.client.connection(first.companyId, first.connectionId);
    const arrival = await goThrough(stage.browser, linkUrl, [EVE]);
    await choose(arrival.page, TRADING);
    await arriveAtResult(arrival.page);
    await leave(arrival);
    await world.client.untilStatus(first.companyId, first.connectionId, "Linked");
    await world.client.queue(first.companyId, "customers");
    assert.equal((await world.client.untilSettled(first.companyId)).get("customers"), "Complete");
    for (const { companyId, connectionId } of [first, second]) await world.client.disconnect(companyId, connectionId);
  });

  for (const [what, user, entity] of [["another entity of the company", ADA, EUROPE], ["all entities together", ADA, "all entities together"], ["another company", BEN, null]] as const) {
    test(`${what} than before is noticed, and nothing changes until the customer decides`, async () => {
      const { world } = stage;
      const { companyId, connectionId } = await linkWith("Mistaken", ADA, TRADING);
      await world.client.untilSettled(companyId);
      await world.client.disconnect(companyId, connectionId);
      const { linkUrl } = await world.client.connection(companyId, connectionId);
      const arrival = await goThrough(stage.browser, linkUrl, [user]);
      if (entity !== null) await choose(arrival.page, entity);
      await arrival.page.getByRole("heading", { name: "That’s a different business" }).waitFor();
      await arrival.page.setViewportSize({ width: 375, height: 760 });
      assert.deepEqual(await look(arrival.page, `intacct-${what.replaceAll(" ", "-")}-phone`), []);
      await arrival.page.getByRole("button", { name: "Leave everything as it was" }).click();
      await arriveAtResult(arrival.page);
      await leave(arrival);
      assert.notEqual((await world.client.connection(companyId, connectionId)).status, "Linked");
    });
  }

  test("a wait that is asked for is kept, and a token that is refused in other words is renewed", async () => {
    const { world, emulator } = stage;
    const { companyId, connectionId } = await linkWith("Patient", BEN, null);
    await world.client.untilSettled(companyId);
    const suppliers = (request: { body: string }): boolean => request.body.includes("accounts-payable/vendor");
    emulator.interruptions.push({ fits: suppliers, answer: { ...problem(429, "throttled", "REST-2048", "Too many requests"), headers: { "X-IA-Throttle-Limit-Retry-After": "2" } }, times: 1 });
    const from = emulator.received.length;
    await world.client.queue(companyId, "suppliers");
    assert.equal((await world.client.untilSettled(companyId)).get("suppliers"), "Complete");
    const [refused, again] = emulator.received.slice(from).filter(suppliers);
    assert.ok(refused !== undefined && again !== undefined && again.at - refused.at >= 2_000, `${again?.at} after ${refused?.at}`);

    const refreshes = emulator.refreshes;
    emulator.interruptions.push({ fits: suppliers, answer: { status: 400, body: { "ia::result": { "ia::error": { code: "invalidRequest", message: "Invalid token", details: [] } } } }, times: 1 });
    await world.client.queue(companyId, "suppliers");
    assert.equal((await world.client.untilSettled(companyId)).get("suppliers"), "Complete");
    assert.equal(emulator.refreshes, refreshes + 1);
    emulator.aheadSeconds = DAY_SECONDS;
    await world.client.queue(companyId, "customers");
    assert.equal((await world.client.untilSettled(companyId)).get("customers"), "Complete");
    await world.client.disconnect(companyId, connectionId);
  });

  test("what a company has not subscribed to is left out, or said", async () => {
    const { world, emulator } = stage;
    for (const object of ["projects/project", "company-config/class", "tax/tax-detail", "cash-management/savings-account"]) emulator.absent.add(object);
    const { companyId, connectionId } = await linkWith("Small", BEN, null);
    const statuses = await world.client.untilSettled(companyId);
    for (const dataType of ["trackingCategories", "bankAccounts", "invoices", "journalEntries"]) {
      assert.equal(statuses.get(dataType), "Complete", `${dataType}: ${(await newestPull(world, companyId, dataType))?.errorMessage ?? ""}`);
    }
    assert.equal(statuses.get("taxRates"), "NotSupported");
    assert.match((await newestPull(world, companyId, "taxRates"))?.errorMessage ?? "", /subscription/);
    await world.client.disconnect(companyId, connectionId);
  });

  after(() => stage.emulator.companies.clear());
});
