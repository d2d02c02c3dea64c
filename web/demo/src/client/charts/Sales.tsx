/** Orders and sales by month. */
import type { SalesSeries } from "../../shared/wire";
import { money, monthAndYear, number } from "../words/money";
import { counted, fill, words } from "../words/speech";
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
              { label: words.charts.sales, amount: sales, mark: "key-in" },
              { label: words.charts.givenBack, amount: refunds },
              { label: words.charts.averageOrder, amount: averageOrder },
            ]}
          />
          <p className="soft">{counted(orders, words.charts.ordersInYear)}</p>
          <MonthBars
            label={counted(orders, words.charts.salesLabel, { amount: money(sales, currency) })}
            currency={currency}
            series={["bar-in"]}
            bars={months.map((row) => ({
              month: row.month,
              heights: [Number(row.sales)],
              words: counted(row.orders, words.charts.salesMonth, { month: monthAndYear(row.month), amount: money(row.sales, currency) }),
            }))}
          />
          <TableBehind
            caption={fill(words.charts.salesTable, { currency })}
            head={[words.charts.month, words.charts.orders, words.charts.sales]}
            rows={months.map((row) => [monthAndYear(row.month), number(row.orders), money(row.sales, currency)])}
          />
        </>
      )}
    </ByCurrency>
  );
}
