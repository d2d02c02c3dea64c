/** Who is invoiced most. */
import type { TopCustomers } from "../../shared/wire";
import { count, money, monthAndYear, percent } from "../money";
import { ByCurrency, Numbers, RowBar } from "./parts";

export function CustomersFigure({ customers }: { customers: TopCustomers[] }) {
  return (
    <ByCurrency items={customers}>
      {({ currency, since, invoiced, customers: rows }) => (
        <>
          <Numbers currency={currency} items={[{ label: `Invoiced since ${monthAndYear(since)}`, amount: invoiced }]} />
          <table className="bars">
            <caption className="hidden">Customers invoiced most</caption>
            <thead className="hidden">
              <tr>
                <th scope="col">Customer and share</th>
                <th scope="col">Invoiced</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, amount, invoices, sharePermille }) => (
                <tr key={name}>
                  <th scope="row">
                    {name} <span className="fine">{percent(sharePermille)}</span>
                    <RowBar permille={sharePermille} className="bar-in" />
                  </th>
                  <td>
                    {money(amount, currency)}
                    <span className="fine">{count(invoices, "invoice")}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </ByCurrency>
  );
}
