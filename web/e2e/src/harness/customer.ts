// The merchant at their browser: at the lender, on the link pages, at the sandbox, in the component.

import type { Locator, Page } from "playwright-core";

import type { World } from "./world.js";

export const PLATFORMS = {
  accounting: { key: "mqjo", name: "Sandbox" },
  commerce: { key: "aiwb", name: "Commerce Sandbox" },
  banking: { key: "qhnd", name: "Banking Sandbox" },
} as const;

/** Signs up at the lender, which creates the company; gives back the merchant's number, which is the company's name. */
export async function signUp(page: Page, world: World): Promise<string> {
  await page.goto(world.lender);
  await page.getByLabel("Business name").fill("Saltmarsh Bakery");
  await page.getByLabel("Your name").fill("Mara Quill");
  await page.getByLabel("Work email").fill("mara@saltmarsh.example");
  await page.getByRole("button", { name: "Create my application" }).click();
  await page.getByRole("heading", { level: 1, name: "Connect the platforms you use" }).waitFor();
  return (await page.locator(".who-id").textContent()) ?? "";
}

export async function companyNamed(world: World, name: string): Promise<string> {
  const { results = [] } = await world.client.codat.companies.list({ query: `name=${name}` });
  const [company] = results;
  if (company === undefined) throw new Error(`no company is named ${name}`);
  return company.id;
}

/** Presses the platform's button at the lender and gives back the window that opens, on the link page. */
export async function openLink(page: Page, platformName: string): Promise<Page> {
  const opening = page.waitForEvent("popup");
  await page.getByRole("button", { name: `Connect to ${platformName}`, exact: true }).click();
  const window = await opening;
  await window.waitForURL(/\/start\?/);
  return window;
}

/** From the start page, through the platform's steps if it has any, to the platform's own pages. */
export async function goToPlatform(window: Page, platformOrigin: string): Promise<void> {
  const origin = new URL(window.url()).origin;
  while (new URL(window.url()).origin === origin) {
    const before = await window.content();
    const submit = window.locator("main form button[type=submit].primary, main form button.primary").first();
    await submit.click();
    await window.waitForLoadState("load");
    if (window.url().startsWith(platformOrigin)) return;
    if ((await window.content()) === before) throw new Error(`stuck at ${window.url()}`);
  }
}

/** Signs in at the sandbox and decides. */
export async function decideAtSandbox(
  window: Page,
  decision: "Allow access" | "Deny",
  business = 0,
): Promise<void> {
  const person = window.locator("button.person").first();
  const choice = window.locator("input[name=business]").nth(business);
  await person.or(choice).first().waitFor();
  if (await person.isVisible()) await person.click();
  await choice.check();
  await window.getByRole("button", { name: decision, exact: true }).click();
}

/** Connects from the lender's page to the end; gives back the window, at the lender's page for those who come back. */
export async function connect(page: Page, world: World, platformName: string, business = 0): Promise<Page> {
  const window = await openLink(page, platformName);
  await goToPlatform(window, world.sandbox.url);
  await decideAtSandbox(window, "Allow access", business);
  await window.waitForURL(/\/linked\?/);
  return window;
}

/** What the redirect back to the lender said. */
export function redirectOf(window: Page): Record<string, string> {
  return Object.fromEntries(new URL(window.url()).searchParams);
}

export async function openComponent(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: "Manage connections" }).first().click();
  const card = page.getByRole("region", { name: "Manage connections" });
  await card.getByRole("heading", { name: "Manage connections" }).waitFor();
  return card;
}

/** Turns back on the link page. */
export async function leaveUnchanged(window: Page): Promise<void> {
  await window.getByRole("button", { name: /^(leave|go back|back|cancel|not now)/i }).first().click();
}

/** Says on the link page that the platform in use isn't offered. */
export async function sayNotInList(window: Page): Promise<void> {
  await window.getByRole("button", { name: /isn.t (in the list|here|listed)/i }).first().click();
}

/** Follows a link URL to the end, without the lender: for clients that have set no redirect URL. */
export async function follow(page: Page, world: World, linkUrl: string, business = 0): Promise<void> {
  await page.goto(linkUrl);
  await goToPlatform(page, world.sandbox.url);
  await decideAtSandbox(page, "Allow access", business);
  await page.waitForURL((url) => url.origin === new URL(world.platform).origin && !url.pathname.startsWith("/oauth/"));
}
