// The merchant at their browser: at the lender, on the link pages, at the sandbox, in the component.

import type { Locator, Page } from "playwright-core";

import type { World } from "../world.js";

export const PLATFORMS = {
  accounting: { key: "mqjo", name: "Sandbox" },
  commerce: { key: "aiwb", name: "Commerce Sandbox" },
  banking: { key: "qhnd", name: "Banking Sandbox" },
} as const;

/** Made-up businesses of the sandbox, small ones first. */
export const BUSINESSES = {
  carpenter: "lindqvist-snickeri",
  studio: "studio-veldhuis",
  spices: "dilmun-spice-trading",
  cafe: "harbour-lane-cafe",
} as const;

/** Where the lender is, and the key's owner. */
export type Place = Pick<World, "lender" | "client">;

/** Signs up at the lender, which creates the company; gives back the merchant's number, which is the company's name. */
export async function signUp(page: Page, world: Place): Promise<string> {
  await page.goto(world.lender);
  await page.getByLabel("Business name").fill("Saltmarsh Bakery");
  await page.getByLabel("Your name").fill("Mara Quill");
  await page.getByLabel("Work email").fill("mara@saltmarsh.example");
  await page.getByRole("button", { name: "Create my application" }).click();
  await page.getByRole("heading", { level: 1, name: "Connect the platforms you use" }).waitFor();
  return (await page.locator(".who-id").textContent()) ?? "";
}

export async function companyNamed(world: Place, name: string): Promise<string> {
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

/** Completes the steps of the start page and goes on; gives back what was asked there. */
export async function proceed(window: Page): Promise<{ instructions: number; companyName: string | undefined }> {
  const form = window.locator('form[action$="/start"]');
  await form.waitFor();
  const boxes = form.getByRole("checkbox");
  const instructions = await boxes.count();
  for (let index = 0; index < instructions; index += 1) await boxes.nth(index).check();
  const name = form.getByRole("textbox", { name: "Company name" });
  const companyName = (await name.count()) > 0 ? await name.inputValue() : undefined;
  await form.locator("button.primary").click();
  return { instructions, companyName };
}

/** Turns back on the start page. */
export async function leaveUnchanged(window: Page): Promise<void> {
  await window.locator('form[action$="/start"] button[formaction$="/leave"]').click();
}

/** Says on the hosted overview that the platform in use isn't offered. */
export async function sayNotInList(window: Page): Promise<void> {
  await window.getByRole("button", { name: "My platform isn’t in the list" }).click();
}

/** Signs in at the sandbox and decides. */
export async function decideAtSandbox(
  window: Page,
  decision: "Allow access" | "Deny",
  business: string = BUSINESSES.carpenter,
): Promise<void> {
  const person = window.locator("button.person").first();
  const choice = window.locator(`input[name=business][value="${business}"]`);
  await person.or(choice).first().waitFor();
  if (await person.isVisible()) await person.click();
  await choice.check();
  await window.getByRole("button", { name: decision, exact: true }).click();
}

/** Connects from the lender's page to the end; gives back the window, at the lender's page for those who come back. */
export async function connect(page: Page, platformName: string, business: string = BUSINESSES.carpenter): Promise<Page> {
  const window = await openLink(page, platformName);
  await proceed(window);
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

/** Moorline's own page after the platform, for clients that have set no redirect URL. */
export async function arriveAtResult(page: Page): Promise<void> {
  await page.locator("main svg.sign").waitFor();
}

/** Follows a link URL to the end, without the lender: for clients that have set no redirect URL. */
export async function follow(page: Page, linkUrl: string, business: string = BUSINESSES.carpenter): Promise<void> {
  await page.goto(linkUrl);
  await proceed(page);
  await decideAtSandbox(page, "Allow access", business);
  await arriveAtResult(page);
}
