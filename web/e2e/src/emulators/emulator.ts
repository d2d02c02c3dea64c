// What every vendor's platform has, for emulators that know only what is their vendor's own: a server, a consent page, codes and
// tokens with a clock that tests turn, limits, and a record of what was asked.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** When it came, by the emulator's clock. */
  readonly at: number;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** A text is HTML, anything else JSON. */
  readonly body?: unknown;
}

/** What a person agreed to. */
export interface Grant {
  readonly id: string;
  /** What they chose on the consent page. */
  readonly chosen: readonly string[];
  readonly scope: string;
  challenge: string | undefined;
  revoked: boolean;
}

interface RefreshToken {
  readonly grant: Grant;
  readonly issued: number;
  readonly ends: number;
  /** When another was given for it. */
  replaced?: number;
}

/** How a vendor's tokens live. Times in seconds. */
export interface TokenRules {
  accessSeconds: number;
  readonly refreshSeconds: number;
  /** Whether a refresh brings a new refresh token, given the old one's age. */
  readonly rotates: (age: number) => boolean;
  /** How long the one before still does. */
  readonly graceSeconds: number;
  /** The access token's text; a vendor's own may carry claims. */
  readonly accessToken?: (grant: Grant) => string;
  /** Further members of the token endpoint's answer. */
  readonly beside?: (refreshSecondsLeft: number) => Record<string, unknown>;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface ClientOf {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
}

const SECOND = 1_000;

export abstract class Emulator {
  /** Of every request, in the order they came. */
  readonly asked: Asked[] = [];
  readonly grants = new Map<string, Grant>();
  /** How far this platform's clock is ahead of ours, in seconds. */
  aheadSeconds = 0;
  /** Answers to give instead of the platform's own, to the first requests of the API that fit. */
  readonly interruptions: { fits: (asked: Asked) => boolean; answer: Answer; times: number }[] = [];
  /** The next answers of the token endpoint get lost on their way, after they took effect. */
  lostTokenAnswers = 0;
  refreshes = 0;
  refusedRefreshes = 0;

  private readonly codes = new Map<string, Grant>();
  private readonly accessTokens = new Map<string, { grant: Grant; ends: number }>();
  private readonly refreshTokens = new Map<string, RefreshToken>();
  private server: Server | undefined;
  url = "";

  constructor(
    readonly client: ClientOf,
    readonly tokens: TokenRules,
  ) {}

  /** Where the consent page and the token endpoint are. */
  protected abstract readonly paths: { authorize: string; token: string };
  protected abstract readonly title: string;
  /** What can be chosen on the consent page; several where `several`. */
  protected abstract choices(): { several: boolean; offered: Choice[] };
  /** Further parameters of the redirect back. */
  protected redirectParameters(_grant: Grant): Record<string, string> {
    return {};
  }
  protected granted(_grant: Grant): void {}
  /** Everything but consent and tokens. */
  protected abstract answer(asked: Asked): Answer | Promise<Answer>;

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

  /** Requests whose path ends so, newest last. */
  requests(pathEnd: string): Asked[] {
    return this.asked.filter(({ url }) => url.pathname.endsWith(pathEnd));
  }

  /** The grant of a bearer token that is still good. */
  protected bearer(asked: Asked): Grant | undefined {
    const token = (asked.headers.authorization ?? "").replace(/^Bearer /, "");
    const known = this.accessTokens.get(token);
    return known !== undefined && known.ends > this.now() && !known.grant.revoked ? known.grant : undefined;
  }

  /** What a request to the token endpoint says: in a form, unless a vendor has another way. */
  protected parameters(asked: Asked): URLSearchParams {
    return new URLSearchParams(asked.body);
  }

  /** Whether it comes from the client: by its header, unless a vendor has another way. */
  protected isClient(asked: Asked, _parameters: URLSearchParams): boolean {
    const credentials = Buffer.from((asked.headers.authorization ?? "").replace(/^Basic /, ""), "base64").toString();
    return credentials === `${this.client.id}:${this.client.secret}`;
  }

  /** A refusal of the token endpoint, in OAuth's words unless a vendor has others. */
  protected refused(word: string): Answer {
    return { status: word === "invalid_client" ? 401 : 400, body: { error: word } };
  }

  protected grantOfAccessToken(token: string): Grant | undefined {
    return this.accessTokens.get(token)?.grant;
  }

  protected grantOfRefreshToken(token: string): Grant | undefined {
    return this.refreshTokens.get(token)?.grant;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked: Asked = {
      method: request.method ?? "GET",
      url: new URL(request.url ?? "/", this.url),
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      at: this.now(),
    };
    this.asked.push(asked);
    const lost = asked.url.pathname === this.paths.token && this.lostTokenAnswers > 0;
    let answer: Answer;
    try {
      answer = await this.route(asked);
    } catch (error) {
      answer = { status: 500, body: `<p>${String(error)}</p>` };
    }
    if (lost) {
      this.lostTokenAnswers -= 1;
      request.socket.destroy();
      return;
    }
    const html = typeof answer.body === "string";
    response.writeHead(answer.status ?? 200, {
      ...(answer.body !== undefined && { "content-type": html ? "text/html; charset=utf-8" : "application/json" }),
      ...answer.headers,
    });
    response.end(answer.body === undefined ? "" : html ? answer.body : JSON.stringify(answer.body));
  }

  private route(asked: Asked): Answer | Promise<Answer> {
    const { pathname } = asked.url;
    if (pathname === this.paths.authorize) return asked.method === "POST" ? this.decide(asked) : this.consent(asked);
    if (pathname === this.paths.token) return this.exchange(asked);
    const interruption = this.interruptions.find(({ fits, times }) => times > 0 && fits(asked));
    if (interruption !== undefined) {
      interruption.times -= 1;
      return interruption.answer;
    }
    return this.answer(asked);
  }

  private consent({ url }: Asked): Answer {
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

  private decide({ url, body }: Asked): Answer {
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

  private exchange(asked: Asked): Answer {
    const form = this.parameters(asked);
    if (!this.isClient(asked, form)) return this.refused("invalid_client");
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
        ...this.tokens.beside?.(left),
      },
    };
  }
}
