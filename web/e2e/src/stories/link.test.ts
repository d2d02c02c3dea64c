// Link in a page that was written for Codat's Link SDK, with only the import changed: from the first click to the data.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser, Locator, Page } from "playwright-core";

import { type HostPages, startHostPages } from "../fixtures/host-pages.js";
import {
  arriveAtResult,
  companyOf,
  decideAtSandbox,
  followAlone,
  leaveUnchanged,
  PLATFORMS,
  proceed,
  signUp,
} from "../harness/actors/customer.js";
import { launchBrowser, openProfile, type Profile } from "../harness/browser.js";
import { onBothDatabases } from "../harness/engines.js";
import { look } from "../harness/look.js";
import { startWorld, type World } from "../harness/world.js";

const { name, key } = PLATFORMS.accounting;

onBothDatabases("a page written for the Link SDK", (engine) => {
  let browser: Browser;
  let world: World;
  let pages: HostPages;

  before(async () => {
    browser = await launchBrowser();
    world = await startWorld({ engine, lender: true });
    pages = await startHostPages(world.platform);
    await world.client.codat.settings.set({ allowedOrigins: [pages.url, world.lender] });
  });
  after(async () => {
    await pages?.stop();
    await world?.stop();
    await browser?.close();
  });

  interface Visit {
    readonly profile: Profile;
    readonly page: Page;
    readonly card: Locator;
    readonly companyId: string;
  }

  /** A new company's person opens the page, and Link in it. */
  async function visit(token?: string): Promise<Visit> {
    const { id: companyId } = await world.client.codat.companies.create({ name: "Linking company" });
    const profile = await openProfile(browser);
    const page = await profile.page();
    const card = await open(page, companyId, token);
    return { profile, page, card, companyId };
  }

  async function open(page: Page, companyId: string, token?: string): Promise<Locator> {
    const { accessToken } = await world.client.codat.companies.getAccessToken({ companyId });
    await page.goto(`${pages.url}/link.html`);
    await page.locator("#company-id-input").fill(companyId);
    await page.locator("#access-token-input").fill(token ?? accessToken ?? "");
    await page.locator("#modal-button").click();
    return page.getByRole("region", { name: "Connect your accounts" });
  }

  async function choose(card: Locator): Promise<void> {
    await card.getByRole("button", { name: "Connect Accounting" }).click();
    await card.locator(`[data-id=${key}]`).click();
    await card.getByRole("heading", { name: `Connect ${name} to` }).waitFor();
  }

  async function depart({ page, card }: Visit): Promise<Page> {
    const opening = page.waitForEvent("popup");
    await card.getByRole("button", { name: `Connect to ${name}` }).click();
    const window = await opening;
    await window.waitForURL(/\/start\?/);
    return window;
  }

  const heard = async (page: Page) => ((await page.locator("#heard").textContent()) ?? "").trim().split("\n");

  test("a customer connects a platform, and the page is told once of each step", async () => {
    const here = await visit();
    const { page, card, companyId, profile } = here;
    await choose(card);
    const [pending] = (await world.client.codat.connections.list({ companyId })).results ?? [];
    assert.equal(pending?.status, "PendingAuth");
    // The consent screen has what the API tells: it is the same object.
    const told = await world.client.read<{ purpose: { text: string }; reads: { name: string }[] }>(
      `/companies/${companyId}/connections/${pending!.id}/disclosure`,
    );
    await card.getByText(told.purpose.text).waitFor();
    const data = (await card.locator("details", { hasText: "Platform data" }).innerText()).toLowerCase();
    for (const read of told.reads) assert.ok(data.includes(read.name), read.name);

    const window = await depart(here);
    await window.getByText("Read again what").waitFor();
    assert.equal(await window.getByText(told.purpose.text).isVisible(), false, "it was read in the page");
    await proceed(window);
    await decideAtSandbox(window, "Allow access");
    await arriveAtResult(window);
    await window.getByText("Close this window to go on").waitFor();
    await card.getByRole("heading", { name: `${name} is connected` }).waitFor();
    await window.close();
    await card.getByRole("button", { name: "Continue" }).click();
    await card.getByRole("button", { name: "Complete" }).click();
    await card.waitFor({ state: "detached" });

    const linked = await world.client.connection(companyId, pending!.id);
    assert.equal(linked.status, "Linked");
    const calls = await heard(page);
    assert.deepEqual(calls.slice(0, 2), [`started ${linked.id}`, "consent true"]);
    assert.deepEqual(JSON.parse(calls[2]!.replace("connection ", "")), {
      connectionId: linked.id,
      integrationId: linked.integrationId,
      integrationKey: key,
      platformName: name,
      sourceId: linked.sourceId,
      sourceType: "Accounting",
    });
    assert.deepEqual(calls.slice(3), ["finish"]);
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  });

  test("a cancelled, a failed and an abandoned journey each leave a way on, and the last leads home", async () => {
    const here = await visit();
    const { page, card, companyId, profile } = here;
    await choose(card);
    let window = await depart(here);
    await proceed(window);
    await decideAtSandbox(window, "Deny");
    await arriveAtResult(window);
    await card.getByRole("alert").getByText(`Access was not given at ${name}.`).waitFor();
    await window.close();

    await world.sandbox.arm({ kind: "token_error", error: "server_error", product: "accounting" });
    window = await depart(here);
    await proceed(window);
    await decideAtSandbox(window, "Allow access");
    await arriveAtResult(window);
    await card.getByRole("alert").waitFor();
    await world.sandbox.clear();
    await window.close();

    await (await depart(here)).close();
    const again = page.waitForEvent("popup");
    await card.getByRole("link", { name: "Open the window again" }).click();
    window = await again;
    await proceed(window);
    await decideAtSandbox(window, "Allow access");
    await arriveAtResult(window);
    await card.getByRole("heading", { name: `${name} is connected` }).waitFor();
    const calls = (await heard(page)).map((call) => call.split(" ")[0]);
    assert.deepEqual(calls, ["started", "consent", "error", "connection"]);
    const { results = [] } = await world.client.codat.connections.list({ companyId });
    assert.equal(results.length, 1);
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  });

  test("a customer who doesn't want to after all is back in the page, and nothing is an error", async () => {
    const here = await visit();
    const { page, card, companyId, profile } = here;
    await choose(card);
    const window = await depart(here);
    await leaveUnchanged(window);
    await card.getByRole("alert").waitFor();
    await card.getByRole("heading", { name: `Connect ${name} to` }).waitFor();
    await arriveAtResult(window);
    await window.getByText("Close this window to go on").waitFor();
    assert.deepEqual((await heard(page)).map((call) => call.split(" ")[0]), ["started", "consent"]);
    const [pending] = (await world.client.codat.connections.list({ companyId })).results ?? [];
    assert.equal(pending?.status, "PendingAuth");
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  });

  test("the page's language goes with the customer into the window, and to its end", async () => {
    const profile = await openProfile(browser);
    const page = await profile.page();
    const { id: companyId } = await world.client.codat.companies.create({ name: "Firma" });
    const { accessToken } = await world.client.codat.companies.getAccessToken({ companyId });
    await page.goto(`${pages.url}/link.html#de`);
    await page.locator("#company-id-input").fill(companyId);
    await page.locator("#access-token-input").fill(accessToken ?? "");
    await page.locator("#modal-button").click();
    const card = page.getByRole("region", { name: "Verbinden Sie Ihre Konten" });
    await card.getByRole("button", { name: "Verbinden Buchhaltung" }).click();
    await card.locator(`[data-id=${key}]`).click();
    await card.getByRole("heading", { name: `${name} mit`, exact: false }).waitFor();
    const opening = page.waitForEvent("popup");
    await card.locator(".actions button").first().click();
    const window = await opening;
    await window.waitForURL(/\/start\?/);
    assert.equal(await window.locator("html").getAttribute("lang"), "de");
    await proceed(window);
    await decideAtSandbox(window, "Allow access");
    await arriveAtResult(window);
    assert.equal(await window.locator("html").getAttribute("lang"), "de");
    await card.getByRole("heading", { name: `${name} ist verbunden` }).waitFor();
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  });

  test("an accountant connects by the link that the customer passes on, and what is connected is ended where it began", async () => {
    const here = await visit();
    const { page, card, companyId, profile } = here;
    await choose(card);
    await card.getByRole("button", { name: "Use another device, or ask someone else" }).click();
    const link = await card.getByLabel(`Link to connect ${name}`).inputValue();
    const accountant = await openProfile(browser);
    const elsewhere = await accountant.page();
    await elsewhere.goto(link);
    await proceed(elsewhere);
    await decideAtSandbox(elsewhere, "Allow access");
    // No page waits beside it: it ends where the lender lets customers return.
    await elsewhere.waitForURL(/\/linked\?/);
    await accountant.close();
    await card.getByRole("heading", { name: `${name} is connected` }).waitFor();
    assert.deepEqual((await heard(page)).map((call) => call.split(" ")[0]), ["started", "connection"]);

    await card.getByRole("button", { name: "Continue" }).click();
    await card.getByRole("button", { name: "Manage what is connected" }).click();
    await card.getByRole("button", { name }).click();
    await card.getByRole("button", { name: "Disconnect" }).click();
    await card.getByRole("heading", { name: `Disconnect ${name}?` }).waitFor();
    await card.getByRole("button", { name: "Disconnect" }).click();
    await card.getByRole("heading", { name: `${name} disconnected` }).waitFor();
    const [ended] = (await world.client.codat.connections.list({ companyId })).results ?? [];
    assert.equal(ended?.status, "Unlinked");
    await card.getByRole("button", { name: "Done" }).click();
    await card.getByRole("button", { name }).click();
    await card.getByRole("button", { name: "Reconnect" }).click();
    const opening = page.waitForEvent("popup");
    await card.getByRole("button", { name: `Continue to ${name}` }).click();
    const window = await opening;
    await proceed(window);
    await decideAtSandbox(window, "Allow access");
    await arriveAtResult(window);
    await card.getByRole("heading", { name: `${name} reconnected` }).waitFor();
    assert.equal((await world.client.connection(companyId, ended!.id)).status, "Linked");
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  });

  test("the lender's merchant connects without leaving its page, and the data is on its way", async () => {
    const profile = await openProfile(browser);
    await profile.use(`lender-${engine}`, async (page) => {
      const companyId = await companyOf(world, await signUp(page, world));
      await page.getByRole("button", { name: "Connect on this page" }).click();
      const card = page.getByRole("region", { name: "Connect your accounts" });
      await card.getByRole("heading", { name: "Connect the platforms you use" }).waitFor();
      await choose(card);
      const window = await depart({ profile, page, card, companyId });
      await proceed(window);
      await decideAtSandbox(window, "Allow access");
      await arriveAtResult(window);
      await card.getByRole("button", { name: "Continue" }).click();
      await card.getByRole("button", { name: "Complete" }).click();
      await page.waitForURL(/\/data$/);
      await page.getByRole("heading", { name, exact: true }).first().waitFor();
      assert.deepEqual(profile.complaints, []);
    });
  });

  test("a business without a platform uploads its books, which are read back, and gone once it disconnects", async () => {
    await world.enableIntegration("upac");
    const here = await visit();
    const { page, companyId, profile } = here;
    let { card } = here;
    const file = (name: string, text: string) => ({ name, mimeType: "application/pdf", buffer: Buffer.from(text) });
    const toFiles = async () => {
      await card.getByRole("button", { name: "Upload Accounting" }).click();
      await card.getByRole("heading", { name: "Upload accounting documents" }).waitFor();
    };
    const choose = (files: ReturnType<typeof file>[]) => card.getByLabel("Choose files").setInputFiles(files);
    const send = () => card.getByRole("button", { name: "Upload", exact: true }).click();
    await toFiles();
    await choose([file("books.pdf", "%PDF-1.7 of 2025"), file("invoice.pdf", "MZ, a program")]);
    await send();
    await card.getByText("This isn’t the type of file that its name says.").waitFor();
    await page.locator("#heard", { hasText: "connection" }).waitFor();
    const connection = await world.client.onlyConnection(companyId);
    assert.equal(connection.status, "Linked");
    assert.equal(connection.integrationKey, "upac");

    // One that is on its way is cancelled, and one is lost with the page.
    let held = true;
    await page.route(/\/files$/, (route) => (held && route.request().method() === "POST" ? undefined : route.continue()));
    await choose([file("slow.pdf", "%PDF-1.7 slow")]);
    await send();
    await card.getByRole("progressbar", { name: "slow.pdf" }).waitFor();
    await card.getByRole("button", { name: "Cancel slow.pdf" }).click();
    await choose([file("lost.pdf", "%PDF-1.7 lost")]);
    await send();
    await card.getByRole("progressbar", { name: "lost.pdf" }).waitFor();
    held = false;
    card = await open(page, companyId);
    await card.getByText("Uploaded files").waitFor();
    await toFiles();
    await card.getByRole("heading", { name: "Uploaded before" }).waitFor();
    await choose([file("sales.pdf", "%PDF-1.7 sales")]);
    await send();
    await card.getByRole("button", { name: "Continue" }).click();
    const names = await world.client.read<{ fileName: string; sourceType: string }[]>(`/companies/${companyId}/files`);
    assert.deepEqual(names.map(({ fileName }) => fileName), ["sales.pdf", "books.pdf"]);
    const archive = await world.client.request("GET", `/companies/${companyId}/files/download`);
    assert.equal(archive.status, 200);
    for (const text of ["Accounting file upload/books.pdf", "%PDF-1.7 of 2025", "%PDF-1.7 sales"]) {
      assert.ok(String(archive.body).includes(text), text);
    }
    await page.locator("#heard", { hasText: "connection" }).waitFor();
    assert.deepEqual((await heard(page)).map((call) => call.split(" ")[0]), ["connection"], "once for what was uploaded in this page");

    await card.getByRole("button", { name: "Manage what is connected" }).click();
    await card.getByRole("button", { name: "Accounting file upload" }).click();
    await card.getByRole("button", { name: "Disconnect" }).click();
    await card.getByRole("heading", { name: "Disconnect Accounting file upload?" }).waitFor();
    await card.getByRole("button", { name: "Disconnect" }).click();
    await card.getByRole("heading", { name: "Accounting file upload disconnected" }).waitFor();
    assert.deepEqual(await world.client.read(`/companies/${companyId}/files`), []);
    assert.equal((await world.client.request("GET", `/companies/${companyId}/files/download`)).status, 404);
    // The browser itself complains of each answer that isn't a success.
    assert.deepEqual(profile.complaints.filter((complaint) => !/400/.test(complaint)), []);
    await profile.close();
  });

  test("a later visit asks consent to a further purpose, which is on record, seen with what is shared, and over with it", async () => {
    const settings = (value: object) => world.client.request("PUT", "/profile/link", value);
    const profile = await openProfile(browser, { viewport: { width: 375, height: 760 } });
    const page = await profile.page();
    const { companyId, connectionId, linkUrl } = await world.client.newConnection("Saltmarsh Bakery", key);
    await followAlone(browser, `${linkUrl}&link.embedded=true`);
    await world.client.untilStatus(companyId, connectionId, "Linked");
    const answers = () =>
      world.client.read<{ state: string; subtitle?: string }[]>(`/companies/${companyId}/connections/${connectionId}/additionalConsents`);
    await settings({
      enableAdditionalConsent: true,
      text: {
        "accounting.additionalConsents.title": "Use your books for your loan, too?",
        "accounting.additionalConsents.subtitle": "{companyName} asks to use what you share from **{platformName}** to decide on your application.",
      },
    });
    let card = await open(page, companyId);
    await card.getByRole("heading", { name: "Use your books for your loan, too?" }).waitFor();
    assert.deepEqual(await answers(), [], "nothing before the answer");
    await card.getByRole("button", { name: "I agree" }).focus();
    await page.keyboard.press("Enter");
    await card.getByRole("button", { name: "Complete" }).waitFor();
    assert.match((await heard(page)).join(), /^consent /);
    assert.deepEqual((await answers()).map(({ state }) => state), ["given"]);

    // Asked no more, and seen with what is shared: in Link, and on the owner's own page.
    card = await open(page, companyId);
    await card.getByRole("button", { name: "Manage what is connected" }).click();
    await card.getByRole("button", { name }).click();
    await card.getByRole("heading", { name: /^Also agreed to, on / }).waitFor();
    await card.getByText("to decide on your application.").waitFor();
    const { sharingUrl } = await world.client.read<{ sharingUrl: string }>(`/companies/${companyId}/sharing`);
    const owner = await profile.page();
    await owner.goto(sharingUrl);
    await owner.locator("form button").click();
    await owner.getByText("Agreed to on").waitFor();
    const faults = await look(owner, `further-purpose-sharing-${engine}`);
    await owner.setViewportSize({ width: 320, height: 760 });
    faults.push(...(await look(owner, `further-purpose-sharing-320-${engine}`)));
    assert.deepEqual(faults, []);

    await world.client.disconnect(companyId, connectionId);
    assert.deepEqual((await answers()).map(({ state }) => state), ["revoked"]);
    await settings({});
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  });

  test("a customer whose platform isn't in the list names it, and the lender reads it", async () => {
    const { page, card, companyId, profile } = await visit();
    await card.getByRole("button", { name: "Connect Accounting" }).click();
    await card.getByLabel("Which platform do you use?").fill("Abacus Books 4");
    await page.keyboard.press("Enter");
    await card.getByText("has been told that you use Abacus Books 4.").waitFor();
    const missed = () =>
      world.client.read<{ results: { platformName: string }[] }>(`/companies/${companyId}/requestedPlatforms`);
    assert.deepEqual((await missed()).results.map(({ platformName }) => platformName), ["Abacus Books 4"]);
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  });

  test("a page with the company's one-time link needs no token, and nobody else gets in by the link", async () => {
    const settings = (value: object) => world.client.request("PUT", "/profile/link", value);
    const { id: companyId, redirect } = await world.client.codat.companies.create({ name: "Linking company" });
    const profile = await openProfile(browser);
    const page = await profile.page();
    await settings({ requireAccessToken: false });
    let card = await open(page, companyId, redirect);
    await choose(card);
    card = await open(page, companyId, redirect);
    await card.getByRole("button", { name: `Go on with ${name}` }).waitFor();
    assert.deepEqual(profile.complaints, []);
    await profile.close();

    const other = await openProfile(browser);
    const elsewhere = await other.page();
    await open(elsewhere, companyId, redirect);
    await elsewhere.getByRole("heading", { name: "Your session has expired" }).waitFor();
    assert.equal((await elsewhere.goto(redirect))?.status(), 410, "nor by the hosted page");
    await other.close();
    await settings({});
    const { redirect: fresh } = await world.client.read<{ redirect: string }>(`/companies/${companyId}`);
    const refused = await visit(fresh);
    await refused.page.locator("#heard", { hasText: "error 403 Link needs an access token" }).waitFor();
    await refused.profile.close();
  });

  test("a page that is loaded anew in the middle goes on, and a refused token is told", async () => {
    const here = await visit();
    const { page, companyId, profile } = here;
    await choose(here.card);
    const window = await depart(here);
    const card = await open(page, companyId);
    await card.getByRole("button", { name: `Go on with ${name}` }).click();
    await card.getByRole("heading", { name: `Connect ${name} to` }).waitFor();
    assert.deepEqual(await heard(page), [""], "the page was told before that it was begun");
    await card.getByRole("button", { name: "Back" }).click();
    await card.getByRole("button", { name: "Back" }).click();
    await proceed(window);
    await decideAtSandbox(window, "Allow access");
    await card.getByRole("button", { name: "Complete" }).and(card.locator(".primary")).waitFor();
    assert.match((await heard(page)).join(), /^connection /);
    const { results = [] } = await world.client.codat.connections.list({ companyId });
    assert.equal(results.length, 1);
    await profile.close();

    const refused = await visit("not.a.token");
    await refused.page.getByRole("heading", { name: "Your session has expired" }).waitFor();
    await refused.page.locator("#heard", { hasText: "error" }).waitFor();
    await refused.profile.close();
  });
});
