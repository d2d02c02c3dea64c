// The journey to QuickBooks Online and back, against an emulator of what Intuit documents.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { goThrough, leave, type Place, startPlace } from "../../emulators/emulated-world.js";
import { COMPANIES, QuickBooks, THROTTLED } from "../../emulators/quickbooks.js";
import { launchBrowser } from "../../harness/browser.js";
import { arriveAtResult } from "../../harness/actors/customer.js";
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
  let place: Place<QuickBooks>;
  let world: World;
  let intuit: QuickBooks;
  before(async () => {
    place = await startPlace(engine, KEY, (client) => new QuickBooks(client));
    ({ world, emulator: intuit } = place);
  });
  after(() => place?.stop());

  interface Linked {
    companyId: string;
    connectionId: string;
  }

  async function link(name: string): Promise<Linked> {
    const { id: companyId } = await world.client.codat.companies.create({ name });
    const { id: connectionId, linkUrl } = await world.client.codat.connections.create({
      companyId,
      requestBody: { platformKey: KEY },
    });
    const arrival = await goThrough(browser, linkUrl, [BAKERY.label]);
    assert.deepEqual(arrival.asked, { instructions: 1, companyName: undefined });
    await arriveAtResult(arrival.page);
    await leave(arrival);
    await world.client.untilStatus(companyId, connectionId, "Linked");
    return { companyId, connectionId };
  }

  const pull = (companyId: string, dataType: string): Promise<unknown> =>
    world.client.request("POST", `/companies/${companyId}/data/queue/${dataType}`);

  test("an administrator connects a company, all of it is pulled, and disconnecting revokes the grant", async () => {
    const { companyId, connectionId } = await link("Saltmarsh");
    const statuses = await world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);

    const data = `/companies/${companyId}/data`;
    const invoices = await world.client.readAll<{ invoiceNumber: string; totalAmount: number; status: string }>(`${data}/invoices`);
    assert.deepEqual(
      invoices.map(({ invoiceNumber, status }) => `${invoiceNumber} ${status}`).sort(),
      ["1037 PartiallyPaid", "1038 Submitted", "1039 Paid", "1040 Void"],
    );
    assert.equal(invoices.find(({ invoiceNumber }) => invoiceNumber === "1039")?.totalAmount, 12.345);
    const { reports } = await world.client.read<{ reports: { netAssets: number }[] }>(
      `${data}/financials/balanceSheet?periodLength=1&periodsToCompare=2`,
    );
    assert.deepEqual(
      reports.map(({ netAssets }) => netAssets),
      [6_000, 6_000],
    );

    await world.client.codat.connections.unlink({ companyId, connectionId, updateConnectionStatus: { status: "Unlinked" } });
    await until("the grant is revoked", () => intuit.revoked.length === 1);
    assert.equal((await world.client.readAll(`${data}/invoices`)).length, 4);
  });

  test("a second pull notices what was deleted", async () => {
    const { companyId } = await link("Twice");
    await world.client.untilSettled(companyId);
    const rows = [...(intuit.books["Invoice"] ?? [])];
    intuit.delete("Invoice", "131");
    await pull(companyId, "invoices");
    assert.equal((await world.client.untilSettled(companyId)).get("invoices"), "Complete");
    const invoices = await world.client.readAll<{ id: string; metadata?: { isDeleted: boolean } }>(
      `/companies/${companyId}/data/invoices`,
    );
    const gone = invoices.find(({ id }) => id === "131");
    assert.ok(gone === undefined || gone.metadata?.isDeleted === true);
    assert.ok(invoices.some(({ id }) => id === "130"));
    intuit.books["Invoice"] = rows;
  });

  test("a refusal for too many requests is waited for", async () => {
    const { companyId } = await link("Busy");
    await world.client.untilSettled(companyId);
    intuit.interruptions.push({
      fits: ({ url }) => url.pathname.endsWith("/query") && (url.searchParams.get("query") ?? "").includes("from Vendor"),
      answer: { ...THROTTLED, headers: { "retry-after": "1" } },
      times: 1,
    });
    await pull(companyId, "suppliers");
    assert.equal((await world.client.untilSettled(companyId)).get("suppliers"), "Complete");
  });

  test("a customer who disconnects at Intuit is told so the next time", async () => {
    const { companyId, connectionId } = await link("Gone");
    await world.client.untilSettled(companyId);
    for (const grant of intuit.grants.values()) grant.revoked = true;
    await pull(companyId, "customers");
    await world.client.untilStatus(companyId, connectionId, "Deauthorized");
  });

  test("another company than before is noticed", async () => {
    const { companyId, connectionId } = await link("Mistaken");
    await world.client.untilSettled(companyId);
    await world.client.codat.connections.unlink({ companyId, connectionId, updateConnectionStatus: { status: "Unlinked" } });
    const { linkUrl } = await world.client.connection(companyId, connectionId);
    const arrival = await goThrough(browser, linkUrl, [MILL.label]);
    await arrival.page.getByRole("heading", { name: "That’s a different business" }).waitFor();
    await arrival.page.getByRole("button", { name: "Leave everything as it was" }).click();
    await arriveAtResult(arrival.page);
    await leave(arrival);
    assert.notEqual((await world.client.connection(companyId, connectionId)).status, "Linked");
  });
});
