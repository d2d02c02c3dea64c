/** Calls to Tidewell's own server; every failure is a {@link Trouble} with a message to show. */
import type { Problem } from "../shared/wire";

type TroubleKind = Problem["error"] | "offline";

export class Trouble extends Error {
  constructor(
    readonly kind: TroubleKind,
    message: string,
    readonly correlationId?: string,
  ) {
    super(message);
  }
}

const OFFLINE = "You seem to be offline. We'll carry on when you're back.";
const UNREACHABLE = "We can't reach Tidewell right now. Check your connection and try again.";

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Trouble("offline", navigator.onLine ? UNREACHABLE : OFFLINE);
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as T;
  const problem = body as Partial<Problem> | undefined;
  throw new Trouble(problem?.error ?? "internal", problem?.message ?? UNREACHABLE, problem?.correlationId);
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>(path, signal ? { signal } : {});

export const post = <T>(path: string, body: object = {}) =>
  call<T>(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const asTrouble = (error: unknown): Trouble =>
  error instanceof Trouble ? error : new Trouble("internal", "Something went wrong on this page. Reload it to carry on.");
