/** Calls to Tidewell's own server; every failure is a {@link Trouble} with a message to show. */
import type { Problem } from "../shared/wire";
import { words } from "./words/speech";

type TroubleKind = Problem["error"] | "offline";

export class Trouble extends Error {
  constructor(
    readonly kind: TroubleKind,
    message: string,
    readonly correlationId?: string,
    /** True if the message is the platform's own, which it writes in English. */
    readonly theirs = false,
  ) {
    super(message);
  }
}

/** The message of a problem in the page's language, if it is one of ours. */
export const messageOf = ({ key, message }: Pick<Problem, "key" | "message">): string => (key && words.failures[key]) || message;

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Trouble("offline", navigator.onLine ? words.failures.unreachable : words.failures.offline);
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as T;
  const problem = body as Problem | undefined;
  if (!problem?.message) throw new Trouble("internal", words.failures.unreachable);
  throw new Trouble(problem.error, messageOf(problem), problem.correlationId, problem.key === undefined);
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>(path, signal ? { signal } : {});

export const post = <T>(path: string, body: object = {}) =>
  call<T>(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const asTrouble = (error: unknown): Trouble => (error instanceof Trouble ? error : new Trouble("internal", words.failures.page));
