/** The customers with the most invoiced. */
import type { TopCustomers } from "../../shared/wire";
import { monthAndYear, percent } from "../words/money";
import { fill, words } from "../words/speech";
import { AmountTable, ByCurrency, InvoicedAmount, Numbers, RowBar } from "./parts";

export function CustomersFigure({ customers }: { customers: TopCustomers[] }) {
  return (
    <ByCurrency items={customers}>
      {({ currency, since, invoiced, customers: rows }) => (
        <>
          <Numbers currency={currency} items={[{ label: fill(words.charts.invoicedSince, { month: monthAndYear(since) }), amount: invoiced }]} />
          <AmountTable
            caption={words.charts.customersTable}
            captionHidden
            head={[words.charts.customerAndShare, words.charts.invoiced]}
            rows={rows.map(({ name, amount, invoices, sharePermille }) => ({
              key: name,
              label: (
                <>
                  <span dir="auto">{name || words.charts.unnamedCustomer}</span> <span className="fine">{percent(sharePermille)}</span>
                  <RowBar permille={sharePermille} className="bar-in" />
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
