// Xero's public OpenAPI, as it is, served by Prism: every request has to be what it asks for, and every example that it serves has to
// map and parse.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Browser } from "playwright-core";

import type { Answer, Asked, ClientOf } from "../../emulators/emulator.js";
import { goThrough, leave, type Place, startPlace } from "../../emulators/emulated-world.js";
import { Prism, PULL_LIMIT_MS, specification } from "../../emulators/prism.js";
import { ORGANISATIONS, Xero } from "../../emulators/xero.js";
import { launchBrowser } from "../../harness/browser.js";
import { arriveAtResult } from "../../harness/actors/customer.js";

const { path: SPECIFICATION, skip } = specification("XERO_OPENAPI", "xero_accounting.yaml", "XeroAPI/Xero-OpenAPI");

/** Consent and links are the emulator's, the Accounting API is Prism's. */
class SpecifiedXero extends Xero {
  constructor(
    client: ClientOf,
    private readonly prism: Prism,
  ) {
    super(client);
  }

  protected override async answer(asked: Asked): Promise<Answer> {
    const path = asked.url.pathname.replace("/api.xro/2.0", "");
    // The specification has no example of this one.
    if (path === asked.url.pathname || path === "/Reports/ProfitAndLoss") return super.answer(asked);
    return this.prism.answer(asked, path);
  }
}

describe("Xero's public specification", { skip }, () => {
  let browser: Browser;
  let prism: Prism;
  let place: Place<SpecifiedXero>;
  before(async () => {
    prism = await Prism.start(SPECIFICATION);
    browser = await launchBrowser();
    place = await startPlace("SQLite", "gbol", (client) => new SpecifiedXero(client, prism));
  });
  after(async () => {
    await place?.stop();
    await prism?.stop();
    await browser?.close();
  });

  test("every request is as it asks for, and every example that it serves maps and parses, at first and when changes are asked for", async () => {
    const { client } = place.world;
    const { id: companyId } = await client.codat.companies.create({ name: "By the book" });
    const connection = await client.codat.connections.create({ companyId, requestBody: { platformKey: "gbol" } });
    const arrival = await goThrough(browser, connection.linkUrl, [ORGANISATIONS[0]?.label ?? ""]);
    await arriveAtResult(arrival.page);
    await leave(arrival);
    await client.untilStatus(companyId, connection.id, "Linked");
    const first = await client.untilSettled(companyId, PULL_LIMIT_MS);
    assert.deepEqual(prism.refusals, []);
    for (const dataType of ["invoices", "customers", "payments", "chartOfAccounts", "balanceSheet", "transfers", "purchaseOrders"]) {
      assert.equal(first.get(dataType), "Complete", dataType);
    }
    assert.ok((await client.readAll(`/companies/${companyId}/data/invoices`)).length > 0);

    await client.request("POST", `/companies/${companyId}/data/all`);
    const second = await client.untilSettled(companyId, PULL_LIMIT_MS);
    assert.deepEqual(prism.refusals, []);
    for (const [dataType, status] of first) assert.equal(second.get(dataType), status, dataType);
  });
});
