/** Reads something from the server: once, or again and again for as long as it changes. */
import { useCallback, useEffect, useRef, useState } from "react";
import { asTrouble, get, type Trouble } from "./api";

const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;
const FACTOR = 1.5;

export interface Reading<T> {
  data: T | undefined;
  /** The newest attempt's failure; what was read before stays in `data`. */
  trouble: Trouble | undefined;
  again: () => void;
}

/**
 * While `keepGoing` says so, reads every second and, as long as nothing changes, ever more rarely, down to
 * every ten seconds; at once when the page is looked at again or the network returns. A `null` path reads nothing.
 */
export function useReading<T>(path: string | null, keepGoing: (data: T) => boolean = () => false): Reading<T> {
  const [state, setState] = useState<{ path: string | null; data?: T; trouble?: Trouble }>({ path });
  const [round, setRound] = useState(0);
  const wanted = useRef(keepGoing);
  wanted.current = keepGoing;

  useEffect(() => {
    if (path === null) return;
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
        wait = now === seen ? Math.min(wait * FACTOR, LONGEST_MS) : FIRST_MS;
        seen = now;
        setState({ path, data });
        finished = !wanted.current(data);
      } catch (error) {
        if (abort.signal.aborted) return;
        const trouble = asTrouble(error);
        setState((before) => (before.path === path ? { ...before, trouble } : { path, trouble }));
        wait = Math.min(wait * FACTOR, LONGEST_MS);
        finished = trouble.kind !== "offline" && trouble.kind !== "platform_unreachable";
      } finally {
        busy = false;
      }
      if (!finished && !abort.signal.aborted) timer = setTimeout(read, wait);
    };
    const look = () => {
      if (!finished && document.visibilityState === "visible") void read();
    };
    void read();
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    window.addEventListener("online", look);
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
      window.removeEventListener("online", look);
    };
  }, [path, round]);

  const again = useCallback(() => setRound((n) => n + 1), []);
  const current = state.path === path ? state : undefined;
  return { data: current?.data, trouble: current?.trouble, again };
}
