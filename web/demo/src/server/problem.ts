/** Failures of a request, with a message for the merchant and the answer's status. */
import * as errors from "@codat/platform/sdk/models/errors/index.js";
import type { Problem } from "../shared/wire";

export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(problem.message, options);
  }
}

export const signedOut = () => new Failure(401, { error: "signed_out", message: "You're signed out. Start again to continue." });
export const invalid = (message: string) => new Failure(400, { error: "invalid", message });
export const notFound = (message: string) => new Failure(404, { error: "not_found", message });

const unreachable = (cause: unknown) =>
  new Failure(
    502,
    { error: "platform_unreachable", message: "We can't reach the service that holds your connections. Nothing is lost; try again in a moment." },
    { cause },
  );

/** The failure for an unsuccessful answer of the platform, by its status and its envelope. */
export function platformRefusal(
  status: number,
  envelope: { error?: string | undefined; correlationId?: string | undefined } | undefined,
  cause?: unknown,
): Failure {
  const correlation = envelope?.correlationId ? { correlationId: envelope.correlationId } : {};
  if (status === 404) {
    return new Failure(404, { error: "not_found", message: "That is no longer on record.", ...correlation }, { cause });
  }
  if ((status === 400 || status === 409) && envelope?.error) {
    return new Failure(409, { error: "refused", message: envelope.error, ...correlation }, { cause });
  }
  if (status === 429 || status === 503) return unreachable(cause);
  return new Failure(
    502,
    { error: "platform_error", message: "The service that holds your connections couldn't do that. Try again in a moment.", ...correlation },
    { cause },
  );
}

/** Turns anything that the official clients throw into a {@link Failure}. */
export function fromClient(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof errors.ErrorMessage) {
    return platformRefusal(error.statusCode, { error: error.error, correlationId: error.correlationId }, error);
  }
  if (error instanceof errors.HTTPClientError) return unreachable(error);
  if (error instanceof errors.CodatPlatformError) return platformRefusal(error.statusCode, undefined, error);
  // axios, inside the lending client, reports an unanswered request with a code and no response.
  if (error instanceof Error && "isAxiosError" in error && !("response" in error && error.response)) return unreachable(error);
  return new Failure(500, { error: "internal", message: "Something went wrong on our side. Try again." }, { cause: error });
}
