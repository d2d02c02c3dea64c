/** Totals of bank accounts, one for each currency. */
import type { AccountBalance, Money } from "../shared/wire";
import { add, compare, decimal, text, ZERO } from "./decimal";

/** Totals by currency, the currency with the most accounts first. */
export function totalsByCurrency(accounts: readonly AccountBalance[]): Money[] {
  const totals = new Map<string, { amount: ReturnType<typeof decimal>; accounts: number }>();
  for (const { currency, current } of accounts) {
    if (current === null) continue;
    const entry = totals.get(currency) ?? { amount: ZERO, accounts: 0 };
    totals.set(currency, { amount: add(entry.amount, decimal(current)), accounts: entry.accounts + 1 });
  }
  return [...totals]
    .sort(([a, x], [b, y]) => y.accounts - x.accounts || compare(y.amount, x.amount) || a.localeCompare(b))
    .map(([currency, { amount }]) => ({ currency, amount: text(amount) }));
}
