/** The parts that are loaded when they are wanted: pinned by the first module, and a way on if they can't be had. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { PLATFORMS, toConsent, toPlatforms } from "./states";
import { button, calls, title, until, world } from "./world";

const it = world();
afterEach(() => {
  it.platform.others.clear();
  it.platform.lacking.clear();
});

test("the first page needs the first module alone, and each part is loaded once, when it is wanted", async () => {
  const company = it.platform.company(PLATFORMS, [{ platformName: "Lighthouse Bank", status: "Linked" }]);
  it.platform.files.length = 0;
  company.answers.view = "hang";
  let page = await it.open(company);
  await title(page, "Connect your accounts");
  assert.deepEqual(it.platform.files, ["link.js"]);
  await page.context().close();

  company.answers.view = "ok";
  it.platform.files.length = 0;
  page = await it.open(company);
  await button(page, "Connect Accounting").waitFor();
  assert.deepEqual(it.platform.files, ["link.js"], "the first page needs no more");
  await button(page, "Connect Accounting").hover();
  await until(() => it.platform.files.includes("parts/asking"), "it is on its way before the customer's first click");
  await toConsent(page);
  assert.deepEqual(it.platform.files, ["link.js", "parts/asking"]);
  await button(page, "Use another device, or ask someone else").click();
  await title(page, "Connect Xero from somewhere else");
  await button(page, "Back").click();
  await button(page, "Back").click();
  await button(page, "Back").click();
  await button(page, "Manage what is connected").click();
  await title(page, "Manage connected accounts");
  await button(page, "Back").click();
  await button(page, "Manage what is connected").click();
  await title(page, "Manage connected accounts");
  assert.deepEqual(it.platform.files, ["link.js", "parts/asking", "parts/elsewhere", "parts/manage"]);
  await page.context().close();
});

test("a part that isn't the pinned one is not run, and the customer is told", async () => {
  const company = it.platform.company(PLATFORMS);
  it.platform.others.set("parts/asking", "window.unpinned = true; export default () => ({});");
  const page = await it.open(company);
  await button(page, "Connect Accounting").click();
  await title(page, "We couldn’t load the platforms");
  assert.equal(await page.evaluate(() => "unpinned" in window), false);
  // The right one, by another address: browsers remember a module that failed.
  it.platform.others.clear();
  await button(page, "Try again").click();
  await title(page, "Choose your platform");
  assert.deepEqual(await calls(page, "error"), []);
  await page.context().close();
});

test("a platform that has become another between the check and the run has no second chance to answer", async () => {
  const company = it.platform.company(PLATFORMS);
  it.platform.files.length = 0;
  const page = await it.open(company);
  await button(page, "Connect Accounting").waitFor();
  // By keyboard, too.
  await page.keyboard.press("Tab");
  await until(() => it.platform.files.includes("parts/asking"), "the part is on its way");
  it.platform.others.set("parts/asking", "window.unpinned = true; export default () => ({});");
  await toPlatforms(page);
  assert.equal(it.platform.files.filter((file) => file === "parts/asking").length, 1);
  assert.equal(await page.evaluate(() => "unpinned" in window), false);
  await page.context().close();
});

test("a part that can't be had leaves a way back and another try", async () => {
  const company = it.platform.company(PLATFORMS, [{ platformName: "Lighthouse Bank", status: "Linked" }]);
  it.platform.lacking.add("parts/manage");
  const page = await it.open(company);
  await button(page, "Manage what is connected").click();
  await title(page, "We couldn’t load the platforms");
  it.platform.lacking.clear();
  await button(page, "Try again").click();
  await title(page, "Manage connected accounts");
  await page.context().close();
});

test("a pinned page runs nothing else: the digest of each part stands in the first module", async () => {
  const company = it.platform.company(PLATFORMS);
  const { version, integrity } = JSON.parse(readFileSync("dist/version.json", "utf8"));
  const page = await it.page();
  const html = `<!doctype html><html lang="en"><title>Host</title><main id="target"></main>
    <link rel="modulepreload" href="${it.platform.url}/sdk/v${version}/link.js" integrity="${integrity}">
    <script type="module">
      import { CodatLink } from "${it.platform.url}/sdk/v${version}/link.js";
      new CodatLink({ target: document.querySelector("#target"), props: { companyId: "${company.id}", accessToken: "${company.token}" } });
    </script></html>`;
  await page.goto(it.serve("/pinned", html));
  await toConsent(page);
  await page.context().close();
});
