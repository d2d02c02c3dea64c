// The component in pages that were written for Codat's Connections SDK, with only the import changed.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Browser, Page } from "playwright-core";

import { type HostPages, startHostPages } from "../fixtures/host-pages.js";
import { arriveAtResult, decideAtSandbox, followAlone, openReconnection, PLATFORMS, proceed } from "../harness/actors/customer.js";
import { launchBrowser, openProfile, type Profile } from "../harness/browser.js";
import { onBothDatabases } from "../harness/engines.js";
import { until } from "../harness/until.js";
import { startWorld, type World } from "../harness/world.js";

onBothDatabases("pages written for the Connections SDK", (engine) => {
  let browser: Browser;
  let world: World;
  let pages: HostPages;
  let companyId: string;
  let connectionId: string;

  before(async () => {
    browser = await launchBrowser();
    world = await startWorld({ engine });
    pages = await startHostPages(world.platform);
    await world.client.codat.settings.set({ allowedOrigins: [pages.url] });
    let linkUrl: string;
    ({ companyId, connectionId, linkUrl } = await world.client.newConnection("Hosted company", PLATFORMS.commerce.key));
    // A connection that was never authorised must not show.
    await world.client.codat.connections.create({ companyId, requestBody: { platformKey: PLATFORMS.banking.key } });
    await followAlone(browser, linkUrl);
  });
  after(async () => {
    await pages?.stop();
    await world?.stop();
    await browser?.close();
  });

  /** Opens a host page, enters a token and opens the component in it. */
  async function open(name: string, token?: string): Promise<{ profile: Profile; page: Page }> {
    const { accessToken } = await world.client.codat.companies.getAccessToken({ companyId });
    const profile = await openProfile(browser);
    const page = await profile.page();
    await page.goto(`${pages.url}/${name}.html`);
    await page.locator("#access-token-input").fill(token ?? accessToken);
    await page.locator("#access-token-input").blur();
    await page.locator("#modal-button").click();
    return { profile, page };
  }

  for (const name of ["vanilla", "react"]) {
    describe(`the ${name} page`, () => {
      test("shows one component without violating the content security policy", async () => {
        const { profile, page } = await open(name);
        const card = page.getByRole("region", { name: "Manage connected accounts" });
        await card.locator("button.row").waitFor();
        assert.equal(await card.locator("button.row").count(), 1);
        assert.equal(await card.count(), 1);
        assert.deepEqual(profile.complaints, []);
        await profile.close();
      });

      test("disconnects and reconnects live, with one call of each callback", async () => {
        const { profile, page } = await open(name);
        const card = page.getByRole("region", { name: "Manage connected accounts" });
        await card.locator("button.row").click();
        await card.getByRole("button", { name: "Disconnect", exact: true }).click();
        await card.getByRole("button", { name: "Disconnect", exact: true }).click();
        await card.getByRole("heading", { name: `${PLATFORMS.commerce.name} disconnected` }).waitFor();
        await card.getByRole("button", { name: "Done" }).click();
        await card.locator("button.row").click();
        await card.getByRole("button", { name: /Reconnect/ }).first().click();
        const window = await openReconnection(card, PLATFORMS.commerce.name);
        await proceed(window);
        await decideAtSandbox(window, "Allow access");
        await arriveAtResult(window);
        await card
          .getByRole("heading", { name: `${PLATFORMS.commerce.name} reconnected` })
          .waitFor({ timeout: 3_000 });
        const heard = ((await page.locator("#heard").textContent()) ?? "").trim().split("\n");
        assert.deepEqual(heard, [`disconnect ${connectionId}`, `reconnect ${connectionId}`]);
        assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");
        assert.deepEqual(profile.complaints, []);
        await profile.close();
      });

      test("stops every request once its element is gone", async () => {
        const { profile, page } = await open(name);
        const card = page.getByRole("region", { name: "Manage connected accounts" });
        await card.locator("button.row").waitFor();
        await card.getByRole("button", { name: "Close" }).click();
        await card.waitFor({ state: "detached" });
        const later: string[] = [];
        page.on("request", (request) => later.push(request.url()));
        await page.locator("#heard", { hasText: "close" }).waitFor();
        assert.equal(await page.locator("#target > *").count(), 0);
        // Changes on the server would make a component that still listens send a request.
        await world.client.codat.refreshData.all({ companyId });
        await world.client.untilSettled(companyId);
        assert.deepEqual(later, []);
        await profile.close();
      });

      test("shows that the session has expired when its token is refused", async () => {
        const { profile, page } = await open(name, "not.a.token");
        await page.getByRole("heading", { name: /session has expired|couldn.t load/ }).waitFor();
        await page.locator("#heard", { hasText: "error" }).waitFor();
        await profile.close();
      });
    });
  }

  test("a browser receives the component compressed, and its words in the reader's language", async () => {
    const profile = await openProfile(browser);
    const page = await profile.page();
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    const addresses = new Map<string, string>();
    const received = new Map<string, number>();
    session.on("Network.requestWillBeSent", ({ requestId, request }) => addresses.set(requestId, new URL(request.url).pathname));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      received.set(addresses.get(requestId) ?? "", encodedDataLength);
    });
    await page.addInitScript(() => Object.defineProperty(navigator, "languages", { value: ["de-AT"] }));
    await page.goto(`${pages.url}/vanilla.html`);
    const { accessToken } = await world.client.codat.companies.getAccessToken({ companyId });
    await page.locator("#access-token-input").fill(accessToken ?? "");
    await page.locator("#access-token-input").blur();
    await page.locator("#modal-button").click();
    await page.getByRole("heading", { name: "Verbundene Konten verwalten" }).waitFor();
    // A module runs before the browser tells that the last of it arrived.
    const files = (count: number): Promise<[string, number][]> =>
      until(`${count} files arrived`, () => {
        const found = [...received].filter(([address]) => address.startsWith("/sdk/")).sort();
        return found.length === count && found;
      });
    // The part that shows a connection comes when somebody turns to one.
    await files(2);
    await page.locator("button.row").first().hover();
    const sent = await files(3);
    assert.match(String(sent), /^\/sdk\/connections\.js,.*\/sdk\/parts\/detail\..*\/sdk\/words\/de\./);
    // With the headers, which are some hundred bytes.
    assert.ok(sent[0]![1] <= 17_800, String(sent[0]));
    assert.ok(sent[1]![1] <= 6_500, String(sent[1]));
    assert.ok(sent[2]![1] <= 3_300, String(sent[2]));
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  });

  test("a page of an origin that isn't registered can't load connections", async () => {
    await world.client.codat.settings.set({ allowedOrigins: ["https://elsewhere.example"] });
    const { profile, page } = await open("vanilla");
    await page.getByRole("heading", { name: /couldn.t load/ }).waitFor();
    await profile.close();
    await world.client.codat.settings.set({ allowedOrigins: [pages.url] });
  });
});
