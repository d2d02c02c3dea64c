// Webhooks through independent parties: Codat's client creates the consumers, npm's standardwebhooks verifies the messages.

import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { Webhook } from "standardwebhooks";

import { onBothDatabases } from "../../harness/engines.js";
import { until } from "../../harness/until.js";
import { startWorld, type World } from "../../harness/world.js";

interface Message {
  readonly headers: Record<string, string>;
  readonly body: string;
}

interface Envelope {
  readonly id: string;
  readonly eventType: string;
  readonly payload: { readonly id?: string; readonly name?: string };
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

onBothDatabases("webhooks", (engine) => {
  let world: World;
  let server: Server;
  let url: string;
  const messages: Message[] = [];

  before(async () => {
    world = await startWorld({ engine });
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        messages.push({ headers: plain(request.headers), body: Buffer.concat(chunks).toString() });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
  });
  after(async () => {
    server.close();
    await world.stop();
  });

  test("the official client creates, lists and deletes consumers", async () => {
    const { webhooks } = world.client.codat;
    const made = await webhooks.createConsumer({ url, eventTypes: ["DataSyncCompleted"], companyTags: ["region:us"] });
    assert.deepEqual([made.url, made.eventTypes, made.disabled], [url, ["DataSyncCompleted"], false]);
    const listed = await webhooks.listConsumers();
    assert.deepEqual(listed.results?.map(({ id }) => id), [made.id]);
    await webhooks.deleteConsumer({ webhookId: made.id ?? "" });
    assert.deepEqual((await webhooks.listConsumers()).results, []);
  });

  test("npm's library accepts signed messages, and refuses altered and old ones", async () => {
    const consumer = await world.client.codat.webhooks.createConsumer({ url, eventTypes: ["company.created"] });
    const company = await world.client.codat.companies.create({ name: "Lindqvist Snickeri" });
    const message = await until("the message came in", () => messages[0]);
    const { key } = await world.client.read<{ key: string }>(`/webhooks/${consumer.id}/secret`);
    const verifier = new Webhook(key);
    const event = verifier.verify(message.body, message.headers) as Envelope;
    assert.deepEqual([event.eventType, event.payload.id], ["company.created", company.id]);
    assert.equal(event.id, message.headers["webhook-id"]);

    assert.throws(() => verifier.verify(message.body.replace("Lindqvist", "Lindquist"), message.headers));
    assert.throws(() => verifier.verify(message.body, { ...message.headers, "webhook-id": "another" }));
    assert.throws(() => new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").verify(message.body, message.headers));
    const earlier = new Date(Date.now() - 10 * 60_000);
    const id = message.headers["webhook-id"] ?? "";
    const old = {
      "webhook-id": id,
      "webhook-timestamp": `${Math.floor(earlier.getTime() / 1000)}`,
      "webhook-signature": verifier.sign(id, earlier, message.body),
    };
    assert.throws(() => verifier.verify(message.body, old), /too old/);
  });
});
