import { readFile, rm, mkdtemp } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { redirectTemplate } from "../src/server/moorline/announce";
import { API_KEY, type Fixture, startFixture } from "./fixture";
import { launch, runServer, startTidewell, type Tidewell, freePort } from "./tidewell";

const SLOW = { timeout: 20_000 };
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let browser: Browser;
let fixture: Fixture;
let tidewell: Tidewell;
let context: BrowserContext;
let page: Page;
let broken: string[];

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

beforeEach(async () => {
  fixture = await startFixture();
  tidewell = await startTidewell(fixture.url);
  context = await browser.newContext({ colorScheme: "light", viewport: { width: 1280, height: 900 } });
  broken = [];
  context.on("weberror", (error) => broken.push(error.error().message));
  context.on("console", (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) broken.push(message.text());
  });
  page = await context.newPage();
});

afterEach(async () => {
  await context?.close();
  await tidewell.stop();
  await fixture.close();
  expect(broken).toEqual([]);
});

async function signUp(): Promise<void> {
  await page.goto(tidewell.url);
  await page.getByLabel("Business name").fill("Saltmarsh Bakery");
  await page.getByLabel("Your name").fill("Mara Quill");
  await page.getByLabel("Work email").fill("mara@saltmarsh.example");
  await page.getByRole("button", { name: "Create my application" }).click();
  await page.getByRole("heading", { level: 1, name: "Connect the platforms you use" }).waitFor();
}

/** Opens the platform's window and makes a choice there; returns the window after its return to Tidewell. */
async function visit(platform: string, choice: string): Promise<Page> {
  const opening = page.waitForEvent("popup");
  await page.getByRole("button", { name: `Connect to ${platform}` }).click();
  const popup = await opening;
  await popup.getByRole("link", { name: choice, exact: true }).click();
  await popup.waitForURL(/\/linked\?/);
  return popup;
}

async function arriveAt(path: string): Promise<void> {
  await page.waitForURL(`${tidewell.url}${path}`);
}

async function axe(on: Page): Promise<string[]> {
  // Not subject to the page's own policy, as a browser extension isn't.
  await on.evaluate(await readFile(AXE, "utf8"));
  return on.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof import("axe-core") }).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" | ")}`);
  });
}

describe("starting", () => {
  it("prints one line, sets the redirect URL at the platform, and adds its origin to those of others", () => {
    expect(tidewell.stdout()).toBe(`listening ${tidewell.url}\n`);
    expect(fixture.profile.redirectUrl).toBe(redirectTemplate(tidewell.url));
    expect(fixture.profile.whiteListUrls).toEqual([tidewell.url]);
    expect(fixture.allowedOrigins).toEqual(["https://elsewhere.example", tidewell.url]);
  });

  it("changes nothing at a second start, and keeps merchants over it", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "tidewell-kept-"));
    const port = await freePort("127.0.0.1");
    const first = await startTidewell(fixture.url, { dataDir, port });
    await page.goto(first.url);
    await page.getByLabel("Business name").fill("Saltmarsh Bakery");
    await page.getByLabel("Your name").fill("Mara Quill");
    await page.getByLabel("Work email").fill("mara@saltmarsh.example");
    await page.getByRole("button", { name: "Create my application" }).click();
    await page.getByRole("heading", { name: "Connect the platforms you use" }).waitFor();
    await first.stop();

    fixture.calls.length = 0;
    const second = await startTidewell(fixture.url, { dataDir, port });
    expect(fixture.calls.filter(({ method }) => method !== "GET")).toEqual([]);
    await page.reload();
    await page.getByRole("heading", { name: "Connect the platforms you use" }).waitFor();
    const kept = JSON.parse(await readFile(join(dataDir, "merchants.json"), "utf8")) as { merchants: { id: string; sessions: string[] }[] };
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByText(`Your merchant number is ${kept.merchants[0]?.id}.`).waitFor();
    const [cookie] = await context.cookies(second.url);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
    expect(JSON.stringify(kept)).not.toContain(cookie?.value);
    await second.stop();
    await rm(dataDir, { recursive: true });
  });

  it("waits for a platform that isn't up yet, and reports that on stderr", async () => {
    fixture.up = false;
    const port = await freePort("127.0.0.1");
    const { child, stdout, stderr } = runServer({
      MOORLINE_API_KEY: API_KEY,
      MOORLINE_URL: fixture.url,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      PORT: String(port),
      DATA_DIR: await mkdtemp(join(tmpdir(), "tidewell-")),
    });
    await expect.poll(stderr, SLOW).toContain(`waiting for Moorline at ${fixture.url}`);
    expect(stdout()).toBe("");
    fixture.up = true;
    await expect.poll(stdout, SLOW).toBe(`listening http://127.0.0.1:${port}\n`);
    child.kill();
  });

  it.each([
    [{}, "MOORLINE_API_KEY is not set"],
    [{ MOORLINE_API_KEY: "wrong" }, "refuses the API key"],
    [{ MOORLINE_API_KEY: API_KEY, PORT: "x" }, "PORT must be a number from 0 to 65535: x"],
    [{ MOORLINE_API_KEY: API_KEY, PUBLIC_URL: "lender" }, "PUBLIC_URL is not a URL"],
  ])("refuses to start with %o", async (env, message) => {
    const { child, stderr } = runServer({ MOORLINE_URL: fixture.url, DATA_DIR: await mkdtemp(join(tmpdir(), "tidewell-")), ...(env as Record<string, string>) });
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(1);
    expect(stderr()).toContain(message);
  });
});

