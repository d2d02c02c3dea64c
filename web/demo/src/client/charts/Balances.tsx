/** The balances of bank accounts. */
import type { AccountBalance, Money } from "../../shared/wire";
import { money } from "../money";
import { AmountTable } from "./parts";

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
      <AmountTable
        caption="Bank accounts"
        captionHidden
        head={["Account", "Balance"]}
        rows={accounts.map(({ id, name, institution, currency, current, available }) => ({
          key: id,
          label: (
            <>
              {name}
              {institution && <span className="fine below">{institution}</span>}
            </>
          ),
          amount: (
            <>
              {current === null ? "Not stated" : money(current, currency)}
              {available !== null && available !== current && <span className="fine">{money(available, currency)} available</span>}
            </>
          ),
        }))}
      />
    </>
  );
}
