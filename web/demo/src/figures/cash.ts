/** Cash in and out by month, one series for each currency. */
import type { CashSeries } from "../shared/wire";
import { add, type Decimal, isNegative, isZero, negate, subtract, text, ZERO } from "./decimal";
import { type Month, monthOf, monthsUpTo } from "./months";

interface MonthTotals {
  in: Decimal;
  out: Decimal;
}

/** Collects bank lines page by page, and keeps only the monthly totals. */
export class CashByMonth {
  readonly #currencies = new Map<string, Map<Month, MonthTotals>>();
  readonly #lines = new Map<string, number>();

  /** `amount` has the sign that banks print: money in is positive. */
  add(currency: string, date: string | undefined, amount: Decimal): void {
    const month = monthOf(date);
    if (month === undefined || isZero(amount)) return;
    const months = this.#currencies.get(currency) ?? new Map<Month, MonthTotals>();
    this.#currencies.set(currency, months);
    const totals = months.get(month) ?? { in: ZERO, out: ZERO };
    months.set(month, totals);
    if (isNegative(amount)) totals.out = add(totals.out, negate(amount));
    else totals.in = add(totals.in, amount);
    this.#lines.set(currency, (this.#lines.get(currency) ?? 0) + 1);
  }

  /** The last `count` months up to the newest with a line (never a month after `today`'s); busiest currency first. */
  series(today: string, count = 12): CashSeries[] {
    const thisMonth = monthOf(today) ?? today.slice(0, 7);
    return [...this.#currencies]
      .sort(([a], [b]) => (this.#lines.get(b) ?? 0) - (this.#lines.get(a) ?? 0) || a.localeCompare(b))
      .flatMap(([currency, months]) => {
        const newest = [...months.keys()].filter((month) => month <= thisMonth).sort().at(-1);
        if (newest === undefined) return [];
        let totalIn = ZERO;
        let totalOut = ZERO;
        const rows = monthsUpTo(newest, count).map((month) => {
          const totals = months.get(month) ?? { in: ZERO, out: ZERO };
          totalIn = add(totalIn, totals.in);
          totalOut = add(totalOut, totals.out);
          return { month, in: text(totals.in), out: text(totals.out), net: text(subtract(totals.in, totals.out)) };
        });
        return [
          { currency, months: rows, totalIn: text(totalIn), totalOut: text(totalOut), net: text(subtract(totalIn, totalOut)) },
        ];
      });
  }
}
