/** The customers with the most invoiced. */
import type { TopCustomers } from "../../shared/wire";
import { monthAndYear, percent } from "../money";
import { AmountTable, ByCurrency, InvoicedAmount, Numbers, RowBar } from "./parts";

export function CustomersFigure({ customers }: { customers: TopCustomers[] }) {
  return (
    <ByCurrency items={customers}>
      {({ currency, since, invoiced, customers: rows }) => (
        <>
          <Numbers currency={currency} items={[{ label: `Invoiced since ${monthAndYear(since)}`, amount: invoiced }]} />
          <AmountTable
            caption="Customers invoiced most"
            captionHidden
            head={["Customer and share", "Invoiced"]}
            rows={rows.map(({ name, amount, invoices, sharePermille }) => ({
              key: name,
              label: (
                <>
                  {name} <span className="fine">{percent(sharePermille)}</span>
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
