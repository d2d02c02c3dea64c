/** Receivables by age, and the customers with the most invoiced. */
import type { AgeBand, Receivables, TopCustomers } from "../shared/wire";
import { add, compare, type Decimal, isZero, permille, text, ZERO } from "./decimal";
import { daysBetween, monthOf, plusMonths } from "./months";

/** The part of an invoice that these figures need. */
interface InvoiceLine {
  currency: string;
  /** ISO date on which it was issued. */
  issued: string | undefined;
  /** ISO date on which it is to be paid; without one, the issue date counts. */
  due: string | undefined;
  total: Decimal;
  amountDue: Decimal;
  customer: string;
}

const BANDS: { band: AgeBand; fits: (daysLate: number) => boolean }[] = [
  { band: "current", fits: (days) => days <= 0 },
  { band: "1-30", fits: (days) => days <= 30 },
  { band: "31-60", fits: (days) => days <= 60 },
  { band: "61-90", fits: (days) => days <= 90 },
  { band: "over-90", fits: () => true },
];

interface Ledger {
  invoices: number;
  open: number;
  bands: Map<AgeBand, { amount: Decimal; invoices: number }>;
  outstanding: Decimal;
  overdue: Decimal;
  invoiced: Decimal;
  customers: Map<string, { amount: Decimal; invoices: number }>;
}

/** Collects invoices page by page; `today` is an ISO date. */
export class ReceivablesLedger {
  readonly #today: string;
  readonly #since: string;
  readonly #currencies = new Map<string, Ledger>();

  constructor(today: string) {
    this.#today = today.slice(0, 10);
    this.#since = plusMonths(monthOf(today) ?? today.slice(0, 7), -11);
  }

  add(invoice: InvoiceLine): void {
    const ledger = this.#currencies.get(invoice.currency) ?? {
      invoices: 0,
      open: 0,
      bands: new Map(),
      outstanding: ZERO,
      overdue: ZERO,
      invoiced: ZERO,
      customers: new Map(),
    };
    this.#currencies.set(invoice.currency, ledger);
    ledger.invoices += 1;

    if (!isZero(invoice.amountDue)) {
      const late = daysBetween(invoice.due ?? invoice.issued ?? this.#today, this.#today);
      const band = BANDS.find(({ fits }) => fits(late))?.band ?? "over-90";
      const entry = ledger.bands.get(band) ?? { amount: ZERO, invoices: 0 };
      ledger.bands.set(band, { amount: add(entry.amount, invoice.amountDue), invoices: entry.invoices + 1 });
      ledger.outstanding = add(ledger.outstanding, invoice.amountDue);
      if (late > 0) ledger.overdue = add(ledger.overdue, invoice.amountDue);
      ledger.open += 1;
    }

    const month = monthOf(invoice.issued);
    if (month !== undefined && month >= this.#since) {
      ledger.invoiced = add(ledger.invoiced, invoice.total);
      const customer = ledger.customers.get(invoice.customer) ?? { amount: ZERO, invoices: 0 };
      ledger.customers.set(invoice.customer, {
        amount: add(customer.amount, invoice.total),
        invoices: customer.invoices + 1,
      });
    }
  }

  #ordered(): [string, Ledger][] {
    return [...this.#currencies].sort(([a, x], [b, y]) => y.invoices - x.invoices || a.localeCompare(b));
  }

  receivables(): Receivables[] {
    return this.#ordered().map(([currency, ledger]) => ({
      currency,
      outstanding: text(ledger.outstanding),
      overdue: text(ledger.overdue),
      openInvoices: ledger.open,
      bands: BANDS.map(({ band }) => {
        const entry = ledger.bands.get(band) ?? { amount: ZERO, invoices: 0 };
        return { band, amount: text(entry.amount), invoices: entry.invoices };
      }),
    }));
  }

  /** The customers invoiced most over twelve months, with each one's share of everything invoiced. */
  topCustomers(count = 5): TopCustomers[] {
    return this.#ordered()
      .filter(([, ledger]) => ledger.customers.size > 0)
      .map(([currency, ledger]) => ({
        currency,
        since: this.#since,
        invoiced: text(ledger.invoiced),
        customers: [...ledger.customers]
          .sort(([a, x], [b, y]) => compare(y.amount, x.amount) || a.localeCompare(b))
          .slice(0, count)
          .map(([name, { amount, invoices }]) => ({
            name,
            amount: text(amount),
            invoices,
            sharePermille: permille(amount, ledger.invoiced),
          })),
      }));
  }
}
