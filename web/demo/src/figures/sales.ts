/** Orders and sales by month, one series for each currency. */
import type { SalesSeries } from "../shared/wire";
import { add, average, type Decimal, subtract, text, ZERO } from "./decimal";
import { type Month, monthOf, monthsUpTo } from "./months";

interface MonthSales {
  orders: number;
  sales: Decimal;
  refunds: Decimal;
}

/** Collects orders page by page. */
export class SalesByMonth {
  readonly #currencies = new Map<string, Map<Month, MonthSales>>();

  add(currency: string, date: string | undefined, total: Decimal, refund: Decimal): void {
    const month = monthOf(date);
    if (month === undefined) return;
    const months = this.#currencies.get(currency) ?? new Map<Month, MonthSales>();
    this.#currencies.set(currency, months);
    const entry = months.get(month) ?? { orders: 0, sales: ZERO, refunds: ZERO };
    months.set(month, {
      orders: entry.orders + 1,
      sales: add(entry.sales, total),
      refunds: add(entry.refunds, refund),
    });
  }

  series(today: string, count = 12): SalesSeries[] {
    const thisMonth = monthOf(today) ?? today.slice(0, 7);
    const orders = (months: Map<Month, MonthSales>) => [...months.values()].reduce((n, { orders }) => n + orders, 0);
    return [...this.#currencies]
      .sort(([a, x], [b, y]) => orders(y) - orders(x) || a.localeCompare(b))
      .flatMap(([currency, months]) => {
        const newest = [...months.keys()].filter((month) => month <= thisMonth).sort().at(-1);
        if (newest === undefined) return [];
        let sales = ZERO;
        let refunds = ZERO;
        let counted = 0;
        const rows = monthsUpTo(newest, count).map((month) => {
          const entry = months.get(month) ?? { orders: 0, sales: ZERO, refunds: ZERO };
          sales = add(sales, entry.sales);
          refunds = add(refunds, entry.refunds);
          counted += entry.orders;
          return { month, orders: entry.orders, sales: text(entry.sales) };
        });
        return [
          {
            currency,
            months: rows,
            orders: counted,
            sales: text(sales),
            refunds: text(refunds),
            net: text(subtract(sales, refunds)),
            averageOrder: text(average(sales, counted, Math.max(2, sales.scale))),
          },
        ];
      });
  }
}
