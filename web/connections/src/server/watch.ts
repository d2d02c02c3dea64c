/** Keeps a view of the server current and follows the customer to a platform and back, apart from any component's screens. */
import { Failure, type Api, type TimelineEntry, type TimelinePage } from "./api";
import { Live } from "./live";
import { isInAppBrowser, openWindow } from "../popup";
import { webAddress } from "./token";
import type { ErrorCallbackArgs } from "../types";

/** What every component's view has. */
interface Seen {
  lastEventId?: string;
  connections: { id: string; status: string; linkUrl: string }[];
}

/** The customer's progress on the way to the platform and back. */
interface Journey {
  id: string;
  /** `blocked`: the browser kept the window shut; the customer opens the link with a click. */
  step: "opening" | "waiting" | "blocked" | "failed";
  /** The reason of a failure in the server's words, if it gave one. */
  reason?: string;
}

export interface Watched<View> {
  view: View | null;
  /** The reason for a missing view, or for one that may be out of date. */
  failure: Failure | null;
  journey: Journey | null;
  /** The connection whose journey has just ended well, for the screen that reports it. */
  arrived: string | null;
}

/** The host's props that every component has. */
interface HostProps {
  onError?: (args: ErrorCallbackArgs) => void;
  getAccessToken?: () => Promise<string>;
  options?: { locale?: string };
}

const FIRST_RETRY_MS = 2_000;
const SLOWEST_RETRY_MS = 30_000;

/** Statuses that a second attempt will not change. */
const FINAL = [400, 403, 404];
const isFinal = (failure: Failure) => failure.kind === "expired" || FINAL.includes(failure.status ?? 0);

export abstract class Watch<View extends Seen, Server extends Api> {
  state: Watched<View> = { view: null, failure: null, journey: null, arrived: null };
  readonly api: Server;
  readonly #stopped = new AbortController();
  #live: Live | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  /** The number of changes known by other ways than a reading; a reading that began before one is older than it. */
  #changes = 0;
  #nextAttempt: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  /** The failure that the host has been notified of, so that a lasting one is reported once. */
  #reported = "";
  /** The newest timeline entry when the customer left, or undefined if unknown. */
  #leftAfter: string | undefined;

  readonly #host: HostProps;
  readonly #inContext: (work: () => void) => void;
  readonly #changed: () => void;

