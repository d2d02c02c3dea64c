// Every operation of Codat's four TypeScript clients against the running platform, each with the outcome that the contract states.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { CodatAccounting } from "@codat/accounting";
import { CodatCommon } from "@codat/common";
import { CodatLending } from "@codat/lending";
import { CodatPlatform } from "@codat/platform";

import { consentWithoutBrowser, linkWithoutBrowser } from "../../harness/actors/customer-without-browser.js";
import { BUSINESSES, PLATFORMS } from "../../harness/actors/customer.js";
import { Contract, type Exchange } from "../../harness/contract/openapi.js";
import { ACCOUNTING, call, COMMON, LENDING, methodsOf, operations, PLATFORM, type Services } from "../../harness/contract/operations.js";
import { type Recorder, startRecorder } from "../../harness/contract/recorder.js";
import { onBothDatabases } from "../../harness/engines.js";
import { until } from "../../harness/until.js";
import { startWorld, type World } from "../../harness/world.js";

const CLIENTS = { platform: PLATFORM, common: COMMON, accounting: ACCOUNTING, lending: LENDING } satisfies Record<string, Services>;
type Name = keyof typeof CLIENTS;

const REFUSALS = {
  outside: [404, /^NotFound$/],
  "not supported": [404, /^Datatype \w+ not supported by platform\(s\) /],
} as const;

/** Faults that follow from contradictions between the public documents and the wire; docs/API-QUIRKS.md has the decisions. */
const QUIRKS: readonly RegExp[] = [];

/** Operations whose 204 has a body by the published document, which HTTP doesn't allow: the client rejects every server's answer. */
const MISUNDERSTOOD = new Set(["platform settings.deleteApiKey"]);

