/** Parts that the charts share: a choice of currency, headline numbers, and tables. */
import { type ReactNode, useId, useState } from "react";
import { money } from "../words/money";
import { counted, words } from "../words/speech";

/** Shows one currency, which the reader picks if there are several; figures are never added across currencies. */
export function ByCurrency<T extends { currency: string }>({ items, children }: { items: T[]; children: (item: T) => ReactNode }) {
  const [chosen, setChosen] = useState(items[0]?.currency);
  const name = useId();
  const item = items.find(({ currency }) => currency === chosen) ?? items[0];
  if (!item) return null;
  return (
    <>
      {items.length > 1 && (
        <fieldset className="segments">
          <legend className="hidden">{words.charts.currency}</legend>
          {items.map(({ currency }) => (
            <label key={currency}>
              <input type="radio" name={name} checked={currency === item.currency} onChange={() => setChosen(currency)} />
              <span>{currency || words.charts.unstated}</span>
            </label>
          ))}
        </fieldset>
      )}
      {children(item)}
    </>
  );
}

export function Numbers({ items, currency }: { items: { label: string; amount: string; mark?: string }[]; currency: string }) {
  return (
    <dl className="numbers">
      {items.map(({ label, amount, mark }) => (
        <div key={label}>
          <dt>
            {mark && <span className={`key ${mark}`} aria-hidden="true" />}
            {label}
          </dt>
          <dd>{money(amount, currency)}</dd>
        </div>
      ))}
    </dl>
  );
}

export function TableBehind({ caption, head, rows }: { caption: string; head: string[]; rows: string[][] }) {
  return (
    <details className="behind">
      <summary>{words.charts.showTable}</summary>
      <div className="behind-scroll" tabIndex={0} role="region" aria-label={caption}>
        <table>
          <caption className="hidden">{caption}</caption>
          <thead>
            <tr>
              {head.map((cell) => (
                <th key={cell} scope="col">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([first = "", ...rest]) => (
              <tr key={first}>
                <th scope="row">{first}</th>
                {rest.map((cell, i) => (
                  <td key={head[i + 1]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

interface AmountTableProps {
  caption: ReactNode;
  /** True if only screen readers get the caption. */
  captionHidden?: boolean;
  head: [label: string, amount: string];
  rows: { key: string; label: ReactNode; amount: ReactNode }[];
}

/** A table of two columns, of which only screen readers get the head. */
export function AmountTable({ caption, captionHidden, head, rows }: AmountTableProps) {
  return (
    <table className="bars">
      <caption className={captionHidden ? "hidden" : "soft"}>{caption}</caption>
      <thead className="hidden">
        <tr>
          {head.map((cell) => (
            <th key={cell} scope="col">
              {cell}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, label, amount }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            <td>{amount}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** An amount, and the number of invoices that it is the sum of. */
export function InvoicedAmount({ amount, currency, invoices }: { amount: string; currency: string; invoices: number }) {
  return (
    <>
      {money(amount, currency)}
      <span className="fine">{counted(invoices, words.charts.invoices)}</span>
    </>
  );
}

/** A bar in a row of a table: its length is `permille` of the cell. */
export function RowBar({ permille, className }: { permille: number; className: string }) {
  return (
    <svg className="row-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <rect className="row-bar-track" width="1000" height="10" />
      <rect className={className} width={Math.max(permille > 0 ? 6 : 0, Math.min(1000, permille))} height="10" />
    </svg>
  );
}
