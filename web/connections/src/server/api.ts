/** Operations of the platform that accept a company access token. */
import { readEventStream, type ServerEvent } from "./event-stream";
import { readToken } from "./token";

type ConnectionStatus = "Linked" | "Unlinked" | "Deauthorized";

export interface Connection {
  id: string;
  platformKey: string;
  platformName: string;
  sourceType: string;
  status: ConnectionStatus;
  /** Holds a one-time password; every read brings a fresh one. */
  linkUrl: string;
  logoUrl?: string | null;
  created: string;
  firstAuthorized?: string | null;
  lastActive?: string | null;
  connectedCompanyName?: string | null;
  attention?: { code: string; message: string } | null;
  /** The newest entry of its history. */
  lastEvent?: string | null;
  /** What is read through it. */
  dataTypes?: string[];
  /** What the customer would be told on connecting it now; a platform of before it has none. */
  disclosure?: Disclosure;
  /** More is wanted than the customer agreed to. */
  requiresReconsent?: boolean;
  /** Of a further business behind the same sign-in: its own company. */
  companyId?: string;
  /** The further purposes that were agreed to; a platform of before it has none. */
  additionalConsents?: AgreedPurpose[];
  /** Of a platform that calls. */
  machine?: Machine | null;
}

/** A further purpose, in the words that were agreed to: Markdown. */
export interface AgreedPurpose {
  answered: string;
  language?: string;
  title?: string;
  subtitle?: string;
}

/** The customer's machine whose program calls. */
export interface Machine {
  program: string;
  lastHeardFrom?: string | null;
  /** What is in the way there, in the platform's English words. */
  trouble?: string | null;
  pausedUntil?: string | null;
  hours?: Hours | null;
}

/** The hours of the customer's day in which it is read, as `HH:MM`. */
export interface Hours {
  timeZone: string;
  from: string;
  to: string;
  wholeWeekends: boolean;
}

/** The part of a disclosure that the component shows. */
export interface Disclosure {
  purpose: Text;
  reads: { dataType: string }[];
  custom: { name: string }[];
  writes: { dataType: string }[];
  /** `program`: on the customer's machine, set up in place of a sign-in. */
  access?: { program?: string };
  stays: { words: Text };
}

export interface Text {
  text: string;
  language: string;
}

export interface CompanyView {
  companyId: string;
  companyName?: string;
  provider?: { name?: string | null };
  showBadge?: boolean;
  /** The newest event when it was read; a stream that resumes there misses none. A platform of before it has none. */
  lastEventId?: string;
  connections: Connection[];
}

export interface TimelineEntry {
  id: string;
  occurred: string;
  type: string;
  /** The event's title, in the platform's English words. */
  title?: string | null;
  from?: string | null;
  to?: string | null;
  actor?: string | null;
  reason?: string | null;
}

export interface TimelinePage {
  entries: TimelineEntry[];
  total: number;
}

/**
 * `offline`: the browser has no network. `unreachable`: no answer, or one that isn't the platform's.
 * `expired`: the token is refused and the host supplied no fresh one. `refused`: the platform answered with an error.
 */
type FailureKind = "offline" | "unreachable" | "expired" | "refused";

export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    /** The platform's own words for the customer, or an empty string. */
    message = "",
    readonly status?: number,
    readonly correlationId?: string,
  ) {
    super(message);
  }
}

const TIMEOUT_MS = 20_000;

export class Api {
  #renewal: Promise<void> | null = null;
  /** The token for which the host supplied no replacement; the host gets one request about it. */
  #givenUp: string | null = null;
  /** The companies of connections that aren't of the token's own. */
  readonly #homes = new Map<string, string>();

  readonly #servedFrom: string | null;
  #token: string;
  readonly #getAccessToken: () => Promise<string> | undefined;
  readonly #signal: AbortSignal;
  /** The language of the provider's own sentences, if it has written them in it. */
  readonly #language: string;

  constructor(
    servedFrom: string | null,
    token: string,
    getAccessToken: () => Promise<string> | undefined,
    signal: AbortSignal,
    language: string,
  ) {
    this.#language = language;
    this.#servedFrom = servedFrom;
    this.#token = token;
    this.#getAccessToken = getAccessToken;
    this.#signal = signal;
  }

  useToken(token: string): void {
    this.#token = token;
  }

  /** Allows another request for a token to the host, because the customer tries again. */
  allowRenewal(): void {
    this.#givenUp = null;
  }

