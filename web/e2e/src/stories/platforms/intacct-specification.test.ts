// Sage's OpenAPI documents, unchanged, as a judge: of the queries that the folder makes, and of the emulator's answers.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Browser } from "playwright-core";

import { type EmulatedWorld, goThrough, leave, startEmulatedWorld } from "../../emulators/emulated-world.js";
import { ENTITIES, Intacct, USERS } from "../../emulators/intacct.js";
import { addForeignDocuments, intacctBooks } from "../../emulators/intacct-books.js";
import { IntacctSpecification } from "../../emulators/intacct-specification.js";
import { specification } from "../../emulators/prism.js";
import { readSandboxBooks } from "../../emulators/sandbox-books.js";
import { arriveAtResult, BUSINESSES } from "../../harness/actors/customer.js";
import { launchBrowser } from "../../harness/browser.js";

const { path, skip } = specification("INTACCT_OPENAPI", "intacct", "lorenz-bus-service/node-intacct-rest-api (its folder spec)");

describe("Sage Intacct's OpenAPI documents", { skip }, () => {
  let browser: Browser;
  let emulated: EmulatedWorld<Intacct>;
  before(async () => {
    browser = await launchBrowser();
    emulated = await startEmulatedWorld("SQLite", "knfz", (client) => new Intacct(client));
    const books = await readSandboxBooks(emulated.world.sandbox, BUSINESSES.carpenter);
    const [entity] = ENTITIES as [(typeof ENTITIES)[0]];
    const objects = intacctBooks(books, entity, "SEK");
    addForeignDocuments(objects, entity, "SEK");
    emulated.emulator.companies.set("PierStreet", objects);
  });
  after(async () => {
    await emulated?.stop();
    await browser?.close();
  });

  test("every object, member, filter and order is theirs, and every value fits, in the first pull and in a pull of changes", async () => {
    const judge = IntacctSpecification.read(path) ?? assert.fail(`${path} has no document`);
    const { client } = emulated.world;
    const { companyId, connectionId, linkUrl } = await client.newConnection("By the book", "knfz");
    const arrival = await goThrough(browser, linkUrl, [USERS[2]?.label ?? ""]);
    await arriveAtResult(arrival.page);
    await leave(arrival);
    await client.untilStatus(companyId, connectionId, "Linked");
    await client.untilSettled(companyId);
    await client.request("POST", `/companies/${companyId}/data/all`);
    await client.untilSettled(companyId);
    const { asked } = emulated.emulator;
    assert.ok(asked.some(({ query }) => JSON.stringify(query.filters ?? []).includes("modifiedDateTime")), "changes were asked for");
    assert.deepEqual([...new Set(asked.flatMap((each) => judge.objections(each)))], []);
  });
});

describe("The judge of queries and answers", () => {
  const text = { type: "string" };
  const referred = (object: string): object => ({ type: "object", properties: { key: text, id: text, href: { type: "string", example: `/objects/${object}/7` } } });
  const answering = (name: string): object => ({
    get: { responses: { 200: { content: { "application/json": { schema: { type: "object", properties: { "ia::result": { $ref: `#/components/schemas/${name}` } } } } } } } },
  });
  const judge = new IntacctSpecification([
    {
      openapi: "3.0.3",
      paths: { "/objects/shop/order/{key}": answering("order"), "/objects/shop/buyer/{key}": answering("buyer") },
      components: {
        schemas: {
          order: { allOf: [{ type: "object", properties: { key: text, state: { type: "string", enum: ["open", "paid"] }, total: { type: "string" } } }, { $ref: "#/components/schemas/dated" }] },
          dated: { type: "object", properties: { day: { type: "string", format: "date" }, buyer: referred("shop/buyer") } },
          buyer: { type: "object", properties: { key: text, name: text, since: { type: "string", format: "date-time" } } },
        },
      },
    },
  ]);

  test("members are found in what an object is made of and refers to, and values are of their kind", () => {
    const query = { object: "shop/order", fields: ["key", "state", "buyer.id", "buyer.name", "buyer.since", "sum:total"], filters: [{ $gte: { day: "2026-01-01" } }], orderBy: [{ "buyer.key": "asc" as const }] };
    const right = { key: "1", state: "open", "buyer.id": "B", "buyer.name": null, "buyer.since": "2026-01-01T10:00:00Z", "sum:total": "5.00" };
    assert.deepEqual(judge.objections({ query, rows: [right] }), []);
    assert.deepEqual(judge.objections({ query, rows: [{ ...right, key: 1 }] }), ["shop/order, key: 1 is no text"]);
    assert.deepEqual(judge.objections({ query, rows: [{ ...right, state: "lost" }] }), ['shop/order, state: "lost" is none of open, paid']);
    assert.deepEqual(judge.objections({ query, rows: [{ ...right, "buyer.since": "today" }] }), ['shop/order, buyer.since: "today" is no time']);
  });

  test("what isn't there is objected to wherever it is named", () => {
    for (const wrong of [{ fields: ["buyer.nick"] }, { fields: ["key"], filters: [{ $eq: { "buyer.nick": "B" } }] }, { fields: ["key"], orderBy: [{ "buyer.nick": "asc" as const }] }, { fields: ["max:buyer.nick"] }]) {
      assert.deepEqual(judge.objections({ query: { object: "shop/order", ...wrong }, rows: [] }), ["shop/order has no member buyer.nick"]);
    }
    assert.deepEqual(judge.objections({ query: { object: "shop/cart", fields: [] }, rows: [] }), ["there is no object shop/cart"]);
  });
});
