/** The customer's way through Link, and what the host page gets to know of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { depart, PLATFORMS, toConsent, toPlatforms } from "./states";
import { button, calls, focused, title, until, world } from "./world";

const it = world();
const SOURCES = {
  accounting: { optional: false, enableIntegrations: true },
  banking: { optional: true, enableIntegrations: true },
};

test("a customer connects a platform, and every callback comes once, with what it is about", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company, { options: { sourceTypes: SOURCES } });
  await button(page, "Connect Accounting").waitFor();
  assert.equal(await button(page, "Connect Commerce").count(), 0, "only the host's kinds are shown");
  await button(page, "Complete").click({ force: true });
  assert.deepEqual(await calls(page), [], "what is required comes first");

  await toConsent(page);
  const begun = company.pending("Xero");
  const args = {
    connectionId: begun.id,
    integrationId: begun.integrationId,
    integrationKey: "gbol",
    platformName: "Xero",
    sourceId: begun.sourceId,
    sourceType: "Accounting",
  };
  assert.deepEqual(await calls(page), [["started", args]]);
  assert.equal(await focused(page), "h2 Connect Xero to Tidewell");
  await page.getByText("Questions? Ask Tidewell: Help").waitFor();
  assert.ok((await page.locator(".actions").innerText()).includes("help_us@tidewell.example"));

  const popup = await depart(page);
  assert.equal(await popup.evaluate(() => window.opener), null);
  const start = (await until(() => it.platform.starts.at(-1), "the window sets out"))!;
  assert.ok(start.searchParams.get("otp"));
  assert.equal(start.searchParams.get("link.embedded"), "true");
  assert.equal(start.searchParams.get("link.disclosure"), "5f0c");
  assert.equal(await focused(page), "h2 Finish at Xero");
  const [, consent] = (await calls(page, "consent"))[0]!;
  const text = String(consent["text"]);
  for (const said of [
    "# Connect Xero to Tidewell",
    "## Purpose\n\nTo decide on your loan",
    "## Access\n\nIt is read as soon as you have agreed.",
    "If it isn’t used for 60 days, Xero ends it.",
    "## Account information",
    "## Platform data\n\n**The last 24 months**\n\n- Invoices\n- Customers",
    "## Retention\n\nTidewell keeps what it has read for 90 days.",
    "[Privacy notice](https://tidewell.example/privacy)",
    "Questions? Ask Tidewell: [Help](https://tidewell.example/help) · \u2066help\\_us@tidewell.example\u2069",
  ]) {
    assert.ok(text.includes(said), `${said} is in ${text}`);
  }

  company.link("Xero");
  await title(page, "Xero is connected");
  assert.equal(await focused(page), "h2 Xero is connected");
  await button(page, "Continue").click();
  await page.getByText("Xero · Harbour Bakery").waitFor();
  await button(page, "Complete").click();
  await button(page, "Complete").click();
  assert.deepEqual(
    (await calls(page)).map(([name]) => name),
    ["started", "consent", "connection", "finish"],
  );
  assert.deepEqual((await calls(page, "connection"))[0]![1], args);
  await page.context().close();
});

test("the window knows whether the page wants several businesses to be chosen", async () => {
  for (const [options, wish] of [
    [{ enableMultiEntityLinking: true }, "true"],
    [{ enableMultiEntityLinking: false }, "false"],
    [{}, null],
  ] as const) {
    const company = it.platform.company(PLATFORMS);
    const page = await it.open(company, { options: { ...options, sourceTypes: SOURCES } });
    await toConsent(page);
    const before = it.platform.starts.length;
    const popup = await depart(page);
    await until(() => it.platform.starts.length > before, "the window sets out");
    assert.equal(it.platform.starts.at(-1)!.searchParams.get("link.multiEntity"), wish);
    await popup.close();
    await page.close();
  }
});

test("a cancelled journey is no error, a failed one is, and both can be tried again with a fresh link", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company);
  await toConsent(page);
  await depart(page);
  const first = it.platform.starts.at(-1)!.searchParams.get("otp");
  company.fail("Xero", "customer", "Access was not given at Xero.", true);
  await page.getByRole("alert").getByText("Access was not given at Xero.").waitFor();
  assert.deepEqual(await calls(page, "error"), []);

  await depart(page);
  assert.notEqual(it.platform.starts.at(-1)!.searchParams.get("otp"), first);
  company.fail("Xero", "platform", "The platform could not be reached.");
  await page.getByRole("alert").getByText("The platform could not be reached.").waitFor();
  assert.deepEqual(await calls(page, "error"), [
    ["error", { message: "The platform could not be reached.", userRecoverable: true }],
  ]);
  assert.equal((await calls(page, "consent")).length, 1, "the same words were agreed to");
  await button(page, "Back").click();
  await button(page, "Xero").click();
  await title(page, "Connect Xero to Tidewell");
  assert.equal((await calls(page, "started")).length, 1, "a platform that is chosen again goes on");
  assert.equal(company.view.connections.length, 1, "the connection that was begun is gone on with");
  await page.context().close();
});

test("a window that was closed or blocked can be opened again, and the customer can turn back", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company);
  await toConsent(page);
  await (await depart(page)).close();
  const again = page.waitForEvent("popup");
  await page.getByRole("link", { name: "Open the window again" }).click();
  await (await again).getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(it.platform.starts.at(-1)!.searchParams.get("link.embedded"), "true");
  await button(page, "Back").click();
  await title(page, "Connect Xero to Tidewell");

  await page.evaluate(() => void (window.open = () => null));
  await button(page, "Connect to Xero").click();
  await title(page, "One more click");
  const opened = page.waitForEvent("popup");
  await page.getByRole("link", { name: "Open Xero" }).click();
  await opened;
  await title(page, "Finish at Xero");
  company.link("Xero");
  await title(page, "Xero is connected");
  assert.equal((await calls(page, "connection")).length, 1);
  await page.context().close();
});

test("a page that was loaded anew in the middle goes on: the connection is announced there, once", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company);
  await toConsent(page);
  await depart(page);
  await page.reload();
  await button(page, "Go on with Xero").click();
  await title(page, "Connect Xero to Tidewell");
  await button(page, "Back").click();
  await button(page, "Back").click();
  await button(page, "Connect Accounting").waitFor();
  assert.deepEqual(await calls(page), [], "the host was told when it was begun");
  assert.equal(company.view.connections.length, 1);
  await until(() => company.streams.size, "the page follows changes");
  company.link("Xero");
  await page.getByText("Xero · Harbour Bakery").waitFor();
  assert.deepEqual(
    (await calls(page)).map(([name, { connectionId }]) => [name, connectionId]),
    [["connection", company.pending("Xero").id]],
  );
  assert.equal(await button(page, "Connect Accounting").count(), 0, "a company has one accounting source");
  assert.equal(await button(page, /^Go on/).count(), 0);
  await page.reload();
  await page.getByText("Xero · Harbour Bakery").waitFor();
  assert.deepEqual(await calls(page), [], "what was there before is no news");
  await page.context().close();
});

test("an expired token is replaced once, and without another the customer is told", async () => {
  const company = it.platform.company(PLATFORMS);
  const fresh = company.newToken();
  company.tokens.delete(company.token);
  const page = await it.open(company, { props: `getAccessToken: async () => { log("asked")(); return ${JSON.stringify(fresh)}; }` });
  await toConsent(page);
  assert.deepEqual((await calls(page)).map(([name]) => name), ["asked", "started"]);
  company.tokens.clear();
  await button(page, "Connect to Xero").click();
  await title(page, "Your session has expired");
  assert.equal((await calls(page, "error"))[0]![1]["errorCode"], 401);
  assert.equal((await calls(page, "error"))[0]![1]["userRecoverable"], true);
  await page.context().close();
});

test("a token of another company, and none at all, are refused with the reason", async () => {
  const company = it.platform.company(PLATFORMS);
  const other = it.platform.company(PLATFORMS);
  let page = await it.open(company, { props: `accessToken: ${JSON.stringify(other.token)}` });
  await title(page, "We couldn’t load the platforms");
  assert.match(String((await calls(page, "error"))[0]![1]["message"]), /not for companyId/);
  assert.equal((await calls(page, "error"))[0]![1]["userRecoverable"], false);
  assert.equal(other.count(/link/), 0);
  await page.context().close();
  page = await it.open(company, { props: "accessToken: undefined" });
  await title(page, "Your session has expired");
  assert.equal((await calls(page, "error")).length, 1);
  await page.context().close();
});

test("a page with a one-time link needs no token, and goes on with the link when it is loaded anew", async () => {
  const company = it.platform.company(PLATFORMS);
  const link = company.newLink();
  const settings = { props: `accessToken: undefined, link: ${JSON.stringify(link)}` };
  const page = await it.open(company, settings);
  await toConsent(page);
  await page.reload();
  await button(page, "Go on with Xero").waitFor();
  assert.deepEqual(await calls(page), []);
  await page.context().close();

  // Who finds the link in an address gets nothing by it.
  const other = await it.open(company, settings);
  await title(other, "Your session has expired");
  assert.deepEqual(await calls(other), [
    ["error", { message: "This link was used before.", errorCode: 410, correlationId: "5f0c1e7a4b2d", userRecoverable: true }],
  ]);
  await other.context().close();
});

test("a customer whose platform isn't in the list says which it is, and knows that it has arrived", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company);
  await toPlatforms(page);
  await page.getByRole("heading", { name: "My platform isn’t in the list" }).waitFor();
  const field = page.getByLabel("Which platform do you use?");
  await button(page, "Tell Tidewell").click();
  assert.deepEqual(company.missed, [], "there is nothing to tell");
  await field.fill("  Abacus Books 4 ");
  company.answers.missed = 503;
  await field.press("Enter");
  await page.getByRole("alert").getByText("That couldn’t be sent.").waitFor();
  assert.equal((await calls(page, "error"))[0]![1]["errorCode"], 503);
  company.answers.missed = "ok";
  await button(page, "Tell Tidewell").click();
  await page.getByRole("status").getByText("Thank you. Tidewell has been told that you use Abacus Books 4.").waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  assert.deepEqual(company.missed, ["Abacus Books 4"]);
  assert.equal(await field.inputValue(), "");
  // The list is still there to choose from.
  await button(page, "Xero").click();
  await title(page, "Connect Xero to Tidewell");
  await page.context().close();
});

test("with nothing on offer, or nothing of a kind that is asked for, the customer's platform can be told all the same", async () => {
  const none = it.platform.company([]);
  let page = await it.open(none);
  await title(page, "Nothing to connect yet");
  await page.getByLabel("Which platform do you use?").fill("Abacus Books");
  await button(page, "Tell Tidewell").click();
  await page.getByText("Tidewell has been told that you use Abacus Books.").waitFor();
  assert.deepEqual(none.missed, ["Abacus Books"]);
  await page.context().close();

  const company = it.platform.company([{ key: "qhnd", name: "Lighthouse Bank", sourceType: "Banking" }]);
  page = await it.open(company, { options: { sourceTypes: SOURCES } });
  await button(page, "Tell Tidewell Accounting").click();
  await title(page, "Nothing to connect yet");
  await page.getByLabel("Which platform do you use?").fill("Tally Works");
  await page.keyboard.press("Enter");
  await page.getByText("Tidewell has been told that you use Tally Works.").waitFor();
  assert.deepEqual(company.missed, ["Tally Works"]);
  await button(page, "Back").click();
  await title(page, "Connect your accounts");
  await page.context().close();
});

test("what was searched in vain stands in the field already", async () => {
  const names = "Acorn Books,Bluebell,Clover Ledger,Driftwood,Elmtree,Fairway,Granite".split(",");
  const company = it.platform.company(names.map((name, at) => ({ key: `aaa${at}`, name })));
  const page = await it.open(company);
  await toPlatforms(page);
  await page.getByLabel("Search").fill("Abacus");
  assert.equal(await page.getByLabel("Which platform do you use?").inputValue(), "Abacus");
  await button(page, "Tell Tidewell").click();
  await page.getByText("Tidewell has been told that you use Abacus.").waitFor();
  await page.context().close();
});

test("a platform that can't be begun says why, and the way on stays open", async () => {
  const company = it.platform.company(PLATFORMS);
  company.answers.begin = 409;
  const page = await it.open(company);
  await toPlatforms(page);
  await button(page, "Xero").click();
  await title(page, "Xero can’t be connected now");
  await page.getByText("Only one accounting connection can be linked.").waitFor();
  assert.deepEqual(await calls(page, "started"), []);
  assert.equal((await calls(page, "error"))[0]![1]["errorCode"], 409);
  company.answers.begin = "ok";
  await button(page, "Try again").click();
  await title(page, "Connect Xero to Tidewell");
  await page.context().close();
});

test("X asks first, and Escape goes one step back", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company);
  await toPlatforms(page);
  await button(page, "Close").click();
  assert.equal(await focused(page), "h2 Leave before you’re done?");
  await page.keyboard.press("Escape");
  assert.equal(await focused(page), "button Close");
  await page.keyboard.press("Escape");
  await title(page, "Connect your accounts");
  await button(page, "Close").press("Enter");
  await button(page, "Finish connecting").click();
  assert.deepEqual(await calls(page), []);
  await button(page, "Close").click();
  await button(page, "Exit without saving").click();
  assert.deepEqual(await calls(page), [["close", undefined]]);
  await page.context().close();
});

test("without onClose, and with the deprecated nonModal, there is no X", async () => {
  const company = it.platform.company(PLATFORMS);
  for (const settings of [{ onClose: "undefined" }, { options: { nonModal: true } }]) {
    const page = await it.open(company, settings);
    await button(page, "Connect Accounting").waitFor();
    assert.equal(await button(page, "Close").count(), 0);
    await page.context().close();
  }
});

test("every flow can be walked with the keyboard", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company);
  const press = async (name: string) => {
    const wanted = page.getByRole("button", { name }).or(page.locator("summary", { hasText: name })).first();
    await wanted.waitFor();
    for (let at = 0; at < 25; at += 1) {
      if (await wanted.evaluate((element) => (element.getRootNode() as ShadowRoot).activeElement === element)) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
  };
  await press("Connect Accounting");
  await press("Xero");
  await title(page, "Connect Xero to Tidewell");
  await press("Retention");
  await page.getByText("Tidewell keeps what it has read").waitFor();
  const opening = page.waitForEvent("popup");
  await press("Connect to Xero");
  await opening;
  await title(page, "Finish at Xero");
  company.link("Xero");
  await title(page, "Xero is connected");
  await press("Continue");
  await press("Complete");
  await until(async () => (await calls(page, "finish")).length === 1, "Complete is told");
  await page.context().close();
});
