/** The customer's way from the list to a disconnect and back, with the mouse and with keys alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { Company } from "./platform";
import { AWAY, OPTIONS, USUAL } from "./states";
import { button, calls, focused, row, title, until, world } from "./world";

const it = world();

const usual = () => it.platform.company(structuredClone(USUAL));

async function toReconnect(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name }).click();
  await page.getByRole("button", { name: /^Reconnect/ }).click();
  await title(page, `Reconnect ${name}`);
}

/** Presses Tab until the wanted element has the focus, as a customer without a mouse would. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press("Tab");
    if ((await focused(page)).startsWith(wanted)) return;
  }
  assert.fail(`Tab never reached ${wanted}; the focus is on ${await focused(page)}`);
}

test("keys alone lead from the list through a disconnect and back, and the focus follows each view", async () => {
  const company = usual();
  const page = await it.open(company);
  await title(page, "Manage connected accounts");
  await row(page, "Xero").waitFor();
  assert.match(await focused(page), /^body/, "opening the component takes no focus from the page");
  await tabTo(page, "button XeroHarbour Bakery Ltd");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "h2 Xero", "the focus on the detail's heading");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(page), "button Back");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)).startsWith("button Xero"), "the focus back on the row");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "h2 Xero", "the focus on the detail's heading");
  await tabTo(page, "button Disconnect");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "h2 Disconnect Xero?", "the focus on the question");
  await tabTo(page, "button Keep connected");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "h2 Xero", "the focus on the detail's heading");
  assert.equal(company.count(/^PATCH/), 0);
  await tabTo(page, "button Disconnect");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "h2 Disconnect Xero?", "the focus on the question");
  await tabTo(page, "button Disconnect");
  await page.keyboard.press("Space");
  await until(async () => (await focused(page)) === "h2 Xero disconnected", "the focus on what was done");
  await tabTo(page, "button Done");
  await page.keyboard.press("Enter");
  await until(
    async () => /^button Xero\s*Disconnected/.test(await focused(page)),
    "the focus on the row, now disconnected",
  );
});

test("a program that calls is set up again in place of a sign-in", async () => {
  const company = it.platform.company(structuredClone(AWAY));
  const page = await it.open(company);
  await toReconnect(page, "Ledger for the Desk");
  await button(page, "Set up Desk Connector again").waitFor();
  await page.getByText("and set up Desk Connector again on the computer where Ledger for the Desk runs.").waitFor();
  assert.doesNotMatch(await page.locator("body").innerText(), /sign in/i);
  await page.context().close();
});

test("keys alone reconnect, and the focus follows each step", async () => {
  const company = usual();
  const page = await it.open(company);
  await row(page, "Square").waitFor();
  await tabTo(page, "button Square");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "h2 Square", "the focus on the detail");
  await tabTo(page, "button Reconnect");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "h2 Reconnect Square", "the focus on the reconnect view");
  await tabTo(page, "button Continue to Square");
  const [popup] = await Promise.all([page.waitForEvent("popup"), page.keyboard.press("Enter")]);
  await until(async () => (await focused(page)) === "h2 Finish at Square", "the focus on what to do now");
  await popup.getByRole("button", { name: "Allow" }).click();
  await until(async () => (await focused(page)) === "h2 Square reconnected", "the focus on the result");
  await tabTo(page, "button Done");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "h2 Square", "the focus on the detail");
  await page.getByText("Connected", { exact: true }).first().waitFor();
});

test("a disconnect is requested once, and reported to the host once", async () => {
  const company = usual();
  const page = await it.open(company);
  await row(page, "Xero").click();
  await button(page, "Disconnect").click();
  await title(page, "Disconnect Xero?");
  await button(page, "Disconnect").dblclick();
  await title(page, "Xero disconnected");
  await page.getByText("Data collected already stays with Tidewell").waitFor();
  await until(() => company.count(/^GET \/connectionManagement\/view/) >= 2, "the view read again");
  assert.equal(company.count(/^PATCH/), 1);
  assert.deepEqual(await calls(page), [["disconnect", { connectionId: company.connection("Xero").id }]]);
});

test("files are said to be deleted by a disconnect, and nothing to stay", async () => {
  const company = usual();
  company.connection("Xero").platformKey = "updc";
  const page = await it.open(company);
  await row(page, "Xero").click();
  await button(page, "Disconnect").click();
  await page.getByText("All files that were uploaded here are deleted at once.").waitFor();
  assert.equal(await page.getByText("stays with").count(), 0);
  await button(page, "Disconnect").click();
  await page.getByText("The files that were uploaded here have been deleted.").waitFor();
  assert.equal(await page.getByText("stays with").count(), 0);
});

test("a disconnect is said to a screen reader once, by the view that reports it", async () => {
  const company = usual();
  const page = await it.open(company);
  await row(page, "Xero").waitFor();
  await until(() => company.streams.size === 1, "the stream open");
  // The part that shows one connection is there: on its way, it says so.
  await row(page, "Xero").click();
  await page.locator(".timeline li").first().waitFor();
  await button(page, "Back").click();
  await page.evaluate(() => {
    const said: string[] = ((window as any).said = []);
    const root = document.querySelector("moorline-connections")!.shadowRoot!;
    new MutationObserver(() => {
      for (const live of root.querySelectorAll("[role=status], [role=alert]")) {
        const text = live.textContent!.trim();
        if (text && said.at(-1) !== text) said.push(text);
      }
    }).observe(root, { subtree: true, childList: true, characterData: true });
  });
  await row(page, "Xero").click();
  await button(page, "Disconnect").click();
  const reads = company.count(/view/);
  await button(page, "Disconnect").click();
  await until(async () => (await focused(page)) === "h2 Xero disconnected", "the focus on what was done");
  await until(() => company.count(/view/) > reads, "the view read again");
  await button(page, "Done").click();
  assert.deepEqual(await page.evaluate("window.said"), []);
  // Another's act is announced.
  company.change("Lighthouse Bank", { status: "Linked" });
  await until(async () => String(await page.evaluate("window.said")) === "Lighthouse Bank: Connected", "the announcement");
});

test("Escape leaves each view for the one behind it, and on the list it is the host's", async () => {
  const company = usual();
  const page = await it.open(company);
  await page.evaluate(() => {
    const keys: string[] = ((window as any).keys = []);
    document.addEventListener("keydown", (event) => keys.push(event.key));
  });
  await row(page, "Xero").click();
  await title(page, "Xero");
  await button(page, "Disconnect").click();
  await until(async () => (await focused(page)) === "h2 Disconnect Xero?", "the question");
  await page.keyboard.press("Escape");
  await until(async () => (await focused(page)) === "h2 Xero", "the detail");
  await page.keyboard.press("Escape");
  await until(async () => (await focused(page)).startsWith("button Xero"), "the list");
  await row(page, "Xero").click();
  await button(page, "Disconnect").click();
  await button(page, "Disconnect").click();
  await until(async () => (await focused(page)) === "h2 Xero disconnected", "the report");
  await page.keyboard.press("Escape");
  await until(async () => (await focused(page)).startsWith("button Xero"), "the list");
  await toReconnect(page, "Square");
  await until(async () => (await focused(page)) === "h2 Reconnect Square", "the reconnect view");
  await page.keyboard.press("Escape");
  await until(async () => (await focused(page)) === "h2 Square", "the detail");
  await page.keyboard.press("Escape");
  await until(async () => (await focused(page)).startsWith("button Square"), "the list");
  assert.deepEqual(await page.evaluate("window.keys"), []);
  await page.keyboard.press("Escape");
  assert.deepEqual(await page.evaluate("window.keys"), ["Escape"]);
  assert.deepEqual((await calls(page, "close")).length, 0);
});

test("the list names the business, and takes the host's own title and sentence", async () => {
  let page = await it.open(usual());
  await row(page, "Xero Harbour Bakery Ltd Last active").waitFor();
  await row(page, "Square Disconnected Harbour Bakery — Old Town").waitFor();
  await page.getByText("See what Harbour Bakery Ltd shares with Tidewell").waitFor();
  const text = { "main.title": "Books of {companyName}", "main.subtitle": "**Yours** to end, {companyName}." };
  page = await it.open(usual(), { options: { text } });
  await title(page, "Books of Harbour Bakery Ltd");
  await page.getByText("Yours to end, Harbour Bakery Ltd.").waitFor();
  assert.equal(await page.locator("p strong").innerText(), "Yours");
  await page.getByRole("region", { name: "Books of Harbour Bakery Ltd" }).waitFor();
});

test("an empty list offers to connect a platform if the host can, and has no dead button if it can't", async () => {
  const company = it.platform.company([]);
  let page = await it.open(company, { props: "onConnect: log('connect')" });
  await button(page, "Connect a platform").click();
  assert.deepEqual((await calls(page)).map(([name]) => name), ["connect"]);
  page = await it.open(company);
  await title(page, "No connections yet");
  assert.equal(await page.getByRole("button").count(), 1, "Close alone");
});

test("an empty list opens Link by itself where the page has it, and shows what it has connected", async () => {
  const company = it.platform.company([]);
  const page = await it.open(company, { options: { locale: "en-IE", theme: "dark" } });
  await title(page, "No connections yet");
  // Link of another version, which takes no props, is left alone; the page loads Link later than this component.
  assert.equal(await page.getByRole("button").count(), 1, "Close alone");
  await page.evaluate(() => {
    class Link extends HTMLElement {
      given: any;
      set props(props: any) {
        this.given = props;
        (window as any).link = this;
      }
    }
    customElements.define("moorline-link", Link);
  });
  await button(page, "Connect a platform").click();
  await page.locator("moorline-link").waitFor({ state: "attached" });
  assert.deepEqual(
    await page.evaluate(() => {
      const { accessToken, companyId, options, ...others } = (window as any).link.given;
      return [accessToken, companyId, options.locale, options.colorScheme, Object.keys(others).sort().join()];
    }),
    [company.token, company.id, "en-IE", "dark", "getAccessToken,onClose,onConnection,onError,onFinish"],
  );
  // Left without a connection, the list is as it was, and can open it again.
  await page.evaluate(() => (window as any).link.given.onClose());
  await title(page, "No connections yet");
  await button(page, "Connect a platform").click();
  await page.evaluate(() => (window as any).link.given.onError({ message: "from Link", userRecoverable: false }));
  assert.deepEqual(await calls(page, "error"), [["error", { message: "from Link", userRecoverable: false }]]);
  company.add({ platformName: "Xero" });
  await page.evaluate(() => (window as any).link.given.onFinish());
  await row(page, "Xero").waitFor();
  assert.equal(await page.locator("moorline-link").count(), 0);
});

test("what isn't connected any more is not active now", async () => {
  const company = usual();
  const now = new Date().toISOString();
  const page = await it.open(company);
  await row(page, "Xero").waitFor();
  company.change("Xero", { status: "Deauthorized", lastActive: now });
  company.change("Lighthouse Bank", { status: "Linked", lastActive: now });
  await row(page, "Lighthouse Bank Harbour Bakery Ltd Last active now").waitFor();
  const today = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "Europe/London" }).format();
  await row(page, `Xero Needs attention Harbour Bakery Ltd Last active ${today}`).waitFor();
  await row(page, "Xero").click();
  await title(page, "Xero");
  assert.doesNotMatch(await page.locator("dl").innerText(), /now/i);
});

test("a refused disconnect shows the reason in the server's words, and can be tried again", async () => {
  const company = usual();
  company.answers.disconnect = 403;
  company.refusal = "This connection is being moved; please wait a minute.";
  const page = await it.open(company);
  await row(page, "Xero").click();
  await button(page, "Disconnect").click();
  await button(page, "Disconnect").click();
  await page.getByRole("alert").getByText(company.refusal).waitFor();
  assert.deepEqual(await calls(page), [
    ["error", { message: company.refusal, userRecoverable: false, errorCode: 403, correlationId: "5f0c1e7a4b2d" }],
  ]);
  company.answers.disconnect = "ok";
  await button(page, "Disconnect").click();
  await title(page, "Xero disconnected");
  assert.equal((await calls(page, "disconnect")).length, 1);
});

test("a connection that needs attention shows the reason and is repaired by its button", async () => {
  const company = usual();
  const page = await it.open(company);
  await row(page, "Lighthouse Bank").click();
  await page.getByText("The permission was withdrawn at Lighthouse Bank on 21 April.").waitFor();
  await button(page, "Reconnect to repair").click();
  const [popup] = await Promise.all([page.waitForEvent("popup"), button(page, "Continue to Lighthouse Bank").click()]);
  await popup.getByRole("button", { name: "Allow" }).click();
  await title(page, "Lighthouse Bank reconnected");
  assert.deepEqual(await calls(page), [["reconnect", { connectionId: company.connection("Lighthouse Bank").id }]]);
});

test("the window opens blank in the click, then goes to a link read afterwards, cut off from the page", async () => {
  const company = usual();
  const page = await it.open(company);
  await toReconnect(page, "Square");
  const before = company.connection("Square").linkUrl;
  const [popup] = await Promise.all([page.waitForEvent("popup"), button(page, "Continue to Square").click()]);
  await popup.waitForURL(/start\?otp=/);
  assert.notEqual(popup.url(), before);
  assert.equal(await popup.locator("#opener").textContent(), "alone");
});

const COOP = "Cross-Origin-Opener-Policy";
const OPENER_POLICIES: [string, Record<string, string>, Record<string, string>][] = [
  ["no policy", {}, {}],
  ["same-origin on the host's page", { [COOP]: "same-origin" }, {}],
  ["same-origin-allow-popups on the host's page", { [COOP]: "same-origin-allow-popups" }, {}],
  ["same-origin on the platform's pages", {}, { [COOP]: "same-origin" }],
  ["same-origin on both", { [COOP]: "same-origin" }, { [COOP]: "same-origin" }],
];
for (const [name, hostHeaders, pageHeaders] of OPENER_POLICIES) {
  for (const events of ["stream", "none"] as const) {
    test(`Linked shows within 3 s with ${name}, ${events === "none" ? "without a stream" : "over the stream"}`, async () => {
      const company = usual();
      company.answers.events = events;
      it.platform.pageHeaders = pageHeaders;
      const page = await it.page();
      await page.goto(it.serve(`/coop-${company.id}`, { html: it.html(company, {}), headers: hostHeaders }));
      await toReconnect(page, "Square");
      const [popup] = await Promise.all([
        page.context().waitForEvent("page"),
        button(page, "Continue to Square").click(),
      ]);
      await popup.getByRole("button", { name: "Allow" }).click();
      await page.getByRole("heading", { name: "Square reconnected" }).waitFor({ timeout: 3_000 });
      assert.deepEqual(await calls(page), [["reconnect", { connectionId: company.connection("Square").id }]]);
      it.platform.pageHeaders = {};
      await page.context().close();
    });
  }
}

test("a blocked window gives way to a link that does the same", async () => {
  const company = usual();
  const page = await it.open(company);
  await toReconnect(page, "Square");
  await page.evaluate(() => void (window.open = () => null));
  await button(page, "Continue to Square").click();
  await title(page, "One more click");
  assert.equal(await focused(page), "h2 One more click");
  const link = page.getByRole("link", { name: "Open Square" });
  const [popup] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
  await title(page, "Finish at Square");
  await popup.getByRole("button", { name: "Allow" }).click();
  await title(page, "Square reconnected");
});

test("a browser inside another app is sent to the platform in the same window", async () => {
  const company = usual();
  const page = await it.open(company, {
    context: {
      userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Instagram 350.0",
    },
  });
  await toReconnect(page, "Square");
  await button(page, "Continue to Square").click();
  await page.waitForURL(/start\?otp=/);
  assert.equal(page.context().pages().length, 1);
});

test("without a fresh link the window closes, and the customer can try again", async () => {
  const company = usual();
  const page = await it.open(company);
  await toReconnect(page, "Square");
  company.answers.view = 500;
  const [popup] = await Promise.all([page.waitForEvent("popup"), button(page, "Continue to Square").click()]);
  await page.getByText("Square wasn’t reconnected").waitFor();
  await until(() => popup.isClosed(), "the window closed");
  company.answers.view = "ok";
  const [second] = await Promise.all([page.waitForEvent("popup"), button(page, "Try again").click()]);
  await second.getByRole("button", { name: "Allow" }).click();
  await title(page, "Square reconnected");
});

test("another company chosen at the platform is explained, and the right one then accepted", async () => {
  const company = usual();
  const page = await it.open(company);
  await toReconnect(page, "Square");
  const [popup] = await Promise.all([page.waitForEvent("popup"), button(page, "Continue to Square").click()]);
  await title(page, "Finish at Square");
  const reason = "Another company was chosen: Dockside Café. Choose Harbour Bakery.";
  company.change("Square", {}, { type: "connection.refused", reason });
  await page.getByRole("alert").getByText(reason).waitFor();
  assert.equal((await calls(page)).length, 0);
  await popup.getByRole("button", { name: "Allow" }).click();
  await title(page, "Square reconnected");
  assert.equal((await calls(page, "reconnect")).length, 1);
});

test("a second accounting platform can't be reconnected while the first is connected", async () => {
  const company = it.platform.company([
    { platformName: "Xero" },
    { platformName: "QuickBooks", status: "Unlinked", sourceType: "Accounting" },
  ]);
  const page = await it.open(company);
  await toReconnect(page, "QuickBooks");
  await page.getByText("Only one accounting platform can be connected at a time.").waitFor();
  await button(page, "Go to Xero").click();
  await button(page, "Disconnect").click();
  await button(page, "Disconnect").click();
  await button(page, "Done").click();
  await toReconnect(page, "QuickBooks");
  await button(page, "Continue to QuickBooks").waitFor();
});

test("the host's own words stand beside what is really read and changed, never in its place", async () => {
  const company = usual();
  const truth = ["Contact details", "Chart of accounts", "Invoices", "Customers", "Bank transactions", "Profit & loss"];
  const own = ["Invoices and bills", "Profit and loss", "Journals"];
  let page = await it.open(company, { options: OPTIONS });
  await row(page, "Xero").click();
  await page.getByText("What can be changed").waitFor();
  const items = page.locator(".ticks li");
  assert.deepEqual(await items.allTextContents(), [...truth, "Invoices", ...own]);
  await button(page, "Disconnect").click();
  await page.getByText("Tidewell will no longer receive:").waitFor();
  await page.getByText("Tidewell keeps the data for 90 days after access has ended.").waitFor();
  assert.deepEqual(await page.getByRole("listitem").allTextContents(), [...truth, ...own]);
  assert.equal(await page.getByRole("link", { name: "Journals" }).getAttribute("href"), "https://example.com/journals");
  await button(page, "Back").click();
  await button(page, "Back").click();
  await toReconnect(page, "Square");
  await page.getByText("To decide on your application for a loan.").waitFor();
  const square = ["Orders", "Payments", "Products"];
  assert.deepEqual(await page.getByRole("listitem").allTextContents(), [...square, "Orders and refunds", "Payments"]);

  page = await it.open(usual());
  await row(page, "Xero").click();
  await button(page, "Disconnect").click();
  await title(page, "Disconnect Xero?");
  assert.deepEqual(await page.getByRole("listitem").allTextContents(), truth);
});

test("a connection of which more is wanted says so, and leads to the page where the customer can agree", async () => {
  const company = usual();
  company.connection("Xero").requiresReconsent = true;
  const page = await it.open(company);
  await row(page, "Xero").click();
  await page.getByText("Tidewell asks for more").waitFor();
  const link = page.getByRole("link", { name: "See what it is" });
  assert.equal(await link.getAttribute("href"), company.connection("Xero").linkUrl);
});

test("no text from a host or a server runs as a script", async () => {
  const evil = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;
  const company = it.platform.company([
    {
      platformName: evil,
      connectedCompanyName: evil,
      logoUrl: "javascript:document.title='run'",
      attention: { code: "revoked", message: evil },
      status: "Deauthorized",
      dataTypes: [evil],
    },
  ]);
  const page = await it.open(company, {
    options: {
      text: {
        "accounting.connectionDetails.dataTypes": [
          evil,
          "[x](javascript:document.title='run')",
          "[y](data:text/html,x)",
          `**${evil}**`,
        ],
      },
    },
  });
  await row(page, "<img").click();
  await page.getByRole("listitem").first().waitFor();
  assert.equal(await page.title(), "Host");
  assert.equal(await page.getByRole("link").count(), 0);
  assert.equal(await page.locator("moorline-connections img").count(), 0);
});

test("a long history unfolds, page by page", async () => {
  const company = usual();
  const { id } = company.connection("Xero");
  for (let n = 0; n < 43; n++) company.record(id, { type: `connection.note_${n}`, from: "Linked", to: "Linked" });
  const page = await it.open(company, {});
  await row(page, "Xero").click();
  const entries = page.locator(".timeline li");
  await entries.first().waitFor();
  assert.equal(await entries.count(), 4);
  for (const expected of [20, 40, 45]) {
    await button(page, "Show earlier").click();
    await until(async () => (await entries.count()) === expected, `${expected} entries`);
  }
  assert.equal(await button(page, "Show earlier").count(), 0);
  assert.match((await entries.last().textContent())!, /^Requested/);
});

test("the history shows the platform's events in plain words, and grows when data has been read", async () => {
  const company = usual();
  const { id } = company.connection("Xero");
  company.record(id, { type: "connection.failed", title: "Connecting failed", from: "Linked", to: "Linked", reason: "Access was denied." });
  const page = await it.open(company, {});
  await row(page, "Xero").click();
  const entries = page.locator(".timeline li");
  await entries.first().waitFor();
  assert.match((await entries.first().innerText()), /^Connecting failed\n[^]*Access was denied\.$/);
  company.change(
    "Xero",
    { lastActive: new Date().toISOString() },
    { type: "read.completed.initial", title: "Data collection", from: null, to: null, reason: "17 data types were read." },
  );
  await entries.first().getByText("17 data types were read.").waitFor();
  assert.match((await entries.first().innerText()), /^Data collection\n/);
  assert.match(await page.locator("dl").innerText(), /Now/);

  // Events that don't change the connection itself appear as they happen, too.
  const reason = "Access to Xero can't be renewed: the platform can't be reached.";
  company.change(
    "Xero",
    {},
    { type: "connection.tokenRefresh.failing", title: "Access can't be renewed", from: null, to: null, actor: "platform", reason },
  );
  await entries.first().getByText(reason).waitFor();
  assert.match((await entries.first().innerText()), /^Access can't be renewed\n[^]*By Xero/);
  // A platform's new type of event, without a title.
  company.change("Xero", {}, { type: "connection.flagged", from: null, to: null });
  await entries.first().getByText("Flagged").waitFor();
});

test("the history is unfolded with the keyboard alone, and is a list for screen readers", async () => {
  const company = usual();
  const { id } = company.connection("Xero");
  for (let n = 0; n < 5; n++) company.record(id, { title: `Entry ${n}`, from: "Linked", to: "Linked" });
  const page = await it.open(company, {});
  await row(page, "Xero").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "History" }).waitFor();
  const entries = page.locator(".timeline").getByRole("listitem");
  await entries.first().waitFor();
  const focused = () => page.evaluate(() => {
    const root = document.querySelector("moorline-connections")!.shadowRoot!;
    return root.activeElement?.textContent;
  });
  for (let n = 0; n < 10 && (await focused()) !== "Show earlier"; n++) await page.keyboard.press("Tab");
  assert.equal(await focused(), "Show earlier");
  await page.keyboard.press("Enter");
  await until(async () => (await entries.count()) === 7, "all entries");
});

async function listed(page: Page, company: Company): Promise<void> {
  await page.getByRole("button", { name: company.view.connections[0]!.platformName }).waitFor();
}

test("dates are in the reader's language, relative and absolute", async () => {
  const company = usual();
  const page = await it.open(company, { context: { locale: "en-US" } });
  await listed(page, company);
  await row(page, "Xero").click();
  const facts = await page.locator("dl").innerText();
  assert.match(facts, /4 days ago/);
  assert.match(facts, /January 12, 2026/);
});
