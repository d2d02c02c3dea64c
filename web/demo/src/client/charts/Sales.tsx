/** Orders and sales by month. */
import type { SalesSeries } from "../../shared/wire";
import { count, money, monthAndYear } from "../money";
import { MonthBars } from "./MonthBars";
import { ByCurrency, Numbers, TableBehind } from "./parts";

export function SalesFigure({ series }: { series: SalesSeries[] }) {
  return (
    <ByCurrency items={series}>
      {({ currency, months, orders, sales, refunds, averageOrder }) => (
        <>
          <Numbers
            currency={currency}
            items={[
              { label: "Sales", amount: sales, mark: "key-in" },
              { label: "Given back", amount: refunds },
              { label: "Average order", amount: averageOrder },
            ]}
          />
          <p className="soft">{count(orders, "order")} in twelve months.</p>
          <MonthBars
            label={`Sales by month: ${money(sales, currency)} from ${count(orders, "order")} over twelve months. The table below has every month.`}
            currency={currency}
            series={["bar-in"]}
            bars={months.map((row) => ({
              month: row.month,
              heights: [Number(row.sales)],
              words: `${monthAndYear(row.month)}: ${money(row.sales, currency)} from ${count(row.orders, "order")}`,
            }))}
          />
          <TableBehind
            caption={`Orders and sales by month, ${currency}`}
            head={["Month", "Orders", "Sales"]}
            rows={months.map((row) => [monthAndYear(row.month), String(row.orders), money(row.sales, currency)])}
          />
        </>
      )}
    </ByCurrency>
  );
}
