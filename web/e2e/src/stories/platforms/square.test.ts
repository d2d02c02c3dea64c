// The journey to Square and back, against an emulator by its specification: link, pull, changes, rate limits and disconnecting.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { type EmulatedWorld, link, startEmulatedWorld } from "../../emulators/emulated-world.js";
import { SELLERS, Square, TOO_MANY } from "../../emulators/square.js";
import { launchBrowser } from "../../harness/browser.js";
import { onBothDatabases } from "../../harness/engines.js";
import { until } from "../../harness/until.js";
import type { World } from "../../harness/world.js";

const KEY = "zsth";
const [TIDEPOOL, SALTPAN] = SELLERS as [(typeof SELLERS)[0], (typeof SELLERS)[0]];
const TYPES = [
  "commerce-companyInfo",
  "commerce-locations",
  "commerce-customers",
  "commerce-productCategories",
  "commerce-taxComponents",
  "commerce-products",
  "commerce-paymentMethods",
  "commerce-orders",
  "commerce-payments",
  "commerce-transactions",
  "commerce-disputes",
];

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

onBothDatabases("Square", (engine) => {
  let emulated: EmulatedWorld<Square>;
  let world: World;
  let square: Square;
  before(async () => {
    emulated = await startEmulatedWorld(engine, KEY, (client) => new Square(client));
    ({ world, emulator: square } = emulated);
  });
  after(() => emulated?.stop());

  test("a seller connects, every data type is pulled to the last minor unit, and disconnecting revokes the grant", async () => {
    const { companyId, connectionId } = await link(emulated, browser, "merchant-42", TIDEPOOL.label);
    const statuses = await world.client.untilSettled(companyId);
    for (const type of TYPES) assert.equal(statuses.get(type), "Complete", type);
    assert.equal(square.withoutVersion, 0);
    assert.equal(square.requests("/oauth2/token")[0]?.headers["square-version"], "2025-08-20");

    const data = `/companies/${companyId}/connections/${connectionId}/data`;
    const read = <T>(type: string): Promise<T[]> => world.client.readAll<T>(`${data}/${type}`);
    const info = await world.client.read<{ companyName: string }>(`${data}/commerce-info`);
    assert.equal(info.companyName, "Tidepool Coffee");
    const payments = await read<{ id: string; amount: number; currency: string }>("commerce-payments");
    const amountOf = (id: string): string => {
      const found = payments.find((payment) => payment.id === id);
      return `${String(found?.amount)} ${String(found?.currency)}`;
    };
    // Minor units: cents, yen, and thousandths of a dinar; a refund is below zero.
    assert.equal(amountOf("PAYCARD1"), "13.95 USD");
    assert.equal(amountOf("PAYCASH2"), "1100 JPY");
    assert.equal(amountOf("PAYWAIT3"), "12.4 KWD");
    assert.equal(amountOf("PAYCARD1_REFONE"), "-1.36 USD");
    const orders = await read<{ id: string; totalAmount: number }>("commerce-orders");
    // A basket that was left at the checkout, a draft and a cancelled order are no sales.
    assert.deepEqual(orders.map(({ id }) => id).sort(), ["ORDEMPTY4", "ORDRETURN2", "ORDSALE1", "ORDTOKYO3"]);
    const transactions = await read<{ type: string }>("commerce-transactions");
    for (const wanted of ["Payout", "PaymentFee", "Transfer", "Unknown"]) {
      assert.ok(transactions.some(({ type }) => type === wanted), wanted);
    }

    await world.client.disconnect(companyId, connectionId);
    await until("the grant is revoked at Square", () => [...square.grants.values()].every(({ revoked }) => revoked));
    assert.equal(square.requests("/oauth2/revoke").length, 1);
    assert.ok((await read("commerce-payments")).length > 0);
  });

  test("a second pull brings changed records and notices deleted ones", async () => {
    const { companyId, connectionId } = await link(emulated, browser, "merchant-43", TIDEPOOL.label);
    await world.client.untilSettled(companyId);
    const data = `/companies/${companyId}/connections/${connectionId}/data`;
    const now = new Date(square.now()).toISOString();
    const order = square.shop.orders.find(({ id }) => id === "ORDEMPTY4");
    Object.assign(order ?? {}, { reference_id: "changed", updated_at: now });
    square.shop.customers.pop();
    for (const type of ["commerce-customers", "commerce-orders"]) {
      await world.client.queue(companyId, type);
    }
    await world.client.untilSettled(companyId);
    const orders = await world.client.readAll<{ id: string; orderNumber?: string }>(`${data}/commerce-orders`);
    assert.equal(orders.length, 4);
    assert.equal(orders.find(({ id }) => id === "ORDEMPTY4")?.orderNumber, "changed");
    const customers = await world.client.readAll<{ id: string }>(`${data}/commerce-customers`);
    assert.deepEqual(customers.map(({ id }) => id).sort(), square.shop.customers.map(({ id }) => id as string).sort());
  });

  test("a pull waits out a rate limit and completes", async () => {
    square.interruptions.push({
      fits: ({ url }) => url.pathname === "/v2/disputes",
      answer: { ...TOO_MANY, headers: { "retry-after": "1" } },
      times: 1,
    });
    const { companyId } = await link(emulated, browser, "merchant-44", SALTPAN.label);
    const statuses = await world.client.untilSettled(companyId);
    assert.equal(statuses.get("commerce-disputes"), "Complete");
    assert.ok(square.requests("/v2/disputes").length >= 2);
  });

  test("a seller who revokes the access at Square leaves the connection deauthorized", async () => {
    const { companyId, connectionId } = await link(emulated, browser, "merchant-45", SALTPAN.label);
    await world.client.untilSettled(companyId);
    square.revokeAtSquare(SALTPAN.value);
    await world.client.queue(companyId, "commerce-customers");
    await world.client.untilStatus(companyId, connectionId, "Deauthorized");
  });
});