onBothDatabases("every operation of the official clients", (engine) => {
  let world: World;
  let recorder: Recorder;
  let companyId: string;
  const connections: Record<string, string> = {};
  const clients = {} as Record<Name, object>;
  const exchanges: Exchange[] = [];
  /** Ids of records that operations have created, for the operations after them. */
  let made: Record<string, string> = {};

  before(async () => {
    world = await startWorld({ engine });
    recorder = await startRecorder(world.platform);
    const { authorization: authHeader } = world.client;
    const older = { security: { authHeader }, serverURL: recorder.url };
    const platform = new CodatPlatform({ authHeader, serverURL: recorder.url, retryConfig: { strategy: "none" } });
    clients.platform = platform;
    clients.common = new CodatCommon(older);
    clients.accounting = new CodatAccounting(older);
    clients.lending = new CodatLending(older);
    ({ id: companyId } = await world.client.codat.companies.create({ name: "Everything" }));
    // Customers agree to what is configured when they are shown it: what comes later waits for their next consent.
    const { platformKey, customDataIdentifier, customDataTypeConfiguration, supplementalDataConfiguration } = EVERYTHING;
    await platform.customDataType.configure({ platformKey, customDataIdentifier, customDataTypeConfiguration });
    await platform.supplementalData.configure({ platformKey, dataType: "invoices", supplementalDataConfiguration });
    for (const [kind, { key }] of Object.entries(PLATFORMS)) {
      const connection = await world.client.codat.connections.create({ companyId, requestBody: { platformKey: key } });
      connections[kind] = connection.id;
      await linkWithoutBrowser(world, connection.linkUrl, BUSINESSES.carpenter);
    }
    await world.enableIntegration("upac");
    const upload = await world.client.codat.connections.create({ companyId, requestBody: { platformKey: "upac" } });
    connections["files"] = upload.id;
    await world.client.untilSettled(companyId);
  });
  after(async () => {
    await recorder?.stop();
    await world?.stop();
  });

  for (const name of Object.keys(CLIENTS) as Name[]) {
    const table = operations(CLIENTS[name]);
    describe(`@codat/${name}`, () => {
      before(async () => {
        made = await prepared();
      });

      test("has exactly the methods of the table", () => {
        assert.deepEqual(methodsOf(clients[name]).sort(), [...table.keys()].sort());
      });

      for (const [operation, { outcome, id }] of table) {
        test(`${operation} has the outcome "${outcome}"`, async () => {
          const request = await requestOf(operation, id);
          recorder.take();
          const failure = await call(clients[name], operation, request).then(
            () => undefined,
            (error: unknown) => error,
          );
          const [exchange, ...more] = recorder.take();
          assert.ok(exchange !== undefined && more.length === 0, `not exactly one request: ${String(failure)}`);
          const about = `${exchange.method} ${exchange.path} ${exchange.status} ${exchange.body.slice(0, 300)}`;
          if (outcome === "answers") {
            assert.ok(exchange.status < 300, about);
            if (!MISUNDERSTOOD.has(`${name} ${operation}`)) assert.equal(failure, undefined, `${String(failure)} ${about}`);
            exchanges.push(exchange);
            remember(operation, exchange);
            return;
          }
          const [status, words] = REFUSALS[outcome];
          assert.equal(exchange.status, status, about);
          const { statusCode, error } = JSON.parse(exchange.body) as { statusCode: number; error: string };
          assert.equal(statusCode, status);
          assert.match(error, words);
        });
      }
    });
  }

  test("every answer is valid by the public OpenAPI documents", (t) => {
    const contracts = (["platform", "lending", "commerce", "banking"] as const).map((which) => Contract.open(which));
    if (contracts.some((contract) => contract === undefined)) return t.skip("the OpenAPI documents are not at hand");
    let checked = 0;
    const faults = exchanges.flatMap((exchange) => {
      const contract = contracts.find((contract) => contract?.has(exchange));
      if (contract === undefined) return [];
      checked += 1;
      return contract.faults(exchange);
    });
    assert.ok(checked > 100, `${checked}`);
    const shapes = new Set(faults.map(withoutIds));
    assert.deepEqual([...shapes].filter((fault) => !QUIRKS.some((quirk) => quirk.test(fault))), []);
  });

  /** Creates the records that the operations of a client need. */
  async function prepared(): Promise<Record<string, string>> {
    await world.client.untilSettled(companyId);
    const { id: spareCompany } = await world.client.codat.companies.create({ name: "Spare" });
    const path = `/companies/${companyId}/connections/${connections["accounting"]}/push/customers`;
    const { body } = await world.client.request("POST", path, { customerName: "Prepared Ltd", status: "Active" });
    const { pushOperationKey } = body as { pushOperationKey: string };
    await until("the push has ended", async () => {
      const { status } = await world.client.read<{ status: string }>(`/companies/${companyId}/push/${pushOperationKey}`);
      return status !== "Pending";
    });
    await world.client.untilSettled(companyId);
    const { results } = await world.client.read<{ results: { id: string }[] }>(`/companies/${companyId}/data/history`);
    const { clientId } = await world.client.read<{ clientId: string }>("/profile/syncSettings");
    return { spareCompany, pushOperationKey, datasetId: results[0]?.id ?? "", clientId };
  }

  function remember(operation: string, { body }: Exchange): void {
    const { id } = (body.startsWith("{") ? JSON.parse(body) : {}) as { id?: string };
    if (id === undefined) return;
    if (operation === "companies.create") made["createdCompany"] = id;
    if (operation === "connections.create") made["connection"] = id;
    if (operation === "settings.createApiKey") made["apiKeyId"] = id;
    if (operation === "webhooks.createConsumer") made["webhookId"] = id;
  }

  /** An operation's request; the client leaves out properties that it doesn't know. */
  async function requestOf(operation: string, id: string | undefined): Promise<object> {
    const [service = ""] = operation.split(".");
    const kind = service === "banking" ? "banking" : service === "sales" || operation === "companyInfo.getCommerceProfile" ? "commerce" : "accounting";
    const connectionId = connections[kind] ?? "";
    const own = SPECIAL[operation];
    if (own !== undefined) return { ...(await own()) };
    if (/[rR]efresh/.test(operation)) await world.client.untilSettled(companyId);
    return {
      ...EVERYTHING,
      ...made,
      companyId,
      connectionId,
      ...(id !== undefined && { [id]: await recordOf(operation, id, connectionId) }),
    };
  }

  const SPECIAL: Record<string, () => object | Promise<object>> = {
    "companies.create": () => ({ name: "Created" }),
    "companies.delete": () => ({ companyId: made["createdCompany"] }),
    "companies.update": () => ({
      companyId: made["spareCompany"],
      companyUpdateRequest: { name: "Updated" },
      companyRequestBody: { name: "Updated" },
    }),
    "companies.setCompanySyncSettings": () => ({
      companyId: made["spareCompany"],
      requestBody: { companyId: made["spareCompany"], settings: [SETTING], overridesDefaults: true },
    }),
    "companies.refreshProductData": async () => {
      await world.client.untilSettled(companyId);
      return { companyId, productIdentifier: "accounting", requestBody: { dataTypes: ["paymentMethods"] } };
    },
    "connections.create": () => ({ companyId: made["spareCompany"], requestBody: { platformKey: PLATFORMS.banking.key } }),
    "connections.updateAuthorization": async () => ({ ...spare(), requestBody: { accessToken: await accessToken() } }),
    "connections.unlink": async () => {
      const { companyId, connectionId } = spare();
      await world.client.request("PUT", `/companies/${companyId}/connections/${connectionId}/authorization`, {
        accessToken: await accessToken(),
      });
      const status = { status: "Unlinked" };
      return { companyId, connectionId, requestBody: status, updateConnectionStatus: status };
    },
    "connections.delete": () => spare(),
    "fileUpload.upload": () => {
      const file = { content: new TextEncoder().encode("%PDF-1.7\n"), fileName: "a.pdf" };
      return { companyId, connectionId: connections["files"], fileUpload: { file } };
    },
    "cors.set": () => ({ allowedOrigins: ["https://app.example"] }),
    "settings.set": () => ({ allowedOrigins: ["https://app.example"] }),
    "cors.get": () => ({}),
    "settings.get": () => ({}),
    "settings.getProfile": () => ({}),
    "settings.listApiKeys": () => ({}),
    "settings.getSyncSettings": () => ({}),
    "settings.updateProfile": () => ({
      name: "Tidewell",
      redirectUrl: "https://app.example/linked",
      logoUrl: "https://app.example/logo.svg",
      iconUrl: "https://app.example/icon.svg",
      whiteListUrls: ["https://app.example"],
    }),
    "settings.updateSyncSettings": () => ({ clientId: made["clientId"], settings: [SETTING], overridesDefaults: true }),
    "settings.createApiKey": () => ({ name: "official" }),
    "webhooks.createConsumer": () => ({ url: "https://example.com/hooks", eventTypes: ["read.completed"], disabled: true }),
    "webhooks.listConsumers": () => ({}),
    "customDataType.list": async () => {
      await world.client.untilSettled(companyId);
      return { companyId, connectionId: connections["accounting"], customDataIdentifier: "official" };
    },
    "manageData.refresh.dataType": async () => {
      await world.client.untilSettled(companyId);
      return { companyId, dataType: "paymentMethods" };
    },
  };

  function spare(): { companyId: string; connectionId: string } {
    return { companyId: made["spareCompany"] ?? "", connectionId: made["connection"] ?? "" };
  }

  /** The id of an existing record, from the list that the parameter's name stands for. */
  async function recordOf(operation: string, id: string, connectionId: string): Promise<string> {
    const service = operation.split(".").at(-2) ?? "";
    let list = id.replace(/yId$/, "ies").replace(/Id$/, "s");
    if (operation.startsWith("banking.")) list = `banking-${service}`;
    else if (operation.startsWith("sales.")) list = `commerce-${service}`;
    else if (/bank/i.test(operation)) list = "bankAccounts";
    const isThrough = /-|^(accountTransactions|bankAccounts|directCosts|directIncomes|transfers)$/.test(list);
    const path = isThrough ? `/companies/${companyId}/connections/${connectionId}/data/${list}` : `/companies/${companyId}/data/${list}`;
    const { results } = await world.client.read<{ results: { id: string }[] }>(`${path}?pageSize=1`);
    return results[0]?.id ?? assert.fail(`${path} is empty`);
  }

  /** An access token of the banking sandbox, as a team that moves to Moorline would bring it. */
  async function accessToken(): Promise<string> {
    const { sandbox_secret: secret } = JSON.parse(readFileSync(join(world.folder, "data/demo.json"), "utf8")) as {
      sandbox_secret: string;
    };
    const verifier = randomBytes(36).toString("base64url");
    const redirect = `${world.platform}/oauth/${PLATFORMS.banking.key}/callback`;
    const question = new URL("/oauth/authorize", world.sandbox.url);
    question.search = new URLSearchParams({
      response_type: "code",
      client_id: "moorline-banking",
      redirect_uri: redirect,
      scope: "banking.read offline_access",
      state: "moving",
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    }).toString();
    const back = await consentWithoutBrowser(world, question.href, BUSINESSES.carpenter);
    const given = await fetch(`${world.sandbox.url}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`moorline-banking:${secret}`).toString("base64")}` },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code: new URL(back).searchParams.get("code") ?? "",
        redirect_uri: redirect,
        code_verifier: verifier,
      }),
    });
    return ((await given.json()) as { access_token: string }).access_token;
  }
});

