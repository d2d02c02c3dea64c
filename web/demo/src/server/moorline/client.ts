/** Moorline through the official clients, of which only the base URL is changed. */
import { CodatLending } from "@codat/lending";
import type { ErrorMessage } from "@codat/lending/dist/sdk/models/shared/index.js";
import { CodatPlatform } from "@codat/platform";
import type { Config } from "../config";
import { fromClient, platformRefusal } from "../problem";

/** A few quick retries, because a merchant is waiting; the clients' default is to retry for an hour. */
const PATIENCE = { initialInterval: 250, maxInterval: 1_500, exponent: 1.5, maxElapsedTime: 4_000 };
const TIMEOUT_MS = 30_000;

/** For requests that must not be repeated, because one whose answer got lost may have taken effect. */
export const ONCE = { retries: { strategy: "none" } } as const;

export interface Moorline {
  platform: CodatPlatform;
  lending: CodatLending;
}

export function connect({ apiKey, moorlineUrl }: Pick<Config, "apiKey" | "moorlineUrl">): Moorline {
  const authHeader = `Basic ${Buffer.from(apiKey).toString("base64")}`;
  return {
    platform: new CodatPlatform({
      authHeader,
      serverURL: moorlineUrl,
      timeoutMs: TIMEOUT_MS,
      retryConfig: { strategy: "backoff", backoff: PATIENCE, retryConnectionErrors: true },
    }),
    lending: new CodatLending({
      security: { authHeader },
      serverURL: moorlineUrl,
      retryConfig: { strategy: "backoff", backoff: PATIENCE, retryConnectionErrors: true },
    }),
  };
}

/** Makes axios ignore proxy variables, as fetch in the other client does. */
export const LENDING_REQUEST = { timeout: TIMEOUT_MS, proxy: false } as const;

/** The largest page that the contract allows. */
const PAGE_SIZE = 5_000;

interface Page<T> {
  totalResults: number;
  results?: T[] | undefined;
}

interface PagedResponse<T> {
  statusCode: number;
  errorMessage?: ErrorMessage | undefined;
  page: Page<T> | undefined;
}

/**
 * Reads every page of a list and passes the records on page by page, so that a hundred thousand of them are
 * never in memory at once.
 */
export async function eachRecord<T>(
  read: (page: { page: number; pageSize: number }) => Promise<PagedResponse<T>>,
  take: (record: T) => void,
): Promise<void> {
  let seen = 0;
  for (let page = 1; ; page += 1) {
    let response: PagedResponse<T>;
    try {
      response = await read({ page, pageSize: PAGE_SIZE });
    } catch (error) {
      throw fromClient(error);
    }
    if (response.statusCode !== 200 || !response.page) {
      throw platformRefusal(response.statusCode, response.errorMessage);
    }
    const records = response.page.results ?? [];
    records.forEach(take);
    seen += records.length;
    if (records.length === 0 || seen >= response.page.totalResults) return;
  }
}