  constructor(
    host: HostProps,
    inContext: (work: () => void) => void,
    changed: () => void,
    server: (getAccessToken: () => Promise<string> | undefined, signal: AbortSignal) => Server,
  ) {
    this.#host = host;
    this.#inContext = inContext;
    this.#changed = changed;
    this.api = server(() => {
      let token: Promise<string> | undefined;
      inContext(() => (token = host.getAccessToken?.()));
      return token;
    }, this.#stopped.signal);
  }

  protected abstract read(): Promise<View>;

  /** A connection has become Linked. */
  protected abstract linked(connection: View["connections"][number]): void;

  /** The customer has disconnected a connection here. */
  protected unlinked?(id: string): void;

  /** A journey has ended without a link. */
  protected refused?(entry: TimelineEntry): void;

  /** The address of a link for a window beside the page, in the language that the host has chosen. */
  addressOf(link: string): string {
    const locale = this.#host.options?.locale;
    return locale ? `${link}&locale=${encodeURIComponent(locale)}` : link;
  }

  start(): void {
    const { signal } = this.#stopped;
    const lookNow = (event: Event) => {
      const { failure } = this.state;
      // A page that is shown for the first time has just been read.
      if ((event as PageTransitionEvent).persisted === false) return;
      if (document.visibilityState === "hidden" || (failure && isFinal(failure))) return;
      this.hurry();
      void this.look();
    };
    for (const event of ["focus", "online", "pageshow"]) addEventListener(event, lookNow, { signal });
    document.addEventListener("visibilitychange", lookNow, { signal });
    const offline = () => {
      this.overtake();
      this.fail(new Failure("offline"));
    };
    addEventListener("offline", offline, { signal });
    void this.look();
  }

  stop(): void {
    this.#stopped.abort();
    this.#live?.stop();
    clearTimeout(this.#nextAttempt);
  }

  get over(): boolean {
    return this.#stopped.signal.aborted;
  }

  /** True if the host supplies fresh tokens. */
  get renewable(): boolean {
    return !!this.#host.getAccessToken;
  }

  connection(id: string | undefined): View["connections"][number] | undefined {
    return this.state.view?.connections.find((connection) => connection.id === id);
  }

  /** The customer pressed "Try again". */
  async retry(): Promise<void> {
    this.api.allowRenewal();
    this.#reported = "";
    this.set({ failure: null });
    await this.look();
  }

  useToken(token: string): void {
    this.api.useToken(token);
    if (this.state.failure) void this.retry();
  }

  timeline(id: string, page: number, pageSize: number): Promise<TimelinePage> {
    return this.api.timeline(id, page, pageSize);
  }

  /**
   * Must run inside the click, because browsers open windows only then. The window stays blank until a fresh link is
   * read, and loses its opener before it leaves for the platform.
   */
  leave(id: string, opening: string): void {
    const inApp = isInAppBrowser(navigator.userAgent);
    const popup = inApp ? null : openWindow(opening);
    this.set({ journey: { id, step: "opening" }, arrived: null });
    void this.freshLink(id).then(
      (url) => {
        if (this.over || this.state.journey?.id !== id) return popup?.close();
        if (inApp) return location.assign(url);
        if (!popup || popup.closed) return this.set({ journey: { id, step: "blocked" } });
        popup.opener = null;
        popup.location.replace(this.addressOf(url));
        this.awaitReturn(id);
      },
      (error) => {
        popup?.close();
        if (this.over || this.state.journey?.id !== id) return;
        const failure = asFailure(error);
        if (failure.kind !== "expired") this.report(failure);
        this.set({ journey: { id, step: "failed", reason: failure.message } });
      },
    );
  }

  /** Waits for the customer, whose window is open: from now on the server is the only signal. */
  awaitReturn(id: string): void {
    this.set({ journey: { id, step: "waiting" } });
    this.hurry();
  }

  /** Another reading is due soon, by what was done just now. */
  protected hurry(): void {
    this.#live?.hurry();
  }

  /** Makes a reading under way worthless: something is known that it may not. */
  protected overtake(): void {
    this.#changes++;
  }

  leaveJourney(): void {
    this.set({ journey: null, arrived: null });
  }

  /** Resolves to null when the connection is Unlinked, else to the failure. */
  async disconnect(id: string): Promise<Failure | null> {
    try {
      await this.api.disconnect(id);
    } catch (error) {
      if (this.over) return null;
      const failure = asFailure(error);
      if (failure.kind === "expired") this.fail(failure);
      else this.report(failure);
      return failure;
    }
    if (this.over) return null;
    this.overtake();
    const { view } = this.state;
    const known = (connection: View["connections"][number]) =>
      connection.id === id ? { ...connection, status: "Unlinked", attention: null } : connection;
    this.set({ view: view && { ...view, connections: view.connections.map(known) } });
    this.unlinked?.(id);
    // The stream brings the rest of what has changed; without one, the next poll does, at once.
    this.hurry();
    return null;
  }

  /** Reads the state again, and with it a fresh link to the connection's hosted start page. */
  protected async freshLink(id: string): Promise<string> {
    const [newest] = await Promise.all([
      this.timeline(id, 1, 1).then(
        (page) => page.entries[0]?.id ?? "",
        () => undefined,
      ),
      this.look(),
    ]);
    this.#leftAfter = newest;
    if (this.state.failure) throw this.state.failure;
    const link = this.connection(id)?.linkUrl;
    if (!webAddress(link)) throw new Failure("unreachable");
    return link!;
  }

  /** Reads the view again. Calls made during a reading share one further reading; never rejects. */
  protected look(): Promise<void> {
    if (this.#looking) {
      this.#lookAgain = true;
      return this.#looking;
    }
    const readings = async () => {
      do {
        this.#lookAgain = false;
        const changes = this.#changes;
        try {
          const view = await this.read();
          if (this.over) return;
          if (changes === this.#changes) this.#accept(view);
          else this.#lookAgain = true;
          await this.#checkReturn();
        } catch (error) {
          if (!this.over) this.fail(asFailure(error));
        }
      } while (this.#lookAgain && !this.over && !(this.state.failure && isFinal(this.state.failure)));
    };
    clearTimeout(this.#nextAttempt);
    this.#looking = readings().then(() => {
      this.#looking = null;
      this.#followOrNot();
      // A stream can work while the view fails, so a failed reading is repeated with a stream too.
      if (!this.state.failure) this.#attempts = 0;
      else if (this.#live) {
        const wait = Math.min(FIRST_RETRY_MS * 1.5 ** this.#attempts++, SLOWEST_RETRY_MS);
        this.#nextAttempt = setTimeout(() => void this.look(), wait);
      }
    });
    return this.#looking;
  }

  /** Follows changes unless the component is gone or its token reaches nothing. */
  #followOrNot(): void {
    const { failure } = this.state;
    if (this.over || (failure && isFinal(failure))) {
      this.#live?.stop();
      this.#live = null;
    } else if (!this.#live) {
      this.#live = new Live(this.api, () => this.look(), this.state.view?.lastEventId);
      void this.#live.run();
    }
  }

  #accept(view: View): void {
    const back = view.connections.filter(
      (now) => now.status === "Linked" && (this.connection(now.id)?.status ?? "Linked") !== "Linked",
    );
    const { journey } = this.state;
    this.#reported = "";
    this.set({
      view,
      failure: null,
      ...(back.some((connection) => connection.id === journey?.id) && {
        journey: null,
        arrived: journey!.id,
      }),
    });
    for (const connection of back) this.linked(connection);
  }

  /** Looks in the timeline, while the customer is away, for a refusal or for another company chosen at the platform. */
  async #checkReturn(): Promise<void> {
    const { journey } = this.state;
    if (this.over || journey?.step !== "waiting") return;
    const { id } = journey;
    const { entries } = await this.timeline(id, 1, 5);
    if (this.state.journey !== journey) return;
    this.#leftAfter ??= entries[0]?.id ?? "";
    const end = entries.findIndex((entry) => entry.id === this.#leftAfter);
    const fresh = end < 0 ? entries : entries.slice(0, end);
    // One that leads to a status: that access was given back, for example, comes behind the refusal that it follows from.
    const refusal = fresh.find((entry) => entry.reason && entry.to && entry.to !== "Linked");
    if (refusal) {
      this.#leftAfter = entries[0]!.id;
      this.set({ journey: { id, step: "failed", reason: refusal.reason! } });
      this.refused?.(refusal);
    }
  }

  fail(failure: Failure): void {
    if (this.over) return;
    this.set({ failure });
    const trouble = `${failure.kind} ${failure.status}`;
    const lasting = failure.kind !== "offline" && (isFinal(failure) || !this.state.view);
    if (lasting && trouble !== this.#reported) {
      this.#reported = trouble;
      this.report(failure);
    }
    this.#followOrNot();
  }

  /** Notifies the host of a failure. */
  report(failure: Failure): void {
    const args: ErrorCallbackArgs = {
      message: failure.message || this.#observed(failure),
      userRecoverable: !FINAL.includes(failure.status ?? 0),
    };
    if (failure.status) args.errorCode = failure.status;
    if (failure.correlationId) args.correlationId = failure.correlationId;
    this.call(this.#host.onError, args);
  }

  /** What is known of a failure for which the platform gave no words; a cause that wasn't observed isn't named. */
  #observed({ kind, status }: Failure): string {
    if (kind === "expired" && !status) return "The access token is missing, or isn't one of Moorline's.";
    return `${status ? `Status ${status}` : "No answer that can be read"} from ${this.api.address}.`;
  }

  /** Calls a host's callback, which may throw or remove the component without harm to it. */
  protected call<Args extends unknown[]>(callback: ((...args: Args) => void) | undefined, ...args: Args): void {
    if (callback && !this.over) this.#inContext(() => callback(...args));
  }

  protected set(change: Partial<Watched<View>>): void {
    if (this.over) return;
    this.state = { ...this.state, ...change };
    this.#changed();
  }
}

export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure(navigator.onLine === false ? "offline" : "unreachable");
}
