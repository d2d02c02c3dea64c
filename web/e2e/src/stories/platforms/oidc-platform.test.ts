// The strictness of the independent provider, on which its stories rely.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, beforeEach, test } from "node:test";

import type { Browser } from "playwright-core";

import { consentAtOidcPlatform, type OidcPlatform, startOidcPlatform } from "../../fixtures/oidc-platform.js";
import { launchBrowser } from "../../harness/browser.js";

let redirectUri: string;
let receiver: Server;
let received: (url: URL) => void;
let browser: Browser;
let platform: OidcPlatform;

before(async () => {
  browser = await launchBrowser();
  receiver = createServer((request, answer) => {
    answer.end("back");
    const url = new URL(request.url ?? "/", redirectUri);
    if (url.pathname === "/callback") received(url);
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  redirectUri = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/callback`;
});
after(async () => {
  await browser.close();
  receiver.close();
});
beforeEach(async () => {
  platform = await startOidcPlatform(redirectUri);
});
afterEach(() => platform.stop());

async function authorize(verifier: string | undefined): Promise<URLSearchParams> {
  const url = new URL("/auth", platform.issuer);
  url.search = new URLSearchParams({
    client_id: platform.clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid books",
    state: "s",
    ...(verifier !== undefined && {
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    }),
  }).toString();
  const context = await browser.newContext();
  const page = await context.newPage();
  const back = new Promise<URL>((resolve) => {
    received = resolve;
  });
  await page.goto(url.href);
  if (verifier !== undefined) await consentAtOidcPlatform(page);
  const { searchParams } = await back;
  await context.close();
  return searchParams;
}

function token(parameters: Record<string, string>): Promise<Response> {
  const pair = [platform.clientId, platform.clientSecret].map(encodeURIComponent).join(":");
  return fetch(new URL("/token", platform.issuer), {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` },
    body: new URLSearchParams(parameters),
  });
}

test("a refresh token rotates, and its reuse costs the whole grant", async () => {
  const verifier = randomBytes(32).toString("base64url");
  const answer = await authorize(verifier);
  assert.equal(answer.get("iss"), platform.issuer);
  const code = answer.get("code") ?? "";
  const first = await token({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  assert.equal(first.status, 200);
  const tokens = (await first.json()) as { access_token: string; refresh_token: string };

  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const me = (await (await fetch(new URL("/api/me", platform.issuer), { headers })).json()) as object;
  assert.deepEqual(me, { business: { id: "northwind-joinery", name: "Northwind Joinery" }, user: "ada" });
  assert.equal((await fetch(new URL("/api/me", platform.issuer))).status, 401);

  const refresh = { grant_type: "refresh_token", refresh_token: tokens.refresh_token };
  const second = await token(refresh);
  assert.equal(second.status, 200);
  assert.notEqual(((await second.json()) as { refresh_token: string }).refresh_token, tokens.refresh_token);
  assert.equal((await token(refresh)).status, 400);
  assert.deepEqual(
    [platform.seen.codeExchanges, platform.seen.refreshes, platform.seen.refusedRefreshes, platform.seen.revokedGrants],
    [1, 2, 1, 1],
  );
});

test("an authorization without PKCE is refused", async () => {
  const answer = await authorize(undefined);
  assert.equal(answer.get("error"), "invalid_request");
  assert.equal(platform.seen.authorizationsWithoutPkce, 1);
});
