// NetSuite by a certificate: made on the link page, registered by an administrator, and used without another sign-in.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser, Page } from "playwright-core";

import { type EmulatedWorld, startEmulatedWorld } from "../../emulators/emulated-world.js";
import { NetSuite } from "../../emulators/netsuite.js";
import { arriveAtResult } from "../../harness/actors/customer.js";
import { launchBrowser, openProfile } from "../../harness/browser.js";
import { onBothDatabases } from "../../harness/engines.js";
import { until } from "../../harness/until.js";
import type { World } from "../../harness/world.js";

const KEY = "akxx";
const CLIENT_ID = "0f9b2c4d6e8a1c3e5f7092b4d6f8a0c2";
const ACCOUNT = "1234567_SB1";

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

onBothDatabases("NetSuite's certificate", (engine) => {
  let emulated: EmulatedWorld<NetSuite>;
  let world: World;
  let netsuite: NetSuite;
  before(async () => {
    emulated = await startEmulatedWorld(engine, KEY, (client) => new NetSuite(client));
    ({ world, emulator: netsuite } = emulated);
  });
  after(() => emulated?.stop());

  /** Goes to the certificate's page and has it made; returns its PEM. */
  async function make(page: Page, linkUrl: string): Promise<string> {
    await page.goto(linkUrl);
    await page.getByRole("link", { name: "Connect with a certificate" }).click();
    await page.getByRole("button", { name: "Make the certificate" }).click();
    const link = page.getByRole("link", { name: "Download the certificate" });
    await link.waitFor();
    const downloading = page.waitForEvent("download");
    await link.click();
    const download = await downloading;
    assert.equal(download.suggestedFilename(), "moorline-certificate.pem");
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  async function enter(page: Page, certificateId: string, clientId = CLIENT_ID): Promise<void> {
    await page.getByLabel("Account ID").fill(ACCOUNT);
    await page.getByLabel("Client ID").fill(clientId);
    await page.getByLabel("Certificate ID").fill(certificateId);
    await page.getByRole("button", { name: "Connect Oracle NetSuite" }).click();
  }

  test("an administrator registers the certificate, and access goes on by assertions alone", async () => {
    const { companyId, connectionId, linkUrl } = await world.client.newConnection("Harbour Lane", KEY);
    const profile = await openProfile(browser);
    const page = await profile.page();
    const pem = await make(page, linkUrl);
    assert.match(pem, /^-----BEGIN CERTIFICATE-----/);
    assert.ok(!pem.includes("PRIVATE"), "the key stays");
    await page.getByText("Access lasts for 700 days at most", { exact: false }).first().waitFor({ state: "attached" });

    // The certificate isn't registered yet: nothing is connected, and what was typed stays.
    await enter(page, "0123456789abcdef");
    await page.getByText("did not accept what you entered").first().waitFor();
    assert.equal(await page.getByLabel("Account ID").inputValue(), ACCOUNT);
    assert.equal((await world.client.connection(companyId, connectionId)).status, "PendingAuth");
    assert.deepEqual(netsuite.certificates.refusals, ["no certificate 0123456789abcdef"]);

    const id = netsuite.certificates.upload(pem, CLIENT_ID, "ada");
    // Its role may not see what it needs: the page names the permission, and says once that nothing was accepted.
    netsuite.hidden.add("subsidiary");
    await enter(page, id);
    await page.getByText("an administrator gives it the permission Lists, Subsidiaries").waitFor();
    assert.equal(await page.getByText("did not accept what you entered").count(), 1);
    netsuite.hidden.delete("subsidiary");
    await enter(page, id);
    await page.locator("label.check", { hasText: "Harbour Lane Trading" }).getByRole("radio").check();
    await page.getByRole("button", { name: "Connect this business" }).click();
    await arriveAtResult(page);
    assert.deepEqual(profile.complaints, []);
    await profile.close();
    await world.client.untilStatus(companyId, connectionId, "Linked");
    const statuses = await world.client.untilSettled(companyId);
    assert.equal(statuses.get("invoices"), "Complete");
    const { results: consents } = await world.client.read<{ results: { validUntil?: string }[] }>(`/companies/${companyId}/consents`);
    assert.equal(consents.length, 1);

    // The platform forgets the access token: the next one is given for another assertion.
    const before = netsuite.certificates.accepted;
    const lasting = netsuite.tokens.accessSeconds;
    netsuite.tokens.accessSeconds = 2;
    for (const grant of netsuite.grants.values()) grant.revoked = true;
    await world.client.queue(companyId, "customers");
    await until("another assertion is accepted", () => netsuite.certificates.accepted > before);
    await world.client.untilSettled(companyId);
    assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");

    // The administrator revokes the certificate: the connection ends, with its reason.
    netsuite.certificates.revoke(id);
    // The token's life is over by then, and a new one is asked for.
    await new Promise((passed) => setTimeout(passed, netsuite.tokens.accessSeconds * 1000));
    netsuite.tokens.accessSeconds = lasting;
    await world.client.queue(companyId, "customers");
    await world.client.untilStatus(companyId, connectionId, "Deauthorized");

    // Another certificate is made for a reconnection.
    const { linkUrl: again } = await world.client.connection(companyId, connectionId);
    const second = await openProfile(browser);
    const another = await second.page();
    await another.goto(again);
    await another.getByRole("button", { name: "Make the certificate" }).waitFor();
    await second.close();
  });
});
