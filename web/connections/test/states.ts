/** Every state that a customer can see, with the way to it. */
import type { Locator, Page } from "playwright-core";
import type { Connection } from "../src/server/api";
import type { Company } from "./platform";
import { button, row, text, title, type World } from "./world";

export const OPTIONS = {
  text: {
    "accounting.connectionDetails.dataTypes": [
      "**Invoices** and bills",
      "Profit and loss",
      "[Journals](https://example.com/journals)",
    ],
    "commerce.connectionDetails.dataTypes": ["Orders and *refunds*", "Payments"],
  },
};

export const USUAL: Partial<Connection>[] = [
  { platformName: "Xero", sourceType: "Accounting" },
  {
    platformName: "Square",
    platformKey: "aiwb",
    sourceType: "Commerce",
    status: "Unlinked",
    dataTypes: ["commerce-orders", "commerce-payments", "commerce-products"],
    connectedCompanyName: "Harbour Bakery — Old Town",
  },
  {
    platformName: "Lighthouse Bank",
    platformKey: "qhnd",
    sourceType: "Banking",
    status: "Deauthorized",
    logoUrl: null,
    dataTypes: ["banking-accounts", "banking-transactions"],
    attention: { code: "revoked", message: "The permission was withdrawn at Lighthouse Bank on 21 April." },
    lastActive: null,
  },
];

/** A connection whose platform calls from a desk. */
const DESK: Partial<Connection> = {
  platformName: "Ledger for the Desk",
  sourceType: "Accounting",
  machine: { program: "Desk Connector", lastHeardFrom: "2026-05-04T08:00:00Z", trouble: null, pausedUntil: null, hours: null },
};
/** The same, disconnected. */
export const AWAY: Partial<Connection>[] = [
  {
    ...DESK,
    status: "Unlinked",
    disclosure: {
      purpose: { text: "To decide on your application for a loan.", language: "en" },
      reads: [{ dataType: "invoices" }],
      custom: [],
      writes: [],
      access: { program: "Desk Connector" },
      stays: { words: { text: "Tidewell keeps the data for 90 days after access has ended.", language: "en" } },
    },
  },
];
const TROUBLED: Partial<Connection> = {
  ...DESK,
  machine: {
    ...DESK.machine!,
    trouble: "Another company file is open. Close it, or open the one that is connected here, and update again.",
    pausedUntil: "2026-05-05T11:00:00Z",
    hours: { timeZone: "America/Chicago", from: "19:00", to: "07:00", wholeWeekends: true },
  },
};

interface Visible {
  name: string;
  connections?: Partial<Connection>[];
  /** More of the host's props, as code. */
  props?: string;
  /** Prepares the company before the page is opened. */
  set?: (company: Company) => void;
  /** Leads from the first paint to the state. */
  go: (page: Page, company: Company) => Promise<void>;
}

/** Resolves when the customer can see an element without scrolling. */
const inSight = (place: Locator) =>
  place.evaluate(
    (element) =>
      new Promise<void>((resolve) =>
        new IntersectionObserver((entries) => entries.some(({ intersectionRatio }) => intersectionRatio > 0.9) && resolve(), {
          threshold: 0.95,
        }).observe(element),
      ),
  );
const click = (page: Page, name: string) => button(page, name).click();
const detail = async (page: Page, name: string) => {
  await row(page, name).click();
  await title(page, name);
  await page.getByRole("list").last().waitFor();
};
const blockPopups = (page: Page) => page.evaluate(() => void (window.open = () => null));

