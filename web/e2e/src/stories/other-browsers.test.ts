// The main journey in the browsers that aren't Chromium: connect inside the page, see the data, disconnect.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BUSINESSES, PLATFORMS } from "../harness/actors/customer.js";
import { CANDIDATES } from "../harness/other-browsers.js";
import { startWorld } from "../harness/world.js";

const { name, key } = PLATFORMS.accounting;

for (const candidate of CANDIDATES) {
  test(`a merchant connects and disconnects in ${candidate.name}`, { skip: candidate.skip }, async () => {
    const world = await startWorld({ engine: "SQLite", lender: true });
    const browser = await candidate.start();
    try {
      const page = await browser.window();
      await page.go(world.lender);
      await page.type("input[name=businessName]", "Saltmarsh Bakery");
      await page.type("input[name=contactName]", "Mara Quill");
      await page.type("input[name=email]", "mara@saltmarsh.example");
      await page.press("button", "Create my application");

      await page.press("button", "Connect on this page");
      await page.press(".kind button", "Accounting");
      await page.press(`[data-id=${key}]`);
      await page.see("h1, h2", `Connect ${name} to`);
      await page.press("button", `Connect to ${name}`);
      const window = await browser.window();
      await window.press("form[action$='/start'] input[type=checkbox]");
      await window.press("form[action$='/start'] button.primary");
      await window.press("button.person");
      await window.press(`label:has(input[value="${BUSINESSES.carpenter}"])`);
      await window.press("button", "Allow access");
      await page.see("h1, h2", `${name} is connected`);
      await page.press("button", "Continue");
      await page.press("button.primary", "Complete");
      await page.see("h1", "Your data is here");

      const [company] = (await world.client.codat.companies.list({})).results ?? [];
      const linked = await world.client.onlyConnection(company!.id);
      assert.equal(linked.status, "Linked");

      await page.press("a", "See your overview");
      await page.press("button", "Manage connections");
      await page.press("button.row");
      await page.press("button", "Disconnect");
      await page.see("h1, h2", `Disconnect ${name}?`);
      await page.press("button", "Disconnect");
      await page.see("h1, h2", `${name} disconnected`);
      assert.equal((await world.client.onlyConnection(company!.id)).status, "Unlinked");
    } finally {
      await browser.stop();
      await world.stop();
    }
  });
}
