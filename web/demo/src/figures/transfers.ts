/** Transfers between a merchant's own accounts, which are neither cash in nor cash out. */
import { type Decimal, isNegative, text } from "./decimal";
import { daysBetween } from "./months";

export interface Transfer {
  account: string;
  currency: string;
  /** ISO date. */
  date: string | undefined;
  amount: Decimal;
  /** Its bookkeeping entry, if it comes from books. */
  entry?: string | undefined;
}

/** The most days between the two ends of a transfer, which banks book on different days, over a weekend too. */
const DAYS_APART = 4;

/** Transfers in books without their other end: own transfers have both ends in one entry. */
export function outsideEntries(transfers: readonly Transfer[]): Transfer[] {
  const accounts = new Map<string, Set<string>>();
  for (const { entry, account } of transfers) {
    if (entry !== undefined) accounts.set(entry, (accounts.get(entry) ?? new Set()).add(account));
  }
  return transfers.filter(({ entry }) => entry === undefined || (accounts.get(entry)?.size ?? 0) < 2);
}

/** Transfers in bank statements without their other end: own transfers reach another account within days, with the same amount. */
export function outsideStatements(transfers: readonly Transfer[]): Transfer[] {
  const open = new Map<string, Transfer[]>();
  for (const transfer of [...transfers].sort((a, b) => (a.date ?? "").localeCompare(b.date ?? ""))) {
    const { account, currency, amount, date } = transfer;
    const size = text(amount).replace(/^-/, "").replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
    const key = `${currency} ${size}`;
    const same = open.get(key) ?? [];
    open.set(key, same);
    const other = same.findIndex(
      (candidate) =>
        candidate.account !== account &&
        isNegative(candidate.amount) !== isNegative(amount) &&
        Math.abs(daysBetween(candidate.date ?? "", date ?? "")) <= DAYS_APART,
    );
    if (other >= 0) same.splice(other, 1);
    else same.push(transfer);
  }
  return [...open.values()].flat();
}
