// Square's public API specification, served by Prism: every request has to be valid, and every example has to map and parse.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import type { Browser } from "playwright-core";

import { type EmulatedWorld, link, startEmulatedWorld } from "../../emulators/emulated-world.js";
import type { Answer, PlatformRequest, RegisteredClient } from "../../emulators/emulator.js";
import type { Row } from "../../emulators/fixtures.js";
import { Prism, PULL_LIMIT_MS, specification } from "../../emulators/prism.js";
import { SELLERS, Square } from "../../emulators/square.js";
import { launchBrowser } from "../../harness/browser.js";

const { path: SPECIFICATION, skip } = specification("SQUARE_OPENAPI", "square_api.json", "square/connect-api-specification");
const RECORDS = ["locations", "customers", "productCategories", "taxComponents", "products", "orders", "payments", "transactions", "disputes"];

/**
 * The document without its dangling references: to parts that were never published, which then allow any value, and in examples of
 * custom attributes, which refer to schemas elsewhere.
 */
function withoutDanglingReferences(text: string): string {
  const document = JSON.parse(text) as Row;
  const isThere = (reference: string): boolean =>
    reference
      .slice(2)
      .split("/")
      .reduce<unknown>((at, name) => (at as Row | undefined)?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], document) !== undefined;
  const mend = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    const { $ref } = part as Row;
    if (typeof $ref === "string" && !($ref.startsWith("#/") && isThere($ref))) delete (part as Row)["$ref"];
    Object.values(part).forEach(mend);
  };
  mend(document);
  return JSON.stringify(document);
}

/** Consent and tokens by the emulator, the API by Prism. */
class SpecifiedSquare extends Square {
  constructor(
    client: RegisteredClient,
    private readonly prism: Prism,
  ) {
    super(client);
  }

  protected override async answer(request: PlatformRequest): Promise<Answer> {
    if (!request.url.pathname.startsWith("/v2/")) return super.answer(request);
    const answer = await this.prism.answer(request);
    // Prism validates the search for orders, but the specification's example has entries in place of orders.
    if (request.url.pathname === "/v2/orders/search") return { body: { orders: this.shop.orders } };
    const { cursor, ...page } = answer.body as Row;
    const search = request.body === "" ? {} : (JSON.parse(request.body) as Row);
    // An example's cursor leads to the same example, which is therefore the last page.
    const isLast = request.url.searchParams.has("cursor") || search["cursor"] !== undefined;
    // The one example has objects of two types, whichever types were requested.
    const types = request.url.searchParams.get("types");
    const objects = page["objects"] as Row[] | undefined;
    return {
      ...answer,
      body: {
        ...page,
        ...(cursor !== undefined && !isLast && { cursor }),
        ...(types !== null && objects !== undefined && { objects: objects.filter(({ type }) => type === types) }),
      },
    };
  }
}

describe("Square's public specification", { skip }, () => {
  let browser: Browser;
  let prism: Prism;
  let emulated: EmulatedWorld<SpecifiedSquare>;
  let folder = "";
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "moorline-square-"));
    const document = join(folder, "api.json");
    writeFileSync(document, withoutDanglingReferences(readFileSync(SPECIFICATION, "utf8")));
    prism = await Prism.start(document);
    browser = await launchBrowser();
    emulated = await startEmulatedWorld("SQLite", "zsth", (client) => new SpecifiedSquare(client, prism));
  });
  after(async () => {
    await emulated?.stop();
    await prism?.stop();
    await browser?.close();
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  test("every request is valid, and every example maps and parses, in the first pull and in a pull of changes", async () => {
    const { client } = emulated.world;
    const { companyId, connectionId } = await link(emulated, browser, "By the specification", SELLERS[0]?.label ?? "");

    for (const pull of ["first pull", "pull of changes"]) {
      if (pull !== "first pull") await client.request("POST", `/companies/${companyId}/data/all`);
      const statuses = await client.untilSettled(companyId, PULL_LIMIT_MS);
      assert.deepEqual(prism.refusals, [], pull);
      assert.ok(statuses.size > RECORDS.length, pull);
      for (const [dataType, status] of statuses) assert.equal(status, "Complete", `${dataType}, ${pull}`);
    }
    const data = `/companies/${companyId}/connections/${connectionId}/data`;
    assert.equal((await client.read<{ companyName: string }>(`${data}/commerce-info`)).companyName, "Apple A Day");
    for (const records of RECORDS) {
      const path = records === "taxComponents" ? "commerce-taxComponents" : `commerce-${records}`;
      assert.ok((await client.readAll(`${data}/${path}`)).length > 0, records);
    }
    const { results } = await client.read<{ results: { id: string; dataType: string }[] }>(
      `/companies/${companyId}/data/history?pageSize=500`,
    );
    for (const { id, dataType } of results) {
      // The emulator's orders have an unknown enumeration value on purpose.
      if (dataType === "commerce-orders") continue;
      const found = await client.read(`/companies/${companyId}/sync/${id}/validation`);
      assert.deepEqual(found, { errors: [], warnings: [] }, dataType);
    }
  });
});
