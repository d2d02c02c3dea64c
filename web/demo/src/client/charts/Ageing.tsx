/** Receivables by age. */
import { decimal, permille } from "../../figures/decimal";
import type { Receivables } from "../../shared/wire";
import { count } from "../money";
import { AGE_BANDS } from "../words";
import { AmountTable, ByCurrency, InvoicedAmount, Numbers, RowBar } from "./parts";

export function AgeingFigure({ receivables, asOf }: { receivables: Receivables[]; asOf: string }) {
  return (
    <ByCurrency items={receivables}>
      {({ currency, outstanding, overdue, openInvoices, bands }) => (
        <>
          <Numbers
            currency={currency}
            items={[
              { label: "Outstanding", amount: outstanding },
              { label: "Overdue", amount: overdue },
            ]}
          />
          <AmountTable
            caption={
              <>
                {count(openInvoices, "open invoice")} on{" "}
                {new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(asOf))}
              </>
            }
            head={["Age", "Amount"]}
            rows={bands.map(({ band, amount, invoices }) => ({
              key: band,
              label: (
                <>
                  {AGE_BANDS[band]}
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
