/** Every state that a customer can see, with the way to it. */
import type { Page } from "playwright-core";
import type { Begun, Platform, Upload } from "../src/api";
import type { Company } from "./platform";
import { button, title, type World } from "./world";

export const PLATFORMS: Partial<Platform>[] = [
  { key: "gbol", name: "Xero" },
  { key: "hbli", name: "QuickBooks Online" },
  { key: "mqjo", name: "Sandbox", isSandbox: true },
  { key: "qhnd", name: "Lighthouse Bank", sourceType: "Banking", isBeta: true, logoUrl: null, buttonUrl: null },
  { key: "aiwb", name: "Square", sourceType: "Commerce" },
];

const MANY: Partial<Platform>[] = "Acorn Books,Bluebell,Clover Ledger,Driftwood,Elmtree,Fairway,Granite"
  .split(",")
  .map((name, at) => ({ key: `aaa${"bcdefgh"[at]}`, name }));

export const UPLOADS: Upload[] = [
  { key: "upac", name: "Accounting file upload", kind: "accounting" },
  { key: "upbk", name: "Banking file upload", kind: "banking" },
  { key: "updc", name: "Business documents file upload", kind: "businessDocuments" },
];

interface Visible {
  name: string;
  platforms?: Partial<Platform>[];
  connections?: Partial<Begun>[];
  options?: object;
  set?: (company: Company) => void;
  go: (page: Page, company: Company) => Promise<void>;
}

export const toPlatforms = async (page: Page, kind = "Accounting") => {
  await button(page, new RegExp(`^Connect.* ${kind}$`)).click();
  await title(page, "Choose your platform");
};
export const toConsent = async (page: Page, name = "Xero", kind?: string) => {
  await toPlatforms(page, kind);
  await button(page, name).click();
  await title(page, `Connect ${name} to Tidewell`);
};
export const depart = async (page: Page, name = "Xero"): Promise<Page> => {
  const opening = page.waitForEvent("popup");
  await button(page, `Connect to ${name}`).click();
  const popup = await opening;
  await title(page, `Finish at ${name}`);
  await popup.getByRole("heading", { name: "Sign in" }).waitFor();
  return popup;
};

export const toFiles = async (page: Page) => {
  await button(page, "Upload Accounting").click();
  await title(page, "Upload accounting documents");
};
const offering = (company: Company) => (company.view.uploads = UPLOADS);
const chosen = (names: string[]) =>
  names.map((name) => ({ name, mimeType: "application/pdf", buffer: Buffer.alloc(250_000, "%PDF-1.7 ") }));

/** A connection of another company, made beside one of the company's own by the same sign-in. */
export function beside(company: Company, id: string, connectedCompanyName: string): Begun {
  const companyId = crypto.randomUUID();
  const begun = company.begin("gbol", { status: "Linked", connectedCompanyName, companyId, beside: id });
  company.platform.companies.set(companyId, company);
  return begun;
}

/** The client's question for a further purpose, of everything that is connected. */
export function ask(company: Company): void {
  const asked = {
    version: "9f86",
    language: "en",
    title: "Your books, for your loan too",
    subtitle: "Tidewell asks to use what you share from **Xero** to decide on your loan.\n\n- once a month\n- for as long as you connect it",
    termsAndConditions: "See our [terms](https://tidewell.example/terms).",
  };
  for (const each of company.view.connections) each.additionalConsent = { asked, answered: [] };
}

