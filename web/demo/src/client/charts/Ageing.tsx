/** What customers owe, by how late it is. */
import { decimal, permille } from "../../figures/decimal";
import type { Receivables } from "../../shared/wire";
import { count, money } from "../money";
import { AGE_BANDS } from "../words";
import { ByCurrency, Numbers, RowBar } from "./parts";

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
          <table className="bars">
            <caption className="soft">
              {count(openInvoices, "open invoice")} on{" "}
              {new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(asOf))}
            </caption>
            <thead className="hidden">
              <tr>
                <th scope="col">Age</th>
                <th scope="col">Amount</th>
              </tr>
            </thead>
            <tbody>
              {bands.map(({ band, amount, invoices }) => (
                <tr key={band}>
                  <th scope="row">
                    {AGE_BANDS[band]}
                    <RowBar permille={permille(decimal(amount), decimal(outstanding))} className={`age-${band}`} />
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
