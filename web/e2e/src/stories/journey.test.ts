// The customer's journey over three sites: connect, sync, inspect, disconnect, reauthorise, repair.

import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";

import type { Browser, Locator, Page } from "playwright-core";

import {
  BUSINESSES,
  companyOf,
  connect,
  decideAtSandbox,
  proceed,
  leaveUnchanged,
  openComponent,
  openLink,
  openReconnection,
  PLATFORMS,
  redirectOf,
  reportNotInList,
  signUp,
} from "../harness/actors/customer.js";
import { launchBrowser, openProfile } from "../harness/browser.js";
import { onBothDatabases } from "../harness/engines.js";
import { until } from "../harness/until.js";
import { startWorld, type World } from "../harness/world.js";

const ACCOUNTING_TYPES = [
  "company",
  "chartOfAccounts",
  "bankAccounts",
  "bankTransactions",
  "accountTransactions",
  "customers",
  "suppliers",
  "items",
  "taxRates",
  "invoices",
  "creditNotes",
  "payments",
  "bills",
  "billPayments",
  "journalEntries",
  "balanceSheet",
  "profitAndLoss",
];

const BANKING_TYPES = [
  "banking-accounts",
  "banking-accountBalances",
  "banking-transactionCategories",
  "banking-transactions",
];

const COMMERCE_TYPES = [
  "commerce-companyInfo",
  "commerce-locations",
  "commerce-customers",
  "commerce-products",
  "commerce-orders",
  "commerce-payments",
  "commerce-transactions",
];

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

