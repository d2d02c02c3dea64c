// Xero's public OpenAPI, served by Prism: a party that isn't ours says whether our requests are what it asks for, and every example
// that it serves has to map and parse.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import type { Browser } from "playwright-core";

import type { Answer, Asked } from "../emulators/emulator.js";
import { goThrough, leave, type Place, startPlace } from "../emulators/place.js";
import { ORGANISATIONS, Xero } from "../emulators/xero.js";
import { launchBrowser } from "../harness/browser.js";
import { arriveAtResult } from "../harness/customer.js";
import { freePort } from "../harness/processes.js";
import { until } from "../harness/until.js";
import { ROOT } from "../harness/world.js";

const SPECIFICATION = process.env["XERO_OPENAPI"] ?? join(ROOT, "../shared/specs/xero_accounting.yaml");
const PRISM = join(ROOT, "web/e2e/prism/node_modules/@stoplight/prism-cli/dist/index.js");
const START_LIMIT_MS = 240_000;
/** Prism takes its time over every answer. */
const PULL_LIMIT_MS = 400_000;

const skip = !existsSync(SPECIFICATION)
  ? `${SPECIFICATION} is missing (XeroAPI/Xero-OpenAPI has it; XERO_OPENAPI says where it is)`
  : !existsSync(PRISM)
    ? "Prism is not installed: run `npm ci` in web/e2e/prism"
    : false;

/** Consent and links are the emulator's, the Accounting API is Prism's. */
class SpecifiedXero extends Xero {
  prism = "";
  /** What Prism had to say against our requests. */
  readonly refusals: string[] = [];

  protected override async answer(asked: Asked): Promise<Answer> {
    const path = asked.url.pathname.replace("/api.xro/2.0", "");
    // The specification has no example of this one.
    if (path === asked.url.pathname || path === "/Reports/ProfitAndLoss") return super.answer(asked);
    const response = await fetch(`${this.prism}${path}${asked.url.search}`, {
      headers: Object.fromEntries(
        ["accept", "authorization", "xero-tenant-id", "if-modified-since"].flatMap((name) => {
          const value = asked.headers[name];
          return typeof value === "string" ? [[name, value]] : [];
        }),
      ),
    });
    const body: unknown = await response.json();
    if (!response.ok) this.refusals.push(`${path}: ${response.status} ${JSON.stringify(body)}`);
    return { status: response.status, body };
  }
}

describe("Xero's public specification", { skip }, () => {
  let browser: Browser;
  let place: Place<SpecifiedXero>;
  let stopPrism = (): void => undefined;
  before(async () => {
    browser = await launchBrowser();
    place = await startPlace("SQLite", "gbol", (client) => new SpecifiedXero(client));
    const port = await freePort();
    const prism = spawn(process.execPath, [PRISM, "mock", "--port", `${port}`, SPECIFICATION], { stdio: "ignore" });
    stopPrism = () => void prism.kill();
    place.emulator.prism = `http://127.0.0.1:${port}`;
    await until("Prism listens", async () => (await fetch(`${place.emulator.prism}/Organisation`)).status > 0, START_LIMIT_MS);
  });
  after(async () => {
    stopPrism();
    await place?.stop();
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
    assert.deepEqual(place.emulator.refusals, []);
    for (const dataType of ["invoices", "customers", "payments", "chartOfAccounts", "balanceSheet", "transfers", "purchaseOrders"]) {
      assert.equal(first.get(dataType), "Complete", dataType);
    }
    assert.ok((await client.readAll(`/companies/${companyId}/data/invoices`)).length > 0);

    await client.request("POST", `/companies/${companyId}/data/all`);
    const second = await client.untilSettled(companyId, PULL_LIMIT_MS);
    assert.deepEqual(place.emulator.refusals, []);
    for (const [dataType, status] of first) assert.equal(second.get(dataType), status, dataType);
  });
});
