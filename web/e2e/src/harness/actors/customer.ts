// The customer at a browser: at the lender, on the link pages, at the sandbox, in the component.

import type { Browser, Locator, Page } from "playwright-core";

import { openProfile } from "../browser.js";
import type { World } from "../world.js";

export const PLATFORMS = {
  accounting: { key: "mqjo", name: "Sandbox" },
  commerce: { key: "aiwb", name: "Commerce Sandbox" },
  banking: { key: "qhnd", name: "Banking Sandbox" },
} as const;

/** Fictional businesses of the sandbox, the smallest first. */
export const BUSINESSES = {
  carpenter: "lindqvist-snickeri",
  studio: "studio-veldhuis",
  spices: "dilmun-spice-trading",
  cafe: "harbour-lane-cafe",
} as const;

/** The lender's address, and the client whose key the lender has. */
type LenderSite = Pick<World, "lender" | "client">;

/** Signs up at the lender, which creates the company; returns the merchant's number, which is the company's description. */
export async function signUp(page: Page, site: LenderSite): Promise<string> {
  await page.goto(site.lender);
  await page.getByLabel("Business name").fill("Saltmarsh Bakery");
  await page.getByLabel("Your name").fill("Mara Quill");
  await page.getByLabel("Work email").fill("mara@saltmarsh.example");
  await page.getByRole("button", { name: "Create my application" }).click();
  await page.getByRole("heading", { level: 1, name: "Connect the platforms you use" }).waitFor();
  // The lender's own pages show the business's name; its number is in the session.
  const session: unknown = await (await page.request.get(`${site.lender}/api/session`)).json();
  return (session as { merchant: { id: string } }).merchant.id;
}

export async function companyOf(site: LenderSite, number: string): Promise<string> {
  const { results = [] } = await site.client.codat.companies.list({ query: `description=${number}` });
  const [company] = results;
  if (company === undefined) throw new Error(`There is no company of the merchant ${number}.`);
  return company.id;
}

/** Presses the platform's button at the lender; returns the window that opens, on the start page. */
export function openLink(page: Page, platformName: string): Promise<Page> {
  return openedBy(page.getByRole("button", { name: `Connect to ${platformName}`, exact: true }));
}

/** Confirms a reconnection in the component; returns the window that opens, on the start page. */
export function openReconnection(card: Locator, platformName: string): Promise<Page> {
  return openedBy(card.getByRole("button", { name: `Continue to ${platformName}` }));
}

async function openedBy(button: Locator): Promise<Page> {
  const opening = button.page().waitForEvent("popup");
  await button.click();
  const window = await opening;
  await window.waitForURL(/\/start\?/);
  return window;
}

/** The steps of a start page. */
export interface StartPage {
  /** The number of instructions to confirm. */
  readonly instructions: number;
  /** The name that the page proposes, if it has a field for one. */
  readonly companyName: string | undefined;
}

/** Completes the steps of the start page and continues. */
export async function proceed(window: Page): Promise<StartPage> {
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

/** Leaves the start page without connecting. */
export async function leaveUnchanged(window: Page): Promise<void> {
  await window.locator('form[action$="/start"] button[formaction$="/leave"]').click();
}

/** Reports on the hosted overview that the customer's platform isn't offered. */
export async function reportNotInList(window: Page): Promise<void> {
  await window.getByLabel("Which platform do you use?").fill("Abacus Books 4");
  await window.locator('form[action$="/not-listed"] button').click();
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

/** Connects from the lender's page to the end; returns the window, on the page to which the lender lets customers return. */
export async function connect(page: Page, platformName: string, business: string = BUSINESSES.carpenter): Promise<Page> {
  const window = await openLink(page, platformName);
  await proceed(window);
  await decideAtSandbox(window, "Allow access", business);
  await window.waitForURL(/\/linked\?/);
  return window;
}

/** The parameters of the redirect back to the lender. */
export function redirectOf(window: Page): Record<string, string> {
  return Object.fromEntries(new URL(window.url()).searchParams);
}

export async function openComponent(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: "Manage connections" }).first().click();
  const card = page.getByRole("region", { name: "Manage connected accounts" });
  await card.getByRole("heading", { name: "Manage connected accounts" }).waitFor();
  return card;
}

/** Waits for Moorline's own result page, for clients that have set no redirect URL. */
export async function arriveAtResult(page: Page): Promise<void> {
  await page.locator("main svg.sign").waitFor();
}

/** Follows a link URL to Moorline's result page, for clients that have set no redirect URL. */
export async function follow(page: Page, linkUrl: string, business: string = BUSINESSES.carpenter): Promise<void> {
  await page.goto(linkUrl);
  await proceed(page);
  await decideAtSandbox(page, "Allow access", business);
  await arriveAtResult(page);
}

/** {@link follow} in a profile of its own, which is closed afterwards. */
export async function followAlone(browser: Browser, linkUrl: string, business?: string): Promise<void> {
  const profile = await openProfile(browser);
  await follow(await profile.page(), linkUrl, business);
  await profile.close();
}

/** Goes by the Tab key to what has these words or this label, as a customer without a mouse would. */
export async function tabTo(page: Page, words: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    const here = await page.evaluate(() => {
      const element = document.activeElement;
      return element instanceof HTMLInputElement ? (element.labels?.[0]?.textContent ?? "") : (element?.textContent ?? "");
    });
    if (here.replaceAll(/\s+/g, " ").trim().startsWith(words)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`The Tab key never comes to ${words}.`);
}

/** Presses what has these words, by keyboard alone. */
export async function pressByKeyboard(page: Page, words: string): Promise<void> {
  await tabTo(page, words);
  await page.keyboard.press("Enter");
}

/** Chooses among radio buttons by keyboard alone: the first of them has the focus once one of them has. */
export async function chooseByKeyboard(page: Page, words: string): Promise<void> {
  for (let presses = 0; presses < 60 && !(await page.evaluate(() => document.activeElement?.matches("input[type=radio]") === true)); presses += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  const wanted = page.locator("label.check", { hasText: words }).getByRole("radio");
  for (let presses = 0; presses < 20 && !(await wanted.isChecked()); presses += 1) await page.keyboard.press("ArrowDown");
}
