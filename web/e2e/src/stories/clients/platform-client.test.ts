// Codat's own platform client, which validates the answers, through every operation that Moorline has.

import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";

import { CodatPlatform, HTTPClient } from "@codat/platform";
import * as errors from "@codat/platform/sdk/models/errors/index.js";
import { DataType } from "@codat/platform/sdk/models/shared/index.js";
import type { Browser } from "playwright-core";

import { followAlone, PLATFORMS } from "../../harness/actors/customer.js";
import { launchBrowser } from "../../harness/browser.js";
import { Contract, type Exchange, exchangeOf } from "../../harness/contract/openapi.js";
import { onBothDatabases } from "../../harness/engines.js";
import { until } from "../../harness/until.js";
import { startWorld, type World } from "../../harness/world.js";

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

onBothDatabases("the official client", (engine) => {
  let world: World;
  let codat: CodatPlatform;
  const exchanges: Exchange[] = [];

  before(async () => {
    world = await startWorld({ engine });
    const http = new HTTPClient({
      fetcher: async (input, init) => {
        const response = await fetch(input, init);
        const request = input instanceof Request ? input : new Request(input, init);
        exchanges.push(await exchangeOf(request.method, new URL(request.url).pathname, response.clone()));
        return response;
      },
    });
    codat = new CodatPlatform({
      authHeader: world.client.authorization,
      serverURL: world.platform,
      httpClient: http,
      retryConfig: { strategy: "none" },
    });
  });
  after(() => world.stop());

  test("creates, lists, gets, updates, replaces and deletes companies", async () => {
    const created = await codat.companies.create({
      name: "Example Company (Codat[1])",
      description: "A café",
      tags: { region: "uk", uid: "abc-1" },
    });
    assert.equal(created.name, "Example Company Codat1");
    assert.match(created.redirect, new RegExp(`^${world.platform}/company/${created.id}`));
    assert.deepEqual(created.tags, { region: "uk", uid: "abc-1" });

    for (let n = 1; n <= 4; n += 1) await codat.companies.create({ name: `Further ${n}`, tags: { region: "fr" } });
    const first = await codat.companies.list({ page: 1, pageSize: 2, orderBy: "name" });
    assert.equal(first.results?.length, 2);
    assert.equal(first.totalResults, 5);
    assert.equal(first.results?.[0]?.name, "Example Company Codat1");
    assert.ok(first.links.next?.href?.startsWith("/companies?page=2"));
    assert.equal(first.links.previous, undefined);
    const last = await codat.companies.list({ page: 3, pageSize: 2, orderBy: "-name" });
    assert.deepEqual(last.results?.map(({ name }) => name), ["Example Company Codat1"]);
    const queried = await codat.companies.list({ query: "name~Further&&name!=Further 2" });
    assert.equal(queried.totalResults, 3);
    const tagged = await codat.companies.list({ tags: "region=uk && uid~abc" });
    assert.deepEqual(tagged.results?.map(({ id }) => id), [created.id]);

    const companyId = created.id;
    assert.equal((await codat.companies.get({ companyId })).description, "A café");
    const updated = await codat.companies.update({ companyId, companyUpdateRequest: { name: "Renamed" } });
    assert.deepEqual([updated.name, updated.description], ["Renamed", "A café"]);
    const replaced = await codat.companies.replace({ companyId, companyRequestBody: { name: "Replaced" } });
    assert.equal(replaced.name, "Replaced");
    assert.ok(!replaced.description && Object.keys(replaced.tags ?? {}).length === 0);
    await codat.companies.delete({ companyId });
    await isRefused(codat.companies.get({ companyId }), 404);
  });

  test("lists and gets integrations and their branding, and caches the pictures", async () => {
    const { results = [] } = await codat.integrations.list({ query: "sourceType=accounting&&enabled=true" });
    assert.ok(results.some(({ key }) => key === PLATFORMS.accounting.key));
    assert.ok(results.every(({ sourceType }) => sourceType === "Accounting"));
    const one = await codat.integrations.get({ platformKey: PLATFORMS.banking.key });
    assert.equal(one.name, PLATFORMS.banking.name);
    const branding = await codat.integrations.getBranding({ platformKey: PLATFORMS.commerce.key });
    const pictures = [branding.logo?.full, branding.logo?.square, branding.button?.default, branding.button?.hover];
    for (const picture of pictures) {
      const source = picture?.image?.src ?? "";
      const response = await fetch(source);
      assert.equal(response.status, 200, source);
      assert.match(response.headers.get("content-type") ?? "", /^image\//);
      const etag = response.headers.get("etag");
      assert.ok(etag !== null && /max-age=\d+/.test(response.headers.get("cache-control") ?? ""), source);
      assert.equal((await fetch(source, { headers: { "if-none-match": etag } })).status, 304);
    }
    await isRefused(codat.integrations.get({ platformKey: "zzzz" }), 404);
  });

  test("creates, links, reads, unlinks and deletes connections, and pulls and follows their data", async () => {
    const { id: companyId } = await codat.companies.create({ name: "Linked company" });
    const connection = await codat.connections.create({
      companyId,
      requestBody: { platformKey: PLATFORMS.accounting.key },
    });
    assert.equal(connection.status, "PendingAuth");
    const connectionId = connection.id;
    await followAlone(browser, connection.linkUrl);
    assert.equal((await codat.connections.get({ companyId, connectionId })).status, "Linked");
    await world.client.untilSettled(companyId);

    const listed = await codat.connections.list({ companyId, query: "status=Linked", orderBy: "-created" });
    assert.deepEqual(listed.results?.map(({ id }) => id), [connectionId]);
    const filtered = await codat.companies.list({ query: "dataConnections.status=Linked" });
    assert.ok(filtered.results?.some(({ id }) => id === companyId));

    const operation = await codat.refreshData.byDataType({ companyId, dataType: "invoices", connectionId });
    assert.equal(operation.dataType, "invoices");
    await until("the pull is complete", async () => {
      const pulled = await codat.refreshData.getPullOperation({ companyId, datasetId: operation.id });
      return pulled.status === "Complete" && pulled.isCompleted && pulled.progress === 100;
    });
    await codat.refreshData.all({ companyId });
    const history = await codat.refreshData.listPullOperations({ companyId, query: "dataType=invoices" });
    assert.ok(history.totalResults >= 2);
    await world.client.untilSettled(companyId);
    const statuses = await codat.refreshData.get({ companyId });
    assert.equal(statuses["invoices"]?.currentStatus, "Complete");
    assert.ok(statuses["invoices"]?.lastSuccessfulSync);

    const unlinked = await codat.connections.unlink({
      companyId,
      connectionId,
      updateConnectionStatus: { status: "Unlinked" },
    });
    assert.equal(unlinked.status, "Unlinked");
    await codat.connections.delete({ companyId, connectionId });
    await isRefused(codat.connections.get({ companyId, connectionId }), 404);
  });

  test("gets company access tokens and connection management tokens", async () => {
    const { id: companyId } = await codat.companies.create({ name: "Token company" });
    const token = await codat.companies.getAccessToken({ companyId });
    assert.deepEqual([token.expiresIn, token.tokenType], [86_400, "Bearer"]);
    const management = await codat.connectionManagement.get({ companyId });
    for (const accessToken of [token.accessToken, management.accessToken]) {
      const view = await fetch(`${world.platform}/companies/${companyId}/connectionManagement/view`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      assert.equal(view.status, 200);
      const companies = await fetch(`${world.platform}/companies`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      assert.ok([401, 403].includes(companies.status), `${companies.status}`);
    }
  });

  test("sets the profile, and the allowed origins under both paths", async () => {
    const allowedOrigins = ["https://app.example", "http://127.0.0.2:4100"];
    assert.deepEqual((await codat.settings.set({ allowedOrigins })).allowedOrigins, allowedOrigins);
    assert.deepEqual((await codat.settings.get()).allowedOrigins, allowedOrigins);
    assert.deepEqual((await codat.cors.get()).allowedOrigins, allowedOrigins);
    assert.deepEqual((await codat.cors.set({ allowedOrigins: [] })).allowedOrigins, []);

    const profile = {
      name: "Tidewell",
      redirectUrl: "https://app.example/linked?code={statusCode}",
      logoUrl: "https://app.example/logo.svg",
      iconUrl: "https://app.example/icon.svg",
      whiteListUrls: ["https://app.example"],
    };
    const updated = await codat.settings.updateProfile(profile);
    assert.equal(updated.redirectUrl, profile.redirectUrl);
    assert.deepEqual((await codat.settings.getProfile()).whiteListUrls, profile.whiteListUrls);
  });

  test("sets and gets sync settings of the client and of a company", async () => {
    const { id: companyId } = await codat.companies.create({ name: "Settings company" });
    const defaults = await codat.settings.getSyncSettings();
    assert.equal(defaults.settings?.length, 43);
    const invoices = { dataType: DataType.Invoices, fetchOnFirstLink: true, syncSchedule: 168, syncOrder: 4 };
    const clientId = defaults.clientId ?? "";
    await codat.settings.updateSyncSettings({ clientId, settings: [invoices], overridesDefaults: true });
    const own = { ...invoices, syncSchedule: 24, syncFromWindow: 24 };
    await codat.companies.setCompanySyncSettings({
      companyId,
      requestBody: { companyId, settings: [own], overridesDefaults: true },
    });
    const held = await codat.companies.getCompanySyncSettings({ companyId });
    assert.deepEqual(
      held.settings?.find(({ dataType }) => dataType === "invoices"),
      { ...own, isLocked: false },
    );
    const both = { ...own, syncFromUtc: "2020-01-01T12:00:00.000Z" };
    await isRefused(
      codat.companies.setCompanySyncSettings({
        companyId,
        requestBody: { companyId, settings: [both], overridesDefaults: true },
      }),
      400,
    );
    await codat.settings.updateSyncSettings({ clientId, settings: [], overridesDefaults: false });
  });

  test("adds products to a company, refreshes and removes them, and imports an authorization", async () => {
    const { id: companyId } = await codat.companies.create({ name: "Product company" });
    const product = { companyId, productIdentifier: "banking" };
    await codat.companies.addProduct(product);
    assert.deepEqual((await codat.companies.get({ companyId })).products, ["banking"]);
    // No connection is Linked yet.
    await isRefused(codat.companies.refreshProductData(product), 400);
    // Moorline's own pages end the visit.
    await codat.settings.updateProfile({ ...(await codat.settings.getProfile()), redirectUrl: "" });
    const connection = await codat.connections.create({ companyId, requestBody: { platformKey: PLATFORMS.banking.key } });
    await followAlone(browser, connection.linkUrl);
    await world.client.untilSettled(companyId);
    await codat.companies.refreshProductData({ ...product, requestBody: { dataTypes: ["banking-accounts"] } });
    await world.client.untilSettled(companyId);
    const { results = [] } = await codat.refreshData.listPullOperations({ companyId, query: "dataType=banking-accounts" });
    assert.equal(results.length, 2);
    const datasetId = results[0]?.id ?? "";
    const validation = await codat.readData.getValidationResults({ companyId, datasetId });
    assert.deepEqual([validation.errors, validation.warnings], [[], []]);
    await codat.companies.removeProduct(product);
    await isRefused(codat.companies.removeProduct(product), 404);
    // The document has no 400 here, so the client throws an error of its own type.
    const refused = codat.connections.updateAuthorization({
      companyId,
      connectionId: connection.id,
      requestBody: { accessToken: "unknown" },
    });
    await assert.rejects(refused, { statusCode: 400 });
  });

  test("creates, lists and deletes API keys", async () => {
    const made = await codat.settings.createApiKey({ name: "nightly-exports" });
    assert.match(made.apiKey ?? "", /^[A-Za-z0-9]{40}$/);
    const own = new CodatPlatform({
      authHeader: `Basic ${Buffer.from(made.apiKey ?? "").toString("base64")}`,
      serverURL: world.platform,
    });
    const { results = [] } = await own.settings.listApiKeys();
    const listed = results.find((key) => key?.id === made.id);
    assert.deepEqual([listed?.name, listed?.createdDate, listed?.apiKey], [made.name, made.createdDate, undefined]);
    // The document gives this 204 a body, which HTTP doesn't allow, so the client rejects every server's answer.
    await assert.rejects(codat.settings.deleteApiKey({ apiKeyId: made.id ?? "" }), { statusCode: 204 });
    await isRefused(own.settings.listApiKeys(), 401);
    await isRefused(codat.settings.createApiKey({ name: "n".repeat(51) }), 400);
  });

  test("receives errors in the contract's envelope", async () => {
    const company = await codat.companies.create({ name: "Refused company" });
    const companyId = company.id;
    const unknown = "00000000-0000-4000-8000-000000000000";
    await isRefused(codat.companies.get({ companyId: unknown }), 404);
    await isRefused(codat.companies.list({ query: "name=" }), 400);
    // 404, because the document has no 400 here, and the client types only the errors of the document.
    await isRefused(codat.connections.create({ companyId, requestBody: { platformKey: "zzzz" } }), 404);
    await isRefused(codat.refreshData.getPullOperation({ companyId, datasetId: unknown }), 404);
    const stranger = new CodatPlatform({ authHeader: "Basic bm9ib2R5", serverURL: world.platform });
    await isRefused(stranger.companies.list({}), 401);
  });

  test("every answer to these is valid by the public OpenAPI document", (t: TestContext) => {
    const contract = Contract.open();
    if (contract === undefined) return t.skip("the OpenAPI document is not at hand");
    assert.ok(exchanges.length >= 30);
    const faults = exchanges.flatMap((exchange) => contract.faults(exchange));
    assert.deepEqual([...new Set(faults.map(withoutIds))], DEVIATIONS);
  });
});

/** Answers that the document doesn't have, by the decisions in docs/API-QUIRKS.md. */
const DEVIATIONS = ["PUT /companies/{id}/connections/{id}/authorization 400: no such status"];

/** Asserts that the call fails with the contract's envelope and one of these statuses. */
async function isRefused(call: Promise<unknown>, ...statuses: number[]): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof errors.ErrorMessage, `not the contract's envelope: ${String(error)}`);
  assert.ok(statuses.includes(error.statusCode), `${error.statusCode}`);
  assert.equal(error.data$.statusCode, error.statusCode);
  assert.match(error.correlationId ?? "", /^[0-9a-f-]{32,36}$/);
  assert.equal(typeof error.canBeRetried, "string");
}

function withoutIds(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "{id}");
}