describe("the server", () => {
  it("serves its pages under a policy without inline code, and never sends the key", async () => {
    const response = await fetch(tidewell.url);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain(`script-src 'self' ${fixture.url};`);
    const bodies: Promise<string>[] = [];
    page.on("response", (answer) => bodies.push(answer.text().catch(() => "")));
    await signUp();
    expect((await Promise.all(bodies)).join("")).not.toContain(API_KEY);
  });

  it("accepts requests from its own pages only", async () => {
    const send = (headers: Record<string, string>, body: string) =>
      fetch(`${tidewell.url}/api/sign-up`, { method: "POST", headers, body }).then(({ status }) => status);
    const details = JSON.stringify({ businessName: "a", contactName: "b", email: "c@d.example" });
    expect(await send({ "Content-Type": "application/json", Origin: "https://evil.example" }, details)).toBe(403);
    expect(await send({ "Content-Type": "text/plain", Origin: tidewell.url }, details)).toBe(403);
    expect(await send({ "Content-Type": "application/json" }, details)).toBe(403);
    expect(await send({ "Content-Type": "application/json", Origin: tidewell.url }, "[")).toBe(400);
    expect(await send({ "Content-Type": "application/json", Origin: tidewell.url }, "{}")).toBe(400);
    expect(await send({ "Content-Type": "application/json", Origin: tidewell.url }, "x".repeat(70_000))).toBe(413);
    expect(fixture.companies.size).toBe(0);
    expect((await fetch(`${tidewell.url}/api/sync`)).status).toBe(401);
    expect((await fetch(`${tidewell.url}/api/figures/%E0%A4%A`)).status).toBe(404);
    expect((await fetch(`${tidewell.url}/..%2f..%2fpackage.json`)).status).not.toBe(200);
  });
});

