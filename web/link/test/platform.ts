/** A platform with Link's part of the contract, which tests control. */
import { createHmac, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Begun, LinkView, Platform as Offered, Told } from "../src/api";

const DIST = new URL("../dist/", `file://${process.cwd()}/test/`);
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" fill="#e8f4fb"/><circle cx="24" cy="24" r="15" fill="#1688c0"/></svg>';
const BUTTON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 48" width="220" height="48"><rect width="220" height="48" rx="24" fill="#0b7fab"/><text x="110" y="30" font-family="sans-serif" font-size="17" fill="#fff" text-anchor="middle">Connect</text></svg>';

type Answer = "ok" | "hang" | 400 | 403 | 404 | 409 | 500 | 503;
type Timed = { id: string; occurred: string; type: string; to?: string | undefined; reason?: string; actor: string };

export class Company {
  readonly id = randomUUID();
  token: string;
  readonly tokens = new Set<string>();
  view: LinkView;
  told: Told = {
    version: "5f0c",
    purpose: { text: "To decide on your loan and to look after it.", language: "en" },
    reads: [
      { dataType: "invoices", name: "invoices", history: { months: 24, words: "the last 24 months" }, atOnce: true, everyHours: 24, onRequest: true },
      { dataType: "customers", name: "customers", history: { months: 24, words: "the last 24 months" }, atOnce: true, everyHours: 24, onRequest: true },
      { dataType: "company", name: "contact details", history: { words: "everything there is" }, atOnce: true, everyHours: 0, onRequest: true },
    ],
    custom: [],
    writes: [],
    business: "the business’s name there, and its number",
    access: {
      unusedDays: 60,
      revokedAtPlatform: true,
      lasts: "Access lasts until it is ended. If it isn’t used for 60 days, Xero ends it.",
      ends: ["You can disconnect at any time.", "You can also take the access back at Xero itself."],
    },
    stays: { words: { text: "Tidewell keeps what it has read for 90 days.", language: "en" } },
    scopes: ["accounting.read"],
    client: {
      links: { privacyNotice: "https://tidewell.example/privacy" },
      support: { url: "https://tidewell.example/help", email: "help_us@tidewell.example" },
    },
  };
  /** Files that have arrived, the newest first. */
  readonly files: { fileName: string; displayName: null; sourceType: string; uploaded: string }[] = [];
  /** The platform's refusal of a file by its name: a rule, or `hang`, `lost` and `unscanned`. */
  readonly refusals = new Map<string, string>();
  answers: Record<"view" | "begin" | "told" | "details" | "disconnect" | "further" | "missed", Answer> = {
    missed: "ok",
    view: "ok",
    begin: "ok",
    told: "ok",
    details: "ok",
    disconnect: "ok",
    further: "ok",
  };
  /** The answers to questions for a further purpose. */
  readonly agreed: { id: string; answer: string; version?: string; language?: string; words: object }[] = [];
  /** The platforms that its people have missed. */
  readonly missed: string[] = [];
  /** The pages' secrets by the one-time links that they spent; empty if the link is unspent. */
  readonly links = new Map<string, string>();
  /** The methods that were asked, each with the company of its path. */
  readonly asked = new Set<string>();
  readonly timelines = new Map<string, Timed[]>();
  readonly requests: string[] = [];
  readonly streams = new Set<ServerResponse>();
  readonly events: string[] = [];

  constructor(
    readonly platform: Platform,
    platforms: Partial<Offered>[],
    connections: Partial<Begun>[] = [],
  ) {
    const offered = platforms.map((given) => this.#offered(given));
    this.view = {
      companyId: this.id,
      companyName: "Harbour Bakery Ltd",
      provider: { name: "Tidewell", logoUrl: null },
      showBadge: true,
      lastEventId: "0",
      platforms: offered,
      connections: [],
    };
    for (const given of connections) this.begin(offered.find(({ name }) => name === given.platformName)!.key, given);
    this.token = this.newToken();
  }

  #offered(given: Partial<Offered>): Offered {
    return {
      key: "gbol",
      name: "Xero",
      integrationId: randomUUID(),
      sourceId: randomUUID(),
      sourceType: "Accounting",
      logoUrl: `${this.platform.url}/logos/x.svg`,
      buttonUrl: `${this.platform.url}/buttons/x.svg`,
      isSandbox: false,
      isBeta: false,
      ...given,
    };
  }

