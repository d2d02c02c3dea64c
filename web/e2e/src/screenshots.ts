// The README's pictures of a running demo: `cargo xtask screenshots` starts the demo and runs this with a folder.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { Client } from "./harness/actors/client.js";
import { BUSINESSES, companyOf, connect, decideAtSandbox, openComponent, openLink, PLATFORMS, proceed, signUp } from "./harness/actors/customer.js";
import { launchBrowser, openProfile } from "./harness/browser.js";

const [folder = "."] = process.argv.slice(2);
const { PLATFORM_URL, LENDER_URL, MOORLINE_API_KEY } = process.env;
if (PLATFORM_URL === undefined || LENDER_URL === undefined || MOORLINE_API_KEY === undefined) {
  throw new Error("Set PLATFORM_URL, LENDER_URL and MOORLINE_API_KEY to those of a running demo.");
}
const client = new Client(PLATFORM_URL, MOORLINE_API_KEY);
const site = { lender: LENDER_URL, client };
mkdirSync(folder, { recursive: true });

const browser = await launchBrowser();
for (const colorScheme of ["light", "dark"] as const) {
  const profile = await openProfile(browser, { colorScheme, viewport: { width: 1280, height: 860 } });
  const shoot = async (page: Page, name: string): Promise<void> => {
    const path = join(folder, `${name}-${colorScheme}.png`);
    await page.screenshot({ path, animations: "disabled" });
    console.log(path);
  };

  const page = await profile.page();
  await page.goto(LENDER_URL);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shoot(page, "lender-welcome");
  const companyId = await companyOf(site, await signUp(page, site));
  await page.getByRole("button", { name: `Connect to ${PLATFORMS.accounting.name}`, exact: true }).waitFor();
  await shoot(page, "lender-connect");

  const window = await openLink(page, PLATFORMS.accounting.name);
  await window.setViewportSize({ width: 1280, height: 860 });
  await window.locator('form[action$="/start"]').waitFor();
  await shoot(window, "link-start");
  await proceed(window);
  const person = window.locator("button.person").first();
  if (await person.isVisible()) await person.click();
  await window.locator(`input[name=business][value="${BUSINESSES.cafe}"]`).check();
  await shoot(window, "sandbox-consent");
  await decideAtSandbox(window, "Allow access", BUSINESSES.cafe);
  await window.waitForURL(/\/linked\?/);
  await window.close();

  await page.locator(".dataset").first().waitFor();
  await shoot(page, "lender-data");
  for (const { name } of [PLATFORMS.commerce, PLATFORMS.banking]) {
    await page.getByRole("link", { name: "Connect another platform" }).click();
    await (await connect(page, name, BUSINESSES.cafe)).close();
    await page.getByRole("heading", { name: /^Your data/ }).waitFor();
  }
  await client.untilSettled(companyId, 600_000);
  await page.getByRole("heading", { name: "Your data is here" }).waitFor({ timeout: 60_000 });
  await page.getByRole("link", { name: /See your overview/ }).click();
  await page.getByRole("heading", { name: "Top customers" }).waitFor();
  await page.waitForLoadState("networkidle");
  await shoot(page, "lender-dashboard");

  const card = await openComponent(page);
  const row = card.locator("button.row", { hasText: /^Sandbox/ });
  await row.waitFor();
  await shoot(page, "component-list");
  await row.click();
  await card.getByRole("button", { name: "Disconnect", exact: true }).waitFor();
  await card.getByText("Requested").waitFor();
  await shoot(page, "component-detail");

  const { redirect } = await client.codat.companies.get({ companyId });
  await page.goto(redirect);
  await page.getByRole("heading", { level: 1, name: "Connect your platforms" }).waitFor();
  await shoot(page, "link-overview");
  await profile.close();
}
await browser.close();
