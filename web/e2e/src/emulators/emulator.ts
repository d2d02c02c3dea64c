// The part that all vendors' platforms have in common: a server, a consent page, codes and tokens with a clock that tests turn, rate
// limits, and a record of requests. An emulator adds its vendor's own part.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface PlatformRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Its arrival by the emulator's clock, in ms since the epoch. */
  readonly at: number;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** A text is HTML, anything else JSON. */
  readonly body?: unknown;
}

/** A customer's consent. */
export interface Grant {
  readonly id: string;
  /** The values chosen on the consent page. */
  readonly chosen: readonly string[];
  readonly scope: string;
  challenge: string | undefined;
  revoked: boolean;
}

interface RefreshToken {
  readonly grant: Grant;
  readonly issued: number;
  readonly ends: number;
  /** The moment at which another was issued in its place. */
  replaced?: number;
}

/** The lives of a vendor's tokens, in seconds. */
interface TokenRules {
  accessSeconds: number;
  readonly refreshSeconds: number;
  /** True if a refresh issues a new refresh token, given the old one's age in seconds. */
  readonly rotates: (age: number) => boolean;
  /** The time for which the previous refresh token stays valid. */
  readonly graceSeconds: number;
  /** The access token's text, if a vendor's tokens carry claims. */
  readonly accessToken?: (grant: Grant) => string;
  /** Further members of the token endpoint's answer. */
  readonly furtherMembers?: (refreshSecondsLeft: number, grant: Grant) => Record<string, unknown>;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface RegisteredClient {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
}

const SECOND = 1_000;

export abstract class Emulator {
  /** Every request, in order of arrival. */
  readonly received: PlatformRequest[] = [];
  readonly grants = new Map<string, Grant>();
  /** This platform's clock less ours, in seconds. */
  aheadSeconds = 0;
  /** Answers in place of the platform's own, for the first `times` requests of the API that fit. */
  readonly interruptions: { fits: (request: PlatformRequest) => boolean; answer: Answer; times: number }[] = [];
  /** The number of answers of the token endpoint that get lost on their way, after they took effect. */
  tokenAnswersToLose = 0;
  refreshes = 0;
  refusedRefreshes = 0;

  private readonly codes = new Map<string, Grant>();
  private readonly accessTokens = new Map<string, { grant: Grant; ends: number }>();
  private readonly refreshTokens = new Map<string, RefreshToken>();
  private server: Server | undefined;
  url = "";

  constructor(
    readonly client: RegisteredClient,
    readonly tokens: TokenRules,
  ) {}

  /** Paths of the consent page and the token endpoint. */
  protected abstract readonly paths: { authorize: string; token: string };
  protected abstract readonly title: string;
  /** The choices of the consent page; a customer may tick more than one if `several`. */
  protected abstract choices(): { several: boolean; offered: Choice[] };
  /** Further parameters of the redirect back. */
  protected redirectParameters(_grant: Grant): Record<string, string> {
    return {};
  }
  protected granted(_grant: Grant): void {}
  /** Everything but consent and tokens. */
  protected abstract answer(request: PlatformRequest): Answer | Promise<Answer>;

  async start(): Promise<this> {
    this.server = createServer((request, response) => void this.receive(request, response));
    await new Promise<void>((resolve) => this.server?.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => this.server?.close(() => resolve()));
  }

  now(): number {
    return Date.now() + this.aheadSeconds * SECOND;
  }

  /** Requests to paths that end in `pathEnd`, newest last. */
  requests(pathEnd: string): PlatformRequest[] {
    return this.received.filter(({ url }) => url.pathname.endsWith(pathEnd));
  }

  /** The grant of a valid bearer token. */
  protected bearer(request: PlatformRequest): Grant | undefined {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    const known = this.accessTokens.get(token);
    return known !== undefined && known.ends > this.now() && !known.grant.revoked ? known.grant : undefined;
  }

  /** Parameters of a request to the token endpoint, which are a form unless a vendor overrides this. */
  protected parameters(request: PlatformRequest): URLSearchParams {
    return new URLSearchParams(request.body);
  }

  /** True if the client sent the request: by HTTP Basic, unless a vendor overrides this. */
  protected isClient(request: PlatformRequest, _parameters: URLSearchParams): boolean {
    const credentials = Buffer.from((request.headers.authorization ?? "").replace(/^Basic /, ""), "base64").toString();
    return credentials === `${this.client.id}:${this.client.secret}`;
  }

  /** A refusal of the token endpoint, with OAuth's error codes (RFC 6749, section 5.2) unless a vendor overrides this. */
  protected refused(code: string): Answer {
    return { status: code === "invalid_client" ? 401 : 400, body: { error: code } };
  }

  protected grantOfAccessToken(token: string): Grant | undefined {
    return this.accessTokens.get(token)?.grant;
  }

  protected grantOfRefreshToken(token: string): Grant | undefined {
    return this.refreshTokens.get(token)?.grant;
  }

  protected grantOfCode(code: string): Grant | undefined {
    return this.codes.get(code);
  }

  private async receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request: PlatformRequest = {
      method: incoming.method ?? "GET",
      url: new URL(incoming.url ?? "/", this.url),
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
      at: this.now(),
    };
    this.received.push(request);
    const lost = request.url.pathname === this.paths.token && this.tokenAnswersToLose > 0;
    let answer: Answer;
    try {
      answer = await this.route(request);
    } catch (error) {
      answer = { status: 500, body: `<p>${String(error)}</p>` };
    }
    if (lost) {
      this.tokenAnswersToLose -= 1;
      incoming.socket.destroy();
      return;
    }
    const html = typeof answer.body === "string";
    response.writeHead(answer.status ?? 200, {
      ...(answer.body !== undefined && { "content-type": html ? "text/html; charset=utf-8" : "application/json" }),
      ...answer.headers,
    });
    response.end(answer.body === undefined ? "" : html ? answer.body : JSON.stringify(answer.body));
  }