onBothDatabases("the journey", (engine) => {
  let world: World;
  before(async () => {
    world = await startWorld({ engine, lender: true });
  });
  after(() => world.stop());

  async function visit(t: TestContext, run: (page: Page) => Promise<void>): Promise<void> {
    const profile = await openProfile(browser);
    await profile.use(`${engine} ${t.name}`, run);
    assert.deepEqual(profile.complaints, []);
  }

  test("a customer connects, sees the data, disconnects, and reauthorises the same connection live", (t) =>
    visit(t, async (page) => {
      const companyId = await companyOf(world, await signUp(page, world));
      const window = await connect(page, PLATFORMS.accounting.name);
      const redirect = redirectOf(window);
      assert.equal(redirect["statusCode"], "200");
      assert.equal(redirect["companyId"], companyId);
      assert.equal(redirect["platform"], PLATFORMS.accounting.key);
      await window.getByRole("heading", { name: /connected/ }).waitFor();
      await window.close();

      const { id: connectionId, status } = await world.client.onlyConnection(companyId);
      assert.equal(status, "Linked");
      assert.equal(redirect["connectionId"], connectionId);

      const statuses = await world.client.untilSettled(companyId);
      for (const dataType of ACCOUNTING_TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);
      await page.getByRole("heading", { name: "Your data is here" }).waitFor({ timeout: 60_000 });
      await page.getByRole("link", { name: /See your overview/ }).click();
      await page.getByRole("heading", { name: "Cash in and out" }).waitFor();
      await page.getByRole("heading", { name: "Receivables by age" }).waitFor();
      await page.getByRole("heading", { name: "Top customers" }).waitFor();

      // A reload would lose this property.
      await page.evaluate(() => Object.assign(globalThis, { untouched: true }));
      const card = await openComponent(page);
      await card.locator("button.row").click();
      await card.getByText("Connected", { exact: true }).first().waitFor();
      await card.getByRole("button", { name: "Disconnect", exact: true }).click();
      await card.getByRole("heading", { name: `Disconnect ${PLATFORMS.accounting.name}?` }).waitFor();
      await card.getByRole("button", { name: "Disconnect", exact: true }).click();
      await card.getByRole("heading", { name: `${PLATFORMS.accounting.name} disconnected` }).waitFor();
      assert.equal((await world.client.connection(companyId, connectionId)).status, "Unlinked");
      const kept = await world.client.readAll<{ id: string }>(`/companies/${companyId}/data/invoices`);
      assert.ok(kept.length > 0);

      await card.getByRole("button", { name: "Done" }).click();
      const row = card.locator("button.row");
      await row.getByText("Disconnected").waitFor();
      await row.click();
      await card.getByRole("button", { name: /Reconnect/ }).first().click();
      const again = await openReconnection(card, PLATFORMS.accounting.name);
      await proceed(again);
      await decideAtSandbox(again, "Allow access");
      await again.waitForURL(/\/linked\?/);
      const cameBack = performance.now();
      await card
        .getByRole("heading", { name: `${PLATFORMS.accounting.name} reconnected` })
        .waitFor({ timeout: 3_000 });
      assert.ok(performance.now() - cameBack < 3_000);
      const relinked = await world.client.onlyConnection(companyId);
      assert.deepEqual([relinked.id, relinked.status], [connectionId, "Linked"]);
      assert.equal(await page.evaluate(() => Reflect.get(globalThis, "untouched")), true);

      // A second sync doubles no record.
      await world.client.untilSettled(companyId);
      const after = await world.client.readAll<{ id: string }>(`/companies/${companyId}/data/invoices`);
      assert.equal(new Set(after.map(({ id }) => id)).size, after.length);
      for (const { id } of kept) assert.ok(after.some((invoice) => invoice.id === id), id);

      // The component shows the whole history, newest first, with the actors.
      await card.getByRole("button", { name: "Done" }).click();
      const timeline = card.locator(".timeline li");
      await timeline.first().waitFor();
      const more = card.getByRole("button", { name: "Show earlier" });
      while (await more.isVisible()) {
        const before = await timeline.count();
        await more.click();
        await until("more of the history", async () => (await timeline.count()) > before || !(await more.isVisible()));
      }
      const entries = await timeline.allInnerTexts();
      const position = (title: string): number => entries.findIndex((entry) => entry.startsWith(title));
      assert.ok(position("Reconnected") >= 0, entries.join("\n"));
      assert.ok(position("Reconnected") < position("Disconnected") && position("Disconnected") < position("Connected"), entries.join("\n"));
      assert.match(entries[position("Disconnected")] ?? "", /By your company/);
      assert.equal(position("Requested"), entries.length - 1);
    }));

  test("a grant revoked at the platform shows as needing attention and is repaired by its button", (t) =>
    visit(t, async (page) => {
      const companyId = await companyOf(world, await signUp(page, world));
      await (await connect(page, PLATFORMS.accounting.name, BUSINESSES.studio)).close();
      const { id: connectionId } = await world.client.onlyConnection(companyId);
      await world.client.untilSettled(companyId);
      await page.getByRole("link", { name: /See your overview/ }).click();
      const card = await openComponent(page);
      await card.locator("button.row").waitFor();

      await world.sandbox.revoke(await world.sandbox.newestGrant());
      await world.client.codat.refreshData.byDataType({ companyId, dataType: "customers" });
      const lost = await world.client.untilStatus(companyId, connectionId, "Deauthorized");
      assert.ok((lost.dataConnectionErrors ?? []).some(({ statusCode }) => statusCode === "401"));

      await card.locator("button.row").getByText("Needs attention").waitFor({ timeout: 3_000 });
      await card.locator("button.row").click();
      await card.getByText(`Access to ${PLATFORMS.accounting.name} has ended`).waitFor();
      await card.getByRole("button", { name: "Reconnect to repair" }).click();
      const window = await openReconnection(card, PLATFORMS.accounting.name);
      await proceed(window);
      await decideAtSandbox(window, "Allow access", BUSINESSES.studio);
      await window.waitForURL(/\/linked\?/);
      await card
        .getByRole("heading", { name: `${PLATFORMS.accounting.name} reconnected` })
        .waitFor({ timeout: 3_000 });
      const repaired = await world.client.onlyConnection(companyId);
      assert.deepEqual([repaired.id, repaired.status], [connectionId, "Linked"]);
    }));

  test("leaving the link page of a connection that was never authorised redirects with 403", (t) =>
    visit(t, async (page) => {
      const companyId = await companyOf(world, await signUp(page, world));
      const window = await openLink(page, PLATFORMS.accounting.name);
      await leaveUnchanged(window);
      await window.waitForURL(/\/linked\?/);
      assert.equal(redirectOf(window)["statusCode"], "403");
      const connection = await world.client.onlyConnection(companyId);
      assert.equal(connection.status, "PendingAuth");
      assert.equal(connection.dataConnectionErrors?.length, 1);
    }));

  test("denying access at the platform redirects with 403 and leaves the connection pending", (t) =>
    visit(t, async (page) => {
      const companyId = await companyOf(world, await signUp(page, world));
      const window = await openLink(page, PLATFORMS.accounting.name);
      await proceed(window);
      await decideAtSandbox(window, "Deny");
      await window.waitForURL(/\/linked\?/);
      const redirect = redirectOf(window);
      assert.equal(redirect["statusCode"], "403");
      assert.match(redirect["errorMessage"] ?? "", /cancelled/i);
      await window.getByRole("heading", { name: "You cancelled the connection" }).waitFor();
      const connection = await world.client.onlyConnection(companyId);
      assert.equal(connection.status, "PendingAuth");
      assert.equal(connection.dataConnectionErrors?.at(-1)?.statusCode, "403");
    }));

  test("a failure at the platform redirects with 500 and puts the reason on record", (t) =>
    visit(t, async (page) => {
      const companyId = await companyOf(world, await signUp(page, world));
      const window = await openLink(page, PLATFORMS.accounting.name);
      await world.sandbox.arm({ kind: "authorization_error", error: "server_error" });
      await proceed(window);
      await window.waitForURL(/\/linked\?/);
      assert.equal(redirectOf(window)["statusCode"], "500");
      await window.getByRole("heading", { name: /couldn't be connected/ }).waitFor();
      const connection = await world.client.onlyConnection(companyId);
      assert.equal(connection.status, "PendingAuth");
      assert.equal(connection.dataConnectionErrors?.length, 1);
    }));

  test("a customer whose platform isn't in the list is redirected with 501", (t) =>
    visit(t, async (page) => {
      const companyId = await companyOf(world, await signUp(page, world));
      const { redirect } = await world.client.codat.companies.get({ companyId });
      await page.goto(redirect);
      await page.getByRole("heading", { level: 1, name: "Connect your platforms" }).waitFor();
      await reportNotInList(page);
      await page.waitForURL(/\/linked\?/);
      assert.equal(redirectOf(page)["statusCode"], "501");
      await page.getByRole("heading", { name: "We don't work with that platform yet" }).waitFor();
    }));

  test("one company connects its books, its shop and its bank, and a second set of books is refused", (t) =>
    visit(t, async (page) => {
      const companyId = await companyOf(world, await signUp(page, world));
      for (const { name } of Object.values(PLATFORMS)) {
        await (await connect(page, name)).close();
        await page.getByRole("heading", { name: /^Your data/ }).waitFor();
        // By keyboard: data that arrives meanwhile moves the link from under a pointer.
        await page.getByRole("link", { name: "Connect another platform" }).press("Enter");
        await page.getByRole("heading", { level: 1, name: "Connect the platforms you use" }).waitFor();
      }
      const { results = [] } = await world.client.codat.connections.list({ companyId });
      assert.deepEqual(
        results.map(({ sourceType, status }) => `${sourceType} ${status}`).sort(),
        ["Accounting Linked", "Banking Linked", "Commerce Linked"],
      );
      const statuses = await world.client.untilSettled(companyId);
      for (const dataType of [...ACCOUNTING_TYPES, ...BANKING_TYPES, ...COMMERCE_TYPES]) {
        assert.equal(statuses.get(dataType), "Complete", dataType);
      }
      const refused = await world.client.request("POST", `/companies/${companyId}/connections`, {
        platformKey: PLATFORMS.accounting.key,
      });
      assert.equal(refused.status, 409);
      assert.match((refused.body as { error: string }).error, /one accounting connection/);
      const card = await openComponentFromOverview(page);
      assert.equal(await card.locator("button.row").count(), 3);
    }));

  test("the timeline shows a connection and a disconnection with their actors", (t) =>
    visit(t, async (page) => {
      const companyId = await companyOf(world, await signUp(page, world));
      await (await connect(page, PLATFORMS.banking.name)).close();
      const { id: connectionId } = await world.client.onlyConnection(companyId);
      await world.client.disconnect(companyId, connectionId);
      const entries = await until("the timeline has both entries", async () => {
        const { results } = await world.client.read<{ results: { from: string | null; to: string; actor: string }[] }>(
          `/companies/${companyId}/connections/${connectionId}/timeline?page=1&pageSize=20`,
        );
        return results.some(({ to }) => to === "Unlinked") && results;
      });
      assert.deepEqual(
        entries.filter(({ to }) => Boolean(to)).map(({ to, actor }) => [to, actor]).slice(0, 2),
        [
          ["Unlinked", "client"],
          ["Linked", "customer"],
        ],
      );
    }));
});

async function openComponentFromOverview(page: Page): Promise<Locator> {
  await page.getByRole("navigation").getByRole("link", { name: "Overview" }).click();
  const card = await openComponent(page);
  await card.locator("button.row").first().waitFor();
  return card;
}
