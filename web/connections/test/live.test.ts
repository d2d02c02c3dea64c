/** Changes on the server, and servers that are slow, broken or unreachable. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { USUAL } from "./states";
import { calls, row, title, until, world } from "./world";

const it = world();
const usual = () => it.platform.company(structuredClone(USUAL));

test("a change on the server shows over the stream within a second", async () => {
  const company = usual();
  const page = await it.open(company);
  await until(() => company.streams.size === 1, "the stream open");
  await row(page, "Xero").waitFor();
  company.change("Xero", { status: "Deauthorized" });
  await row(page, "Xero Needs attention").waitFor({ timeout: 1_000 });
  await page.getByRole("status").filter({ hasText: "Xero: Needs attention" }).waitFor({ state: "attached" });
  assert.equal(await page.evaluate(() => document.activeElement?.localName), "body");
});

test("a connection that is reconnected elsewhere is reported to the host once", async () => {
  const company = usual();
  const page = await it.open(company);
  await until(() => company.streams.size === 1, "the stream open");
  await row(page, "Square").waitFor();
  company.change("Square", { status: "Linked" });
  await until(async () => (await calls(page)).length > 0, "a callback");
  company.announce(company.connection("Square"));
  const reads = company.count(/view/);
  company.announce(company.connection("Square"));
  await until(() => company.count(/view/) > reads, "another reading");
  assert.deepEqual(await calls(page), [["reconnect", { connectionId: company.connection("Square").id }]]);
});

for (const mode of ["none", "html"] as const) {
  test(`without a stream (${mode}) the view is read every two seconds, then more slowly`, async () => {
    const company = usual();
    company.answers.events = mode;
    const page = await it.open(company);
    await row(page, "Xero").waitFor();
    company.change("Xero", { status: "Deauthorized" });
    await row(page, "Xero Needs attention").waitFor({ timeout: 3_500 });
    const start = Date.now();
    const reads = company.count(/view/);
    await until(() => company.count(/view/) >= reads + 2, "two more readings");
    assert.ok(Date.now() - start > 4_000, "readings come more slowly");
    assert.equal(company.count(/events/), 1, "the stream isn't requested at each reading");
  });
}

test("a stream that never becomes ready is given up for polling", async () => {
  const company = usual();
  company.answers.events = "silent";
  const page = await it.open(company);
  await row(page, "Xero").waitFor();
  await until(() => company.streams.size === 1, "the stream open");
  company.change("Xero", { status: "Deauthorized" });
  await until(() => company.streams.size === 0, "the stream given up", 7_000);
  await row(page, "Xero Needs attention").waitFor();
});

test("a stream that ends is opened again, from the last event on", async () => {
  const company = usual();
  const page = await it.open(company);
  await until(() => company.streams.size === 1, "the stream open");
  company.change("Xero", { status: "Deauthorized" });
  await row(page, "Xero Needs attention").waitFor();
  for (const stream of company.streams) stream.end();
  const resumed = page.waitForRequest((request) => request.url().endsWith("/events"));
  assert.equal((await (await resumed).allHeaders())["last-event-id"], "1");
  await until(() => company.streams.size === 1, "the stream open again");
});

test("the view is read again when the page gets the focus", async () => {
  const company = usual();
  company.answers.events = "none";
  const page = await it.open(company);
  await row(page, "Xero").waitFor();
  const reads = company.count(/view/);
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await until(() => company.count(/view/) > reads, "a reading", 1_000);
});

test("offline, what was known stays in sight; back online, it is read again", async () => {
  const company = usual();
  const page = await it.open(company);
  await row(page, "Xero").waitFor();
  await page.context().setOffline(true);
  await page.getByText("You’re offline. This is what we knew last.").waitFor();
  company.change("Xero", { status: "Deauthorized" });
  await page.context().setOffline(false);
  await row(page, "Xero Needs attention").waitFor();
  await page.getByText("This is what we knew last.").waitFor({ state: "detached" });
  assert.deepEqual(await calls(page), []);
});

for (const answer of [500, 429, "html", "break"] as const) {
  test(`a view that fails (${answer}) is reported to the host once, and retried until it succeeds`, async () => {
    const company = usual();
    company.answers.view = answer;
    const page = await it.open(company);
    await title(page, "We couldn’t load your connections");
    await until(() => company.count(/view/) >= 2, "a second attempt");
    const errors = await calls(page);
    assert.equal(errors.length, 1);
    assert.equal(errors[0]![0], "error");
    assert.equal(errors[0]![1]["userRecoverable"], true);
    assert.equal(errors[0]![1]["errorCode"], answer === "html" ? 502 : answer === "break" ? undefined : answer);
    company.answers.view = "ok";
    await row(page, "Xero").waitFor();
  });
}

test("a token that reaches nothing is an error for the host to mend, and is tried again by a click alone", async () => {
  const company = usual();
  company.answers.view = 403;
  const page = await it.open(company);
  await title(page, "We couldn’t load your connections");
  assert.equal((await calls(page))[0]![1]["userRecoverable"], false);
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  assert.equal(company.count(/view/), 1);
  assert.equal(company.count(/events/), 0);
  company.answers.view = "ok";
  await page.getByRole("button", { name: "Try again" }).click();
  await row(page, "Xero").waitFor();
});

test("an expired session is reported to the host once, as recoverable, and stops everything", async () => {
  const company = usual();
  const page = await it.open(company);
  await row(page, "Xero").waitFor();
  await until(() => company.streams.size === 1, "the stream open");
  company.tokens.clear();
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await title(page, "Your session has expired");
  await until(() => company.streams.size === 0, "the stream closed");
  assert.deepEqual(await calls(page), [
    ["error", { message: "Token expired", errorCode: 401, correlationId: "5f0c1e7a4b2d", userRecoverable: true }],
  ]);
  const requests = company.requests.length;
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await page.getByRole("region").getByRole("button", { name: "Close" }).last().click();
  await until(async () => (await calls(page, "close")).length === 1, "onClose");
  assert.equal(company.requests.length, requests);
});

test("a fresh token from the host, requested once, continues the session", async () => {
  const company = usual();
  const page = await it.page();
  const fresh = company.newToken();
  await page.addInitScript(`window.requested = 0; window.fresh = ${JSON.stringify(fresh)}`);
  await it.open(company, { page, props: "getAccessToken: async () => { window.requested++; return window.fresh; }" });
  await row(page, "Xero").waitFor();
  company.tokens.delete(company.token);
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  company.change("Xero", { status: "Deauthorized" });
  await row(page, "Xero Needs attention").waitFor();
  assert.equal(await page.evaluate("window.requested"), 1);
  assert.deepEqual(await calls(page), []);
});

for (const [what, answer] of [
  ["the same refused token", "props.accessToken"],
  ["another token that is refused too", "props.accessToken + 'x'"],
  ["an error", "Promise.reject(new Error('no session'))"],
] as const) {
  test(`a host that supplies ${what} gets one request, then an error`, async () => {
    const company = usual();
    company.tokens.clear();
    const page = await it.page();
    await page.addInitScript("window.requested = 0");
    await it.open(company, {
      page,
      props: `getAccessToken: async () => { window.requested++; const props = { accessToken: ${JSON.stringify(company.token)} }; return ${answer}; }`,
    });
    await title(page, "Your session has expired");
    assert.equal(await page.evaluate("window.requested"), 1);
    const errors = await calls(page);
    assert.equal(errors.length, 1);
    assert.equal(errors[0]![1]["userRecoverable"], true);
    assert.equal(errors[0]![1]["errorCode"], 401);
  });
}

test("a customer can let the component request a token again", async () => {
  const company = usual();
  company.tokens.clear();
  const page = await it.open(company, {
    props: "getAccessToken: async () => window.fresh ?? Promise.reject(new Error('not yet'))",
  });
  await title(page, "Your session has expired");
  await page.evaluate((fresh) => Object.assign(window, { fresh }), company.newToken());
  await page.getByRole("button", { name: "Try again" }).click();
  await row(page, "Xero").waitFor();
});

test("a platform that refuses the page's origin is reported as one that gives no answer, the only thing that is known", async () => {
  const company = usual();
  const page = await it.page();
  await page.route(`${it.platform.url}/companies/**`, (route) => route.abort("accessdenied"));
  await it.open(company, { page });
  await title(page, "We couldn’t load your connections");
  assert.match(String((await calls(page))[0]![1]["message"]), /^No answer that can be read from http:\/\/localhost:\d+\.$/);
});

test("a token that isn't one shows an expired session instead of breaking the page, and is reported as that", async () => {
  for (const token of ["not a token", ""]) {
    const company = usual();
    company.token = token;
    const page = await it.open(company);
    await title(page, "Your session has expired");
    assert.deepEqual(await calls(page), [
      ["error", { message: "The access token is missing, or isn't one of Moorline's.", userRecoverable: true }],
    ]);
    assert.deepEqual(company.requests, []);
  }
});

test("opening reads the view once, and misses nothing that happens until the stream is open", async () => {
  const company = usual();
  const page = await it.page();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/events", async (route) => (await held, route.continue()));
  await it.open(company, { page });
  await row(page, "Xero").waitFor();
  company.change("Xero", { status: "Deauthorized" });
  assert.equal(company.count(/view/), 1);
  release();
  await row(page, "Xero Needs attention").waitFor({ timeout: 1_500 });

  const calm = usual();
  const second = await it.open(calm);
  await row(second, "Xero").waitFor();
  await until(() => calm.streams.size === 1, "the stream open");
  // The stream's opening has reached the page when what follows it has.
  calm.change("Xero", { status: "Deauthorized" });
  await row(second, "Xero Needs attention").waitFor();
  assert.equal(calm.count(/view/), 2);
});

test("a platform that doesn't number its events is read again when the stream is open", async () => {
  const company = usual();
  const page = await it.page();
  await page.route("**/view", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), lastEventId: undefined } });
  });
  await it.open(company, { page });
  await until(() => company.count(/view/) === 2, "a second reading");
});

test("a new token through update() ends an expired session", async () => {
  const company = usual();
  company.tokens.clear();
  const page = await it.open(company);
  await title(page, "Your session has expired");
  await page.evaluate((accessToken) => (window as any).connections.update({ accessToken }), company.newToken());
  await row(page, "Xero").waitFor();
});