export const STATES: Visible[] = [
  { name: "main with uploads", set: offering, go: (page) => button(page, "Upload Business documents").waitFor() },
  { name: "files", set: offering, go: toFiles },
  {
    name: "files on their way",
    set: (company) => {
      offering(company);
      company.refusals.set("bank-statement-of-the-first-quarter-of-2026-final-version.pdf", "hang").set("ill.pdf", "Infected");
    },
    go: async (page) => {
      await toFiles(page);
      const names = ["books.pdf", "ill.pdf", "bank-statement-of-the-first-quarter-of-2026-final-version.pdf", "sales.pdf", "run.exe"];
      await page.getByLabel("Choose files").setInputFiles(chosen(names));
      await page.getByRole("button", { name: "Upload", exact: true }).click();
      await page.getByRole("progressbar").waitFor();
    },
  },
  { name: "loading", set: (company) => (company.answers.view = "hang"), go: (page) => title(page, "Connect your accounts") },
  { name: "landing", options: { showLandingPage: true }, go: (page) => title(page, "Share your data with Tidewell") },
  { name: "main", go: (page) => button(page, "Connect Accounting").waitFor() },
  {
    name: "main with one connected",
    connections: [{ platformName: "Xero", status: "Linked" }, { platformName: "Lighthouse Bank", status: "Linked" }],
    options: {
      sourceTypes: {
        accounting: { optional: false, enableIntegrations: true },
        banking: { optional: true, enableIntegrations: true },
        commerce: { optional: true, enableIntegrations: true },
      },
    },
    go: (page) => button(page, "Connect another Banking").waitFor(),
  },
  { name: "nothing to connect", platforms: [], go: (page) => title(page, "Nothing to connect yet") },
  { name: "error", set: (company) => (company.answers.view = 500), go: (page) => title(page, "We couldn’t load the platforms") },
  { name: "expired", set: (company) => company.tokens.clear(), go: (page) => title(page, "Your session has expired") },
  { name: "platforms", go: (page) => toPlatforms(page) },
  {
    name: "platforms searched in vain",
    platforms: MANY,
    go: async (page) => {
      await toPlatforms(page);
      await page.getByLabel("Search").fill("zzz");
      await page.getByText("No platform is called “zzz”.").waitFor();
    },
  },
  {
    name: "platform told",
    go: async (page) => {
      await toPlatforms(page);
      await page.getByLabel("Which platform do you use?").fill("Abacus Books 4 of a long name for small screens");
      await button(page, "Tell Tidewell").click();
      await page.getByText("Thank you. Tidewell has been told").waitFor();
    },
  },
  {
    name: "platform not told",
    set: (company) => (company.answers.missed = 503),
    go: async (page) => {
      await toPlatforms(page);
      await page.getByLabel("Which platform do you use?").fill("Abacus");
      await button(page, "Tell Tidewell").click();
      await page.getByText("That couldn’t be sent.").waitFor();
    },
  },
  {
    name: "main with one begun",
    connections: [{ platformName: "Xero" }],
    options: { sourceTypes: { accounting: { optional: false, enableIntegrations: true }, commerce: { optional: true, enableIntegrations: true, allowedIntegrations: [] } } },
    go: (page) => button(page, "Go on with Xero").waitFor(),
  },
  {
    name: "preparing",
    set: (company) => (company.answers.begin = "hang"),
    go: async (page) => {
      await toPlatforms(page);
      await button(page, "Xero").click();
      await title(page, "Preparing Xero…");
    },
  },
  {
    name: "not now",
    set: (company) => (company.answers.begin = 409),
    go: async (page) => {
      await toPlatforms(page);
      await button(page, "Xero").click();
      await title(page, "Xero can’t be connected now");
    },
  },
  { name: "consent", go: (page) => toConsent(page) },
  {
    name: "consent with everything open",
    set: (company) => {
      company.told.writes = [{ dataType: "bills", name: "bills", create: true, update: true }];
      company.told.custom = [{ name: "projects", source: "/projects" }];
    },
    options: {
      sourceTypes: { accounting: { optional: false, enableIntegrations: true, dataTypes: ["**Invoices** and [more](https://tidewell.example)"] } },
      text: { "accounting.consents.termsAndConditions": "By going on you accept our [terms](https://tidewell.example/terms)." },
    },
    go: async (page) => {
      await toConsent(page);
      for (const name of ["Access", "Account information", "Retention"]) {
        await page.getByRole("heading", { level: 3, name, exact: true }).click();
      }
      await page.getByText("The business’s name there").waitFor();
    },
  },
  {
    name: "waiting",
    go: async (page) => {
      await toConsent(page);
      await depart(page);
    },
  },
  {
    name: "blocked",
    go: async (page) => {
      await page.evaluate(() => void (window.open = () => null));
      await toConsent(page);
      await button(page, "Connect to Xero").click();
      await title(page, "One more click");
    },
  },
  {
    name: "failed",
    go: async (page, company) => {
      await toConsent(page);
      await depart(page);
      company.fail("Xero", "platform", "The platform could not be reached.");
      await page.getByText("Xero wasn’t connected").waitFor();
    },
  },
  {
    name: "connected",
    go: async (page, company) => {
      await toConsent(page, "Lighthouse Bank", "Banking");
      const opening = page.waitForEvent("popup");
      await button(page, "Continue to Lighthouse Bank").click();
      await opening;
      await title(page, "Finish at Lighthouse Bank");
      company.link("Lighthouse Bank");
      await title(page, "Lighthouse Bank is connected");
    },
  },
  {
    name: "connected several",
    go: async (page, company) => {
      await toConsent(page);
      await depart(page);
      const { id } = company.pending("Xero");
      for (const connectedCompanyName of ["Harbour Roastery and Import of Coffees", "Harbour Café"]) {
        beside(company, id, connectedCompanyName);
      }
      company.link("Xero");
      await title(page, "Xero is connected");
    },
  },
  {
    name: "further purpose",
    connections: [{ platformName: "Xero", status: "Linked" }],
    options: { enableAdditionalConsent: true },
    set: (company) => ask(company),
    go: (page) => title(page, "Your books, for your loan too"),
  },
  {
    name: "further purpose not stored",
    connections: [{ platformName: "Xero", status: "Linked" }],
    options: { enableAdditionalConsent: true },
    set: (company) => {
      ask(company);
      company.answers.further = 500;
    },
    go: async (page) => {
      await button(page, "I agree").click();
      await page.getByText("Your answer couldn’t be stored.").waitFor();
    },
  },
  {
    name: "elsewhere",
    go: async (page) => {
      await toConsent(page);
      await button(page, "Use another device, or ask someone else").click();
      await title(page, "Connect Xero from somewhere else");
    },
  },
  {
    name: "managed",
    connections: [
      { platformName: "Xero", status: "Deauthorized" },
      { platformName: "Lighthouse Bank", status: "Linked" },
    ],
    go: async (page) => {
      await button(page, "Manage what is connected Needs attention").click();
      await title(page, "Manage connected accounts");
    },
  },
  {
    name: "one connection",
    connections: [{ platformName: "Lighthouse Bank", status: "Linked" }],
    go: async (page) => {
      await button(page, "Manage what is connected").click();
      await button(page, /^Lighthouse Bank/).click();
      await title(page, "Lighthouse Bank");
      await page.locator(".timeline li").first().waitFor();
    },
  },
  {
    name: "disconnecting",
    connections: [{ platformName: "Lighthouse Bank", status: "Linked" }],
    go: async (page) => {
      await button(page, "Manage what is connected").click();
      await button(page, /^Lighthouse Bank/).click();
      await button(page, "Disconnect").click();
      await title(page, "Disconnect Lighthouse Bank?");
    },
  },
  {
    name: "leaving",
    go: async (page) => {
      await button(page, "Connect Accounting").waitFor();
      await button(page, "Close").click();
      await title(page, "Leave before you’re done?");
    },
  },
];

export async function show(it: World, state: Visible, page: Page, options: object = {}): Promise<Company> {
  const company = it.platform.company(state.platforms ?? PLATFORMS, state.connections);
  state.set?.(company);
  await it.open(company, { page, options: { ...state.options, ...options } });
  await state.go(page, company);
  return company;
}
