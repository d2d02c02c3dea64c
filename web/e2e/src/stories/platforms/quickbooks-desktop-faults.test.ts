// What goes wrong at a customer's computer with QuickBooks Desktop, by another party's SOAP stack: each ends in a sentence that says what to
// do, where the Web Connector's user, the customer in the component and the operator see it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";

import type { Browser, Locator } from "playwright-core";

import type { Row } from "../../emulators/fixtures.js";
import { type CompanyFile, fileOf, WebConnector } from "../../emulators/quickbooks-desktop.js";
import { type HostPages, startHostPages } from "../../fixtures/host-pages.js";
import { proceed } from "../../harness/actors/customer.js";
import { launchBrowser, openProfile } from "../../harness/browser.js";
import { onBothDatabases } from "../../harness/engines.js";
import { look } from "../../harness/look.js";
import { until } from "../../harness/until.js";
import { ROOT, startWorld, type World } from "../../harness/world.js";

const KEY = "pqsw";
/** Three pages of a walk. */
const INVOICES = 450;

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

function company(name: string, invoices = INVOICES): CompanyFile {
  const customer = { id: "1", companyName: "Café & Bar" };
  const row = (n: number): Row => ({
    id: `I-${n}`, invoiceNumber: String(n), customerRef: customer, issueDate: "2026-05-01", dueDate: "2026-06-01", currency: "USD", subTotal: 100 + n, totalTaxAmount: 0, totalAmount: 100 + n, amountDue: 100 + n, lineItems: [],
  });
  const books = { customers: [{ id: "1", customerName: customer.companyName, status: "Active" }], invoices: Array.from({ length: invoices }, (_, index) => row(index + 1)) };
  return fileOf(name, "USD", books, []);
}

interface Linked {
  readonly companyId: string;
  readonly connectionId: string;
  readonly connector: WebConnector;
  readonly setup: string;
  readonly password: string;
}

