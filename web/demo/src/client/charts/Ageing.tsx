/** Receivables by age. */
import { decimal, permille } from "../../figures/decimal";
import type { Receivables } from "../../shared/wire";
import { day } from "../words/money";
import { counted, words } from "../words/speech";
import { AmountTable, ByCurrency, InvoicedAmount, Numbers, RowBar } from "./parts";

export function AgeingFigure({ receivables, asOf }: { receivables: Receivables[]; asOf: string }) {
  return (
    <ByCurrency items={receivables}>
      {({ currency, outstanding, overdue, openInvoices, bands }) => (
        <>
          <Numbers
            currency={currency}
            items={[
              { label: words.charts.outstanding, amount: outstanding },
              { label: words.charts.overdue, amount: overdue },
            ]}
          />
          <AmountTable
            caption={counted(openInvoices, words.charts.openInvoices, { date: day(asOf) })}
            head={[words.charts.age, words.charts.amount]}
            rows={bands.map(({ band, amount, invoices }) => ({
              key: band,
              label: (
                <>
                  {words.charts.bands[band]}
                  <RowBar permille={permille(decimal(amount), decimal(outstanding))} className={`age-${band}`} />
                </>
              ),
              amount: <InvoicedAmount amount={amount} currency={currency} invoices={invoices} />,
            }))}
          />
        </>
      )}
    </ByCurrency>
  );
}
