/** The balances of bank accounts. */
import type { AccountBalance, Money } from "../../shared/wire";
import { money } from "../words/money";
import { fill, words } from "../words/speech";
import { AmountTable } from "./parts";

export function BalancesFigure({ accounts, totals }: { accounts: AccountBalance[]; totals: Money[] }) {
  if (accounts.length === 0) return <p className="soft">{words.charts.noAccounts}</p>;
  return (
    <>
      <dl className="numbers">
        {totals.map(({ currency, amount }) => (
          <div key={currency}>
            <dt>{currency ? fill(words.charts.inCurrency, { currency }) : words.charts.inUnstated}</dt>
            <dd>{money(amount, currency)}</dd>
          </div>
        ))}
      </dl>
      <AmountTable
        caption={words.charts.accountsTable}
        captionHidden
        head={[words.charts.account, words.charts.balance]}
        rows={accounts.map(({ id, name, institution, currency, current, available }) => ({
          key: id,
          label: (
            <>
              <span dir="auto">{name}</span>
              {institution && <span className="fine below">{institution}</span>}
            </>
          ),
          amount: (
            <>
              {current === null ? words.charts.notStated : money(current, currency)}
              {available !== null && available !== current && <span className="fine">{fill(words.charts.available, { amount: money(available, currency) })}</span>}
            </>
          ),
        }))}
      />
    </>
  );
}