  protected route(request: PlatformRequest): Answer | Promise<Answer> {
    const { pathname } = request.url;
    if (pathname === this.paths.authorize) return request.method === "POST" ? this.decide(request) : this.consent(request);
    if (pathname === this.paths.token) return this.exchange(request);
    const interruption = this.interruptions.find(({ fits, times }) => times > 0 && fits(request));
    if (interruption !== undefined) {
      interruption.times -= 1;
      return interruption.answer;
    }
    return this.answer(request);
  }

  private consent({ url }: PlatformRequest): Answer {
    const wrong =
      url.searchParams.get("client_id") !== this.client.id
        ? "unauthorized_client"
        : url.searchParams.get("redirect_uri") !== this.client.redirectUri
          ? "redirect_uri is not registered"
          : url.searchParams.get("response_type") !== "code"
            ? "unsupported_response_type"
            : undefined;
    if (wrong !== undefined) return { status: 400, body: `<h1>${wrong}</h1>` };
    const { several, offered } = this.choices();
    const boxes = offered.map(
      ({ value, label }) =>
        `<p><label><input type="${several ? "checkbox" : "radio"}" name="chosen" value="${value}"> ${label}</label></p>`,
    );
    return {
      body: `<!doctype html><title>${this.title}</title><h1>${this.title}</h1>
        <form method="post" action="${this.paths.authorize}${url.search.replaceAll("&", "&amp;")}">${boxes.join("")}
        <button name="decision" value="allow">Allow access</button><button name="decision" value="cancel">Cancel</button></form>`,
    };
  }

  private decide({ url, body }: PlatformRequest): Answer {
    const form = new URLSearchParams(body);
    const back = new URL(this.client.redirectUri);
    back.searchParams.set("state", url.searchParams.get("state") ?? "");
    if (form.get("decision") !== "allow") {
      back.searchParams.set("error", "access_denied");
      return { status: 302, headers: { location: back.href } };
    }
    const grant: Grant = {
      id: randomUUID(),
      chosen: form.getAll("chosen"),
      scope: url.searchParams.get("scope") ?? "",
      challenge: url.searchParams.get("code_challenge") ?? undefined,
      revoked: false,
    };
    this.grants.set(grant.id, grant);
    this.granted(grant);
    const code = randomUUID();
    this.codes.set(code, grant);
    back.searchParams.set("code", code);
    for (const [name, value] of Object.entries(this.redirectParameters(grant))) back.searchParams.set(name, value);
    return { status: 302, headers: { location: back.href } };
  }

  protected exchange(request: PlatformRequest): Answer {
    const form = this.parameters(request);
    if (!this.isClient(request, form)) return this.refused("invalid_client");
    if (form.get("grant_type") === "authorization_code") {
      const code = form.get("code") ?? "";
      const grant = this.codes.get(code);
      this.codes.delete(code);
      const proven = grant?.challenge === undefined || form.has("code_verifier");
      if (grant === undefined || !proven || form.get("redirect_uri") !== this.client.redirectUri) {
        return this.refused("invalid_grant");
      }
      return this.issue(grant, this.newRefreshToken(grant));
    }
    if (form.get("grant_type") !== "refresh_token") return this.refused("unsupported_grant_type");
    this.refreshes += 1;
    const text = form.get("refresh_token") ?? "";
    const old = this.refreshTokens.get(text);
    const now = this.now();
    const spent = old?.replaced !== undefined && now - old.replaced > this.tokens.graceSeconds * SECOND;
    if (old === undefined || old.grant.revoked || spent || old.ends < now) {
      this.refusedRefreshes += 1;
      return this.refused("invalid_grant");
    }
    if (!this.tokens.rotates((now - old.issued) / SECOND)) return this.issue(old.grant, text);
    old.replaced ??= now;
    return this.issue(old.grant, this.newRefreshToken(old.grant));
  }

  /** An access token that no refresh token comes with. */
  protected issueAlone(grant: Grant): Answer {
    const access = randomUUID();
    this.grants.set(grant.id, grant);
    this.accessTokens.set(access, { grant, ends: this.now() + this.tokens.accessSeconds * SECOND });
    return { body: { access_token: access, token_type: "Bearer", expires_in: this.tokens.accessSeconds } };
  }

  private newRefreshToken(grant: Grant): string {
    const text = randomUUID();
    const issued = this.now();
    this.refreshTokens.set(text, { grant, issued, ends: issued + this.tokens.refreshSeconds * SECOND });
    return text;
  }

  private issue(grant: Grant, refreshToken: string): Answer {
    const access = this.tokens.accessToken?.(grant) ?? randomUUID();
    const now = this.now();
    this.accessTokens.set(access, { grant, ends: now + this.tokens.accessSeconds * SECOND });
    const left = Math.floor(((this.refreshTokens.get(refreshToken)?.ends ?? now) - now) / SECOND);
    return {
      body: {
        access_token: access,
        token_type: "Bearer",
        expires_in: this.tokens.accessSeconds,
        refresh_token: refreshToken,
        ...this.tokens.furtherMembers?.(left, grant),
      },
    };
  }
}
