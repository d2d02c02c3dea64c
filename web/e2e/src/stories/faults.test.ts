// The platform's faults, as the customer and the operator see them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";

import type { PullOperation } from "@codat/platform/sdk/models/shared/index.js";
import type { Browser } from "playwright-core";

import type { PendingConnection } from "../harness/actors/client.js";
import { arriveAtResult, decideAtSandbox, follow, followAlone, PLATFORMS, proceed } from "../harness/actors/customer.js";
import { launchBrowser, openProfile } from "../harness/browser.js";
import { onBothDatabases } from "../harness/engines.js";
import { until } from "../harness/until.js";
import { startWorld, type World } from "../harness/world.js";

const { key } = PLATFORMS.commerce;
/** A short list, which one request reads, so that a fault meets exactly that request. */
const DATA_TYPE = "commerce-locations";
const PATH = "/commerce/api/sites";

onBothDatabases("faults", (engine) => {
  let browser: Browser;
  let world: World;
  before(async () => {
    browser = await launchBrowser();
    world = await startWorld({
      engine,
      settings: { MOORLINE_SYNC__BACKOFF_MS: "50", MOORLINE_SYNC__ATTEMPTS: "4", MOORLINE_LOG__FORMAT: "json" },
    });
  });
  after(async () => {
    await world?.stop();
    await browser?.close();
  });
  afterEach(() => world.sandbox.clear());

  const begin = (): Promise<PendingConnection> => world.client.newConnection("Tried company", key);

  async function linked(): Promise<{ companyId: string; connectionId: string }> {
    const { companyId, connectionId, linkUrl } = await begin();
    await followAlone(browser, linkUrl);
    await world.client.untilSettled(companyId);
    return { companyId, connectionId };
  }

  /** Queues one data type and waits until its pull has ended. */
  async function pull(companyId: string): Promise<PullOperation> {
    const { id: datasetId } = await world.client.codat.refreshData.byDataType({ companyId, dataType: DATA_TYPE });
    return until("the pull has ended", async () => {
      const operation = await world.client.codat.refreshData.getPullOperation({ companyId, datasetId });
      return (operation.isCompleted || operation.isErrored) && operation;
    });
  }

  describe("while linking", () => {
    for (const { fault, decide, statusCode, explanation } of [
      { fault: { kind: "deny" }, decide: false, statusCode: "403", explanation: /cancel/i },
      { fault: { kind: "authorization_error", error: "server_error" }, decide: false, statusCode: "500", explanation: /try again/i },
      {
        fault: { kind: "authorization_error", error: "temporarily_unavailable" },
        decide: false,
        statusCode: "500",
        explanation: /try again/i,
      },
      { fault: { kind: "token_error", error: "server_error" }, decide: true, statusCode: "503", explanation: /try again/i },
      { fault: { kind: "token_error", error: "invalid_client" }, decide: true, statusCode: "401", explanation: /trying again won’t help/i },
      { fault: { kind: "token_error", error: "invalid_grant" }, decide: true, statusCode: "400", explanation: /try again/i },
      { fault: { kind: "token_answer_lost" }, decide: true, statusCode: "503", explanation: /try again/i },
    ] as const) {
      const name = "error" in fault ? `${fault.kind} ${fault.error}` : fault.kind;
      test(`${name} is explained to the customer and on record, and a fresh link works afterwards`, async () => {
        const { companyId, connectionId, linkUrl } = await begin();
        const profile = await openProfile(browser);
        const page = await profile.page();
        await page.goto(linkUrl);
        await world.sandbox.arm({ ...fault, product: "commerce" });
        await proceed(page);
        if (decide) await decideAtSandbox(page, "Allow access");
        await arriveAtResult(page);
        await page.locator("main", { hasText: explanation }).waitFor();

        const connection = await world.client.connection(companyId, connectionId);
        assert.equal(connection.status, "PendingAuth");
        const [error] = connection.dataConnectionErrors ?? [];
        assert.equal(error?.statusCode, statusCode);
        assert.equal(error?.status, "Active");

        await world.sandbox.clear();
        const fresh = await world.client.connection(companyId, connectionId);
        await follow(page, fresh.linkUrl);
        const repaired = await world.client.connection(companyId, connectionId);
        assert.equal(repaired.status, "Linked");
        assert.ok((repaired.dataConnectionErrors ?? []).every(({ status }) => status !== "Active"));
        await profile.close();
      });
    }

    test("a slow token endpoint delays the customer and does nothing else", async () => {
      const { companyId, connectionId, linkUrl } = await begin();
      await world.sandbox.arm({ kind: "token_delay", delay_ms: 2_000, product: "commerce" });
      await followAlone(browser, linkUrl);
      assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");
    });
  });

  describe("while pulling", () => {
    test("429 is waited out for the time of its Retry-After, without a call meanwhile", async () => {
      const { companyId } = await linked();
      await world.sandbox.arm({ kind: "api_rate_limit", retry_after_seconds: 2, times: 1, path: PATH });
      const began = performance.now();
      const operation = await pull(companyId);
      assert.equal(operation.status, "Complete");
      assert.ok(performance.now() - began >= 2_000);
      assert.equal((await world.sandbox.faults()).length, 0);
    });

    test("a lasting 429 becomes RateLimitError, and the next pull works", async () => {
      const { companyId } = await linked();
      await world.sandbox.arm({ kind: "api_rate_limit", retry_after_seconds: 0, until_cleared: true, path: PATH });
      const operation = await pull(companyId);
      assert.deepEqual([operation.status, operation.isErrored], ["RateLimitError", true]);
      await world.sandbox.clear();
      assert.equal((await pull(companyId)).status, "Complete");
    });

    test("a passing 5xx is retried, a lasting one becomes FetchError with a reason", async () => {
      const { companyId } = await linked();
      await world.sandbox.arm({ kind: "api_error", status: 503, times: 2, path: PATH });
      assert.equal((await pull(companyId)).status, "Complete");
      await world.sandbox.arm({ kind: "api_error", status: 500, until_cleared: true, path: PATH });
      const operation = await pull(companyId);
      assert.equal(operation.status, "FetchError");
      assert.ok(operation.errorMessage);
    });

    test("a slow answer delays its own pull alone and is not an error", async () => {
      const { companyId, connectionId } = await linked();
      await world.sandbox.arm({ kind: "api_delay", delay_ms: 1_500, times: 1, path: PATH });
      const { id: datasetId } = await world.client.codat.refreshData.byDataType({ companyId, dataType: DATA_TYPE });
      const { id: neighbour } = await world.client.codat.refreshData.byDataType({ companyId, dataType: "commerce-payments" });
      const at = (id: string) => world.client.codat.refreshData.getPullOperation({ companyId, datasetId: id });
      await until("the neighbour's pull has ended", async () => (await at(neighbour)).isCompleted);
      assert.equal((await at(datasetId)).isCompleted, false);
      const done = await until("the slow pull has ended", async () => {
        const operation = await at(datasetId);
        return operation.isCompleted && operation;
      });
      assert.deepEqual([done.status, done.errorMessage ?? null], ["Complete", null]);
      assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");
    });

    test("malformed JSON is retried and then becomes an error with a reason, and earlier data stays readable", async () => {
      const { companyId, connectionId } = await linked();
      const path = `/companies/${companyId}/connections/${connectionId}/data/commerce-locations`;
      const before = await world.client.read<{ results: unknown[] }>(path);
      assert.ok(before.results.length > 0);
      await world.sandbox.arm({ kind: "api_malformed", until_cleared: true, path: PATH });
      const operation = await pull(companyId);
      assert.ok(operation.isErrored && ["FetchError", "MapError"].includes(operation.status), operation.status);
      assert.ok(operation.errorMessage);
      assert.deepEqual(await world.client.read(path), before);
    });

    test("an outage ends in FetchError, the connection stays Linked, and a refresh after it completes", async () => {
      const { companyId, connectionId } = await linked();
      for (const mode of ["unavailable", "closed"]) {
        await world.sandbox.arm({ kind: "outage", mode });
        assert.equal((await pull(companyId)).status, "FetchError", mode);
        assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");
        await world.sandbox.clear();
        assert.equal((await pull(companyId)).status, "Complete", mode);
      }
    });

    test("an expired access token is refreshed, and the customer notices nothing", async () => {
      const { companyId, connectionId } = await linked();
      await world.sandbox.expire(await world.sandbox.newestGrant());
      assert.equal((await pull(companyId)).status, "Complete");
      assert.equal((await world.client.connection(companyId, connectionId)).status, "Linked");
    });

    test("a false invalid_grant or a lost answer at refresh leaves the connection Linked or Deauthorized with a reason", async () => {
      for (const fault of [
        { kind: "token_error", error: "invalid_grant" },
        { kind: "token_error", error: "server_error" },
        { kind: "token_answer_lost" },
      ] as const) {
        const { companyId, connectionId } = await linked();
        await world.sandbox.expire(await world.sandbox.newestGrant());
        await world.sandbox.arm({ ...fault, product: "commerce" });
        const operation = await pull(companyId);
        const connection = await world.client.connection(companyId, connectionId);
        if (connection.status === "Linked") assert.equal(operation.status, "Complete", JSON.stringify(fault));
        else {
          assert.deepEqual([connection.status, operation.status], ["Deauthorized", "AuthError"]);
          assert.ok(connection.dataConnectionErrors?.some(({ status }) => status === "Active"));
        }
      }
    });

    test("a revoked grant ends in AuthError and Deauthorized, with the reason for customer and operator", async () => {
      const { companyId, connectionId } = await linked();
      await world.sandbox.revoke(await world.sandbox.newestGrant());
      assert.equal((await pull(companyId)).status, "AuthError");
      const connection = await world.client.connection(companyId, connectionId);
      assert.equal(connection.status, "Deauthorized");
      const { accessToken } = await world.client.codat.companies.getAccessToken({ companyId });
      const response = await fetch(`${world.platform}/companies/${companyId}/connectionManagement/view`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      const view = (await response.json()) as { connections: { attention: { code: string; message: string } | null }[] };
      assert.equal(view.connections[0]?.attention?.code, "revoked");
      assert.match(view.connections[0]?.attention?.message ?? "", /\w/);
      assert.ok(log().some((line) => line.includes(connectionId)), "the log doesn't name the connection");
    });
  });

  test("the log of all this holds no token and no secret", () => {
    const text = log().join("\n");
    assert.ok(text.length > 0);
    // A name with a value: the names alone are columns too, and a slow statement is told.
    assert.doesNotMatch(text, /(access_token|refresh_token|client_secret)["']?\s*[:=]\s*["']?[A-Za-z0-9_-]{12,}/);
    assert.doesNotMatch(text, /"code"\s*:|code=[A-Za-z0-9_-]{16,}|otp=[A-Za-z0-9]/);
    assert.ok(!text.includes(world.client.apiKey));
  });

  function log(): string[] {
    return readFileSync(world.process.log, "utf8")
      .split("\n")
      // The announcement of the API key on standard output is for the caller of the program.
      .filter((line) => !line.includes('"apiKey"'));
  }
});
