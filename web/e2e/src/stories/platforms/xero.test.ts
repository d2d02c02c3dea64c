// The journey to Xero and back, against an emulator by Xero's documentation.

import assert from "node:assert/strict";
import { test } from "node:test";

import { type Arrival, emulatedOnBothDatabases, goThrough, leave, link, type LinkedCompany, mistakeBusiness } from "../../emulators/emulated-world.js";
import { dateOf, ORGANISATIONS, tooMany, Xero } from "../../emulators/xero.js";
import { arriveAtResult } from "../../harness/actors/customer.js";
import { until } from "../../harness/until.js";

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

emulatedOnBothDatabases("Xero", KEY, (client) => new Xero(client), (stage) => {
  const linkWith = (name: string, { label } = CAFE): Promise<LinkedCompany> => link(stage.emulated, stage.browser, name, label);

  async function choose({ page }: Arrival, organisation: string): Promise<void> {
    await page.getByRole("heading", { name: "Which business do you want to connect?" }).waitFor();
    await page.locator("label.check", { hasText: organisation }).getByRole("radio").check();
    await page.getByRole("button", { name: "Connect this business" }).click();
    await arriveAtResult(page);
  }

  test("a customer who shares two organisations chooses one, all of it is pulled, and disconnecting ends that link alone", async () => {
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection("Harbour Lane", KEY);
    const arrival = await goThrough(stage.browser, linkUrl, [CAFE.label, ROASTERY.label]);
    assert.deepEqual(arrival.steps, { instructions: 0, companyName: "Harbour Lane" });
    await choose(arrival, ROASTERY.label);
    await leave(arrival);
    await stage.world.client.untilStatus(companyId, connectionId, "Linked");

    const statuses = await stage.world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);
    const tenants = new Set(stage.emulator.received.map(({ headers }) => headers["xero-tenant-id"]).filter((tenant) => tenant !== undefined));
    assert.deepEqual([...tenants], [ROASTERY.value]);

    const data = `/companies/${companyId}/data`;
    const customers = await stage.world.client.readAll<{ customerName: string }>(`${data}/customers`);
    assert.deepEqual(customers.map(({ customerName }) => customerName).sort(), ["Marlowe & Finch", "Nameless", "Twice there"]);
    const invoices = await stage.world.client.readAll<{ invoiceNumber?: string; currency: string; totalAmount: number; status: string }>(
      `${data}/invoices`,
    );
    const yen = invoices.find(({ invoiceNumber }) => invoiceNumber === "INV-0002");
    assert.equal(yen?.totalAmount, 12_400);
    assert.equal(yen?.currency, "JPY");
    assert.equal(invoices.find(({ invoiceNumber }) => invoiceNumber === "INV-0003")?.totalAmount, 12.345);
    const { reports } = await stage.world.client.read<{ reports: { netProfit: number }[] }>(
      `${data}/financials/profitAndLoss?periodLength=12&periodsToCompare=2`,
    );
    assert.deepEqual(
      reports.map(({ netProfit }) => netProfit),
      [1_200, 1_200],
    );
    // A report compares a month with the eleven before it, each of which ends on the day of that month's end: months are compared
    // with one of 31 days, and a shorter one is asked for alone.
    const asked = stage.emulator.requests("/Reports/ProfitAndLoss").map(({ url }) => url.searchParams);
    assert.ok(asked.length === 2 || asked.length === 3, `${asked.length} reports`);
    for (const parameters of asked) {
      assert.ok(!parameters.has("periods") || parameters.get("toDate")?.endsWith("-31"), parameters.toString());
    }
    const payments = await stage.world.client.readAll<{ id: string; totalAmount: number }>(`${data}/payments`);
    assert.equal(payments.find(({ id }) => id === "31000000-0000-4000-8000-000000000061")?.totalAmount, 50, "a prepayment is a payment");

    await stage.world.client.disconnect(companyId, connectionId);
    await until("the organisation's link is gone", () => !stage.emulator.links.some(({ tenantId }) => tenantId === ROASTERY.value));
    assert.ok(stage.emulator.links.some(({ tenantId }) => tenantId === CAFE.value));
    assert.equal((await stage.world.client.readAll(`${data}/customers`)).length, 3);
  });

  test("a customer who cancels leaves the connection pending, and no token is requested", async () => {
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection("Hesitant", KEY);
    const before = stage.emulator.requests("/connect/token").length;
    const arrival = await goThrough(stage.browser, linkUrl, [], "Cancel");
    await arriveAtResult(arrival.page);
    await leave(arrival);
    assert.equal((await stage.world.client.connection(companyId, connectionId)).status, "PendingAuth");
    assert.equal(stage.emulator.requests("/connect/token").length, before);
  });

  test("a second pull brings changed records and notices deleted ones", async () => {
    const { companyId } = await linkWith("Twice");
    await stage.world.client.untilSettled(companyId);
    const now = dateOf(stage.emulator.now());
    const [contact] = stage.emulator.books["Contacts"] ?? [];
    const payment = (stage.emulator.books["Payments"] ?? []).find(({ PaymentID }) => PaymentID === "90000000-0000-4000-8000-000000000001");
    const name = contact?.["Name"];
    Object.assign(contact ?? {}, { Name: "Marlowe, Finch & Daughters", UpdatedDateUTC: now });
    Object.assign(payment ?? {}, { Status: "DELETED", UpdatedDateUTC: now });
    await stage.world.client.queue(companyId, "customers");
    await stage.world.client.queue(companyId, "payments");
    const statuses = await stage.world.client.untilSettled(companyId);
    assert.equal(statuses.get("customers"), "Complete");
    const data = `/companies/${companyId}/data`;
    const customers = await stage.world.client.readAll<{ customerName: string }>(`${data}/customers`);
    assert.ok(customers.some(({ customerName }) => customerName === "Marlowe, Finch & Daughters"));
    assert.equal(customers.length, 3);
    const payments = await stage.world.client.readAll<{ id: string; metadata?: { isDeleted: boolean } }>(`${data}/payments`);
    const gone = payments.find(({ id }) => id === payment?.["PaymentID"]);
    assert.ok(gone === undefined || gone.metadata?.isDeleted === true);
    Object.assign(contact ?? {}, { Name: name });
    Object.assign(payment ?? {}, { Status: "AUTHORISED" });
  });

  test("refresh tokens rotate, and an answer that is lost on its way costs nothing within Xero's half hour", async () => {
    stage.emulator.tokens.accessSeconds = SHORT_SECONDS;
    const { companyId, connectionId } = await linkWith("Rotating");
    await stage.world.client.untilSettled(companyId);
    // The next refresh, by the pull or by Moorline ahead of it, gets no answer.
    const before = { refreshes: stage.emulator.refreshes, refused: stage.emulator.refusedRefreshes };
    stage.emulator.tokenAnswersToLose = 1;
    stage.emulator.tokens.accessSeconds = 1_800;
    const settled = performance.now();
    await until("half of the token's life is over", () => performance.now() - settled > SHORT_SECONDS * 500);
    await stage.world.client.queue(companyId, "customers");
    const statuses = await stage.world.client.untilSettled(companyId);
    assert.equal(statuses.get("customers"), "Complete");
    // The token was still good then. Once it is not, the renewal is asked for again.
    await until("the token's life is over", () => performance.now() - settled > SHORT_SECONDS * 1_000);
    await stage.world.client.queue(companyId, "customers");
    assert.equal((await stage.world.client.untilSettled(companyId)).get("customers"), "Complete");
    assert.ok(stage.emulator.refreshes - before.refreshes >= 2);
    assert.equal(stage.emulator.refusedRefreshes, before.refused);
    assert.equal((await stage.world.client.connection(companyId, connectionId)).status, "Linked");
  });

  test("a pull waits out a limit of the minute, and a limit of the day pauses its dataset and no other", async () => {
    const { companyId } = await linkWith("Busy");
    await stage.world.client.untilSettled(companyId);
    stage.emulator.interruptions.push({ fits: ({ url }) => url.pathname.endsWith("/Contacts"), answer: tooMany("minute", 1), times: 1 });
    await stage.world.client.queue(companyId, "customers");
    assert.equal((await stage.world.client.untilSettled(companyId)).get("customers"), "Complete");

    stage.emulator.interruptions.push({ fits: ({ url }) => url.pathname.endsWith("/Invoices"), answer: tooMany("day", 36_000), times: 1 });
    await stage.world.client.queue(companyId, "invoices");
    await until("the dataset is paused", async () => {
      const { results } = await stage.world.client.read<{ results: { dataType: string; statusDescription?: string }[] }>(
        `/companies/${companyId}/data/history?pageSize=500`,
      );
      return results.some(({ dataType, statusDescription }) => dataType === "invoices" && statusDescription?.startsWith("Paused until"));
    });
  });

  test("a customer who disconnects at Xero leaves the connection deauthorized after the next pull", async () => {
    const { companyId, connectionId } = await linkWith("Gone", ROASTERY);
    await stage.world.client.untilSettled(companyId);
    stage.emulator.disconnectAtXero(ROASTERY.value);
    await stage.world.client.queue(companyId, "customers");
    await stage.world.client.untilStatus(companyId, connectionId, "Deauthorized");
  });

  test("another organisation than before is noticed, and nothing changes until the customer decides", async () => {
    const company = await linkWith("Mistaken");
    await stage.world.client.untilSettled(company.companyId);
    await mistakeBusiness(stage.emulated, stage.browser, company, ROASTERY.label);
  });
});