  /** The platform's address, or null if the module has none and the token can't be read. */
  get address(): string | null {
    return this.#servedFrom ?? readToken(this.#token)?.issuer ?? null;
  }

  async view(): Promise<CompanyView> {
    const view = await this.json("GET", "/connectionManagement/view");
    if (!Array.isArray(view?.connections)) throw new Failure("unreachable");
    this.settle(view.connections);
    return view;
  }

  /** Learns which connections are of another company: of further businesses behind the same sign-in. */
  protected settle(connections: { id: string; companyId?: string }[]): void {
    // By its name, which the build doesn't shorten then.
    for (const each of connections) if (each["companyId"]) this.#homes.set(each.id, each["companyId"]);
  }

  async disconnect(connectionId: string): Promise<void> {
    await this.json("PATCH", `/connections/${encodeURIComponent(connectionId)}`, { status: "Unlinked" });
  }

  /** A page of the timeline, newest first; pages count from 1. */
  async timeline(connectionId: string, page: number, pageSize: number): Promise<TimelinePage> {
    const answer = await this.json(
      "GET",
      `/connections/${encodeURIComponent(connectionId)}/timeline?page=${page}&pageSize=${pageSize}`,
    );
    const entries = Array.isArray(answer?.results) ? answer.results : [];
    return { entries, total: Number(answer?.totalResults ?? entries.length) };
  }

  /** Resolves when the server ends the stream; rejects if the server offers none. */
  async events(
    signal: AbortSignal,
    lastEventId: string,
    onEvent: (event: ServerEvent) => void,
    onBytes: () => void,
  ): Promise<void> {
    const headers = { Accept: "text/event-stream", ...(lastEventId && { "Last-Event-ID": lastEventId }) };
    const response = await this.#send("GET", "/connectionManagement/events", signal, headers, null);
    if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
      throw new Failure("unreachable");
    }
    await readEventStream(response.body, onEvent, onBytes);
  }

  /** The address of an operation and the token for it, for a request that `fetch` can't make. */
  way(path: string): [address: string, token: string] {
    const company = readToken(this.#token)?.companyId ?? "";
    return [`${this.address}/companies/${encodeURIComponent(company)}${path}`, this.#token];
  }

  // Each caller checks the body. An error that isn't a Failure means that the network failed.
  async json(method: string, path: string, body?: unknown): Promise<any> {
    const response = await this.#send(
      method,
      path,
      AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]),
      body ? { "Content-Type": "application/json" } : {},
      body ? JSON.stringify(body) : null,
    );
    return response.json();
  }

  async #send(
    method: string,
    path: string,
    signal: AbortSignal,
    headers: Record<string, string>,
    body: string | null,
  ): Promise<Response> {
    for (let renewed = false; ; renewed = true) {
      const token = this.#token;
      const company = readToken(token)?.companyId;
      const address = this.address;
      let failure = new Failure("expired");
      if (company && address) {
        // Of `/connections/{id}/…`; nothing else has an id there.
        const home = this.#homes.get(path.split("/")[2]!) ?? company;
        const response = await fetch(`${address}/companies/${encodeURIComponent(home)}${path}`, {
          method,
          headers: { Authorization: `Bearer ${token}`, "Accept-Language": this.#language, ...headers },
          body,
          signal,
          cache: "no-store",
          credentials: "omit",
          redirect: "error",
          referrerPolicy: "no-referrer",
        });
        if (response.ok) return response;
        failure = await refusal(response);
        if (failure.kind !== "expired") throw failure;
      }
      if (renewed) this.#givenUp = token;
      if (!(await this.#renew(token))) throw failure;
    }
  }

  /** True if another token than `refused` is available. Requests that fail together share one request to the host. */
  async #renew(refused: string): Promise<boolean> {
    if (this.#token === refused && this.#givenUp !== refused) {
      this.#renewal ??= (async () => {
        try {
          this.#token = (await this.#getAccessToken()) || refused;
        } catch {
          // The host has no token, which is the same as the refused one.
        }
        if (this.#token === refused) this.#givenUp = refused;
        this.#renewal = null;
      })();
      await this.#renewal;
    }
    return this.#token !== refused;
  }
}

async function refusal(response: Response): Promise<Failure> {
  const { status } = response;
  let envelope: { error?: string; correlationId?: string } = {};
  try {
    envelope = await response.json();
  } catch {
    // A proxy's page instead of the platform's envelope: only the status is known.
  }
  return new Failure(
    status === 401 ? "expired" : "refused",
    text(envelope?.error),
    status,
    text(envelope?.correlationId),
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
