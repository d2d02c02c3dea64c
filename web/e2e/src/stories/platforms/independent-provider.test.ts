// Linking and refreshing against an independent provider, which only a manifest folder describes.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import {
  cancelAtOidcPlatform,
  consentAtOidcPlatform,
  type OidcPlatform,
  startOidcPlatform,
} from "../../fixtures/oidc-platform.js";
import type { Client } from "../../harness/actors/client.js";
import { arriveAtResult, proceed } from "../../harness/actors/customer.js";
import { launchBrowser, openProfile } from "../../harness/browser.js";
import { onBothDatabases } from "../../harness/engines.js";
import { freePort } from "../../harness/processes.js";
import { until } from "../../harness/until.js";
import { ROOT, startSibling, startWorld, type World } from "../../harness/world.js";

const KEY = "oidp";
const TYPES = ["customers", "suppliers", "items", "taxRates", "invoices", "creditNotes", "payments", "bills"];
/** The life of an access token, which is renewed after half of it. */
const SHORT_SECONDS = 25;

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

onBothDatabases("an independent provider", (engine) => {
  let world: World;
  let provider: OidcPlatform;

  before(async () => {
    const port = await freePort();
    provider = await startOidcPlatform(`http://localhost:${port}/oauth/${KEY}/callback`);
    world = await startWorld({
      engine,
      port,
      settings: settings(),
    });
    await world.configureIntegration(KEY, provider.clientId, provider.clientSecret);
  });
  after(async () => {
    await world?.stop();
    await provider?.stop();
  });

  function settings(): Record<string, string> {
    return {
      MOORLINE_INTEGRATIONS__DIRS: JSON.stringify([join(ROOT, "web/e2e/fixtures/integrations")]),
      MOORLINE_INTEGRATIONS__VARIABLES: `{ "${KEY}.platform" = "${provider.issuer}" }`,
      MOORLINE_EGRESS__ALLOW_PRIVATE: JSON.stringify([new URL(provider.issuer).host]),
      MOORLINE_WORKERS: "8",
    };
  }

  async function link(companyName: string): Promise<{ companyId: string; connectionId: string }> {
    const { companyId, connectionId, linkUrl } = await world.client.newConnection(companyName, KEY);
    const profile = await openProfile(browser);
    const page = await profile.page();
    await page.goto(linkUrl);
    assert.deepEqual(await proceed(page), { instructions: 1, companyName });
    await consentAtOidcPlatform(page);
    await arriveAtResult(page);
    assert.deepEqual(profile.complaints, []);
    await profile.close();
    const { status, dataConnectionErrors } = await world.client.connection(companyId, connectionId);
    assert.equal(status, "Linked", dataConnectionErrors?.at(-1)?.errorMessage ?? undefined);
    return { companyId, connectionId };
  }

  /** Links with a short-lived token and, at its renewal, queues one pull for each data type, through the clients in turn. */
  async function pullAtExpiry(companyName: string, clients: [Client, ...Client[]]): Promise<void> {
    provider.behaviour.accessTokenSeconds = SHORT_SECONDS;
    const { companyId, connectionId } = await link(companyName);
    const linked = performance.now();
    // Counted from here on: Moorline may renew the token by itself a moment before the pulls need it.
    const before = { ...provider.seen };
    provider.behaviour.accessTokenSeconds = 3600;
    provider.behaviour.tokenDelayMs = 3_000;
    try {
      await world.client.untilSettled(companyId);
      // Half of its life later the token is due, and each pull needs a new one.
      await until("half of the token's life is over", () => performance.now() - linked > SHORT_SECONDS * 500);
      await Promise.all(TYPES.map((dataType, index) => clients[index % clients.length]?.queue(companyId, dataType)));
      const statuses = await world.client.untilSettled(companyId);
      for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);
      assert.equal(provider.seen.refreshes - before.refreshes, 1);
      assert.equal(provider.seen.refusedRefreshes, before.refusedRefreshes);
      assert.equal(provider.seen.revokedGrants, before.revokedGrants);
    } finally {
      provider.behaviour.tokenDelayMs = 0;
    }
    assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");
  }

  test("a customer links through both kinds of steps with PKCE, the data is pulled, and disconnecting revokes the grant", async () => {
    const { companyId, connectionId } = await link("Independent company");
    assert.equal(provider.seen.authorizationsWithoutPkce, 0);
    assert.equal(provider.seen.codeExchanges, 1);
    const statuses = await world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);
    const customers = await world.client.readAll<{ customerName: string }>(`/companies/${companyId}/data/customers`);
    assert.deepEqual(customers.map(({ customerName }) => customerName).sort(), [
      "Marlowe & Finch",
      "Ostrava Metals",
      "Pine Street Dental",
    ]);

    const revocations = provider.seen.revocations;
    await world.client.disconnect(companyId, connectionId);
    await until("the provider has received the revocation", () => provider.seen.revocations > revocations);
    assert.equal((await world.client.readAll(`/companies/${companyId}/data/customers`)).length, 3);
  });

  test("a customer who cancels at the provider leaves the connection pending, and no token is requested", async () => {
    const calls = provider.seen.tokenCalls;
    const { companyId, connectionId, linkUrl } = await world.client.newConnection("Hesitant company", KEY);
    const profile = await openProfile(browser);
    const page = await profile.page();
    await page.goto(linkUrl);
    await proceed(page);
    await cancelAtOidcPlatform(page);
    await arriveAtResult(page);
    await until("the refusal is on record", async () => {
      const { status, dataConnectionErrors } = await world.client.connection(companyId, connectionId);
      return status === "PendingAuth" && dataConnectionErrors?.at(-1)?.statusCode === "403";
    });
    await profile.close();
    assert.equal(provider.seen.tokenCalls, calls);
  });

  test("8 pulls at expiry are one refresh at the provider, although its token endpoint is slow", () =>
    pullAtExpiry("Busy company", [world.client]));

  if (engine === "PostgreSQL") {
    test("8 pulls in 2 processes over one database are still one refresh", async () => {
      const sibling = await startSibling(world, settings());
      try {
        await pullAtExpiry("Busy company of two", [world.client, sibling.client]);
      } finally {
        await sibling.stop();
      }
    });
  }
});
