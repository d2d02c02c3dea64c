// The journey to QuickBooks Online and back, against an emulator by Intuit's documentation.

import assert from "node:assert/strict";
import { test } from "node:test";

import { emulatedOnBothDatabases, link, type LinkedCompany, mistakeBusiness } from "../../emulators/emulated-world.js";
import { COMPANIES, QuickBooks, THROTTLED } from "../../emulators/quickbooks.js";
import { until } from "../../harness/until.js";

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

emulatedOnBothDatabases("QuickBooks Online", KEY, (client) => new QuickBooks(client), (stage) => {
  async function linkBakery(name: string): Promise<LinkedCompany> {
    const company = await link(stage.emulated, stage.browser, name, BAKERY.label);
    assert.deepEqual(company.steps, { instructions: 1, companyName: undefined });
    return company;
  }

  test("an administrator connects a company, all of it is pulled, and disconnecting revokes the grant", async () => {
    const { companyId, connectionId } = await linkBakery("Saltmarsh");
    const statuses = await stage.world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);

    const data = `/companies/${companyId}/data`;
    const invoices = await stage.world.client.readAll<{ invoiceNumber: string; totalAmount: number; status: string }>(`${data}/invoices`);
    assert.deepEqual(
      invoices.map(({ invoiceNumber, status }) => `${invoiceNumber} ${status}`).sort(),
      ["1037 PartiallyPaid", "1038 Submitted", "1039 Paid", "1040 Void"],
    );
    assert.equal(invoices.find(({ invoiceNumber }) => invoiceNumber === "1039")?.totalAmount, 12.345);
    // Money moves once, on accounts that are banks: a payment that waits as undeposited funds moves none.
    const own = `/companies/${companyId}/connections/${connectionId}/data`;
    const banks = await stage.world.client.readAll<{ id: string }>(`${own}/bankAccounts`);
    const moves = await stage.world.client.readAll<{ id: string; bankAccountRef: { id: string } }>(`${own}/accountTransactions`);
    assert.deepEqual(
      moves.filter(({ bankAccountRef }) => !banks.some(({ id }) => id === bankAccountRef.id)),
      [],
    );
    assert.ok(moves.some(({ id }) => id === "creditCardPaymentFrom-29"));

    const { reports } = await stage.world.client.read<{ reports: { netAssets: number }[] }>(
      `${data}/financials/balanceSheet?periodLength=1&periodsToCompare=2`,
    );
    assert.deepEqual(
      reports.map(({ netAssets }) => netAssets),
      [6_000, 6_000],
    );

    await stage.world.client.disconnect(companyId, connectionId);
    await until("the grant is revoked", () => stage.emulator.revoked.length === 1);
    assert.equal((await stage.world.client.readAll(`${data}/invoices`)).length, 4);
  });

  test("a second pull notices a deleted record", async () => {
    const { companyId } = await linkBakery("Twice");
    await stage.world.client.untilSettled(companyId);
    const rows = [...(stage.emulator.books["Invoice"] ?? [])];
    stage.emulator.delete("Invoice", "131");
    await stage.world.client.queue(companyId, "invoices");
    assert.equal((await stage.world.client.untilSettled(companyId)).get("invoices"), "Complete");
    const invoices = await stage.world.client.readAll<{ id: string; metadata?: { isDeleted: boolean } }>(
      `/companies/${companyId}/data/invoices`,
    );
    const gone = invoices.find(({ id }) => id === "131");
    assert.ok(gone === undefined || gone.metadata?.isDeleted === true);
    assert.ok(invoices.some(({ id }) => id === "130"));
    stage.emulator.books["Invoice"] = rows;
  });

  test("a pull waits out a rate limit and completes", async () => {
    const { companyId } = await linkBakery("Busy");
    await stage.world.client.untilSettled(companyId);
    stage.emulator.interruptions.push({
      fits: ({ url }) => url.pathname.endsWith("/query") && (url.searchParams.get("query") ?? "").includes("from Vendor"),
      answer: { ...THROTTLED, headers: { "retry-after": "1" } },
      times: 1,
    });
    await stage.world.client.queue(companyId, "suppliers");
    assert.equal((await stage.world.client.untilSettled(companyId)).get("suppliers"), "Complete");
  });

  test("a customer who disconnects at Intuit leaves the connection deauthorized after the next pull", async () => {
    const { companyId, connectionId } = await linkBakery("Gone");
    await stage.world.client.untilSettled(companyId);
    for (const grant of stage.emulator.grants.values()) grant.revoked = true;
    await stage.world.client.queue(companyId, "customers");
    await stage.world.client.untilStatus(companyId, connectionId, "Deauthorized");
  });

  test("another company than before is noticed, and the connection stays disconnected", async () => {
    const company = await linkBakery("Mistaken");
    await stage.world.client.untilSettled(company.companyId);
    await mistakeBusiness(stage.emulated, stage.browser, company, MILL.label);
  });
});
