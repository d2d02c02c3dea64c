// Several organisations behind one sign-in at Xero, connected inside Link in a lender's page: chosen in its window, named at the end, seen
// and ended in it; left, closed and loaded anew in the middle.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import type { Locator, Page } from "playwright-core";

import { emulatedOnBothDatabases } from "../../emulators/emulated-world.js";
import { ORGANISATIONS, Xero } from "../../emulators/xero.js";
import { type HostPages, startHostPages } from "../../fixtures/host-pages.js";
import { arriveAtResult, proceed } from "../../harness/actors/customer.js";
import { openProfile, type Profile } from "../../harness/browser.js";
import { look } from "../../harness/look.js";
import { until } from "../../harness/until.js";

const KEY = "gbol";
const NAME = "Xero";
const [CAFE, ROASTERY] = ORGANISATIONS as [(typeof ORGANISATIONS)[0], (typeof ORGANISATIONS)[0]];
const BOTH = [CAFE.label, ROASTERY.label];

interface Company {
  id: string;
  name: string;
  referenceParentCompany?: { id: string };
  dataConnections: { id: string; status: string }[];
}

interface Visit {
  readonly profile: Profile;
  readonly page: Page;
  readonly card: Locator;
  readonly companyId: string;
}

emulatedOnBothDatabases("Several organisations in Link", KEY, (client) => new Xero(client), (stage) => {
  let pages: HostPages | undefined;
  after(() => pages?.stop());

  /** A new company's person opens a lender's page that mounts Link. */
  async function visit(options: Parameters<typeof openProfile>[1] = {}): Promise<Visit> {
    const { client } = stage.world;
    if (!pages) {
      pages = await startHostPages(stage.world.platform);
      await client.codat.settings.set({ allowedOrigins: [pages.url] });
      await client.request("PUT", "/profile/link", { enableMultiEntityLinking: true });
    }
    const { id: companyId } = await client.codat.companies.create({ name: "Harbour Lane" });
    const profile = await openProfile(stage.browser, options);
    const page = await profile.page();
    return { profile, page, companyId, card: await open(page, companyId) };
  }

  async function open(page: Page, companyId: string, locale = ""): Promise<Locator> {
    const { accessToken } = await stage.world.client.codat.companies.getAccessToken({ companyId });
    // A change of the fragment alone loads nothing anew.
    await page.goto("about:blank");
    await page.goto(`${pages!.url}/link.html${locale && `#${locale}`}`);
    await page.locator("#company-id-input").fill(companyId);
    await page.locator("#access-token-input").fill(accessToken ?? "");
    await page.locator("#modal-button").click();
    const card = page.getByRole("region").and(page.locator("[part=card]"));
    await card.locator("h2").first().waitFor();
    return card;
  }

  /** Through Link to the sign-in's window, and there to the list of organisations. */
  async function toChecklist({ page, card }: Visit): Promise<Page> {
    await card.getByRole("button", { name: "Connect Accounting" }).click();
    await card.locator(`[data-id=${KEY}]`).click();
    await card.getByRole("heading", { name: `Connect ${NAME} to` }).waitFor();
    const opening = page.waitForEvent("popup");
    await card.locator(".actions button").first().click();
    const window = await opening;
    await window.waitForURL(/\/start\?/);
    await signIn(window);
    return window;
  }

  async function signIn(window: Page): Promise<void> {
    await proceed(window);
    for (const label of BOTH) await window.getByLabel(label, { exact: true }).check();
    await window.getByRole("button", { name: "Allow access", exact: true }).click();
    await window.getByRole("heading", { name: "Which businesses do you want to connect?" }).waitFor();
  }

  /** Faults of Link in the host's page, of which nothing else is looked at. */
  async function lookAt(page: Page, name: string): Promise<string[]> {
    await page.evaluate(() => document.querySelectorAll<HTMLElement>("main > :not(.modal-wrapper)").forEach((other) => (other.hidden = true)));
    const faults = await look(page, name);
    await page.evaluate(() => document.querySelectorAll<HTMLElement>("main > *").forEach((other) => (other.hidden = false)));
    return faults.filter((fault) => !fault.includes("page-has-heading-one"));
  }

  const heard = async (page: Page) =>
    ((await page.locator("#heard").textContent()) ?? "").trim().split("\n").filter(Boolean).map((call) => call.split(" ")[0]);

  async function childOf(companyId: string): Promise<Company | undefined> {
    const { results } = await stage.world.client.read<{ results: Company[] }>("/companies?pageSize=500");
    return results.find(({ referenceParentCompany }) => referenceParentCompany?.id === companyId);
  }

  test("both become companies under the one that began, are named at the end, and each is seen and ended in Link", async () => {
    const here = await visit({ viewport: { width: 375, height: 760 } });
    const { page, card, companyId, profile } = here;
    const window = await toChecklist(here);
    await window.setViewportSize({ width: 375, height: 760 });
    for (const box of await window.getByRole("checkbox").all()) assert.ok(await box.isChecked());
    await window.getByRole("button", { name: "Connect what is ticked" }).click();
    await arriveAtResult(window);
    await window.getByText(`${BOTH.join(" and ")} now share their Xero data`).waitFor();
    const faults = await look(window, "several-in-link-window");
    await card.getByRole("heading", { name: `${NAME} is connected` }).waitFor();
    await card.getByText(`${BOTH.join(" and ")} now share their Xero data`).waitFor();
    faults.push(...(await lookAt(page, "several-in-link-connected")));
    await window.close();

    const child = await until("a company for the other one", () => childOf(companyId));
    assert.equal(child.name, ROASTERY.label);
    assert.equal(child.dataConnections[0]?.status, "Linked");
    assert.deepEqual(await heard(page), ["started", "consent", "connection"]);

    await card.getByRole("button", { name: "Continue" }).click();
    for (const label of BOTH) await card.getByText(label).waitFor();
    faults.push(...(await lookAt(page, "several-in-link-main")));
    await card.getByRole("button", { name: "Manage what is connected" }).click();
    for (const label of BOTH) await card.getByRole("button", { name: label }).waitFor();
    for (const width of [375, 320]) {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 760 });
        faults.push(...(await lookAt(page, `several-in-link-managed-${colorScheme}-${width}`)));
      }
    }
    await page.emulateMedia({ colorScheme: "light" });

    // The one that was made is ended here, at its own company, and at once at the platform; the other goes on.
    await card.getByRole("button", { name: ROASTERY.label }).click();
    await card.getByText(ROASTERY.label).first().waitFor();
    await card.getByRole("button", { name: "Disconnect" }).click();
    await card.getByRole("heading", { name: `Disconnect ${NAME}?` }).waitFor();
    await card.getByText(ROASTERY.label).waitFor();
    faults.push(...(await lookAt(page, "several-in-link-disconnecting")));
    await card.getByRole("button", { name: "Disconnect" }).click();
    await card.getByRole("heading", { name: `${NAME} disconnected` }).waitFor();
    await stage.world.client.untilStatus(child.id, child.dataConnections[0]!.id, "Unlinked");
    await until("its link at Xero is gone", () => !stage.emulator.links.some(({ tenantId }) => tenantId === ROASTERY.value));
    assert.ok(stage.emulator.links.some(({ tenantId }) => tenantId === CAFE.value));
    await stage.world.client.request("POST", `/companies/${companyId}/data/queue/customers`);
    assert.equal((await stage.world.client.untilSettled(companyId)).get("customers"), "Complete");

    // In a language that is written from the right.
    const arabic = await open(page, companyId, "ar");
    await arabic.locator(".managed").click();
    for (const label of BOTH) await arabic.getByRole("button", { name: label }).waitFor();
    faults.push(...(await lookAt(page, "several-in-link-managed-ar-320")));
    assert.deepEqual(faults, []);
    assert.deepEqual(profile.complaints, []);
    const own = await stage.world.client.onlyConnection(companyId);
    await stage.world.client.disconnect(companyId, own.id);
    await until("no link is left", () => stage.emulator.links.length === 0);
    await profile.close();
  });

  test("a customer who cancels at the list is back in Link, with nothing connected and the access given back", async () => {
    const here = await visit();
    const { page, card, companyId, profile } = here;
    const window = await toChecklist(here);
    await window.locator("button[value=leave]").click();
    await arriveAtResult(window);
    await window.getByText("Close this window to go on").waitFor();
    await card.getByRole("alert").waitFor();
    await card.getByRole("heading", { name: `Connect ${NAME} to` }).waitFor();
    assert.deepEqual(await heard(page), ["started", "consent"]);
    assert.equal(await childOf(companyId), undefined);
    assert.equal((await stage.world.client.onlyConnection(companyId)).status, "PendingAuth");
    await until("the access is given back", () => stage.emulator.links.length === 0);
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  });

  test("a window that is closed at the list is opened again, and a page that is loaded anew goes on", async () => {
    const here = await visit();
    const { page, card, companyId, profile } = here;
    await (await toChecklist(here)).close();
    await card.getByRole("heading", { name: `Finish at ${NAME}` }).waitFor();
    const opening = page.waitForEvent("popup");
    await card.getByRole("link", { name: "Open the window again" }).click();
    const window = await opening;
    // The sign-in isn't asked for again: the list is where it was left.
    await window.getByRole("heading", { name: "Which businesses do you want to connect?" }).waitFor();

    // Loaded anew in the middle, it notices the end that comes in the window beside it.
    const again = await open(page, companyId);
    await again.getByRole("button", { name: "Connect Accounting" }).waitFor();
    // So is the list itself.
    await window.reload();
    await window.getByRole("button", { name: "Connect what is ticked" }).click();
    await arriveAtResult(window);
    for (const label of BOTH) await again.getByText(label).waitFor();
    await page.locator("#heard", { hasText: "connection" }).waitFor();
    assert.deepEqual(await heard(page), ["connection"], "of the connection that began");
    assert.ok(await childOf(companyId));
    assert.deepEqual(profile.complaints, []);
    await profile.close();
  });
});