  begin(key: string, given: Partial<Begun> = {}): Begun {
    const upload = this.view.uploads?.find((each) => each.key === key);
    const waits = ({ status }: Begun) => status === "PendingAuth" || !!upload;
    const before = this.view.connections.find((each) => each.integrationKey === key && waits(each));
    if (before && !given.beside) return before;
    const files = upload && { name: upload.name, integrationId: randomUUID(), sourceId: randomUUID(), sourceType: "Other" as const };
    const { name, integrationId, sourceId, sourceType } = files ?? this.view.platforms.find((each) => each.key === key)!;
    const id = randomUUID();
    const begun: Begun = {
      id, integrationId, integrationKey: key, sourceId, sourceType, platformName: name, status: "PendingAuth", linkUrl: "",
      connectedCompanyName: given.status === "Linked" ? "Harbour Bakery" : null, ...given,
    };
    this.view.connections.push(begun);
    this.timelines.set(id, [this.#entry("connection.created", "PendingAuth", "client")]);
    return begun;
  }

  newToken(): string {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = `${part({ alg: "HS256" })}.${part({ iss: this.platform.url, sub: this.id, jti: randomUUID() })}`;
    const token = `${body}.${createHmac("sha256", "test").update(body).digest("base64url")}`;
    this.tokens.add(token);
    return token;
  }

  newLink(): string {
    const link = `${this.platform.url}/company/${this.id}?link.otp=${randomUUID()}`;
    this.links.set(link, "");
    return link;
  }

  #entry(type: string, to: string | undefined, actor: string, reason?: string): Timed {
    return { id: randomUUID(), occurred: new Date().toISOString(), type, to, actor, ...(reason && { reason }) };
  }

  pending(name: string): Begun {
    return this.view.connections.find(({ platformName }) => platformName === name)!;
  }

  /** The journey to a platform ends as the server would record it. */
  link(name: string): void {
    const begun = this.pending(name);
    Object.assign(begun, { status: "Linked", connectedCompanyName: "Harbour Bakery" });
    this.timelines.get(begun.id)!.unshift(this.#entry("connection.linked", "Linked", "customer"));
    this.#announce(begun);
  }

  /** The company's people, or the platform, end a connection. */
  unlink(id: string, status: "Unlinked" | "Deauthorized" = "Unlinked"): void {
    const begun = this.view.connections.find((each) => each.id === id)!;
    begun.status = status;
    this.timelines.get(id)!.unshift(this.#entry(`connection.${status.toLowerCase()}`, status, "customer"));
    this.#announce(begun);
  }

  /** The Connections component's view. */
  details(): object {
    const { connections, ...view } = this.view;
    const { purpose, reads, custom, writes, stays } = this.told;
    return {
      ...view,
      connections: connections
        .filter(({ status }) => status !== "PendingAuth")
        .map(({ integrationKey: platformKey, ...each }) => ({
          ...each,
          platformKey,
          logoUrl: `${this.platform.url}/logos/x.svg`,
          created: "2026-09-01T10:00:00Z",
          firstAuthorized: "2026-09-01T10:05:00Z",
          lastActive: "2026-09-20T10:05:00Z",
          attention: each.status === "Deauthorized" ? { code: "revoked", message: "Access was taken back at the platform." } : null,
          dataTypes: reads.map(({ dataType }) => dataType),
          disclosure: { purpose, reads, custom, writes, stays },
          lastEvent: this.timelines.get(each.id)![0]!.id,
        })),
    };
  }

  /** A try fails; `givenBack`: what was given is given back, which is told behind it. */
  fail(name: string, actor: "customer" | "platform", reason: string, givenBack = false): void {
    const begun = this.pending(name);
    const timeline = this.timelines.get(begun.id)!;
    timeline.unshift(this.#entry("connection.failed", "PendingAuth", actor, reason));
    if (givenBack) timeline.unshift(this.#entry("connection.grant.ended", undefined, "platform", "Access was given back."));
    this.#announce(begun);
  }

  #announce({ id, status }: Begun): void {
    const event = `event: connection\nid: ${this.events.length + 1}\ndata: ${JSON.stringify({ connectionId: id, status })}\n\n`;
    this.events.push(event);
    for (const stream of this.streams) stream.write(event);
  }

  count(pattern: RegExp): number {
    return this.requests.filter((request) => pattern.test(request)).length;
  }
}

export class Platform {
  url = "";
  readonly companies = new Map<string, Company>();
  readonly starts: URL[] = [];
  /** Files of the component that were requested: parts as `parts/asking`. */
  readonly files: string[] = [];
  /** Those of them that can't be had, and those in whose place there is another text. */
  readonly lacking = new Set<string>();
  readonly others = new Map<string, string>();
  /** Headers of the page to which a window goes. */
  pageHeaders: Record<string, string> = {};
  /** False: event streams are refused, as by a proxy. */
  streaming = true;
  readonly #server = createServer((request, response) => {
    this.#handle(request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "localhost", resolve));
    this.url = `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  company(platforms: Partial<Offered>[], connections?: Partial<Begun>[]): Company {
    const company = new Company(this, platforms, connections);
    this.companies.set(company.id, company);
    return company;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url);
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (request.method === "OPTIONS") {
      response.setHeader("Access-Control-Allow-Headers", "authorization, content-type, last-event-id");
      response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH");
      return void response.writeHead(204).end();
    }
    if (url.pathname.startsWith("/sdk/")) {
      const name = url.pathname.replace(/^\/sdk\/(v[\d.]+\/)?/, "");
      const [kind] = /^parts\/\w+/.exec(name) ?? [name];
      this.files.push(kind);
      if (this.lacking.has(kind)) return void response.writeHead(404).end();
      response.setHeader("Content-Type", name.endsWith(".js") ? "text/javascript" : "application/json");
      return void response.end(this.others.get(kind) ?? (await readFile(new URL(name, DIST))));
    }
    if (/^\/(logos|buttons)\//.test(url.pathname)) {
      response.setHeader("Content-Type", "image/svg+xml");
      return void response.end(url.pathname.startsWith("/logos") ? LOGO : BUTTON);
    }
    const [, , companyId, kind, what, tail] = url.pathname.split("/");
    const company = this.companies.get(companyId ?? "");
    if (!company) return this.#answer(response, 404);
    if (tail === "start") {
      this.starts.push(url);
      for (const [name, value] of Object.entries(this.pageHeaders)) response.setHeader(name, value);
      response.setHeader("Content-Type", "text/html");
      return void response.end("<!doctype html><html lang=en><title>Sign in</title><h1>Sign in</h1>");
    }
    company.requests.push(`${request.method} ${url.pathname.replace(`/companies/${companyId}`, "")}`);
    if (kind === "link" && what === "session") return this.#enter(company, request, response);
    if (!company.tokens.has(request.headers.authorization?.replace(/^Bearer /, "") ?? "")) return this.#answer(response, 401);
    for (const each of company.view.connections) {
      each.linkUrl = `${this.url}/companies/${companyId}/connections/${each.id}/start?otp=${randomUUID()}`;
    }
    company.view.lastEventId = String(company.events.length);
    if (kind === "link") return this.#answer(response, company.answers.view, company.view);
    if (kind === "connectionManagement" && what === "view") {
      return this.#answer(response, company.answers.details, company.details());
    }
    if (kind === "connectionManagement") {
      if (!this.streaming) return this.#answer(response, 503);
      company.streams.add(response);
      response.on("close", () => company.streams.delete(response));
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      const sent = Number(request.headers["last-event-id"] ?? company.events.length);
      return void response.write(`event: ready\nid: ${sent}\ndata: {}\n\n${company.events.slice(sent).join("")}`);
    }
    company.asked.add(`${request.method} ${companyId}`);
    if (tail === "additionalConsents") return this.#agree(company, what!, request, response);
    if (tail === "files") return this.#take(company, what!, request, response);
    if (kind === "files") return this.#answer(response, "ok", company.files);
    if (kind === "requestedPlatforms") {
      const { platformName } = await bodyOf(request);
      if (company.answers.missed === "ok") company.missed.push(platformName);
      return this.#answer(response, company.answers.missed, { platformName });
    }
    if (request.method === "PATCH") {
      const { disconnect } = company.answers;
      if (disconnect === "ok") company.unlink(what!);
      return this.#answer(response, disconnect, {});
    }
    if (request.method === "POST") {
      const { platformKey } = await bodyOf(request);
      const { begin } = company.answers;
      return this.#answer(response, begin, begin === "ok" && company.begin(platformKey));
    }
    if (tail === "disclosure") return this.#answer(response, company.answers.told, company.told);
    const results = company.timelines.get(what!) ?? [];
    return this.#answer(response, "ok", { results, totalResults: results.length });
  }

  /** Trades a one-time link for a token, again for the page that has its secret. */
  async #enter(company: Company, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { link, session } = await bodyOf(request);
    const before = company.links.get(link);
    if (before === undefined || (before && before !== session)) return this.#refuse(response, 410, "This link was used before.");
    company.links.set(link, session);
    return this.#answer(response, "ok", { accessToken: company.newToken(), expiresIn: 86_400, tokenType: "Bearer" });
  }

  /** Keeps an answer to the question for a further purpose. */
  async #agree(company: Company, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { answer, version, language, ...words } = await bodyOf(request);
    const { further } = company.answers;
    if (further === "ok") {
      company.agreed.push({ id, answer, version, language, words });
      const begun = company.view.connections.find((each) => each.id === id)!;
      begun.additionalConsent = { answered: [...(begun.additionalConsent?.answered ?? []), words] };
    }
    return this.#answer(response, further, {});
  }

  /** Takes the file of a form, or refuses it. */
  async #take(company: Company, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request.setEncoding("latin1")) body += chunk;
    const name = Buffer.from(/filename="([^"]*)"/.exec(body)![1]!, "latin1").toString();
    const refusal = company.refusals.get(name);
    if (refusal === "lost") return void response.destroy();
    if (refusal === "hang") return;
    if (refusal === "unscanned") return this.#refuse(response, 503, "Files can’t be checked.", "Unscanned");
    if (refusal) return this.#refuse(response, 400, `${name} was not kept.`, refusal);
    const begun = company.view.connections.find((each) => each.id === id)!;
    const { kind } = company.view.uploads!.find(({ key }) => key === begun.integrationKey)!;
    const sourceType = { accounting: "Accounting", banking: "Banking", businessDocuments: "Other" }[kind];
    company.files.unshift({ fileName: name, displayName: null, sourceType, uploaded: new Date().toISOString() });
    if (begun.status !== "Linked") company.link(begun.platformName);
    begun.connectedCompanyName = null;
    response.writeHead(200).end();
  }

  #refuse(response: ServerResponse, status: number, error: string, validatorName?: string): void {
    response.setHeader("Content-Type", "application/json");
    response.statusCode = status;
    const validation = validatorName && { errors: [{ itemId: "file", message: error, validatorName }], warnings: [] };
    response.end(JSON.stringify({ statusCode: status, error, correlationId: "5f0c1e7a4b2d", validation }));
  }

  #answer(response: ServerResponse, answer: Answer | 401, body?: unknown): void {
    if (answer === "hang") return;
    response.setHeader("Content-Type", "application/json");
    response.statusCode = answer === "ok" ? 200 : answer;
    const error = answer === 401 ? "Token expired" : "Only one accounting connection can be linked.";
    response.end(JSON.stringify(answer === "ok" ? body : { statusCode: answer, error, correlationId: "5f0c1e7a4b2d" }));
  }
}

async function bodyOf(request: IncomingMessage): Promise<any> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return JSON.parse(body);
}