export const STATES: Visible[] = [
  {
    name: "loading",
    set: (company) => (company.answers.view = "hang"),
    go: (page) => title(page, "Manage connected accounts"),
  },
  { name: "list", go: (page) => row(page, "Xero").waitFor() },
  { name: "empty", connections: [], go: (page) => title(page, "No connections yet") },
  {
    name: "empty with an offer",
    connections: [],
    props: "onConnect() {}",
    go: (page) => button(page, "Connect a platform").waitFor(),
  },
  {
    name: "error",
    set: (company) => (company.answers.view = 500),
    go: (page) => title(page, "We couldn’t load your connections"),
  },
  {
    name: "refused",
    set: (company) => (company.answers.view = 403),
    go: (page) => title(page, "We couldn’t load your connections"),
  },
  { name: "expired", set: (company) => company.tokens.clear(), go: (page) => title(page, "Your session has expired") },
  {
    name: "offline",
    set: (company) => (company.answers.view = "hang"),
    go: async (page) => {
      await page.context().setOffline(true);
      await title(page, "You’re offline");
    },
  },
  {
    name: "offline with a list",
    go: async (page) => {
      await row(page, "Xero").waitFor();
      await page.context().setOffline(true);
      await text(page, "You’re offline. This is what we knew last.").waitFor();
    },
  },
  { name: "detail connected", go: (page) => detail(page, "Xero") },
  { name: "detail disconnected", go: (page) => detail(page, "Square") },
  { name: "detail needs attention", go: (page) => detail(page, "Lighthouse Bank") },
  {
    name: "detail of which more is wanted",
    set: (company) => (company.connection("Xero").requiresReconsent = true),
    go: (page) => detail(page, "Xero"),
  },
  {
    name: "detail with a history of troubles",
    set: (company) => {
      const { id } = company.connection("Xero");
      const entry = (occurred: string, type: string, title: string, actor: string, reason: string) =>
        company.record(id, { occurred, type, title, actor, reason, from: null, to: null });
      const failing = "Access to Xero can't be renewed: the platform is unavailable (status 503). It is tried again until it works.";
      entry("2026-05-04T08:00:00Z", "connection.tokenRefresh.failing", "Access can't be renewed", "platform", failing);
      const renewed = "Access to Xero is renewed again. It had failed since 4 May 2026, 08:00 UTC.";
      entry("2026-05-04T09:10:00Z", "connection.tokenRefresh.recovered", "Access is renewed again", "platform", renewed);
      const paused = "Invoices: the platform asks for fewer requests. Next attempt: 4 May 2026, 11:00 UTC.";
      entry("2026-05-04T09:30:00Z", "connection.sync.paused", "Data collection paused", "platform", paused);
      const ends = "The permission given at Xero ends on 12 July 2026. Connecting again renews it.";
      entry("2026-07-05T09:30:00Z", "connection.credential.expiring", "Access ends soon", "moorline", ends);
    },
    go: (page) => detail(page, "Xero"),
  },
  {
    name: "detail with an empty history",
    set: (company) => company.timelines.set(company.connection("Xero").id, []),
    go: async (page) => {
      await row(page, "Xero").click();
      await text(page, "Nothing has happened yet.").waitFor();
    },
  },
  {
    name: "detail without history",
    set: (company) => (company.answers.timeline = 500),
    go: async (page) => {
      await row(page, "Xero").click();
      await text(page, "The history couldn’t be loaded.").waitFor();
    },
  },
  {
    name: "detail of a computer that is paused and needs attention",
    connections: [TROUBLED],
    go: async (page) => {
      await detail(page, "Ledger for the Desk");
      await page.getByText("(America/Chicago)").waitFor();
      await page.getByText("Another company file is open.").waitFor();
    },
  },
  {
    name: "the hours of a computer that are being set",
    connections: [DESK],
    go: async (page) => {
      await detail(page, "Ledger for the Desk");
      await click(page, "Change the hours");
      await page.locator("input[name=from]").waitFor();
    },
  },
  {
    name: "a pause that is refused",
    connections: [DESK],
    set: (company) => (company.answers.machine = 500),
    go: async (page) => {
      await detail(page, "Ledger for the Desk");
      await click(page, "Pause for 24 hours");
      await text(page, "The service is busy").waitFor();
    },
  },
  {
    name: "confirm disconnect",
    go: async (page) => {
      await detail(page, "Xero");
      await click(page, "Disconnect");
      await title(page, "Disconnect Xero?");
    },
  },
  {
    name: "disconnecting",
    set: (company) => (company.answers.disconnect = "hang"),
    go: async (page) => {
      await detail(page, "Xero");
      await click(page, "Disconnect");
      await click(page, "Disconnect");
      await button(page, "Disconnecting…").waitFor();
    },
  },
  {
    name: "disconnect refused",
    set: (company) => (company.answers.disconnect = 500),
    go: async (page) => {
      await detail(page, "Xero");
      await click(page, "Disconnect");
      await click(page, "Disconnect");
      const refusal = text(page, "Xero could not be disconnected.");
      await refusal.waitFor();
      await inSight(refusal);
    },
  },
  {
    name: "disconnected",
    go: async (page) => {
      await detail(page, "Xero");
      await click(page, "Disconnect");
      await click(page, "Disconnect");
      await title(page, "Xero disconnected");
    },
  },
  {
    name: "reconnect",
    go: async (page) => {
      await detail(page, "Square");
      await click(page, "Reconnect");
      await title(page, "Reconnect Square");
    },
  },
  {
    name: "reconnect opening",
    go: async (page, company) => {
      await detail(page, "Square");
      await click(page, "Reconnect");
      company.answers.view = "hang";
      await click(page, "Continue to Square");
      await button(page, "Opening Square…").waitFor();
    },
  },
  {
    name: "reconnect waiting",
    go: async (page) => {
      await detail(page, "Square");
      await click(page, "Reconnect");
      await click(page, "Continue to Square");
      await title(page, "Finish at Square");
    },
  },
  {
    name: "reconnect blocked",
    go: async (page) => {
      await detail(page, "Square");
      await click(page, "Reconnect");
      await blockPopups(page);
      await click(page, "Continue to Square");
      await title(page, "One more click");
    },
  },
  {
    name: "reconnect failed",
    go: async (page, company) => {
      await detail(page, "Square");
      await click(page, "Reconnect");
      await click(page, "Continue to Square");
      await title(page, "Finish at Square");
      company.change(
        "Square",
        {},
        {
          type: "connection.refused",
          reason: "Another company was chosen at Square: Dockside Café. Choose Harbour Bakery — Old Town.",
        },
      );
      await page.getByText("Another company was chosen").first().waitFor();
    },
  },
  {
    name: "reconnect taken",
    connections: [USUAL[0]!, { platformName: "QuickBooks", status: "Unlinked", sourceType: "Accounting" }],
    go: async (page) => {
      await detail(page, "QuickBooks");
      await click(page, "Reconnect");
      await text(page, "Xero is connected already").waitFor();
    },
  },
  {
    name: "reconnected",
    go: async (page, company) => {
      await detail(page, "Square");
      await click(page, "Reconnect");
      await click(page, "Continue to Square");
      await title(page, "Finish at Square");
      company.change("Square", { status: "Linked" });
      await title(page, "Square reconnected");
    },
  },
  {
    name: "removed",
    go: async (page, company) => {
      await detail(page, "Square");
      const gone = company.connection("Square");
      company.view.connections = company.view.connections.filter((each) => each !== gone);
      company.announce(gone);
      await title(page, "This connection was removed");
    },
  },
];

export async function show(world: World, state: Visible, page: Page, options: object = OPTIONS): Promise<Company> {
  const company = world.platform.company(structuredClone(state.connections ?? USUAL));
  state.set?.(company);
  await world.open(company, { page, options, ...(state.props && { props: state.props }) });
  await state.go(page, company);
  return company;
}
