/** Reads from the server, once or repeatedly. */
import { useCallback, useEffect, useRef, useState } from "react";
import { asTrouble, get, type Trouble } from "./api";

const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;
const FACTOR = 1.5;

/** Messages between Tidewell's own windows that the server's data has changed. */
const CHANNEL = "tidewell";

export function hint(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("look");
  channel.close();
}

export interface Reading<T> {
  data: T | undefined;
  /** The newest attempt's failure; `data` keeps the last successful reading. */
  trouble: Trouble | undefined;
  again: () => void;
}

/**
 * Reads while `keepGoing` returns true: every second, then less often while the data stays the same, up to `longestMs` apart.
 * Reads at once when the page becomes visible, when the network returns and after a hint from another window.
 */
export function useReading<T>(
  path: string,
  keepGoing: (data: T) => boolean = () => false,
  longestMs = LONGEST_MS,
): Reading<T> {
  const [state, setState] = useState<{ path: string; data?: T; trouble?: Trouble }>({ path });
  const [round, setRound] = useState(0);
  const wanted = useRef(keepGoing);
  wanted.current = keepGoing;

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wait = FIRST_MS;
    let seen = "";
    let busy = false;
    let finished = false;

    const read = async () => {
      if (busy || abort.signal.aborted) return;
      busy = true;
      clearTimeout(timer);
      try {
        const data = await get<T>(path, abort.signal);
        const now = JSON.stringify(data);
        wait = now === seen ? Math.min(wait * FACTOR, longestMs) : FIRST_MS;
        seen = now;
        setState({ path, data });
        finished = !wanted.current(data);
      } catch (error) {
        if (abort.signal.aborted) return;
        const trouble = asTrouble(error);
        setState((before) => (before.path === path ? { ...before, trouble } : { path, trouble }));
        wait = Math.min(wait * FACTOR, longestMs);
        finished = trouble.kind !== "offline" && trouble.kind !== "platform_unreachable";
      } finally {
        busy = false;
      }
      if (!finished && !abort.signal.aborted) timer = setTimeout(read, wait);
    };
    const look = () => {
      if (!finished) void read();
    };
    void read();
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    window.addEventListener("online", look);
    const channel = new BroadcastChannel(CHANNEL);
    channel.addEventListener("message", look);
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
      window.removeEventListener("online", look);
      channel.close();
    };
  }, [path, round, longestMs]);

  const again = useCallback(() => setRound((n) => n + 1), []);
  const current = state.path === path ? state : undefined;
  return { data: current?.data, trouble: current?.trouble, again };
}