onBothDatabases("a computer with QuickBooks Desktop that is in trouble", (engine) => {
  let world: World;
  let pages: HostPages;
  before(async () => {
    world = await startWorld({ engine, settings: { MOORLINE_INTEGRATIONS__DIRS: JSON.stringify([join(ROOT, "integrations")]) } });
    await world.enableIntegration(KEY);
    pages = await startHostPages(world.platform);
    await world.client.codat.settings.set({ allowedOrigins: [pages.url] });
  });
  after(async () => {
    await pages?.stop();
    await world?.stop();
  });

  /** Sets the program up from the link page, and lets it call once. */
  async function link(name: string, file: CompanyFile): Promise<Linked> {
    const { companyId, connectionId, linkUrl } = await world.client.newConnection(name, KEY);
    const { setup, password } = await setUp(linkUrl);
    const connector = await WebConnector.add(setup, password, file);
    assert.equal((await connector.update()).end, "finished");
    await world.client.untilStatus(companyId, connectionId, "Linked");
    await world.client.untilSettled(companyId);
    return { companyId, connectionId, connector, setup, password };
  }

  async function setUp(linkUrl: string): Promise<{ setup: string; password: string }> {
    const profile = await openProfile(browser);
    const page = await profile.page();
    await page.goto(linkUrl);
    await proceed(page);
    const password = (await page.locator("#secret").textContent()) ?? "";
    const file = page.getByRole("link", { name: "Download the set-up file" });
    const setup = await (await page.request.get(new URL((await file.getAttribute("href")) ?? "", page.url()).href)).text();
    await profile.close();
    return { setup, password };
  }

  /** Has all of the invoices read anew. */
  async function wantInvoices({ companyId }: Linked): Promise<void> {
    assert.equal((await world.client.queue(companyId, "invoices")).status, 200);
  }

  const invoicesOf = async ({ companyId }: Linked): Promise<number> => (await world.client.read<{ totalResults: number }>(`/companies/${companyId}/data/invoices`)).totalResults;

  /** The connection in the component, as its customer opens it there. */
  async function inComponent({ companyId }: Linked, look: (card: Locator) => Promise<void>): Promise<void> {
    const { accessToken } = await world.client.codat.companies.getAccessToken({ companyId });
    const profile = await openProfile(browser);
    const page = await profile.page();
    await page.setViewportSize({ width: 375, height: 800 });
    await page.goto(`${pages.url}/vanilla.html`);
    await page.locator("#access-token-input").fill(accessToken);
    await page.locator("#access-token-input").blur();
    await page.locator("#modal-button").click();
    const card = page.getByRole("region", { name: "Manage connected accounts" });
    await card.locator("button.row").click();
    await look(card);
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  }

  /** The screen has no fault but the host page's own, which has no heading. */
  async function isWhole(card: Locator, name: string): Promise<void> {
    const faults = await look(card.page(), `machine-${name}-${engine}`);
    assert.deepEqual(faults.filter((fault) => !fault.includes("page-has-heading-one")), []);
  }

  /** The sentence is with the connection, for the operator and the client's software, and in the component, until a call goes well. */
  async function isSaid(linked: Linked, words: RegExp): Promise<void> {
    const { companyId, connectionId } = linked;
    const { dataConnectionErrors } = await world.client.connection(companyId, connectionId);
    assert.match(dataConnectionErrors?.[0]?.errorMessage ?? "", words);
    assert.match(await world.command(["connections", "show", connectionId]), words);
    await inComponent(linked, async (card) => {
      await card.getByRole("heading", { name: "The computer needs attention" }).waitFor();
      assert.match((await card.locator(".note.warn").first().textContent()) ?? "", words);
    });
  }

  async function isMended(linked: Linked): Promise<void> {
    assert.equal((await linked.connector.update()).end, "finished");
    await world.client.untilSettled(linked.companyId);
    assert.equal(await invoicesOf(linked), INVOICES);
    const { companyId, connectionId } = linked;
    const { dataConnectionErrors } = await world.client.connection(companyId, connectionId);
    assert.ok((dataConnectionErrors ?? []).every(({ status }) => status === "Resolved"), JSON.stringify(dataConnectionErrors));
    const { trouble } = await world.client.read<{ trouble: string | null }>(`/companies/${companyId}/connections/${connectionId}/machine`);
    assert.equal(trouble, null);
  }

  test("the wrong company file, a file that can't be opened and an open window are said with what to do", { timeout: 240_000 }, async () => {
    const linked = await link("Dune Coffee", company("Dune Coffee"));
    const { connector } = linked;
    const right = connector.file;
    const cases: [string, () => void, RegExp][] = [
      ["another company's file is open", () => void (connector.file = company("Marsh Tea", 3)), /that of Marsh Tea.*Open the company file of Dune Coffee, and update again/],
      ["QuickBooks has another file open", () => void (connector.cannotOpen = { code: "0x8004040A", words: "A QuickBooks company data file is already open and it is different from the one requested." }), /Another company file is open in QuickBooks\. Close it/],
      ["the file is open for one user alone", () => void (connector.cannotOpen = { code: "0x80040422", words: "This application requires Single User file access mode." }), /single-user mode/],
      ["a dialog is open", () => void connector.faults.set("Invoice", { code: "0x80040414", words: "A modal dialog box is showing in the QuickBooks user interface." }), /A window is open in QuickBooks.*Answer or close it/],
    ];
    for (const [about, arise, words] of cases) {
      await wantInvoices(linked);
      arise();
      const update = await connector.update();
      assert.equal(update.end, "broken", about);
      assert.match(update.words, words, about);
      await isSaid(linked, words);
      connector.file = right;
      connector.cannotOpen = undefined;
      connector.faults.clear();
      await isMended(linked);
    }
  });

  test("a permission that is withdrawn ends the connection, and says how to give it again", { timeout: 120_000 }, async () => {
    const linked = await link("Fen Books", company("Fen Books"));
    const { companyId, connectionId, connector } = linked;
    await wantInvoices(linked);
    connector.faults.set("Invoice", { code: "0x80040420", words: "The QuickBooks user has denied access." });
    const words = /no longer allows this application.*connect again/;
    const update = await connector.update();
    assert.equal(update.end, "broken");
    assert.match(update.words, words);
    await world.client.untilStatus(companyId, connectionId, "Deauthorized");
    await inComponent(linked, async (card) => {
      await card.getByRole("heading", { name: "Access to QuickBooks Desktop has ended" }).waitFor();
      assert.match((await card.locator(".note.warn").first().textContent()) ?? "", words);
    });
    assert.match(await world.command(["connections", "show", connectionId]), words);
    assert.equal((await connector.update()).end, "unknown", "its password has ended");
    // By a new set-up: not another company's file, but the same one.
    const { linkUrl } = await world.client.connection(companyId, connectionId);
    const { setup, password } = await setUp(linkUrl);
    const wrong = await (await WebConnector.add(setup, password, company("Marsh Tea", 3))).update();
    assert.equal(wrong.end, "broken");
    assert.match(wrong.words, /Nothing was read\. Open the company file of Fen Books/);
    assert.equal((await world.client.connection(companyId, connectionId)).status, "Deauthorized");
    const again = await WebConnector.add(setup, password, company("Fen Books"));
    assert.equal((await again.update()).end, "finished");
    await world.client.untilStatus(companyId, connectionId, "Linked");
  });

  test("an answer that is cut off ends its data type alone, and a list that loses its place begins anew", { timeout: 120_000 }, async () => {
    const linked = await link("Salt & Sons", company("Salt & Sons"));
    const { companyId, connector } = linked;
    await wantInvoices(linked);
    connector.cutOff.add("Invoice");
    assert.equal((await connector.update()).end, "finished");
    await world.client.untilSettled(companyId);
    const { results } = await world.client.read<{ results: { dataType: string; status: string; errorMessage?: string }[] }>(`/companies/${companyId}/data/history?pageSize=500`);
    const pull = results.find(({ dataType }) => dataType === "invoices");
    assert.equal(pull?.status, "FetchError");
    assert.match(pull?.errorMessage ?? "", /can't be read/);
    assert.equal((await world.client.connection(companyId, linked.connectionId)).status, "Linked");
    connector.cutOff.clear();

    await wantInvoices(linked);
    connector.losesItsPlace = true;
    const words = /lost its place in a long list.*update again/;
    const update = await connector.update();
    assert.equal(update.end, "broken");
    assert.match(update.words, words);
    await isSaid(linked, words);
    await isMended(linked);
  });

  test("a computer that is off for a night, and two computers at once, lose and double nothing", { timeout: 120_000 }, async () => {
    const linked = await link("Reed & Co", company("Reed & Co"));
    const { companyId, connector, setup, password } = linked;
    await wantInvoices(linked);
    connector.isOffAfter = 4;
    assert.equal((await connector.update()).end, "off");
    const second = await WebConnector.add(setup, password, company("Reed & Co"));
    const sentAway = await second.update();
    assert.deepEqual(sentAway, { end: "nothing", words: "", wait: 120 }, "the first computer's call may still be under way");
    await nightPasses(world);
    assert.deepEqual(await second.update(), { end: "finished", words: "Finished" });
    await world.client.untilSettled(companyId);
    assert.equal(await invoicesOf(linked), INVOICES);
    // Both at once: one reads, the other is sent away or finds nothing to do.
    connector.isOffAfter = Infinity;
    await wantInvoices(linked);
    const both = await Promise.all([connector.update(), second.update()]);
    assert.ok(both.some(({ end }) => end === "finished"), JSON.stringify(both));
    assert.ok(both.every(({ end }) => end === "finished" || end === "nothing"), JSON.stringify(both));
    await world.client.untilSettled(companyId);
    assert.equal(await invoicesOf(linked), INVOICES);
  });

  test("a customer sees when the computer was heard from, pauses its reading, and sets its hours, by keyboard", { timeout: 120_000 }, async () => {
    const linked = await link("Harbour Light", company("Harbour Light"));
    const { companyId, connectionId, connector } = linked;
    const machine = (): Promise<{ lastHeardFrom: string; pausedUntil: string | null; hours: unknown }> => world.client.read(`/companies/${companyId}/connections/${connectionId}/machine`);
    assert.ok(Date.now() - Date.parse((await machine()).lastHeardFrom) < 60_000);
    await inComponent(linked, async (card) => {
      assert.match((await card.textContent()) ?? "", /Last call of QuickBooks Web Connector/);
      await card.getByRole("button", { name: "Pause for 24 hours" }).focus();
      await card.page().keyboard.press("Enter");
      await card.getByRole("heading", { name: "Reading is paused" }).waitFor();
      const left = Date.parse((await machine()).pausedUntil ?? "") - Date.now();
      assert.ok(left > 86_000_000 && left <= 86_400_000, `${left}`);
      await wantInvoices(linked);
      const update = await connector.update();
      assert.ok(update.end === "nothing" && (update.wait ?? 0) > 86_000, JSON.stringify(update));
      // It is in the history, too.
      await card.getByText("Times of reading changed").first().waitFor();
      await isWhole(card, "paused");
      await card.getByRole("button", { name: "Change the hours" }).click();
      await card.getByLabel("From").fill("00:00");
      await card.getByLabel("Until").fill("00:01");
      await card.getByLabel("At weekends, at any time").uncheck();
      await isWhole(card, "hours");
      await card.getByRole("button", { name: "Save" }).press("Enter");
      await card.getByText(/^00:00 to 00:01 \(/).waitFor();
      await card.getByRole("button", { name: "End the pause" }).press("Enter");
      await card.getByRole("heading", { name: "Reading is paused" }).waitFor({ state: "detached" });
      const { pausedUntil, hours } = await machine();
      assert.equal(pausedUntil, null);
      assert.deepEqual(hours, { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, from: "00:00", to: "00:01", wholeWeekends: false });
      await card.getByRole("button", { name: "Change the hours" }).click();
      await card.getByRole("button", { name: "At any time" }).press("Enter");
      await until("the hours are gone", async () => (await machine()).hours === null);
    });
    await isMended(linked);
  });
});

/** Calls under way were last heard of a night ago. Theirs is the machine's own clock, which no story holds. */
async function nightPasses({ database, folder }: World): Promise<void> {
  const change = "update machine_call set heard = '2026-01-01T00:00:00+00:00' where ended is null";
  if (database !== undefined) {
    await database.query(change);
    return;
  }
  const script = "import sqlite3, sys; at = sqlite3.connect(sys.argv[1], timeout=20); at.execute(sys.argv[2]); at.commit()";
  const { status, stderr } = spawnSync("python3", ["-c", script, join(folder, "data/moorline.db"), change], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}
