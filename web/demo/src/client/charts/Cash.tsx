/** Cash in and out by month. */
import type { CashSeries } from "../../shared/wire";
import { money, monthAndYear } from "../words/money";
import { fill, words } from "../words/speech";
import { MonthBars } from "./MonthBars";
import { ByCurrency, Numbers, TableBehind } from "./parts";

export function CashFigure({ series }: { series: CashSeries[] }) {
  return (
    <ByCurrency items={series}>
      {({ currency, months, totalIn, totalOut, net }) => (
        <>
          <Numbers
            currency={currency}
            items={[
              { label: words.charts.in, amount: totalIn, mark: "key-in" },
              { label: words.charts.out, amount: totalOut, mark: "key-out" },
              { label: words.charts.net, amount: net },
            ]}
          />
          <p className="soft">{words.charts.transfersOut}</p>
          <MonthBars
            label={fill(words.charts.cashLabel, { in: money(totalIn, currency), out: money(totalOut, currency) })}
            currency={currency}
            series={["bar-in", "bar-out"]}
            bars={months.map((row) => ({
              month: row.month,
              heights: [Number(row.in), Number(row.out)],
              words: fill(words.charts.cashMonth, { month: monthAndYear(row.month), in: money(row.in, currency), out: money(row.out, currency) }),
            }))}
          />
          <TableBehind
            caption={fill(words.charts.cashTable, { currency })}
            head={[words.charts.month, words.charts.in, words.charts.out, words.charts.net]}
            rows={months.map((row) => [monthAndYear(row.month), ...[row.in, row.out, row.net].map((amount) => money(amount, currency))])}
          />
        </>
      )}
    </ByCurrency>
  );
}
