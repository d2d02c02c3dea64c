/** An underwriter's figures, computed from a connection's data page by page. */
import * as lending from "@codat/lending/dist/sdk/models/operations/index.js";
import { BankTransactionType, InvoiceStatus, Status, TransactionCode } from "@codat/lending/dist/sdk/models/shared/index.js";
import { totalsByCurrency } from "../../figures/balances";
import { CashByMonth } from "../../figures/cash";
import { decimal, isNegative, negate, text } from "../../figures/decimal";
import { ReceivablesLedger } from "../../figures/receivables";
import { SalesByMonth } from "../../figures/sales";
import { outsideEntries, outsideStatements, type Transfer } from "../../figures/transfers";
import type {
  AccountBalance,
  AccountingFigures,
  BankingFigures,
  CashSeries,
  CommerceFigures,
  ConnectionView,
  Figures,
  Part,
} from "../../shared/wire";
import type { MerchantRecord } from "../merchants";
import { eachRecord, LENDING_REQUEST, type Moorline } from "./client";
import { Failure, fromClient } from "../problem";
import { dataStatusOf } from "./sync";

interface Scope {
  companyId: string;
  connectionId: string;
}

export class FiguresOf {
  readonly #moorline: Moorline;
  /** Figures by connection, valid until a later sync of the company succeeds. */
  readonly #kept = new Map<string, { version: string; figures: Promise<Figures> }>();

  constructor(moorline: Moorline) {
    this.#moorline = moorline;
  }

