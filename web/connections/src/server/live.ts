/** Notices changes on the server by an event stream, or by polling if the server offers none. */
import type { Api } from "./api";

type Events = Pick<Api, "events">;

const READY_TIMEOUT_MS = 5_000;
/** Three missed heartbeats of 15 s. */
const SILENCE_MS = 45_000;
const FIRST_POLL_MS = 2_000;
const SLOWEST_POLL_MS = 30_000;
/** Time of polling until a stream is tried again. */
const STREAM_RETRY_MS = 30_000;

export class Live {
  readonly #stopped = new AbortController();
  #misses = 0;
  #wake: () => void = () => {};

  readonly #api: Events;
  /** Reads the state again; must not reject. */
  readonly #look: () => Promise<void>;
  /** The last event that the state at hand knows, or an empty string. */
  #lastEventId: string;

  constructor(api: Events, look: () => Promise<void>, lastEventId = "") {
    this.#api = api;
    this.#look = look;
    this.#lastEventId = lastEventId;
  }

  /** Polls at the fastest pace again, because a change is expected soon. */
  hurry(): void {
    this.#misses = 0;
    this.#wake();
  }

  stop(): void {
    this.#stopped.abort();
    this.#wake();
  }

  async run(): Promise<void> {
    const { signal } = this.#stopped;
    let streamNotBefore = 0;
    while (!signal.aborted) {
      if (Date.now() >= streamNotBefore) {
        let ready = false;
        try {
          await this.#listen((type, id) => {
            // A stream that begins where the reading ended has nothing new to tell until its first event.
            const known = type === "ready" && this.#lastEventId;
            ready = true;
            this.#lastEventId = id || this.#lastEventId;
            this.#misses = 0;
            if (!known) void this.#look();
          });
        } catch {
          // No stream, or one that broke: the next reading shows if the token, the network or only the stream is at fault.
        }
        // A server that restarts ends a working stream; one that was never ready isn't tried again for a while.
        if (!ready) streamNotBefore = Date.now() + STREAM_RETRY_MS;
      }
      if (!signal.aborted) await this.#pause(Math.min(FIRST_POLL_MS * 1.5 ** this.#misses++, SLOWEST_POLL_MS));
      if (!signal.aborted && document.visibilityState !== "hidden") await this.#look();
    }
  }

  /** Follows one stream from its opening to its end, or until it goes silent. */
  async #listen(onEvent: (type: string, id: string) => void): Promise<void> {
    const silent = new AbortController();
    let watchdog: ReturnType<typeof setTimeout>;
    const watch = (ms: number) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => silent.abort(), ms);
    };
    watch(READY_TIMEOUT_MS);
    try {
      await this.#api.events(
        AbortSignal.any([this.#stopped.signal, silent.signal]),
        this.#lastEventId,
        ({ type, id }) => onEvent(type, id),
        () => watch(SILENCE_MS),
      );
    } finally {
      clearTimeout(watchdog!);
      silent.abort();
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
