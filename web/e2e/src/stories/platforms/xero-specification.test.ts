// Xero's public OpenAPI document, unchanged, served by Prism: every request has to be valid, and every example has to map and parse.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Browser } from "playwright-core";

import { type EmulatedWorld, link, startEmulatedWorld } from "../../emulators/emulated-world.js";
import type { Answer, PlatformRequest, RegisteredClient } from "../../emulators/emulator.js";
import { Prism, PULL_LIMIT_MS, specification } from "../../emulators/prism.js";
import { ORGANISATIONS, Xero } from "../../emulators/xero.js";
import { launchBrowser } from "../../harness/browser.js";

const { path: SPECIFICATION, skip } = specification("XERO_OPENAPI", "xero_accounting.yaml", "XeroAPI/Xero-OpenAPI");

/** Consent and links by the emulator, the Accounting API by Prism. */
class SpecifiedXero extends Xero {
  constructor(
    client: RegisteredClient,
    private readonly prism: Prism,
  ) {
    super(client);
  }

  protected override async answer(request: PlatformRequest): Promise<Answer> {
    const path = request.url.pathname.replace("/api.xro/2.0", "");
    // The specification has no example of this report.
    if (path === request.url.pathname || path === "/Reports/ProfitAndLoss") return super.answer(request);
    return this.prism.answer(request, path);
  }
}

describe("Xero's public specification", { skip }, () => {
  let browser: Browser;
  let prism: Prism;
  let emulated: EmulatedWorld<SpecifiedXero>;
  before(async () => {
    prism = await Prism.start(SPECIFICATION);
    browser = await launchBrowser();
    emulated = await startEmulatedWorld("SQLite", "gbol", (client) => new SpecifiedXero(client, prism));
  });
  after(async () => {
    await emulated?.stop();
    await prism?.stop();
    await browser?.close();
  });

  test("every request is valid, and every example maps and parses, in the first pull and in a pull of changes", async () => {
    const { client } = emulated.world;
    const { companyId } = await link(emulated, browser, "By the book", ORGANISATIONS[0]?.label ?? "");
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
