/** A platform with the component's part of the contract, which tests control. */
import { createHmac, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { CompanyView, Connection, TimelineEntry } from "../src/server/api";

const DIST = new URL("../dist/", `file://${process.cwd()}/test/`);

const SQUARE_LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" fill="#10151c"/><rect x="11" y="11" width="26" height="26" rx="6" fill="#fff"/><rect x="18" y="18" width="12" height="12" rx="2" fill="#10151c"/></svg>';
const XERO_LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" fill="#e8f4fb"/><circle cx="24" cy="24" r="15" fill="#1688c0"/><path d="M17 24h14M24 17v14" stroke="#fff" stroke-width="3"/></svg>';

/** The answer of an operation: as it should be, none, or with a status. */
type Answer = "ok" | "hang" | 401 | 403 | 404 | 429 | 500 | "html" | "break";

export class Company {
  readonly id = randomUUID();
  token: string;
  tokens = new Set<string>();
  view: CompanyView;
  timelines = new Map<string, TimelineEntry[]>();
  answers: { view: Answer; timeline: Answer; disconnect: Answer; machine: Answer; events: "stream" | "none" | "silent" | "html" } = {
    view: "ok",
    timeline: "ok",
    machine: "ok",
    disconnect: "ok",
    events: "stream",
  };
  refusal = "Only one accounting connection can be linked.";
  readonly requests: string[] = [];
  readonly streams = new Set<ServerResponse>();
  readonly hanging = new Set<ServerResponse>();
  /** Every event, as it goes over a stream; its number is its place. */
  readonly events: string[] = [];

  constructor(
    readonly platform: Platform,
    connections: Partial<Connection>[],
    view: Partial<CompanyView> = {},
  ) {
    this.view = {
      companyId: this.id,
      companyName: "Harbour Bakery Ltd",
      provider: { name: "Tidewell" },
      showBadge: true,
      connections: connections.map((given) => connection(platform.url, given)),
      ...view,
    };
    this.token = this.newToken();
    for (const { id, status, created } of this.view.connections) {
      this.timelines.set(id, history(status, created));
    }
  }

  newToken(): string {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = `${part({ alg: "HS256", typ: "JWT" })}.${part({ iss: this.platform.url, sub: this.id, jti: randomUUID(), company: "Größe & Söhne" })}`;
    const token = `${body}.${createHmac("sha256", "test").update(body).digest("base64url")}`;
    this.tokens.add(token);
    return token;
  }

  connection(name: string): Connection {
    const found = this.view.connections.find((each) => each.platformName === name);
    if (!found) throw new Error(`There is no connection to ${name}.`);
    return found;
  }

  /** Adds a connection as the server would, and sends the event to every stream. */
  add(given: Partial<Connection>): void {
    const added = connection(this.platform.url, given);
    this.view.connections.unshift(added);
    this.timelines.set(added.id, history(added.status, added.created));
    this.announce(added);
  }

  /** Changes a connection as the server would, and sends the event to every stream. */
  change(name: string, change: Partial<Connection>, entry?: Partial<TimelineEntry>): void {
    const found = this.connection(name);
    const from = found.status;
    Object.assign(found, change);
    this.record(found.id, { from, to: found.status, ...entry });
    this.announce(found);
  }

  record(id: string, entry: Partial<TimelineEntry>): void {
    const lastEvent = randomUUID();
    this.view.connections.find((each) => each.id === id)!.lastEvent = lastEvent;
    this.timelines.get(id)!.unshift({
      id: lastEvent,
      occurred: new Date().toISOString(),
      type: "connection.changed",
      actor: "customer",
      reason: null,
      ...entry,
    });
  }

  announce({ id, status }: Connection): void {
    const data = JSON.stringify({ connectionId: id, status });
    const event = `event: connection\nid: ${this.events.length + 1}\ndata: ${data}\n\n`;
    this.events.push(event);
    if (this.answers.events !== "stream") return;
    for (const stream of this.streams) stream.write(event);
  }

  count(pattern: RegExp): number {
    return this.requests.filter((request) => pattern.test(request)).length;
  }
}

function connection(platform: string, given: Partial<Connection>): Connection {
  const status = given.status ?? "Linked";
  return {
    id: randomUUID(),
    platformKey: "mqjo",
    platformName: "Xero",
    sourceType: "Accounting",
    status,
    linkUrl: "",
    logoUrl: `${platform}/logos/${given.platformName === "Square" ? "square" : "xero"}.svg`,
    created: "2026-01-12T09:30:00Z",
    firstAuthorized: "2026-01-12T09:32:11Z",
    lastActive: new Date(Date.now() - 4 * 86_400_000 - 3_600_000).toISOString(),
    connectedCompanyName: "Harbour Bakery Ltd",
    attention: status === "Deauthorized" ? { code: "revoked", message: "The permission was withdrawn at Xero." } : null,
    dataTypes: ["company", "chartOfAccounts", "invoices", "customers", "bankTransactions", "profitAndLoss"],
    disclosure: {
      purpose: { text: "To decide on your application for a loan.", language: "en" },
      reads: (
        given.dataTypes ?? ["company", "chartOfAccounts", "invoices", "customers", "bankTransactions", "profitAndLoss"]
      ).map((dataType) => ({ dataType })),
      custom: [],
      writes: given.sourceType === "Accounting" ? [{ dataType: "invoices" }] : [],
      stays: { words: { text: "Tidewell keeps the data for 90 days after access has ended.", language: "en" } },
    },
    ...given,
  };
}

function history(status: Connection["status"], created: string): TimelineEntry[] {
  const entry = (occurred: string, from: string | null, to: string, actor: string, reason: string | null = null) => ({
    id: randomUUID(),
    occurred,
    type: "connection.changed",
    from,
    to,
    actor,
    reason,
  });
  const first = [
    entry("2026-01-12T09:32:11Z", "PendingAuth", "Linked", "customer"),
    { ...entry(created, null, "PendingAuth", "client"), type: "connection.created", title: "Requested" },
  ];
  if (status === "Unlinked") return [entry("2026-03-02T15:10:00Z", "Linked", "Unlinked", "customer"), ...first];
  if (status === "Deauthorized") {
    return [
      entry("2026-04-21T06:00:00Z", "Linked", "Deauthorized", "platform", "The permission was withdrawn at Xero."),
      ...first,
    ];
  }
  return first;
}

export class Platform {
  url = "";
  readonly companies = new Map<string, Company>();
  /** Headers of the pages in the popup. */
  pageHeaders: Record<string, string> = {};
  /** A component in place of the built one. */
  script = "";
  /** Requests for words, and true if there are none to be had. */
  readonly words: string[] = [];
  wordless = false;
  readonly #server = createServer((request, response) => {
    this.#handle(request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "localhost", resolve));
    this.url = `http://localhost:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  company(connections: Partial<Connection>[], view?: Partial<CompanyView>): Company {
    const company = new Company(this, connections, view);
    this.companies.set(company.id, company);
    return company;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url);
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (request.method === "OPTIONS") {
      response.setHeader("Access-Control-Allow-Headers", "authorization, content-type, last-event-id");
      response.setHeader("Access-Control-Allow-Methods", "GET, PUT, PATCH");
      return void response.writeHead(204).end();
    }
    if (/^\/sdk\/(v[\d.]+\/)?connections\.js$/.test(url.pathname)) {
      response.setHeader("Content-Type", "text/javascript; charset=utf-8");
      return this.script ? void response.end(this.script) : this.#file("connections.js", request, response);
    }
    if (url.pathname.startsWith("/sdk/parts/")) {
      response.setHeader("Content-Type", "text/javascript; charset=utf-8");
      return this.#file(url.pathname.slice("/sdk/".length), request, response);
    }
    if (url.pathname.startsWith("/sdk/words/")) {
      this.words.push(url.pathname);
      if (this.wordless) return this.#refuse(response, 404, "Not found");
      response.setHeader("Content-Type", "application/json");
      return this.#file(url.pathname.slice("/sdk/".length), request, response);
    }
    if (url.pathname.startsWith("/logos/")) {
      response.setHeader("Content-Type", "image/svg+xml");
      return void response.end(url.pathname.includes("square") ? SQUARE_LOGO : XERO_LOGO);
    }
    const [, , companyId, kind, what, tail] = url.pathname.split("/");
    const company = this.companies.get(companyId ?? "");
    if (!company) return this.#refuse(response, 404, "Company not found");
    if (tail === "start") return this.#linkPage(request, response, company, what!);

    company.requests.push(`${request.method} ${url.pathname.replace(`/companies/${companyId}`, "")}${url.search}`);
    const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    if (!company.tokens.has(token)) return this.#refuse(response, 401, "Token expired");

    if (kind === "connectionManagement" && what === "view") {
      company.view.lastEventId = String(company.events.length);
      for (const each of company.view.connections) {
        each.linkUrl = `${this.url}/companies/${companyId}/connections/${each.id}/start?otp=${randomUUID()}`;
      }
      return this.#answer(response, company, company.answers.view, company.view);
    }
    if (kind === "connectionManagement" && what === "events") {
      const mode = company.answers.events;
      if (mode === "none") return this.#refuse(response, 404, "No stream here");
      if (mode === "html") {
        response.setHeader("Content-Type", "text/html");
        return void response.end("<p>A proxy's page</p>");
      }
      company.streams.add(response);
      response.on("close", () => company.streams.delete(response));
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      response.flushHeaders();
      if (mode === "stream") {
        const sent = Number(request.headers["last-event-id"] ?? company.events.length);
        response.write(`event: ready\nid: ${sent}\ndata: {}\n\n${company.events.slice(sent).join("")}`);
      }
      return;
    }
    const found = company.view.connections.find(({ id }) => id === what);
    if (kind === "connections" && found && tail === "timeline") {
      const entries = company.timelines.get(found.id)!;
      const page = Number(url.searchParams.get("page"));
      const size = Number(url.searchParams.get("pageSize"));
      const results = entries.slice((page - 1) * size, page * size);
      return this.#answer(response, company, company.answers.timeline, {
        results,
        pageNumber: page,
        pageSize: size,
        totalResults: entries.length,
      });
    }
    if (kind === "connections" && found && request.method === "PATCH") {
      let body = "";
      for await (const chunk of request) body += chunk;
      if (JSON.parse(body).status !== "Unlinked") return this.#refuse(response, 400, "Only Unlinked");
      if (company.answers.disconnect === "ok")
        company.change(found.platformName, { status: "Unlinked", attention: null });
      return this.#answer(response, company, company.answers.disconnect, found);
    }
    if (kind === "connections" && found?.machine && tail === "machine" && request.method === "PUT") {
      let body = "";
      for await (const chunk of request) body += chunk;
      if (company.answers.machine === "ok") {
        company.change(found.platformName, { machine: { ...found.machine, ...JSON.parse(body) } });
      }
      return this.#answer(response, company, company.answers.machine, company.connection(found.platformName).machine);
    }
    this.#refuse(response, 404, "Not found");
  }

  /** A built file in the smallest form that the browser takes, as the program sends it. */
  async #file(name: string, { headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const accepted = String(headers["accept-encoding"]).split(/, */);
    const [coding, ending] = accepted.includes("br") ? ["br", ".br"] : accepted.includes("gzip") ? ["gzip", ".gz"] : ["", ""];
    if (coding) response.setHeader("Content-Encoding", coding);
    response.setHeader("Vary", "Accept-Encoding");
    response.end(await readFile(new URL(name + ending, DIST)));
  }

  #answer(response: ServerResponse, company: Company, answer: Answer, body: unknown): void {
    if (answer === "hang") {
      company.hanging.add(response);
      response.on("close", () => company.hanging.delete(response));
    } else if (answer === "break") {
      response.destroy();
    } else if (answer === "html") {
      response.setHeader("Content-Type", "text/html");
      response.writeHead(502).end("<h1>Bad gateway</h1>");
    } else if (answer === "ok") {
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify(body));
    } else {
      this.#refuse(response, answer, answer === 403 ? company.refusal : "The service is busy");
    }
  }

  #refuse(response: ServerResponse, statusCode: number, error: string): void {
    response.writeHead(statusCode, { "Content-Type": "application/json" }).end(
      JSON.stringify({
        statusCode,
        service: "Moorline",
        error,
        correlationId: "5f0c1e7a4b2d",
        canBeRetried: "Unknown",
        detailedErrorCode: 0,
        validation: null,
      }),
    );
  }

  /** The whole way through the platform on one page: a GET shows a button, a POST is the customer's consent. */
  #linkPage(request: IncomingMessage, response: ServerResponse, company: Company, id: string): void {
    const found = company.view.connections.find((each) => each.id === id)!;
    const headers = { "Content-Type": "text/html; charset=utf-8", ...this.pageHeaders };
    if (request.method === "POST") {
      company.change(found.platformName, { status: "Linked", attention: null });
      response
        .writeHead(200, headers)
        .end("<!doctype html><title>Done</title><p id=done>You can close this window.</p>");
    } else {
      const spent = new URL(request.url!, this.url).searchParams.get("otp");
      response
        .writeHead(200, headers)
        .end(
          `<!doctype html><title>Sign in</title><p id=opener></p><form method=post><button data-otp="${spent}">Allow</button></form><script>document.querySelector("#opener").textContent=window.opener===null?"alone":"has an opener"</script>`,
        );
    }
  }
}
