// Linking and refreshing against a provider that isn't ours, configured by nothing but a manifest folder.

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
import { launchBrowser, openProfile } from "../../harness/browser.js";
import { arriveAtResult, proceed } from "../../harness/actors/customer.js";
import { onBothDatabases } from "../../harness/engines.js";
import { freePort } from "../../harness/processes.js";
import { until } from "../../harness/until.js";
import { ROOT, startSibling, startWorld, type World } from "../../harness/world.js";

const KEY = "oidp";
const TYPES = ["customers", "suppliers", "items", "taxRates", "invoices", "creditNotes", "payments", "bills"];
/** The life of a token, of which half is used before it is renewed. */
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
    const { id: companyId } = await world.client.codat.companies.create({ name: companyName });
    const connection = await world.client.codat.connections.create({ companyId, requestBody: { platformKey: KEY } });
    const profile = await openProfile(browser);
    const page = await profile.page();
    await page.goto(connection.linkUrl);
    const asked = await proceed(page);
    assert.deepEqual(asked, { instructions: 1, companyName });
    await consentAtOidcPlatform(page);
    await arriveAtResult(page);
    assert.deepEqual(profile.complaints, []);
    await profile.close();
    assert.equal((await world.client.connection(companyId, connection.id)).status, "Linked");
    return { companyId, connectionId: connection.id };
  }

  test("links through both kinds of steps with PKCE, pulls, and revokes at the provider on disconnect", async () => {
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
    await world.client.codat.connections.unlink({
      companyId,
      connectionId,
      updateConnectionStatus: { status: "Unlinked" },
    });
    await until("the provider was told", () => provider.seen.revocations > revocations);
    assert.equal((await world.client.readAll(`/companies/${companyId}/data/customers`)).length, 3);
  });

  test("a customer who cancels at the provider leaves the connection pending, with no token call", async () => {
    const calls = provider.seen.tokenCalls;
    const { id: companyId } = await world.client.codat.companies.create({ name: "Hesitant company" });
    const connection = await world.client.codat.connections.create({ companyId, requestBody: { platformKey: KEY } });
    const profile = await openProfile(browser);
    const page = await profile.page();
    await page.goto(connection.linkUrl);
    await proceed(page);
    await cancelAtOidcPlatform(page);
    await arriveAtResult(page);
    await until("the refusal is on record", async () => {
      const { status, dataConnectionErrors } = await world.client.connection(companyId, connection.id);
      return status === "PendingAuth" && dataConnectionErrors?.at(-1)?.statusCode === "403";
    });
    await profile.close();
    assert.equal(provider.seen.tokenCalls, calls);
  });

  test("8 callers at expiry are one refresh at the provider, although its token endpoint is slow", async () => {
    provider.behaviour.accessTokenSeconds = SHORT_SECONDS;
    const { companyId, connectionId } = await link("Busy company");
    const linked = performance.now();
    // Counted from here on: the platform may renew the token by itself a moment before its callers want it.
    const before = { ...provider.seen };
    provider.behaviour.accessTokenSeconds = 3600;
    provider.behaviour.tokenDelayMs = 3_000;
    await world.client.untilSettled(companyId);
    // The token is used up to here; from here on each caller must want a new one.
    await until("half of the token's life is over", () => performance.now() - linked > SHORT_SECONDS * 500);
    await Promise.all(TYPES.map((dataType) => world.client.request("POST", `/companies/${companyId}/data/queue/${dataType}`)));
    const statuses = await world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);
    assert.equal(provider.seen.refreshes - before.refreshes, 1);
    assert.equal(provider.seen.refusedRefreshes, before.refusedRefreshes);
    assert.equal(provider.seen.revokedGrants, before.revokedGrants);
    provider.behaviour.tokenDelayMs = 0;
    assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");
  });

  if (engine === "PostgreSQL") {
    test("8 callers in 2 processes over one database are still one refresh", async () => {
      const sibling = await startSibling(world, settings());
      try {
        provider.behaviour.accessTokenSeconds = SHORT_SECONDS;
        const { companyId, connectionId } = await link("Busy company of two");
        const linked = performance.now();
        const before = { ...provider.seen };
        provider.behaviour.accessTokenSeconds = 3600;
        provider.behaviour.tokenDelayMs = 3_000;
        await world.client.untilSettled(companyId);
        await until("half of the token's life is over", () => performance.now() - linked > SHORT_SECONDS * 500);
        await Promise.all(
          TYPES.map((dataType, index) =>
            (index % 2 === 0 ? world.client : sibling.client).request(
              "POST",
              `/companies/${companyId}/data/queue/${dataType}`,
            ),
          ),
        );
        const statuses = await world.client.untilSettled(companyId);
        for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);
        assert.equal(provider.seen.refreshes - before.refreshes, 1);
        assert.equal(provider.seen.revokedGrants, before.revokedGrants);
        assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");
      } finally {
        provider.behaviour.tokenDelayMs = 0;
        await sibling.stop();
      }
    });
  }
});
