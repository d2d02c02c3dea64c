/** What is connected, seen and ended and renewed inside Link. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { beside, PLATFORMS } from "./states";
import { button, calls, focused, title, until, world } from "./world";

const it = world();

test("a customer sees what is connected since when, ends it after a question, and connects it again", async () => {
  const company = it.platform.company(PLATFORMS, [{ platformName: "Xero", status: "Linked" }]);
  const page = await it.open(company);
  await button(page, "Manage what is connected").click();
  await title(page, "Manage connected accounts");
  assert.equal(await focused(page), "h2 Manage connected accounts");
  await button(page, /^Xero/).click();
  await title(page, "Xero");
  for (const text of ["Connected", "Harbour Bakery", "1 September 2026", "Invoices"]) {
    await page.getByText(text, { exact: true }).first().waitFor();
  }
  await button(page, "Disconnect").click();
  await title(page, "Disconnect Xero?");
  assert.equal(company.count(/PATCH/), 0, "the question comes first");
  await button(page, "Keep connected").click();
  await title(page, "Xero");
  await button(page, "Disconnect").click();
  await title(page, "Disconnect Xero?");
  await button(page, "Disconnect").click();
  await title(page, "Xero disconnected");
  assert.equal(company.count(/PATCH/), 1);
  assert.equal(company.view.connections[0]!.status, "Unlinked");
  await button(page, "Done").click();
  assert.match(await focused(page), /^button .*Xero/, "back at the row");

  await button(page, /^Xero/).click();
  await button(page, "Reconnect").click();
  await title(page, "Reconnect Xero");
  const opening = page.waitForEvent("popup");
  await button(page, "Continue to Xero").click();
  await opening;
  const start = (await until(() => it.platform.starts.at(-1), "the window sets out"))!;
  assert.equal(start.searchParams.get("link.embedded"), "true", "the window tells the end itself");
  assert.equal(start.searchParams.has("link.disclosure"), false, "nothing was read here that could be folded away");
  await title(page, "Finish at Xero");
  company.link("Xero");
  await title(page, "Xero reconnected");
  assert.deepEqual((await calls(page)).map(([name]) => name), ["connection"]);
  await button(page, "Done").click();
  await button(page, "Disconnect").waitFor();
  await button(page, "Back").click();
  await button(page, /^Xero/).waitFor();
  await button(page, "Back").click();
  await title(page, "Connect your accounts");
  await button(page, "Complete").click();
  assert.equal((await calls(page, "finish")).length, 1);
  await page.context().close();
});

test("access that has ended is told on the first page, with its reason, and can be renewed", async () => {
  const company = it.platform.company(PLATFORMS, [{ platformName: "Xero", status: "Linked" }]);
  const page = await it.open(company);
  await button(page, "Manage what is connected").waitFor();
  await until(() => company.streams.size, "the page follows changes");
  company.unlink(company.pending("Xero").id, "Deauthorized");
  await button(page, "Manage what is connected Needs attention").click();
  await button(page, /^Xero/).click();
  await page.getByText("Access was taken back at the platform.").waitFor();
  await button(page, "Reconnect to repair").click();
  await title(page, "Reconnect Xero");
  await page.keyboard.press("Escape");
  await title(page, "Xero");
  await page.context().close();
});

test("a disconnect that fails says so, and nothing has changed", async () => {
  const company = it.platform.company(PLATFORMS, [{ platformName: "Xero", status: "Linked" }]);
  company.answers.disconnect = 500;
  const page = await it.open(company);
  await button(page, "Manage what is connected").click();
  await button(page, /^Xero/).click();
  await button(page, "Disconnect").click();
  await title(page, "Disconnect Xero?");
  await button(page, "Disconnect").click();
  await page.getByRole("alert").getByText("Xero could not be disconnected.").waitFor();
  assert.equal((await calls(page, "error"))[0]![1]["errorCode"], 500);
  assert.equal(company.view.connections[0]!.status, "Linked");
  await page.context().close();
});

test("another account at the same bank is one click from the first; a second set of books is not offered", async () => {
  const connections = ["Xero", "Lighthouse Bank"].map((platformName) => ({ platformName, status: "Linked" as const }));
  const company = it.platform.company(PLATFORMS, connections);
  const page = await it.open(company);
  await button(page, "Manage what is connected").click();
  await button(page, /^Xero/).click();
  await title(page, "Xero");
  assert.equal(await button(page, "Connect another").count(), 0);
  await button(page, "Back").click();
  await button(page, /^Lighthouse Bank/).click();
  await button(page, "Connect another").click();
  await title(page, "Connect Lighthouse Bank to Tidewell");
  assert.equal(company.view.connections.filter(({ platformName }) => platformName === "Lighthouse Bank").length, 2);
  await page.context().close();
});

test("in another language, what is connected is told in it, too", async () => {
  const company = it.platform.company(PLATFORMS, [{ platformName: "Xero", status: "Linked" }]);
  const page = await it.open(company, { options: { locale: "de-AT" } });
  await button(page, "Verbundenes verwalten").click();
  await title(page, "Verbundene Konten verwalten");
  await button(page, /^Xero/).click();
  await button(page, "Trennen").waitFor();
  await page.getByText("1. September 2026").waitFor();
  await page.context().close();
});

test("a token that expires while the connections are looked at is told", async () => {
  const company = it.platform.company(PLATFORMS, [{ platformName: "Xero", status: "Linked" }]);
  const page = await it.open(company);
  await button(page, "Manage what is connected").waitFor();
  company.tokens.clear();
  await button(page, "Manage what is connected").click();
  await title(page, "Your session has expired");
  await page.context().close();
});

test("businesses that one sign-in connected are all named, and each is ended at its own company", async () => {
  const company = it.platform.company(PLATFORMS, [{ platformName: "Xero", status: "Linked", connectedCompanyName: "Harbour Café" }]);
  const other = beside(company, company.pending("Xero").id, "Harbour Roastery");
  const page = await it.open(company);
  for (const name of ["Harbour Café", "Harbour Roastery"]) await page.getByText(`Xero · ${name}`).waitFor();
  await button(page, "Manage what is connected").click();
  await button(page, /Harbour Roastery/).click();
  await title(page, "Xero");
  await page.locator(".timeline li").first().waitFor();
  await button(page, "Disconnect").click();
  await button(page, "Disconnect").click();
  await title(page, "Xero disconnected");
  assert.equal(other.status, "Unlinked");
  assert.equal(company.pending("Xero").status, "Linked");
  for (const asked of [`PATCH ${other.companyId}`, `GET ${other.companyId}`]) assert.ok(company.asked.has(asked), asked);
  assert.ok(!company.asked.has(`PATCH ${company.id}`));
  await page.context().close();
});

test("a further purpose that was agreed to stands with what is shared", async () => {
  const company = it.platform.company(PLATFORMS, [{ platformName: "Xero", status: "Linked" }]);
  const given = { answered: "2026-09-03T10:00:00Z", language: "en", title: "For **forecasts**", subtitle: "Tidewell asks to." };
  Object.assign(company.view.connections[0]!, { additionalConsents: [given] });
  const page = await it.open(company);
  await button(page, "Manage what is connected").click();
  await button(page, /^Xero/).click();
  await page.getByRole("heading", { name: "Also agreed to, on 3 September 2026" }).waitFor();
  for (const text of ["For forecasts", "Tidewell asks to."]) await page.getByText(text, { exact: true }).waitFor();
  await page.context().close();
});
