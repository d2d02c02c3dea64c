/** What lies in the bank, account by account. */
import type { AccountBalance, Money } from "../../shared/wire";
import { money } from "../money";

export function BalancesFigure({ accounts, totals }: { accounts: AccountBalance[]; totals: Money[] }) {
  if (accounts.length === 0) return <p className="soft">No accounts were shared.</p>;
  return (
    <>
      <dl className="numbers">
        {totals.map(({ currency, amount }) => (
          <div key={currency}>
            <dt>In {currency || "an unstated currency"}</dt>
            <dd>{money(amount, currency)}</dd>
          </div>
        ))}
      </dl>
      <table className="bars">
        <caption className="hidden">Bank accounts</caption>
        <thead className="hidden">
          <tr>
            <th scope="col">Account</th>
            <th scope="col">Balance</th>
          </tr>
        </thead>
        <tbody>
          {accounts.map(({ id, name, institution, currency, current, available }) => (
            <tr key={id}>
              <th scope="row">
                {name}
                {institution && <span className="fine below">{institution}</span>}
              </th>
              <td>
                {current === null ? "Not stated" : money(current, currency)}
                {available !== null && available !== current && <span className="fine">{money(available, currency)} available</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
