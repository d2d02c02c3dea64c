// The client organisation: the official client, and raw requests for stories about the wire itself.

import { CodatPlatform } from "@codat/platform";
import type { Connection } from "@codat/platform/sdk/models/shared/index.js";

import { until } from "../until.js";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface PendingConnection {
  readonly companyId: string;
  readonly connectionId: string;
  readonly linkUrl: string;
}

export class Client {
  readonly codat: CodatPlatform;
  readonly authorization: string;

  constructor(
    readonly url: string,
    readonly apiKey: string,
  ) {
    this.authorization = `Basic ${Buffer.from(apiKey).toString("base64")}`;
    this.codat = new CodatPlatform({
      authHeader: this.authorization,
      serverURL: url,
      retryConfig: { strategy: "none" },
    });
  }

  /** One request with the key; no client library reads the answer. */
  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: this.authorization,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return { status: response.status, headers: response.headers, body: isJson && text !== "" ? JSON.parse(text) : text };
  }

  /** The body of a GET that must succeed. */
  async read<T>(path: string): Promise<T> {
    const answer = await this.request("GET", path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }

  /** Every record of a list, page by page. */
  async readAll<T>(path: string, pageSize = 500): Promise<T[]> {
    const found: T[] = [];
    for (let page = 1; ; page += 1) {
      const separator = path.includes("?") ? "&" : "?";
      const { results, totalResults } = await this.read<{ results: T[]; totalResults: number }>(
        `${path}${separator}page=${page}&pageSize=${pageSize}`,
      );
      found.push(...results);
      if (results.length === 0 || found.length >= totalResults) return found;
    }
  }

  /** Creates a company and a connection of it, which is pending. */
  async newConnection(companyName: string, platformKey: string): Promise<PendingConnection> {
    const { id: companyId } = await this.codat.companies.create({ name: companyName });
    const { id: connectionId, linkUrl } = await this.codat.connections.create({ companyId, requestBody: { platformKey } });
    return { companyId, connectionId, linkUrl };
  }

  async disconnect(companyId: string, connectionId: string): Promise<void> {
    await this.codat.connections.unlink({ companyId, connectionId, updateConnectionStatus: { status: "Unlinked" } });
  }

  /** Queues a pull of one data type. */
  queue(companyId: string, dataType: string): Promise<Answer> {
    return this.request("POST", `/companies/${companyId}/data/queue/${dataType}`);
  }

  connection(companyId: string, connectionId: string): Promise<Connection> {
    return this.codat.connections.get({ companyId, connectionId });
  }

  async onlyConnection(companyId: string): Promise<Connection> {
    const { results = [] } = await this.codat.connections.list({ companyId });
    const [only] = results;
    if (only === undefined || results.length !== 1) throw new Error(`Company ${companyId} has ${results.length} connections instead of one.`);
    return only;
  }

  untilStatus(companyId: string, connectionId: string, status: string, limitMs = 30_000): Promise<Connection> {
    return until(
      `the connection is ${status}`,
      async () => {
        const connection = await this.connection(companyId, connectionId);
        return connection.status === status && connection;
      },
      limitMs,
    );
  }

  /** Waits until no pull of the company is under way; returns the status of each data type that was requested. */
  untilSettled(companyId: string, limitMs = 120_000): Promise<Map<string, string>> {
    return until(
      "every data type has settled",
      async () => {
        const { results } = await this.read<{ results: { status: string }[] }>(
          `/companies/${companyId}/data/history?pageSize=500`,
        );
        if (results.length === 0 || results.some(({ status }) => UNDER_WAY.has(status))) return undefined;
        const statuses = await this.read<Record<string, { currentStatus: string; latestSyncId?: string }>>(
          `/companies/${companyId}/dataStatus`,
        );
        // A type that was never requested has no pull.
        const requested = Object.entries(statuses).filter(([, { latestSyncId }]) => latestSyncId !== undefined);
        return new Map(requested.map(([dataType, { currentStatus }]) => [dataType, currentStatus]));
      },
      limitMs,
    );
  }
}

/** Statuses of pulls that have not ended. */
const UNDER_WAY = new Set([
  "Initial",
  "Queued",
  "Fetching",
  "MapQueued",
  "Mapping",
  "ValidationQueued",
  "Validating",
  "ProcessingQueued",
  "Processing",
]);
