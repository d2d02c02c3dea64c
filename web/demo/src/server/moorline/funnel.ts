/** What became of customers in Link: an operation of Moorline's own, which the official clients don't have. */
import type { FunnelStep, FunnelView } from "../../shared/wire";
import type { Config } from "../config";
import { platformRefusal, unreadable } from "../problem";

const TIMEOUT_MS = 30_000;
const STEPS: FunnelStep[] = ["opened", "chose", "began", "authorised", "linked"];

interface Answer {
  error?: string;
  correlationId?: string;
  from: string;
  to: string;
  isCounted: boolean;
  total: Record<FunnelStep, number> & { losses: Record<string, number> };
}

export type FunnelOf = () => Promise<FunnelView>;

export function funnelOf({ apiKey, moorlineUrl }: Pick<Config, "apiKey" | "moorlineUrl">): FunnelOf {
  const headers = { Authorization: `Basic ${Buffer.from(apiKey).toString("base64")}` };
  return async () => {
    let response: Response;
    let body: Answer;
    try {
      response = await fetch(`${moorlineUrl}/linkFunnel`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      body = (await response.json()) as Answer;
    } catch (cause) {
      throw unreadable("numbers", cause);
    }
    if (!response.ok) throw platformRefusal(response.status, body);
    const { from, to, isCounted, total } = body;
    const losses = Object.entries(total.losses).map(([reason, customers]) => ({ reason, customers }));
    return {
      from,
      to,
      isCounted,
      steps: STEPS.map((step) => ({ step, customers: total[step] })),
      losses: losses.sort((a, b) => b.customers - a.customers || a.reason.localeCompare(b.reason)),
    };
  };
}
