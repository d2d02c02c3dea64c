/** Cash in and out by month. */
import type { CashSeries } from "../../shared/wire";
import { money, monthAndYear } from "../money";
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
              { label: "In", amount: totalIn, mark: "key-in" },
              { label: "Out", amount: totalOut, mark: "key-out" },
              { label: "Net", amount: net },
            ]}
          />
          <p className="soft">Transfers between your own accounts are left out.</p>
          <MonthBars
            label={`Cash by month: ${money(totalIn, currency)} in, ${money(totalOut, currency)} out over twelve months. The table below has every month.`}
            currency={currency}
            series={["bar-in", "bar-out"]}
            bars={months.map((row) => ({
              month: row.month,
              heights: [Number(row.in), Number(row.out)],
              words: `${monthAndYear(row.month)}: ${money(row.in, currency)} in, ${money(row.out, currency)} out`,
            }))}
          />
          <TableBehind
            caption={`Cash in and out by month, ${currency}`}
            head={["Month", "In", "Out", "Net"]}
            rows={months.map((row) => [monthAndYear(row.month), ...[row.in, row.out, row.net].map((amount) => money(amount, currency))])}
          />
        </>
      )}
    </ByCurrency>
  );
}