const SETTING = { dataType: "invoices", fetchOnFirstLink: true, syncSchedule: 24, syncOrder: 4 };
const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";
const today = new Date().toISOString().slice(0, 10);
const line = { description: "Advice", quantity: 1, unitAmount: 10, taxRateRef: { id: "TX-NONE" } };
const UPLOAD = { content: new Uint8Array([37]), fileName: "a.pdf", requestBody: "a.pdf" };

/** Every property that a request of any of the clients may have, with ids of records that don't exist. */
const EVERYTHING = {
  ...{ page: 1, pageSize: 5, periodLength: 1, periodsToCompare: 1, numberOfPeriods: 1, periodUnit: "Month", reportDate: today },
  ...{ platformKey: PLATFORMS.accounting.key, productIdentifier: "accounting", dataType: "invoices", sourceType: "banking", reportType: "audit" },
  ...{ attachmentId: UNKNOWN_ID, ruleId: UNKNOWN_ID, pushOperationKey: UNKNOWN_ID, datasetId: UNKNOWN_ID, date: today },
  ...{ accountId: "1", bankAccountId: "1", billId: "1", billCreditNoteId: "1", billPaymentId: "1", creditNoteId: "1", customerId: "1" },
  ...{ directCostId: "1", directIncomeId: "1", invoiceId: "1", journalEntryId: "1", purchaseOrderId: "1", supplierId: "1", transferId: "1" },
  customDataIdentifier: "official",
  customDataTypeConfiguration: { dataSource: "/bank_lines", requiredData: { whole: "$" }, keyBy: ["$.id"], sourceModifiedDate: ["$.updated_at"] },
  supplementalDataConfiguration: {
    supplementalDataConfig: { extra: { dataSource: "/sales_documents", pullData: { theirs: "their_reference" }, pushData: {} } },
  },
  companyRequestBody: { name: "Replaced" },
  customer: { customerName: "Official Client AB", status: "Active" },
  supplier: { supplierName: "Official Supplies", status: "Active" },
  accountingSupplier: { supplierName: "Official Loans", status: "Active" },
  invoice: { customerRef: { id: "1" }, issueDate: today, status: "Submitted", lineItems: [{ ...line, accountRef: { id: "LA-4000" } }] },
  bill: { supplierRef: { id: "1" }, issueDate: today, status: "Open", lineItems: [{ ...line, accountRef: { id: "LA-6320" } }] },
  requestBody: UPLOAD,
  fileUpload: UPLOAD,
};

function withoutIds(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "{id}")
    .replace(/(\/data\/[\w-]+\/)[\w-]+/g, "$1{id}")
    .replaceAll(/\/\d+/g, "/#");
}