describe("a merchant", () => {
  it("signs up, and the platform learns the business's name, the merchant number and nothing else", async () => {
    await page.goto(tidewell.url);
    await page.getByRole("button", { name: "Create my application" }).click();
    expect(await page.getByLabel("Business name").evaluate((input) => input === document.activeElement)).toBe(true);
    await page.getByText("Enter the name of your business.").waitFor();
    expect(await axe(page)).toEqual([]);
    await signUp();
    const [company] = fixture.companies.values();
    const number = (company as { description?: string }).description;
    expect(number).toMatch(/^TW-[2-9A-Z]{6}$/);
    expect(company).toEqual({ name: "Saltmarsh Bakery", description: number, id: company?.id, created: company?.created });
    // The header has the business's name; its number, which it needs on the phone, is on the overview.
    const header = await page.getByRole("banner").innerText();
    expect(header).toContain("Saltmarsh Bakery");
    expect(header).not.toContain("TW-");
    for (const { type } of [{ type: "Accounting" }, { type: "Banking" }, { type: "Commerce" }]) {
      await page.getByRole("heading", { level: 2, name: type }).waitFor();
    }
    expect(await axe(page)).toEqual([]);
  });

  it("connects, watches the data arrive, sees exact figures and opens the component", async () => {
    await signUp();
    const popup = await visit("Ledgerly", "allow");
    await popup.getByRole("heading", { name: "Ledgerly is connected" }).waitFor();
    expect(await axe(popup)).toEqual([]);
    await arriveAt("/data");
    const closed = popup.waitForEvent("close");
    // The window may close before the click is reported as done; only its closing matters.
    await popup.getByRole("button", { name: "Close this window" }).click().catch(() => undefined);
    await closed;

    await page.getByRole("heading", { name: "Your data is here" }).waitFor();
    expect(await page.locator(".dataset-done").count()).toBe(11);
    expect(await axe(page)).toEqual([]);

    await page.getByRole("link", { name: "See your overview" }).click();
    await page.getByRole("heading", { level: 1, name: "Saltmarsh Bakery" }).waitFor();
    const cash = page.locator("article", { hasText: "Cash in and out" });
    // 12 × (9120.10 + 0.20) + 310.20 × (0 + … + 11), and 12 × 7210.30 + 905.07 × 18; transfers aside.
    await cash.getByText("£129,916.80", { exact: true }).waitFor();
    await cash.getByText("£102,814.86", { exact: true }).waitFor();
    await cash.getByText("£27,101.94", { exact: true }).waitFor();
    await cash.getByText("JPY").click();
    await cash.getByText("JP¥120,000", { exact: true }).first().waitFor();
    await page.getByRole("heading", { name: "Receivables by age" }).waitFor();
    await page.getByText("Harbour Café").waitFor();
    expect(await axe(page)).toEqual([]);

    await page.getByRole("button", { name: "Manage connections" }).click();
    const dialog = page.getByRole("dialog", { name: "Manage connections" });
    const element = dialog.locator("[data-token]");
    await element.waitFor();
    const [company] = fixture.companies.values();
    expect(await element.getAttribute("data-token")).toBe(`token-of-${company?.id}`);
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Close connections" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Manage connections");
  });

  it.each([
    ["leave", "Nothing has changed"],
    ["cancel", "You cancelled the connection"],
    ["fail", "Ledgerly couldn't be connected"],
    ["unsupported", "We don't work with that platform yet"],
  ])("sees the outcome of “%s” at the platform in both windows", async (choice, title) => {
    await signUp();
    const popup = await visit("Ledgerly", choice);
    await popup.getByRole("heading", { level: 1, name: title }).waitFor();
    expect(await axe(popup)).toEqual([]);
    await page.getByText(title).waitFor();
    if (choice === "fail") await page.getByText("The platform closed for maintenance.").waitFor();
    expect(await axe(page)).toEqual([]);
    // The merchant can connect afterwards.
    await popup.close();
    const second = await visit("Ledgerly", "allow");
    await second.getByRole("heading", { name: "Ledgerly is connected" }).waitFor();
    await arriveAt("/data");
    expect(fixture.connections.size).toBe(1);
  });

  it("is not shown as connected by a return address that claims success", async () => {
    await signUp();
    const [company] = fixture.companies.values();
    const popup = await visit("Ledgerly", "cancel");
    const [connection] = fixture.connections.values();
    await popup.goto(`${tidewell.url}/linked?companyId=${company?.id}&connectionId=${connection?.id}&statusCode=200&platformName=Evil`);
    await popup.getByRole("heading", { name: "We're waiting for confirmation" }).waitFor();
    await popup.goto(`${tidewell.url}/linked?companyId=someone-else&connectionId=${connection?.id}&statusCode=200`);
    await popup.getByText("That link belongs to another application.").waitFor();
  });

  it("returns in another browser and is sent to the one that began", async () => {
    await page.goto(`${tidewell.url}/linked?companyId=x&connectionId=y&statusCode=403&errorMessage=%3Cscript%3E`);
    await page.getByRole("heading", { name: "You cancelled the connection" }).waitFor();
  });

  it("gets a link if the browser blocks windows", async () => {
    await page.addInitScript(() => {
      window.open = () => null;
    });
    await signUp();
    await page.getByRole("button", { name: "Connect to Ledgerly" }).click();
    await page.getByText("Your browser kept the window closed").waitFor();
    expect(await axe(page)).toEqual([]);
    const opening = context.waitForEvent("page");
    await page.getByRole("link", { name: "Open Ledgerly" }).click();
    const tab = await opening;
    await tab.getByRole("link", { name: "allow", exact: true }).click();
    await arriveAt("/data");
  });

  it("gets a window without access to the page that opened it", async () => {
    await signUp();
    const opening = page.waitForEvent("popup");
    await page.getByRole("button", { name: "Connect to Ledgerly" }).click();
    const popup = await opening;
    await popup.getByRole("heading", { name: "Consent" }).waitFor();
    expect(await popup.evaluate(() => window.opener)).toBeNull();
  });

  it("sees the data that failed with the reason, and can refresh it", async () => {
    fixture.failures.set("invoices", { status: "FetchError", errorMessage: "503 from the platform" });
    fixture.failures.set("balanceSheet", { status: "NotSupported", errorMessage: "" });
    await signUp();
    await visit("Ledgerly", "allow");
    await arriveAt("/data");
    await page.getByText("9 of 10 kinds of data have arrived. One needs another try.").waitFor();
    await page.getByText("503 from the platform").waitFor();
    await page.getByText("Ledgerly doesn't offer this").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Try again: Invoices" }).click();
    await page.getByText("Everything you shared has arrived.").waitFor();
  });

  it("sees whether its data adds up, and the record that doesn't", async () => {
    await signUp();
    await visit("Ledgerly", "allow");
    await arriveAt("/data");
    await page.getByText("Yes. 1 sum of Ledgerly’s data agrees with the others, to the cent.").waitFor();
    const checks = page.locator(".checks");
    await checks.getByText("£4,210.35", { exact: true }).first().waitFor();
    expect(await axe(page)).toEqual([]);
    const side = (label: string, amount: number) => ({ label, amount, currency: "GBP", asOf: "2026-06-15" });
    fixture.tests.unshift({
      id: "payables",
      name: "What suppliers are owed",
      result: "differs",
      reason: "Open bills: 1200.40 GBP. Payables: 900.10 GBP. The difference is 300.30.",
      sides: [side("Open bills, less credit notes and payments on account", 1200.4), side("Payables in the chart of accounts", 900.1)],
      difference: 300.3,
      records: [{ dataType: "bills", id: "b-17", number: "HM-884", amount: 300.3, reason: "Its amount due is 300.30." }],
    });
    fixture.tests.push({
      id: "profitAndLoss",
      name: "Profit by the statements and by the journals",
      result: "cannotTell",
      reason: "journalEntries hasn't been pulled yet, or no pull has succeeded.",
      sides: [{ label: "Net profit" }, { label: "Journal entries" }],
      records: [],
    });
    await page.reload();
    await page.getByText("the two sides are apart by £300.30. Look at bills HM-884 first.").waitFor();
    await checks.getByText("Show every check").click();
    await page.getByText("Profit by the statements and by the journals: can’t be told").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1280, 375]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        expect(await axe(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        const pictures = process.env["SCREENSHOTS"];
        await checks.scrollIntoViewIfNeeded();
        if (pictures) await page.screenshot({ path: `${pictures}/demo-checks-${colorScheme}-${width}.png` });
      }
    }
  });

  it("unfolds the history of a connection, in plain words", async () => {
    await signUp();
    await visit("Ledgerly", "allow");
    await arriveAt("/data");
    await page.getByRole("heading", { name: "Your data is here" }).waitFor();
    const unfold = page.locator("summary", { hasText: "What happened" });
    await unfold.focus();
    await page.keyboard.press("Enter");
    await page.getByText("Nothing has happened yet.").waitFor();
    expect(await axe(page)).toEqual([]);

    // New events appear while the history is open; newest first, with actor and reason.
    const entry = (id: number, title: string, actor: string, reason?: string) => ({
      id: String(id),
      occurred: new Date(Date.UTC(2026, 5, 15, 9, id)).toISOString(),
      type: "connection.event",
      title,
      actor,
      ...(reason ? { reason } : {}),
    });
    const paused = "Invoices: the platform asks for fewer requests. Next attempt: 15 June 2026, 11:00 UTC.";
    fixture.timeline.push(
      entry(3, "Data collection paused", "platform", paused),
      entry(2, "Connected", "customer"),
      entry(1, "Requested", "client"),
    );
    const entries = page.locator(".history-entries li");
    await entries.first().waitFor();
    expect(await entries.count()).toBe(3);
    expect(await entries.allInnerTexts()).toEqual([
      expect.stringMatching(/^Data collection paused\n.*by Ledgerly\n/),
      expect.stringMatching(/^Connected\n.*by you$/),
      expect.stringMatching(/^Requested\n.*by Tidewell$/),
    ]);
    await page.getByText(paused).waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1280, 375]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        expect(await axe(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        const pictures = process.env["SCREENSHOTS"];
        await entries.last().scrollIntoViewIfNeeded();
        if (pictures) await page.screenshot({ path: `${pictures}/demo-history-${colorScheme}-${width}.png` });
      }
    }

    fixture.timeline.unshift(...Array.from({ length: 30 }, (_, n) => entry(30 - n + 3, "Data collection", "moorline")));
    await page.getByText("The latest 20 of 33.").waitFor();
    await unfold.click();
    fixture.up = false;
    await unfold.click();
    await page.getByRole("alert").first().waitFor();
    fixture.up = true;
    await entries.first().waitFor();
  });

  it("can add a bank and a shop to connected books, but not a second set of books", async () => {
    await signUp();
    for (const platform of ["Ledgerly", "Harbour Bank", "Stallholder"]) {
      const popup = await visit(platform, "allow");
      await arriveAt("/data");
      await popup.close();
      await page.getByRole("link", { name: "Connect", exact: true }).click();
      await page.getByRole("heading", { name: "Connect the platforms you use" }).waitFor();
    }
    await page.getByText("there can be one at a time").waitFor();
    expect(await page.getByRole("button", { name: "Connect to Bookhouse" }).isDisabled()).toBe(true);
    await page.getByRole("link", { name: "Your data", exact: true }).click();
    await page.getByRole("heading", { name: "Your data is here" }).waitFor();
    await page.getByRole("link", { name: "Overview", exact: true }).click();
    // 24310.55 + 60000.10, and never added to dinars or yen.
    await page.getByText("£84,310.65", { exact: true }).waitFor();
    await page.getByText("KWD 1,250.125", { exact: true }).first().waitFor();
    await page.getByText("Average order").waitFor();
    expect(await axe(page)).toEqual([]);
  });

  it("sees that the platform or the network is unreachable, and continues afterwards", async () => {
    await signUp();
    fixture.up = false;
    await page.reload();
    await page.getByText("We can't reach the service that holds your connections.").waitFor();
    expect(await axe(page)).toEqual([]);
    fixture.up = true;
    await page.getByRole("button", { name: "Connect to Ledgerly" }).waitFor();
    await context.setOffline(true);
    await page.getByText("You're offline").waitFor();
    await context.setOffline(false);
    await page.getByText("You're offline").waitFor({ state: "detached" });
  });

  it("sees that the component can't be loaded, and can try again", async () => {
    await signUp();
    const popup = await visit("Ledgerly", "allow");
    await arriveAt("/data");
    await popup.close();
    await page.getByRole("link", { name: "Overview", exact: true }).click();
    await page.route("**/sdk/connections.js", (route) => route.abort());
    await page.getByRole("button", { name: "Manage connections" }).click();
    const dialog = page.getByRole("dialog", { name: "Manage connections" });
    await dialog.getByText("Your connections can't be shown right now.").waitFor();
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Try again" }).click();
    await dialog.locator("[data-token]").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });

  it("can start a new application after the company was deleted", async () => {
    await signUp();
    fixture.companies.clear();
    await page.reload();
    await page.getByRole("button", { name: "Start a new application" }).click();
    await page.getByRole("button", { name: "Create my application" }).waitFor();
  });

  it("finds the way from every page with nothing connected", async () => {
    await signUp();
    for (const [name, heading] of [["Your data", "No data yet"], ["Overview", "Saltmarsh Bakery"]] as const) {
      await page.getByRole("link", { name }).click();
      // Not "on its way": nothing is.
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
      expect(await page.getByText(/on its way|goes on either way/).count()).toBe(0);
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
      await page.getByRole("link", { name: "Choose a platform" }).waitFor();
      expect(await axe(page)).toEqual([]);
    }
  });
});

