// Square's public API specification, served by Prism: every request has to be what it asks for, and every example that it serves has
// to map and parse.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import type { Browser } from "playwright-core";

import type { Answer, Asked, ClientOf } from "../../emulators/emulator.js";
import type { Row } from "../../emulators/fixtures.js";
import { goThrough, leave, type Place, startPlace } from "../../emulators/emulated-world.js";
import { Prism, PULL_LIMIT_MS, specification } from "../../emulators/prism.js";
import { SELLERS, Square } from "../../emulators/square.js";
import { launchBrowser } from "../../harness/browser.js";
import { arriveAtResult } from "../../harness/actors/customer.js";

const { path: SPECIFICATION, skip } = specification("SQUARE_OPENAPI", "square_api.json", "square/connect-api-specification");
const RECORDS = ["locations", "customers", "productCategories", "taxComponents", "products", "orders", "payments", "transactions", "disputes"];

/**
 * The document with what it refers to and hasn't got: parts of itself that were never published become anything at all, and what
 * examples of custom attributes refer to elsewhere is theirs, not the document's.
 */
function patched(text: string): string {
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

/** Consent and tokens are the emulator's, the API is Prism's. */
class SpecifiedSquare extends Square {
  constructor(
    client: ClientOf,
    private readonly prism: Prism,
  ) {
    super(client);
  }

  protected override async answer(asked: Asked): Promise<Answer> {
    if (!asked.url.pathname.startsWith("/v2/")) return super.answer(asked);
    const answer = await this.prism.answer(asked);
    // Prism holds the search for orders against the specification, whose example has entries in place of orders.
    if (asked.url.pathname === "/v2/orders/search") return { body: { orders: this.shop.orders } };
    const { cursor, ...page } = answer.body as Row;
    const search = asked.body === "" ? {} : (JSON.parse(asked.body) as Row);
    // An example's cursor leads to the example again: the page that it leads to is the last.
    const isLast = asked.url.searchParams.has("cursor") || search["cursor"] !== undefined;
    // Whatever the types that were asked for, the one example has two.
    const types = asked.url.searchParams.get("types");
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
  let place: Place<SpecifiedSquare>;
  let folder = "";
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "moorline-square-"));
    const document = join(folder, "api.json");
    writeFileSync(document, patched(readFileSync(SPECIFICATION, "utf8")));
    prism = await Prism.start(document);
    browser = await launchBrowser();
    place = await startPlace("SQLite", "zsth", (client) => new SpecifiedSquare(client, prism));
  });
  after(async () => {
    await place?.stop();
    await prism?.stop();
    await browser?.close();
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  test("every request is as it asks for, and every example that it serves maps and parses, at first and when changes are asked for", async () => {
    const { client } = place.world;
    const { id: companyId } = await client.codat.companies.create({ name: "By the specification" });
    const connection = await client.codat.connections.create({ companyId, requestBody: { platformKey: "zsth" } });
    const arrival = await goThrough(browser, connection.linkUrl, [SELLERS[0]?.label ?? ""]);
    await arriveAtResult(arrival.page);
    await leave(arrival);
    await client.untilStatus(companyId, connection.id, "Linked");

    for (const pull of ["the first", "the one for changes"]) {
      if (pull !== "the first") await client.request("POST", `/companies/${companyId}/data/all`);
      const statuses = await client.untilSettled(companyId, PULL_LIMIT_MS);
      assert.deepEqual(prism.refusals, [], pull);
      assert.ok(statuses.size > RECORDS.length, pull);
      for (const [dataType, status] of statuses) assert.equal(status, "Complete", `${dataType}, ${pull}`);
    }
    const data = `/companies/${companyId}/connections/${connection.id}/data`;
    assert.equal((await client.read<{ companyName: string }>(`${data}/commerce-info`)).companyName, "Apple A Day");
    for (const records of RECORDS) {
      const path = records === "taxComponents" ? "commerce-taxComponents" : `commerce-${records}`;
      assert.ok((await client.readAll(`${data}/${path}`)).length > 0, records);
    }
    const { results } = await client.read<{ results: { id: string; dataType: string }[] }>(
      `/companies/${companyId}/data/history?pageSize=500`,
    );
    for (const { id, dataType } of results) {
      // These are the emulator's, with an unknown word on purpose.
      if (dataType === "commerce-orders") continue;
      const found = await client.read(`/companies/${companyId}/sync/${id}/validation`);
      assert.deepEqual(found, { errors: [], warnings: [] }, dataType);
    }
  });
});
