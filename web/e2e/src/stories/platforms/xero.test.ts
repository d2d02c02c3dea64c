// The journey to Xero and back, against an emulator by Xero's documentation.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import {
  type Arrival,
  type EmulatedWorld,
  goThrough,
  leave,
  link,
  type LinkedCompany,
  mistakeBusiness,
  startEmulatedWorld,
} from "../../emulators/emulated-world.js";
import { dateOf, ORGANISATIONS, tooMany, Xero } from "../../emulators/xero.js";
import { arriveAtResult } from "../../harness/actors/customer.js";
import { launchBrowser } from "../../harness/browser.js";
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
/** The life of an access token, which is renewed after half of it. */
const SHORT_SECONDS = 10;

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

onBothDatabases("Xero", (engine) => {
  let emulated: EmulatedWorld<Xero>;
  let world: World;
  let xero: Xero;
  before(async () => {
    emulated = await startEmulatedWorld(engine, KEY, (client) => new Xero(client));
    ({ world, emulator: xero } = emulated);
  });
  after(() => emulated?.stop());

  const linkWith = (name: string, { label } = CAFE): Promise<LinkedCompany> => link(emulated, browser, name, label);

  async function choose({ page }: Arrival, organisation: string): Promise<void> {
    await page.getByRole("heading", { name: "Which business do you want to connect?" }).waitFor();
    await page.locator("label.check", { hasText: organisation }).getByRole("radio").check();
    await page.getByRole("button", { name: "Connect this business" }).click();
    await arriveAtResult(page);
  }

  test("a customer who shares two organisations chooses one, all of it is pulled, and disconnecting ends that link alone", async () => {
    const { companyId, connectionId, linkUrl } = await world.client.newConnection("Harbour Lane", KEY);
    const arrival = await goThrough(browser, linkUrl, [CAFE.label, ROASTERY.label]);
    assert.deepEqual(arrival.steps, { instructions: 0, companyName: "Harbour Lane" });
    await choose(arrival, ROASTERY.label);
    await leave(arrival);
    await world.client.untilStatus(companyId, connectionId, "Linked");

    const statuses = await world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);
    const tenants = new Set(xero.received.map(({ headers }) => headers["xero-tenant-id"]).filter((tenant) => tenant !== undefined));
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
    // A report compares a month with the eleven before it, each of which ends on the day of that month's end: months are compared
    // with one of 31 days, and a shorter one is asked for alone.
    const asked = xero.requests("/Reports/ProfitAndLoss").map(({ url }) => url.searchParams);
    assert.ok(asked.length === 2 || asked.length === 3, `${asked.length} reports`);
    for (const parameters of asked) {
      assert.ok(!parameters.has("periods") || parameters.get("toDate")?.endsWith("-31"), parameters.toString());
    }
    const payments = await world.client.readAll<{ id: string; totalAmount: number }>(`${data}/payments`);
    assert.equal(payments.find(({ id }) => id === "31000000-0000-4000-8000-000000000061")?.totalAmount, 50, "a prepayment is a payment");

    await world.client.disconnect(companyId, connectionId);
    await until("the organisation's link is gone", () => !xero.links.some(({ tenantId }) => tenantId === ROASTERY.value));
    assert.ok(xero.links.some(({ tenantId }) => tenantId === CAFE.value));
    assert.equal((await world.client.readAll(`${data}/customers`)).length, 3);
  });

  test("a customer who cancels leaves the connection pending, and no token is requested", async () => {
    const { companyId, connectionId, linkUrl } = await world.client.newConnection("Hesitant", KEY);
    const before = xero.requests("/connect/token").length;
    const arrival = await goThrough(browser, linkUrl, [], "Cancel");
    await arriveAtResult(arrival.page);
    await leave(arrival);
    assert.equal((await world.client.connection(companyId, connectionId)).status, "PendingAuth");
    assert.equal(xero.requests("/connect/token").length, before);
  });

  test("a second pull brings changed records and notices deleted ones", async () => {
    const { companyId } = await linkWith("Twice");
    await world.client.untilSettled(companyId);
    const now = dateOf(xero.now());
    const [contact] = xero.books["Contacts"] ?? [];
    const payment = (xero.books["Payments"] ?? []).find(({ PaymentID }) => PaymentID === "90000000-0000-4000-8000-000000000001");
    const name = contact?.["Name"];
    Object.assign(contact ?? {}, { Name: "Marlowe, Finch & Daughters", UpdatedDateUTC: now });
    Object.assign(payment ?? {}, { Status: "DELETED", UpdatedDateUTC: now });
    await world.client.queue(companyId, "customers");
    await world.client.queue(companyId, "payments");
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
    const { companyId, connectionId } = await linkWith("Rotating");
    await world.client.untilSettled(companyId);
    // The next refresh, by the pull or by Moorline ahead of it, gets no answer.
    const before = { refreshes: xero.refreshes, refused: xero.refusedRefreshes };
    xero.tokenAnswersToLose = 1;
    xero.tokens.accessSeconds = 1_800;
    const settled = performance.now();
    await until("half of the token's life is over", () => performance.now() - settled > SHORT_SECONDS * 500);
    await world.client.queue(companyId, "customers");
    const statuses = await world.client.untilSettled(companyId);
    assert.equal(statuses.get("customers"), "Complete");
    // The token was still good then. Once it is not, the renewal is asked for again.
    await until("the token's life is over", () => performance.now() - settled > SHORT_SECONDS * 1_000);
    await world.client.queue(companyId, "customers");
    assert.equal((await world.client.untilSettled(companyId)).get("customers"), "Complete");
    assert.ok(xero.refreshes - before.refreshes >= 2);
    assert.equal(xero.refusedRefreshes, before.refused);
    assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");
  });

  test("a pull waits out a limit of the minute, and a limit of the day pauses its dataset and no other", async () => {
    const { companyId } = await linkWith("Busy");
    await world.client.untilSettled(companyId);
    xero.interruptions.push({ fits: ({ url }) => url.pathname.endsWith("/Contacts"), answer: tooMany("minute", 1), times: 1 });
    await world.client.queue(companyId, "customers");
    assert.equal((await world.client.untilSettled(companyId)).get("customers"), "Complete");

    xero.interruptions.push({ fits: ({ url }) => url.pathname.endsWith("/Invoices"), answer: tooMany("day", 36_000), times: 1 });
    await world.client.queue(companyId, "invoices");
    await until("the dataset is paused", async () => {
      const { results } = await world.client.read<{ results: { dataType: string; statusDescription?: string }[] }>(
        `/companies/${companyId}/data/history?pageSize=500`,
      );
      return results.some(({ dataType, statusDescription }) => dataType === "invoices" && statusDescription?.startsWith("Paused until"));
    });
  });

  test("a customer who disconnects at Xero leaves the connection deauthorized after the next pull", async () => {
    const { companyId, connectionId } = await linkWith("Gone", ROASTERY);
    await world.client.untilSettled(companyId);
    xero.disconnectAtXero(ROASTERY.value);
    await world.client.queue(companyId, "customers");
    await world.client.untilStatus(companyId, connectionId, "Deauthorized");
  });

  test("another organisation than before is noticed, and nothing changes until the customer decides", async () => {
    const company = await linkWith("Mistaken");
    await world.client.untilSettled(company.companyId);
    await mistakeBusiness(emulated, browser, company, ROASTERY.label);
  });
});
