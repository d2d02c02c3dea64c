// Several organisations behind one sign-in at Xero, all connected: the checklist, and one grant for two companies.

import assert from "node:assert/strict";
import { test } from "node:test";

import { emulatedOnBothDatabases, goThrough, leave } from "../../emulators/emulated-world.js";
import { ORGANISATIONS, Xero } from "../../emulators/xero.js";
import { arriveAtResult } from "../../harness/actors/customer.js";
import { look } from "../../harness/look.js";
import { until } from "../../harness/until.js";

const KEY = "gbol";
const [CAFE, ROASTERY] = ORGANISATIONS as [(typeof ORGANISATIONS)[0], (typeof ORGANISATIONS)[0]];
const BOTH = [CAFE.label, ROASTERY.label];
const LANGUAGES = ["en", "de", "fr", "es", "nl", "ar"];
const WIDTHS = [375, 320];

interface Company {
  id: string;
  name: string;
  referenceParentCompany?: { id: string };
  dataConnections: { id: string; status: string }[];
}

emulatedOnBothDatabases("Several organisations", KEY, (client) => new Xero(client), (stage) => {
  const settings = (value: object) => stage.world.client.request("PUT", "/profile/link", value);

  test("both become companies of their own, read through one grant that ends with the last", async () => {
    await settings({ enableMultiEntityLinking: true });
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection("Harbour Lane", KEY);
    const arrival = await goThrough(stage.browser, linkUrl, BOTH);
    const { page } = arrival;
    await page.getByRole("heading", { name: "Which businesses do you want to connect?" }).waitFor();
    const boxes = page.getByRole("checkbox");
    assert.equal(await boxes.count(), 2);
    for (const box of await boxes.all()) assert.ok(await box.isChecked());

    // By keyboard: nothing ticked is told, with the focus on it; ticked again, it goes on.
    for (const box of await boxes.all()) {
      await box.focus();
      await page.keyboard.press("Space");
    }
    await page.getByRole("button", { name: "Connect what is ticked" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Tick one business at least.").waitFor();
    const faults = await look(page, "several-none");
    for (const box of await page.getByRole("checkbox").all()) {
      assert.ok(!(await box.isChecked()), "what was unticked stays so");
      await box.focus();
      await page.keyboard.press("Space");
    }
    await page.getByRole("button", { name: "Connect what is ticked" }).focus();
    await page.keyboard.press("Enter");
    await arriveAtResult(page);
    await leave(arrival);
    assert.deepEqual(faults, []);

    await stage.world.client.untilStatus(companyId, connectionId, "Linked");
    const { results } = await stage.world.client.read<{ results: Company[] }>("/companies?pageSize=500");
    const child = results.find(({ referenceParentCompany }) => referenceParentCompany?.id === companyId);
    assert.ok(child, "a company below the one that began");
    const [own] = child.dataConnections;
    assert.equal(own?.status, "Linked");
    for (const id of [companyId, child.id]) {
      const statuses = await stage.world.client.untilSettled(id);
      assert.equal(statuses.get("customers"), "Complete", id);
    }
    const tenants = new Set(stage.emulator.received.map(({ headers }) => headers["xero-tenant-id"]).filter((tenant) => tenant !== undefined));
    assert.deepEqual([...tenants].sort(), [CAFE.value, ROASTERY.value].sort());

    await stage.world.client.disconnect(companyId, connectionId);
    await stage.world.client.request("POST", `/companies/${child.id}/data/queue/customers`);
    const after = await stage.world.client.untilSettled(child.id);
    assert.equal(after.get("customers"), "Complete", "it reads on by the grant that was passed to it");
    await stage.world.client.disconnect(child.id, own.id);
    await until("both organisations' links are gone", () => stage.emulator.links.length === 0);
  });

  test("the checklist fits a telephone in each language, and works without scripts", async () => {
    await settings({ enableMultiEntityLinking: true });
    const faults: string[] = [];
    const { linkUrl } = await stage.world.client.newConnection("Harbour Street", KEY);
    const arrival = await goThrough(stage.browser, linkUrl, BOTH);
    const address = arrival.page.url();
    for (const locale of LANGUAGES) {
      await arrival.page.unrouteAll();
      await arrival.page.route(address, (route) => route.continue({ headers: { ...route.request().headers(), "accept-language": locale } }));
      for (const width of WIDTHS) {
        await arrival.page.setViewportSize({ width, height: 760 });
        await arrival.page.goto(address);
        assert.equal(await arrival.page.locator("html").getAttribute("lang"), locale);
        assert.equal(await arrival.page.getByRole("checkbox").count(), 2);
        faults.push(...(await look(arrival.page, `several-${locale}-${width}`)));
      }
    }
    assert.equal(await arrival.page.locator("script").count(), 0);
    await leave(arrival);
    assert.deepEqual(faults, []);
  });
});
