// Access that a customer types on the link page: at 375 px, by keyboard, without JavaScript, in other languages, and in a component's window.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser, Page } from "playwright-core";

import { BUSINESSES, openLink, PLATFORMS, signUp } from "../harness/actors/customer.js";
import { launchBrowser, openProfile } from "../harness/browser.js";
import { look } from "../harness/look.js";
import { startWorld, type World } from "../harness/world.js";

const PHONE = { width: 375, height: 760 };
const WRONG = "key-not-a-key-of-anybody-0123456789";
const NETSUITE = "akxx";

let browser: Browser;
let world: World;
before(async () => {
  browser = await launchBrowser();
  world = await startWorld({ engine: "SQLite", lender: true });
  await world.configureIntegration(NETSUITE, "moorline", "a-secret-of-this-client-alone");
});
after(async () => {
  await world?.stop();
  await browser?.close();
});

const key = async (business: string = BUSINESSES.carpenter): Promise<string> => (await world.sandbox.makeKey("accounting", business)).key;

/** Opens a link, and the way of typing a key there. */
async function openKey(page: Page, linkUrl: string): Promise<void> {
  await page.goto(linkUrl);
  await page.getByRole("link", { name: "Enter an API key" }).click();
  await page.getByLabel("API key", { exact: true }).waitFor();
}

/** Presses a key until an element has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let pressed = 0; pressed < 80; pressed += 1) {
    await page.keyboard.press("Tab");
    if (await page.locator(selector).evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail(`the keyboard doesn't reach ${selector}`);
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`by keyboard on a phone, in ${colorScheme}: a wrong form, a refused key, the right one`, async () => {
    const profile = await openProfile(browser, { colorScheme, viewport: PHONE });
    const faults: string[] = [];
    const { companyId, connectionId, linkUrl } = await world.client.newConnection("Saltmarsh Bakery", PLATFORMS.accounting.key);
    await profile.use(`typed ${colorScheme}`, async (page) => {
      const at = async (screen: string): Promise<void> => void faults.push(...(await look(page, `typed-${screen}-${colorScheme}-phone`)));
      await page.goto(linkUrl);
      await tabTo(page, 'a[href*="link.way=key"]');
      await page.keyboard.press("Enter");
      const input = page.getByLabel("API key", { exact: true });
      await input.waitFor();
      assert.equal(await input.getAttribute("type"), "password");
      assert.equal(await input.getAttribute("autocomplete"), "off");
      await at("start");

      await tabTo(page, 'input[type="password"]');
      await page.keyboard.type("something else");
      await page.keyboard.press("Enter");
      await page.getByText("doesn’t look right").first().waitFor();
      const described = (await input.getAttribute("aria-describedby")) ?? "";
      const told = await Promise.all(described.split(" ").map((id) => page.locator(`[id="${id}"]`).innerText()));
      assert.ok(told.some((text) => text.includes("A key begins with key-")), told.join("|"));
      assert.equal(await input.inputValue(), "", "a secret is not put back");
      await at("wrong-form");

      await tabTo(page, 'input[type="password"]');
      await page.keyboard.type(WRONG);
      await page.keyboard.press("Enter");
      await page.getByText("did not accept what you entered").first().waitFor();
      await page.getByText("Check that the whole key was copied").waitFor();
      await at("refused");
      assert.equal((await world.client.connection(companyId, connectionId)).status, "PendingAuth");

      await tabTo(page, 'input[type="password"]');
      await page.keyboard.type(await key());
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/linked\?/);
    });
    assert.deepEqual([...faults, ...profile.complaints], []);
    await world.client.untilStatus(companyId, connectionId, "Linked");
  });

  test(`the certificate's page on a phone, in ${colorScheme}`, async () => {
    const profile = await openProfile(browser, { colorScheme, viewport: PHONE });
    const faults: string[] = [];
    const { linkUrl } = await world.client.newConnection("Saltmarsh Bakery", NETSUITE);
    await profile.use(`certificate ${colorScheme}`, async (page) => {
      await page.goto(linkUrl);
      await page.getByRole("link", { name: "Connect with a certificate" }).click();
      await page.getByRole("button", { name: "Make the certificate" }).waitFor();
      faults.push(...(await look(page, `certificate-make-${colorScheme}-phone`)));
      await page.getByRole("button", { name: "Make the certificate" }).click();
      await page.getByRole("link", { name: "Download the certificate" }).waitFor();
      await page.getByLabel("Account ID").fill("1234567_SB1");
      await page.getByLabel("Client ID").fill("no");
      await page.getByRole("button", { name: "Connect Oracle NetSuite" }).click();
      // The browser itself wants every field; one that is filled wrongly comes back with its problem.
      await page.getByLabel("Certificate ID").fill("0123456789abcdef");
      await page.getByRole("button", { name: "Connect Oracle NetSuite" }).click();
      await page.getByText("“Client ID” doesn’t look right").first().waitFor();
      assert.equal(await page.getByLabel("Account ID").inputValue(), "1234567_SB1");
      faults.push(...(await look(page, `certificate-enter-${colorScheme}-phone`)));
    });
    assert.deepEqual([...faults, ...profile.complaints], []);
  });
}

for (const [locale, words] of [
  ["ar", "أدخل"],
  ["de", "sieht nicht richtig aus"],
  ["fr", "ne semble pas correct"],
  ["es", "no parece correcto"],
  ["nl", "ziet er niet goed uit"],
] as const) {
  test(`the page speaks ${locale}`, async () => {
    const profile = await openProfile(browser, { viewport: PHONE });
    const faults: string[] = [];
    const { linkUrl } = await world.client.newConnection("Saltmarsh Bakery", PLATFORMS.accounting.key);
    await profile.use(`typed ${locale}`, async (page) => {
      await page.goto(`${linkUrl}&locale=${locale}&link.way=key`);
      const input = page.locator('input[type="password"]');
      await input.fill(locale === "ar" ? " " : "something else");
      await page.locator('form[action$="/start"] button.primary').click();
      await page.getByText(words).first().waitFor();
      faults.push(...(await look(page, `typed-${locale}-phone`)));
    });
    assert.deepEqual([...faults, ...profile.complaints], []);
  });
}

test("the page works without JavaScript", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "en-GB" });
  const page = await context.newPage();
  const { companyId, connectionId, linkUrl } = await world.client.newConnection("Saltmarsh Bakery", PLATFORMS.accounting.key);
  await openKey(page, linkUrl);
  await page.getByLabel("API key", { exact: true }).fill(await key());
  await page.getByRole("button", { name: "Connect Sandbox" }).click();
  await page.waitForURL(/\/linked\?/);
  await context.close();
  await world.client.untilStatus(companyId, connectionId, "Linked");
});

test("in a component's window, a typed key connects what the page waits for", async () => {
  const profile = await openProfile(browser);
  await profile.use("typed in a window", async (page) => {
    await signUp(page, world);
    const window = await openLink(page, PLATFORMS.accounting.name);
    await window.getByRole("link", { name: "Enter an API key" }).click();
    await window.getByLabel("API key", { exact: true }).fill(await key());
    await window.getByRole("button", { name: "Connect Sandbox" }).click();
    await window.waitForURL(/\/linked\?/);
    await window.close();
    await page.getByRole("heading", { name: "Your data is here" }).waitFor({ timeout: 120_000 });
  });
  assert.deepEqual(profile.complaints, []);
});

