/** Failures of a request, with a message for the merchant and the answer's status. */
import * as errors from "@codat/platform/sdk/models/errors/index.js";
import { en } from "../shared/locales/en";
import type { FailureKey, Problem } from "../shared/wire";

/** A problem by the key of its message, or with a message of the platform's own. */
type Told = Pick<Problem, "error" | "correlationId"> & ({ key: FailureKey } | { message: string });

export class Failure extends Error {
  readonly problem: Problem;

  constructor(
    readonly status: number,
    told: Told,
    options?: ErrorOptions,
  ) {
    const problem = "key" in told ? { ...told, message: en.failures[told.key] } : told;
    super(problem.message, options);
    this.problem = problem;
  }
}

export const signedOut = () => new Failure(401, { error: "signed_out", key: "signedOut" });
export const invalid = (key: FailureKey) => new Failure(400, { error: "invalid", key });
export const notFound = (key: FailureKey) => new Failure(404, { error: "not_found", key });
export const unreadable = (key: FailureKey, cause: unknown) => new Failure(502, { error: "platform_unreachable", key }, { cause });

/** The failure for an unsuccessful answer of the platform, by its status and its envelope. */
export function platformRefusal(
  status: number,
  envelope: { error?: string | undefined; correlationId?: string | undefined } | undefined,
  cause?: unknown,
): Failure {
  const correlation = envelope?.correlationId ? { correlationId: envelope.correlationId } : {};
  if (status === 404) return new Failure(404, { error: "not_found", key: "gone", ...correlation }, { cause });
  if ((status === 400 || status === 409) && envelope?.error) {
    return new Failure(409, { error: "refused", message: envelope.error, ...correlation }, { cause });
  }
  if (status === 429 || status === 503) return unreadable("service", cause);
  return new Failure(502, { error: "platform_error", key: "serviceFailed", ...correlation }, { cause });
}

/** Turns anything that the official clients throw into a {@link Failure}. */
export function fromClient(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof errors.ErrorMessage) {
    return platformRefusal(error.statusCode, { error: error.error, correlationId: error.correlationId }, error);
  }
  if (error instanceof errors.HTTPClientError) return unreadable("service", error);
  if (error instanceof errors.CodatPlatformError) return platformRefusal(error.statusCode, undefined, error);
  // axios, inside the lending client, reports an unanswered request with a code and no response.
  if (error instanceof Error && "isAxiosError" in error && !("response" in error && error.response)) return unreadable("service", error);
  return new Failure(500, { error: "internal", key: "ours" }, { cause: error });
}