  async read({ companyId }: MerchantRecord, connection: ConnectionView, today: string): Promise<Figures> {
    const statuses = await dataStatusOf(this.#moorline, companyId);
    const version = [
      today.slice(0, 10),
      ...statuses.map(({ dataType, latestSuccessfulSyncId, currentStatus }) =>
        [dataType, latestSuccessfulSyncId, currentStatus].join(":"),
      ),
    ].join(" ");
    const known = this.#kept.get(connection.id);
    if (known?.version === version) return known.figures;
    const figures = this.#compute({ companyId, connectionId: connection.id }, connection, today);
    this.#kept.set(connection.id, { version, figures });
    const forget = () => {
      if (this.#kept.get(connection.id)?.figures === figures) this.#kept.delete(connection.id);
    };
    figures.then((value) => {
      if (Object.values(value).some((part) => isPart(part) && part.state === "failed")) forget();
    }, forget);
    return figures;
  }

  async #compute(scope: Scope, connection: ConnectionView, today: string): Promise<Figures> {
    const head = { connectionId: connection.id, asOf: today };
    switch (connection.sourceType) {
      case "Accounting":
        return { ...head, ...(await this.#accounting(scope, today)) };
      case "Banking":
        return { ...head, ...(await this.#banking(scope, today)) };
      case "Commerce":
        return { ...head, ...(await this.#commerce(scope, today)) };
    }
  }

  async #accounting(scope: Scope, today: string): Promise<AccountingFigures> {
    const { accountsReceivable } = this.#moorline.lending;
    const cash = part(() => this.#booked(scope, today));

    const invoices = part(async () => {
      const ledger = new ReceivablesLedger(today);
      await eachRecord(
        async (page) => {
          const request = new lending.ListAccountingInvoicesRequest({ companyId: scope.companyId, ...page });
          const { statusCode, errorMessage, accountingInvoices } = await accountsReceivable.invoices.list(
            request,
            undefined,
            LENDING_REQUEST,
          );
          return { statusCode, errorMessage, page: accountingInvoices };
        },
        (invoice) => {
          if (invoice.status === InvoiceStatus.Draft || invoice.status === InvoiceStatus.Void || invoice.metadata?.isDeleted) return;
          ledger.add({
            currency: invoice.currency ?? "",
            issued: invoice.issueDate ?? undefined,
            due: invoice.dueDate ?? undefined,
            total: decimal(invoice.totalAmount),
            amountDue: decimal(invoice.amountDue),
            customer: invoice.customerRef?.companyName ?? invoice.customerRef?.id ?? "",
          });
        },
      );
      return ledger;
    });

    const [booked, invoicePart] = await Promise.all([cash, invoices]);
    // Some platforms have bank lines only.
    const cashPart = booked.state === "unsupported" ? await part(() => this.#bankLines(scope, today)) : booked;
    return {
      kind: "Accounting",
      cash: cashPart,
      receivables: map(invoicePart, (ledger) => ledger.receivables()),
      customers: map(invoicePart, (ledger) => ledger.topCustomers()),
    };
  }

  /** Cash by the postings to bank accounts in the books, which have the kind of each line. */
  async #booked(scope: Scope, today: string): Promise<CashSeries[]> {
    const months = new CashByMonth();
    const transfers: Transfer[] = [];
    await eachRecord(
      async (page) => {
        const request = new lending.ListAccountingAccountTransactionsRequest({ ...scope, ...page });
        const { statusCode, errorMessage, accountingAccountTransactions } =
          await this.#moorline.lending.transactions.accountTransactions.list(request, undefined, LENDING_REQUEST);
        return { statusCode, errorMessage, page: accountingAccountTransactions };
      },
      ({ bankAccountRef, currency, date, lines, metadata, status, totalAmount, transactionId }) => {
        if (totalAmount === undefined || totalAmount === null || status === Status.Void || metadata?.isDeleted) return;
        const amount = decimal(totalAmount);
        if (lines?.some(({ recordRef }) => recordRef?.dataType === "transfers")) {
          transfers.push({ account: bankAccountRef?.id ?? "", currency: currency ?? "", date, amount, entry: transactionId ?? undefined });
        } else months.add(currency ?? "", date, amount);
      },
    );
    for (const { currency, date, amount } of outsideEntries(transfers)) months.add(currency, date, amount);
    return months.series(today);
  }

  /** Cash by the statement lines of each bank account in the books. */
  async #bankLines(scope: Scope, today: string): Promise<CashSeries[]> {
    const { accountingBankData } = this.#moorline.lending;
    const accounts: { id: string; currency: string }[] = [];
    await eachRecord(
      async (page) => {
        const request = new lending.ListAccountingBankAccountsRequest({ ...scope, ...page });
        const { statusCode, errorMessage, accountingBankAccounts } = await accountingBankData.accounts.list(
          request,
          undefined,
          LENDING_REQUEST,
        );
        return { statusCode, errorMessage, page: accountingBankAccounts };
      },
      ({ id, currency, metadata }) => {
        if (id && !metadata?.isDeleted) accounts.push({ id, currency: currency ?? "" });
      },
    );
    const months = new CashByMonth();
    const transfers: Transfer[] = [];
    for (const { id: accountId, currency } of accounts) {
      await eachRecord(
        async (page) => {
          const request = new lending.ListAccountingBankAccountTransactionsRequest({ ...scope, accountId, ...page });
          const { statusCode, errorMessage, accountingBankTransactions } = await accountingBankData.listTransactions(
            request,
            undefined,
            LENDING_REQUEST,
          );
          return { statusCode, errorMessage, page: accountingBankTransactions };
        },
        ({ amount, clearedOnDate: date, transactionType }) => {
          if (amount === undefined || amount === null) return;
          if (transactionType === BankTransactionType.Xfer) transfers.push({ account: accountId, currency, date, amount: decimal(amount) });
          else months.add(currency, date, decimal(amount));
        },
      );
    }
    for (const { currency, date, amount } of outsideStatements(transfers)) months.add(currency, date, amount);
    return months.series(today);
  }

  async #banking(scope: Scope, today: string): Promise<BankingFigures> {
    const { banking } = this.#moorline.lending;
    const accounts = part(async () => {
      const lines: AccountBalance[] = [];
      await eachRecord(
        async (page) => {
          const request = new lending.ListBankingAccountsRequest({ ...scope, ...page });
          const { statusCode, errorMessage, bankingAccounts } = await banking.accounts.list(request, undefined, LENDING_REQUEST);
          return { statusCode, errorMessage, page: bankingAccounts };
        },
        ({ id, name, informalName, institution, currency, balance }) => {
          const amount = (value: number | null | undefined) => (value === undefined || value === null ? null : text(decimal(value)));
          lines.push({
            id,
            name: informalName || name,
            institution: institution?.name ?? null,
            currency,
            current: amount(balance?.current),
            available: amount(balance?.available),
          });
        },
      );
      return { accounts: lines, totals: totalsByCurrency(lines) };
    });
    const cash = part(async () => {
      const months = new CashByMonth();
      const transfers: Transfer[] = [];
      await eachRecord(
        async (page) => {
          const request = new lending.ListBankingTransactionsRequest({ ...scope, ...page });
          const { statusCode, errorMessage, bankingTransactions } = await banking.transactions.list(
            request,
            undefined,
            LENDING_REQUEST,
          );
          return { statusCode, errorMessage, page: bankingTransactions };
        },
        ({ accountId: account, amount, code, currency, postedDate, authorizedDate }) => {
          if (amount === undefined || amount === null) return;
          const date = postedDate ?? authorizedDate;
          if (code === TransactionCode.Transfer) transfers.push({ account, currency, date, amount: decimal(amount) });
          else months.add(currency, date, decimal(amount));
        },
      );
      for (const { currency, date, amount } of outsideStatements(transfers)) months.add(currency, date, amount);
      return months.series(today);
    });
    const [accountsPart, cashPart] = await Promise.all([accounts, cash]);
    return { kind: "Banking", accounts: accountsPart, cash: cashPart };
  }

  async #commerce(scope: Scope, today: string): Promise<CommerceFigures> {
    const { sales } = this.#moorline.lending;
    return {
      kind: "Commerce",
      sales: await part(async () => {
        const months = new SalesByMonth();
        await eachRecord(
          async (page) => {
            const request = new lending.ListCommerceOrdersRequest({ ...scope, ...page });
            const { statusCode, errorMessage, commerceOrders } = await sales.orders.list(request, undefined, LENDING_REQUEST);
            return { statusCode, errorMessage, page: commerceOrders };
          },
          ({ currency, createdDate, closedDate, totalAmount, totalRefund }) => {
            const refund = decimal(totalRefund ?? 0);
            // Some platforms have refunds as negative amounts.
            months.add(
              currency ?? "",
              createdDate ?? closedDate,
              decimal(totalAmount ?? 0),
              isNegative(refund) ? negate(refund) : refund,
            );
          },
        );
        return months.series(today);
      }),
    };
  }
}

const isPart = (value: unknown): value is Part<unknown> => typeof value === "object" && value !== null && "state" in value;

async function part<T>(read: () => Promise<T>): Promise<Part<T>> {
  try {
    return { state: "ready", value: await read() };
  } catch (error) {
    const failure: Failure = fromClient(error);
    // By the contract, 409 while a data set isn't complete, and 404 if the platform lacks it or none is cached.
    if (failure.status === 409) return { state: "pending" };
    if (failure.status === 404) return { state: "unsupported" };
    if (failure.status === 500) console.error("figures:", failure.cause ?? failure);
    const { key, message } = failure.problem;
    return { state: "failed", message, ...(key && { key }) };
  }
}

function map<T, U>(from: Part<T>, change: (value: T) => U): Part<U> {
  return from.state === "ready" ? { state: "ready", value: change(from.value) } : from;
}