describe("the funnel", () => {
  const lines = async () => (await page.locator(".funnel li").allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " ").trim());

  it("tells in plain words how far customers come, and why some stopped", async () => {
    await page.goto(tidewell.url);
    await page.getByRole("link", { name: /how far customers come/ }).click();
    await page.getByRole("heading", { level: 1, name: "How far customers come" }).waitFor();
    await page.getByText("From 17 May 2026 to 15 June 2026.").waitFor();
    expect(await lines()).toEqual(["Opened the page 40", "Chose a platform 31", "Went to sign in there 24", "Gave access 20", "Connected 18"]);
    // A reason of a later Moorline is shown as it is.
    expect(await page.locator(".funnel-losses li").allInnerTexts()).toEqual([
      "3 went to sign in and didn’t come back",
      "2 said no at the platform",
      "1 somethingNew",
    ]);
    const bars = await page.locator(".funnel .bar-in").evaluateAll((all) => all.map((bar) => bar.getAttribute("width")));
    expect(bars).toEqual(["1000", "775", "600", "500", "450"]);
    expect(await axe(page)).toEqual([]);
    await page.setViewportSize({ width: 375, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/funnel-375.png`, fullPage: true });
  });

  it("says so when there are no numbers, or none are counted", async () => {
    const zero = { opened: 0, chose: 0, began: 0, authorised: 0, linked: 0, losses: {} };
    fixture.funnel = { ...fixture.funnel, total: zero };
    await page.goto(`${tidewell.url}/funnel`);
    await page.getByText("No numbers yet").waitFor();
    fixture.funnel = { ...fixture.funnel, isCounted: false };
    await page.reload();
    await page.getByText("Nothing is counted").waitFor();
    fixture.up = false;
    await page.reload();
    await page.getByRole("button", { name: "Try again" }).waitFor();
  });
});
