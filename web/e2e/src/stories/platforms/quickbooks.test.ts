// The journey to QuickBooks Online and back, against an emulator by Intuit's documentation.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { type EmulatedWorld, link, type LinkedCompany, mistakeBusiness, startEmulatedWorld } from "../../emulators/emulated-world.js";
import { COMPANIES, QuickBooks, THROTTLED } from "../../emulators/quickbooks.js";
import { launchBrowser } from "../../harness/browser.js";
import { onBothDatabases } from "../../harness/engines.js";
import { until } from "../../harness/until.js";
import type { World } from "../../harness/world.js";

const KEY = "qhyg";
const [BAKERY, MILL] = COMPANIES as [(typeof COMPANIES)[0], (typeof COMPANIES)[0]];
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
  "accountTransactions",
  "journalEntries",
  "transfers",
  "purchaseOrders",
  "balanceSheet",
  "profitAndLoss",
];

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

onBothDatabases("QuickBooks Online", (engine) => {
  let emulated: EmulatedWorld<QuickBooks>;
  let world: World;
  let intuit: QuickBooks;
  before(async () => {
    emulated = await startEmulatedWorld(engine, KEY, (client) => new QuickBooks(client));
    ({ world, emulator: intuit } = emulated);
  });
  after(() => emulated?.stop());

  async function linkBakery(name: string): Promise<LinkedCompany> {
    const company = await link(emulated, browser, name, BAKERY.label);
    assert.deepEqual(company.steps, { instructions: 1, companyName: undefined });
    return company;
  }

  test("an administrator connects a company, all of it is pulled, and disconnecting revokes the grant", async () => {
    const { companyId, connectionId } = await linkBakery("Saltmarsh");
    const statuses = await world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);

    const data = `/companies/${companyId}/data`;
    const invoices = await world.client.readAll<{ invoiceNumber: string; totalAmount: number; status: string }>(`${data}/invoices`);
    assert.deepEqual(
      invoices.map(({ invoiceNumber, status }) => `${invoiceNumber} ${status}`).sort(),
      ["1037 PartiallyPaid", "1038 Submitted", "1039 Paid", "1040 Void"],
    );
    assert.equal(invoices.find(({ invoiceNumber }) => invoiceNumber === "1039")?.totalAmount, 12.345);
    // Money moves once, on accounts that are banks: a payment that waits as undeposited funds moves none.
    const own = `/companies/${companyId}/connections/${connectionId}/data`;
    const banks = await world.client.readAll<{ id: string }>(`${own}/bankAccounts`);
    const moves = await world.client.readAll<{ id: string; bankAccountRef: { id: string } }>(`${own}/accountTransactions`);
    assert.deepEqual(
      moves.filter(({ bankAccountRef }) => !banks.some(({ id }) => id === bankAccountRef.id)),
      [],
    );
    assert.ok(moves.some(({ id }) => id === "creditCardPaymentFrom-29"));

    const { reports } = await world.client.read<{ reports: { netAssets: number }[] }>(
      `${data}/financials/balanceSheet?periodLength=1&periodsToCompare=2`,
    );
    assert.deepEqual(
      reports.map(({ netAssets }) => netAssets),
      [6_000, 6_000],
    );

    await world.client.disconnect(companyId, connectionId);
    await until("the grant is revoked", () => intuit.revoked.length === 1);
    assert.equal((await world.client.readAll(`${data}/invoices`)).length, 4);
  });

  test("a second pull notices a deleted record", async () => {
    const { companyId } = await linkBakery("Twice");
    await world.client.untilSettled(companyId);
    const rows = [...(intuit.books["Invoice"] ?? [])];
    intuit.delete("Invoice", "131");
    await world.client.queue(companyId, "invoices");
    assert.equal((await world.client.untilSettled(companyId)).get("invoices"), "Complete");
    const invoices = await world.client.readAll<{ id: string; metadata?: { isDeleted: boolean } }>(
      `/companies/${companyId}/data/invoices`,
    );
    const gone = invoices.find(({ id }) => id === "131");
    assert.ok(gone === undefined || gone.metadata?.isDeleted === true);
    assert.ok(invoices.some(({ id }) => id === "130"));
    intuit.books["Invoice"] = rows;
  });

  test("a pull waits out a rate limit and completes", async () => {
    const { companyId } = await linkBakery("Busy");
    await world.client.untilSettled(companyId);
    intuit.interruptions.push({
      fits: ({ url }) => url.pathname.endsWith("/query") && (url.searchParams.get("query") ?? "").includes("from Vendor"),
      answer: { ...THROTTLED, headers: { "retry-after": "1" } },
      times: 1,
    });
    await world.client.queue(companyId, "suppliers");
    assert.equal((await world.client.untilSettled(companyId)).get("suppliers"), "Complete");
  });

  test("a customer who disconnects at Intuit leaves the connection deauthorized after the next pull", async () => {
    const { companyId, connectionId } = await linkBakery("Gone");
    await world.client.untilSettled(companyId);
    for (const grant of intuit.grants.values()) grant.revoked = true;
    await world.client.queue(companyId, "customers");
    await world.client.untilStatus(companyId, connectionId, "Deauthorized");
  });

  test("another company than before is noticed, and the connection stays disconnected", async () => {
    const company = await linkBakery("Mistaken");
    await world.client.untilSettled(company.companyId);
    await mistakeBusiness(emulated, browser, company, MILL.label);
  });
});
