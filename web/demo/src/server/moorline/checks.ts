/** The reconciliation of a merchant's connection: an operation of Moorline's own, which the official clients don't have. */
import { compare, decimal, isNegative, negate, permille, type Decimal } from "../../figures/decimal";
import type { Check, CheckResult, CheckSide, ChecksView } from "../../shared/wire";
import type { Config } from "../config";
import type { MerchantRecord } from "../merchants";
import { platformRefusal, unreadable } from "../problem";

const TIMEOUT_MS = 30_000;

const RESULTS: Record<string, CheckResult> = { passed: "agrees", differs: "differs", cannotTell: "open" };

export type ChecksOf = (merchant: MerchantRecord, connectionId: string) => Promise<ChecksView>;

export function checksOf({ apiKey, moorlineUrl }: Pick<Config, "apiKey" | "moorlineUrl">): ChecksOf {
  const headers = { Authorization: `Basic ${Buffer.from(apiKey).toString("base64")}` };
  return async ({ companyId }, connectionId) => {
    const path = `/companies/${companyId}/connections/${encodeURIComponent(connectionId)}/reconciliation`;
    let response: Response;
    let body: Answer;
    try {
      response = await fetch(moorlineUrl + path, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      body = exactly(await response.text());
    } catch (cause) {
      throw unreadable("checks", cause);
    }
    if (!response.ok) throw platformRefusal(response.status, body);
    return { checks: (body.tests ?? []).map(shape) };
  };
}

interface Answer {
  error?: string;
  correlationId?: string;
  tests?: Test[];
}

interface Test {
  id: string;
  name: string;
  result: string;
  reason: string;
  sides: { label: string; amount?: string; currency?: string }[];
  difference?: string;
  records: { dataType: string; id: string; number?: string; reason: string }[];
}

/** Reads JSON with its amounts as text: a parser's numbers are floats. A quote within a text has a backslash before it. */
const exactly = (json: string) => JSON.parse(json.replace(/("(?:amount|difference)":)(-?[0-9.]+)/g, '$1"$2"')) as Answer;

const size = (amount: Decimal) => (isNegative(amount) ? negate(amount) : amount);

function shape({ id, name, result, reason, sides, difference, records }: Test): Check {
  const amounts = sides.map(({ amount }) => (amount === undefined ? undefined : size(decimal(amount))));
  const largest = amounts.reduce((most, amount) => (amount && (!most || compare(amount, most) > 0) ? amount : most), undefined);
  const [record] = records;
  return {
    id,
    name,
    result: RESULTS[result] ?? "open",
    reason,
    difference: difference ?? null,
    sides: sides.map(({ label, amount, currency }, i): CheckSide => {
      const of = amounts[i];
      return { label, amount: amount ?? null, currency: currency ?? "", permille: of && largest ? permille(of, largest) : 0 };
    }),
    record: record ? { dataType: record.dataType, name: record.number ?? record.id, reason: record.reason } : null,
  };
}
