/** The history of a merchant's connection: an operation of Moorline's own, which the official clients don't have. */
import type { HistoryEntry, HistoryView } from "../../shared/wire";
import type { Config } from "../config";
import type { MerchantRecord } from "../merchants";
import { platformRefusal, unreadable } from "../problem";

const TIMEOUT_MS = 10_000;
const LATEST = 20;

const ACTORS = ["customer", "client", "platform", "moorline"] as const;

export type HistoryOf = (merchant: MerchantRecord, connectionId: string) => Promise<HistoryView>;

export function historyOf({ apiKey, moorlineUrl }: Pick<Config, "apiKey" | "moorlineUrl">): HistoryOf {
  const headers = { Authorization: `Basic ${Buffer.from(apiKey).toString("base64")}` };
  return async ({ companyId }, connectionId) => {
    const path = `/companies/${companyId}/connections/${encodeURIComponent(connectionId)}/timeline?pageSize=${LATEST}`;
    let response: Response;
    let body: Answer;
    try {
      response = await fetch(moorlineUrl + path, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      body = (await response.json()) as Answer;
    } catch (cause) {
      throw unreadable("history", cause);
    }
    if (!response.ok) throw platformRefusal(response.status, body);
    return { entries: (body.results ?? []).map(shape), total: body.totalResults ?? 0 };
  };
}

interface Answer {
  error?: string;
  correlationId?: string;
  totalResults?: number;
  results?: Record<string, unknown>[];
}

function shape(entry: Record<string, unknown>): HistoryEntry {
  const { id, occurred, title, type, reason } = entry;
  return {
    id: String(id),
    occurred: String(occurred),
    title: String(title ?? type),
    actor: ACTORS.find((actor) => actor === entry["actor"]) ?? "moorline",
    reason: typeof reason === "string" ? reason : null,
  };
}
