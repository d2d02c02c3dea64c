// The journey to Xero and back, against an emulator of what Xero documents.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { type Arrival, goThrough, leave, type Place, startPlace } from "../../emulators/emulated-world.js";
import { dateOf, ORGANISATIONS, tooMany, Xero } from "../../emulators/xero.js";
import { launchBrowser } from "../../harness/browser.js";
import { arriveAtResult } from "../../harness/actors/customer.js";
import { onBothDatabases } from "../../harness/engines.js";
import { until } from "../../harness/until.js";
import type { World } from "../../harness/world.js";

const KEY = "gbol";
const [CAFE, ROASTERY] = ORGANISATIONS as [(typeof ORGANISATIONS)[0], (typeof ORGANISATIONS)[0]];
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
  "bankTransactions",
  "accountTransactions",
  "journalEntries",
  "transfers",
  "purchaseOrders",
  "balanceSheet",
  "profitAndLoss",
];
/** The life of a token, of which half is used before it is renewed. */
const SHORT_SECONDS = 10;

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

onBothDatabases("Xero", (engine) => {
  let place: Place<Xero>;
  let world: World;
  let xero: Xero;
  before(async () => {
    place = await startPlace(engine, KEY, (client) => new Xero(client));
    ({ world, emulator: xero } = place);
  });
  after(() => place?.stop());

  interface Linked {
    companyId: string;
    connectionId: string;
    linkUrl: string;
  }

  async function create(name: string): Promise<Linked> {
    const { id: companyId } = await world.client.codat.companies.create({ name });
    const { id: connectionId, linkUrl } = await world.client.codat.connections.create({
      companyId,
      requestBody: { platformKey: KEY },
    });
    return { companyId, connectionId, linkUrl };
  }

  /** Links with one organisation, which Moorline then has nothing to ask about. */
  async function link(name: string, organisation = CAFE): Promise<Linked> {
    const linked = await create(name);
    const arrival = await goThrough(browser, linked.linkUrl, [organisation.label]);
    await arriveAtResult(arrival.page);
    await leave(arrival);
    await world.client.untilStatus(linked.companyId, linked.connectionId, "Linked");
    return linked;
  }

  async function choose({ page }: Arrival, organisation: string): Promise<void> {
    await page.getByRole("heading", { name: "Which business do you want to connect?" }).waitFor();
    await page.locator("label.check", { hasText: organisation }).getByRole("radio").check();
    await page.getByRole("button", { name: "Connect this business" }).click();
    await arriveAtResult(page);
  }

  const pull = (companyId: string, dataType: string): Promise<unknown> =>
    world.client.request("POST", `/companies/${companyId}/data/queue/${dataType}`);

  test("a person who shares two organisations chooses one, all of it is pulled, and disconnecting ends that link alone", async () => {
    const { companyId, connectionId, linkUrl } = await create("Harbour Lane");
    const arrival = await goThrough(browser, linkUrl, [CAFE.label, ROASTERY.label]);
    assert.deepEqual(arrival.asked, { instructions: 0, companyName: "Harbour Lane" });
    await choose(arrival, ROASTERY.label);
    await leave(arrival);
    await world.client.untilStatus(companyId, connectionId, "Linked");

    const statuses = await world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);
    const tenants = new Set(xero.asked.map(({ headers }) => headers["xero-tenant-id"]).filter((tenant) => tenant !== undefined));
    assert.deepEqual([...tenants], [ROASTERY.value]);

    const data = `/companies/${companyId}/data`;
    const customers = await world.client.readAll<{ customerName: string }>(`${data}/customers`);
    assert.deepEqual(customers.map(({ customerName }) => customerName).sort(), ["Marlowe & Finch", "Nameless", "Twice there"]);
    const invoices = await world.client.readAll<{ invoiceNumber?: string; currency: string; totalAmount: number; status: string }>(
      `${data}/invoices`,
    );
    const yen = invoices.find(({ invoiceNumber }) => invoiceNumber === "INV-0002");
    assert.equal(yen?.totalAmount, 12_400);
    assert.equal(yen?.currency, "JPY");
    assert.equal(invoices.find(({ invoiceNumber }) => invoiceNumber === "INV-0003")?.totalAmount, 12.345);
    const { reports } = await world.client.read<{ reports: { netProfit: number }[] }>(
      `${data}/financials/profitAndLoss?periodLength=12&periodsToCompare=2`,
    );
    assert.deepEqual(
      reports.map(({ netProfit }) => netProfit),
      [1_200, 1_200],
    );
    // A report compares a month with eleven before it: two of them are two years.
    assert.equal(xero.requests("/Reports/ProfitAndLoss").length, 2);

    await world.client.codat.connections.unlink({ companyId, connectionId, updateConnectionStatus: { status: "Unlinked" } });
    await until("the organisation's link is gone", () => !xero.links.some(({ tenantId }) => tenantId === ROASTERY.value));
    assert.ok(xero.links.some(({ tenantId }) => tenantId === CAFE.value));
    assert.equal((await world.client.readAll(`${data}/customers`)).length, 3);
  });

  test("a person who cancels leaves the connection pending, and no token was asked for", async () => {
    const { companyId, connectionId, linkUrl } = await create("Hesitant");
    const before = xero.requests("/connect/token").length;
    const arrival = await goThrough(browser, linkUrl, [], "Cancel");
    await arriveAtResult(arrival.page);
    await leave(arrival);
    assert.equal((await world.client.connection(companyId, connectionId)).status, "PendingAuth");
    assert.equal(xero.requests("/connect/token").length, before);
  });

  test("a second pull brings what changed, and what was deleted is noticed", async () => {
    const { companyId } = await link("Twice");
    await world.client.untilSettled(companyId);
    const now = dateOf(xero.now());
    const [contact] = xero.books["Contacts"] ?? [];
    const payment = (xero.books["Payments"] ?? []).find(({ PaymentID }) => PaymentID === "90000000-0000-4000-8000-000000000001");
    const name = contact?.["Name"];
    Object.assign(contact ?? {}, { Name: "Marlowe, Finch & Daughters", UpdatedDateUTC: now });
    Object.assign(payment ?? {}, { Status: "DELETED", UpdatedDateUTC: now });
    await pull(companyId, "customers");
    await pull(companyId, "payments");
    const statuses = await world.client.untilSettled(companyId);
    assert.equal(statuses.get("customers"), "Complete");
    const data = `/companies/${companyId}/data`;
    const customers = await world.client.readAll<{ customerName: string }>(`${data}/customers`);
    assert.ok(customers.some(({ customerName }) => customerName === "Marlowe, Finch & Daughters"));
    assert.equal(customers.length, 3);
    const payments = await world.client.readAll<{ id: string; metadata?: { isDeleted: boolean } }>(`${data}/payments`);
    const gone = payments.find(({ id }) => id === payment?.["PaymentID"]);
    assert.ok(gone === undefined || gone.metadata?.isDeleted === true);
    Object.assign(contact ?? {}, { Name: name });
    Object.assign(payment ?? {}, { Status: "AUTHORISED" });
  });

  test("refresh tokens rotate, and an answer that is lost on its way costs nothing within Xero's half hour", async () => {
    xero.tokens.accessSeconds = SHORT_SECONDS;
    const { companyId, connectionId } = await link("Rotating");
    await world.client.untilSettled(companyId);
    // Whoever refreshes next, the pull or Moorline ahead of it, doesn't hear of it.
    const before = { refreshes: xero.refreshes, refused: xero.refusedRefreshes };
    xero.lostTokenAnswers = 1;
    xero.tokens.accessSeconds = 1_800;
    const settled = performance.now();
    await until("half of the token's life is over", () => performance.now() - settled > SHORT_SECONDS * 500);
    await pull(companyId, "customers");
    const statuses = await world.client.untilSettled(companyId);
    assert.equal(statuses.get("customers"), "Complete");
    assert.ok(xero.refreshes - before.refreshes >= 2);
    assert.equal(xero.refusedRefreshes, before.refused);
    assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");
  });

  test("a limit of the minute is waited for, and one of the day pauses its dataset and no other", async () => {
    const { companyId } = await link("Busy");
    await world.client.untilSettled(companyId);
    xero.interruptions.push({ fits: ({ url }) => url.pathname.endsWith("/Contacts"), answer: tooMany("minute", 1), times: 1 });
    await pull(companyId, "customers");
    assert.equal((await world.client.untilSettled(companyId)).get("customers"), "Complete");

    xero.interruptions.push({ fits: ({ url }) => url.pathname.endsWith("/Invoices"), answer: tooMany("day", 36_000), times: 1 });
    await pull(companyId, "invoices");
    await until("the dataset is paused", async () => {
      const { results } = await world.client.read<{ results: { dataType: string; statusDescription?: string }[] }>(
        `/companies/${companyId}/data/history?pageSize=500`,
      );
      return results.some(({ dataType, statusDescription }) => dataType === "invoices" && statusDescription?.startsWith("Paused until"));
    });
  });

  test("a customer who disconnects at Xero is told so the next time", async () => {
    const { companyId, connectionId } = await link("Gone", ROASTERY);
    await world.client.untilSettled(companyId);
    xero.disconnectAtXero(ROASTERY.value);
    await pull(companyId, "customers");
    await world.client.untilStatus(companyId, connectionId, "Deauthorized");
  });

  test("another organisation than before is noticed, and nothing changes until the customer says what they meant", async () => {
    const { companyId, connectionId } = await link("Mistaken");
    await world.client.untilSettled(companyId);
    await world.client.codat.connections.unlink({ companyId, connectionId, updateConnectionStatus: { status: "Unlinked" } });
    const { linkUrl } = await world.client.connection(companyId, connectionId);
    const arrival = await goThrough(browser, linkUrl, [ROASTERY.label]);
    await arrival.page.getByRole("heading", { name: "That’s a different business" }).waitFor();
    await arrival.page.getByRole("button", { name: "Leave everything as it was" }).click();
    await arriveAtResult(arrival.page);
    await leave(arrival);
    assert.notEqual((await world.client.connection(companyId, connectionId)).status, "Linked");
  });
});
