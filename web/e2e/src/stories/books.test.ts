// The books as they are read back through Moorline: they balance exactly to the cent.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Browser } from "playwright-core";

import { BUSINESSES, followAlone, PLATFORMS } from "../harness/actors/customer.js";
import { launchBrowser } from "../harness/browser.js";
import { Contract, type Exchange, exchangeOf } from "../harness/contract/openapi.js";
import { onBothDatabases } from "../harness/engines.js";
import { type Micro, micro, parseExactly, sum } from "../harness/money.js";
import { startWorld, type World } from "../harness/world.js";

/** Records, with each number as its text in the answer. */
interface Reference {
  id: string;
}
interface Account extends Reference {
  type: "Asset" | "Liability" | "Equity" | "Income" | "Expense";
  currentBalance: string;
  name: string;
}
interface JournalEntry extends Reference {
  postedOn: string;
  journalLines: { netAmount: string; accountRef: Reference }[];
  recordRef?: { id: string; dataType: string };
}
interface Allocated {
  paymentAllocations: { payment: Reference; allocation: { totalAmount: string } }[];
}
interface Invoice extends Reference, Allocated {
  status: string;
  totalAmount: string;
  amountDue: string;
}
interface Payment extends Reference {
  totalAmount: string;
  lines: { amount: string; links: { type: string; id: string; amount: string }[] }[];
}
interface ReportLine {
  value: string;
  accountId?: string;
  name?: string;
  items?: ReportLine[];
}

onBothDatabases("the books", (engine) => {
  let browser: Browser;
  let world: World;
  /** Reads of lists and statements of all businesses. */
  const exchanges: Exchange[] = [];

  before(async () => {
    browser = await launchBrowser();
    world = await startWorld({ engine });
  });
  after(async () => {
    await world?.stop();
    await browser?.close();
  });

  async function exactly<T>(path: string): Promise<T> {
    const response = await fetch(`${world.platform}${path}`, { headers: { authorization: world.client.authorization } });
    const text = await response.text();
    assert.equal(response.status, 200, `${path}: ${text}`);
    return parseExactly(text) as T;
  }

  async function all<T>(path: string): Promise<T[]> {
    const found: T[] = [];
    for (let page = 1; ; page += 1) {
      const { results, totalResults } = await exactly<{ results: T[]; totalResults: string }>(
        `${path}?page=${page}&pageSize=500`,
      );
      found.push(...results);
      if (results.length === 0 || found.length >= Number(totalResults)) return found;
    }
  }

  // In Swedish kronor, in euros, and in Bahraini dinars, which have three decimals.
  for (const business of [BUSINESSES.carpenter, BUSINESSES.studio, BUSINESSES.spices]) {
    describe(`the books of ${business}`, () => {
      let companyId: string;
      let connectionId: string;
      let accounts: Account[];
      let entries: JournalEntry[];
      const balances = new Map<string, Micro>();

      before(async () => {
        let linkUrl: string;
        ({ companyId, connectionId, linkUrl } = await world.client.newConnection(business, PLATFORMS.accounting.key));
        await followAlone(browser, linkUrl, business);
        const statuses = await world.client.untilSettled(companyId, 600_000);
        for (const [dataType, status] of statuses) assert.ok(["Complete", "NotSupported"].includes(status), `${dataType} ${status}`);
        accounts = await all(`/companies/${companyId}/data/accounts`);
        entries = await all(`/companies/${companyId}/data/journalEntries`);
        for (const { journalLines } of entries) {
          for (const { accountRef, netAmount } of journalLines) {
            balances.set(accountRef.id, (balances.get(accountRef.id) ?? 0n) + micro(netAmount));
          }
        }
      });

      test("every posting balances, and so does the trial balance", () => {
        assert.ok(entries.length > 50);
        for (const { id, journalLines } of entries) {
          assert.equal(sum(journalLines.map(({ netAmount }) => micro(netAmount))), 0n, id);
        }
        assert.equal(sum(balances.values()), 0n);
      });

      test("each account's balance is the sum of what was posted to it", () => {
        const known = new Map(accounts.map((account) => [account.id, account]));
        for (const [id, balance] of balances) {
          const account = known.get(id);
          assert.ok(account, `no account ${id}`);
          assert.equal(micro(account.currentBalance), balance, account.name);
        }
      });

      test("the newest balance sheet equals the ledger", async () => {
        const { reports } = await exactly<{
          reports: { assets: ReportLine; liabilities: ReportLine; equity: ReportLine; netAssets: string }[];
        }>(`/companies/${companyId}/data/financials/balanceSheet?periodLength=1&periodsToCompare=1`);
        const [sheet] = reports;
        assert.ok(sheet);
        const total = (...types: Account["type"][]): Micro =>
          sum(accounts.filter(({ type }) => types.includes(type)).map(({ id }) => balances.get(id) ?? 0n));
        assert.equal(micro(sheet.assets.value), total("Asset"));
        assert.equal(micro(sheet.liabilities.value), -total("Liability"));
        // Earnings are equity that no entry has closed yet.
        assert.equal(micro(sheet.equity.value), -total("Equity", "Income", "Expense"));
        assert.equal(micro(sheet.netAssets), micro(sheet.assets.value) - micro(sheet.liabilities.value));
        assert.equal(micro(sheet.netAssets), micro(sheet.equity.value));
        addsUp(sheet.assets);
        addsUp(sheet.liabilities);
        addsUp(sheet.equity);
      });

      test("the profit of each of the last twelve months equals what the ledger posted in it", async () => {
        const { reports } = await exactly<{
          reports: { fromDate: string; toDate: string; netProfit: string; income: ReportLine }[];
        }>(`/companies/${companyId}/data/financials/profitAndLoss?periodLength=1&periodsToCompare=12`);
        assert.equal(reports.length, 12);
        const earning = new Set(accounts.filter(({ type }) => type === "Income" || type === "Expense").map(({ id }) => id));
        for (const { fromDate, toDate, netProfit, income } of reports) {
          const posted = entries
            .filter(({ postedOn }) => postedOn.slice(0, 10) >= fromDate.slice(0, 10) && postedOn.slice(0, 10) <= toDate.slice(0, 10))
            .flatMap(({ journalLines }) => journalLines)
            .filter(({ accountRef }) => earning.has(accountRef.id));
          assert.equal(micro(netProfit), -sum(posted.map(({ netAmount }) => micro(netAmount))), fromDate);
          addsUp(income);
        }
      });

      test("invoices less payments and credits equal the receivables, each and in all", async () => {
        const invoices = await all<Invoice>(`/companies/${companyId}/data/invoices`);
        const payments = await all<Payment>(`/companies/${companyId}/data/payments`);
        const credits = await all<{ remainingCredit: string; status: string }>(`/companies/${companyId}/data/creditNotes`);
        assert.ok(invoices.length > 0 && payments.length > 0);

        const paidBy = new Map<string, Micro>();
        for (const { id, totalAmount, lines } of payments) {
          assert.equal(sum(lines.map(({ amount }) => micro(amount))), micro(totalAmount), id);
          for (const { links } of lines) {
            for (const link of links) paidBy.set(link.id, (paidBy.get(link.id) ?? 0n) - micro(link.amount));
          }
        }
        const issued = standing(invoices);
        const ids = new Set(payments.map(({ id }) => id));
        for (const { id, totalAmount, amountDue, paymentAllocations } of issued) {
          const settled = sum(paymentAllocations.map(({ allocation }) => micro(allocation.totalAmount)));
          assert.equal(micro(totalAmount) - settled, micro(amountDue), id);
          const inPayments = paymentAllocations.filter(({ payment }) => ids.has(payment.id));
          assert.equal(sum(inPayments.map(({ allocation }) => micro(allocation.totalAmount))), paidBy.get(id) ?? 0n, id);
        }
        const owed = sum(issued.map(({ amountDue }) => micro(amountDue)));
        const inCredit = sum(standing(credits).map(({ remainingCredit }) => micro(remainingCredit)));
        // The account that sales invoices are posted to on the debit side.
        const receivable = entries
          .filter(({ recordRef }) => recordRef?.dataType === "invoices")
          .flatMap(({ journalLines }) => journalLines)
          .find(({ netAmount, accountRef }) => !netAmount.startsWith("-") && isAsset(accountRef.id))?.accountRef.id;
        assert.ok(receivable);
        assert.equal(owed - inCredit, balances.get(receivable));
      });

      test("the lines of each bank account add up to its balance", async () => {
        const banks = await all<{ id: string; balance: string }>(
          `/companies/${companyId}/connections/${connectionId}/data/bankAccounts`,
        );
        assert.ok(banks.length > 0);
        for (const { id, balance } of banks) {
          const lines = await all<{ amount: string }>(
            `/companies/${companyId}/connections/${connectionId}/data/bankAccounts/${id}/bankTransactions`,
          );
          assert.equal(sum(lines.map(({ amount }) => micro(amount))), micro(balance), id);
        }
      });

      test("direct costs and transfers equal what the ledger posted for them", async () => {
        const through = `/companies/${companyId}/connections/${connectionId}/data`;
        const posted = new Map<string, Micro>();
        for (const { recordRef, journalLines } of entries) {
          if (recordRef === undefined) continue;
          const debits = journalLines.map(({ netAmount }) => micro(netAmount)).filter((amount) => amount > 0n);
          posted.set(`${recordRef.dataType} ${recordRef.id}`, sum(debits));
        }
        const transfers = await all<{ id: string; from: { amount: string }; to: { amount: string } }>(`${through}/transfers`);
        assert.ok(transfers.length > 0);
        for (const { id, from, to } of transfers) {
          assert.equal(micro(from.amount), micro(to.amount), id);
          assert.equal(posted.get(`transfers ${id}`), micro(to.amount), id);
        }
        const costs = await all<{ id: string; totalAmount: string; lineItems: { totalAmount: string }[] }>(`${through}/directCosts`);
        assert.ok(costs.length > 0);
        for (const { id, totalAmount, lineItems } of costs) {
          assert.equal(sum(lineItems.map((line) => micro(line.totalAmount))), micro(totalAmount), id);
          assert.equal(posted.get(`directCosts ${id}`), micro(totalAmount), id);
        }
      });

      test("bills less payments and suppliers' credits equal the payables", async () => {
        const bills = await all<Invoice>(`/companies/${companyId}/data/bills`);
        const credits = await all<{ remainingCredit: string; status: string }>(`/companies/${companyId}/data/billCreditNotes`);
        const owed = sum(standing(bills).map(({ amountDue }) => micro(amountDue)));
        const inCredit = sum(standing(credits).map(({ remainingCredit }) => micro(remainingCredit)));
        const payable = entries
          .filter(({ recordRef }) => recordRef?.dataType === "billPayments")
          .flatMap(({ journalLines }) => journalLines)
          .find(({ netAmount }) => !netAmount.startsWith("-"))?.accountRef.id;
        assert.ok(payable);
        assert.equal(owed - inCredit, -(balances.get(payable) ?? 0n));
      });

      test("each month's cash flow leads from its opening balance to its closing balance", async () => {
        const financials = `/companies/${companyId}/data/financials`;
        const { reports: flows } = await exactly<{ reports: { cashReceipts: ReportLine; cashPayments: ReportLine }[] }>(
          `${financials}/cashFlowStatement?periodLength=1&periodsToCompare=12`,
        );
        const { reports: sheets } = await exactly<{ reports: { assets: ReportLine }[] }>(
          `${financials}/balanceSheet?periodLength=1&periodsToCompare=13`,
        );
        assert.equal(flows.length, 12);
        const cash = (line: ReportLine): Micro | undefined =>
          line.name === "Bank and cash"
            ? micro(line.value)
            : line.items?.map(cash).find((found) => found !== undefined);
        flows.forEach(({ cashReceipts, cashPayments }, month) => {
          addsUp(cashReceipts);
          addsUp(cashPayments);
          const [after, before] = [sheets[month], sheets[month + 1]].map((sheet) => sheet && cash(sheet.assets));
          assert.equal(micro(cashReceipts.value) - micro(cashPayments.value), (after ?? 0n) - (before ?? 0n));
        });
      });

      test("every list and statement can be read", async () => {
        const company = `/companies/${companyId}/data`;
        const through = `/companies/${companyId}/connections/${connectionId}/data`;
        const lists = [
          ...["accounts", "billCreditNotes", "billPayments", "bills", "creditNotes", "customers", "invoices"],
          ...["journalEntries", "journals", "payments", "suppliers"],
        ].map((path) => `${company}/${path}`);
        lists.push(...["accountTransactions", "bankAccounts", "directCosts", "directIncomes", "transfers"].map((path) => `${through}/${path}`));
        const statements = ["balanceSheet", "profitAndLoss", "cashFlowStatement"].map((path) => `${company}/financials/${path}`);
        for (const path of [...lists, ...statements, `${company}/info`]) {
          const query = statements.includes(path) ? "?periodLength=1&periodsToCompare=3" : "?pageSize=50";
          const response = await fetch(`${world.platform}${path}${query}`, { headers: { authorization: world.client.authorization } });
          assert.equal(response.status, 200, path);
          exchanges.push(await exchangeOf("GET", path, response));
        }
      });

      function isAsset(id: string): boolean {
        return accounts.some((account) => account.id === id && account.type === "Asset");
      }
    });
  }

  // Last, because compiling the document blocks this process for longer than the server keeps an idle connection.
  test("every list and statement is valid by the public OpenAPI documents", (t) => {
    const contract = Contract.open("lending");
    if (contract === undefined) return t.skip("the OpenAPI document is not at hand");
    assert.ok(exchanges.length > 0);
    const faults = exchanges.flatMap((exchange) => contract.faults(exchange));
    assert.deepEqual([...new Set(faults.map((fault) => fault.replace(/\/\d+/g, "/#")))], []);
  });
});

/** Records that count in the ledger. */
function standing<T extends { status: string }>(records: T[]): T[] {
  return records.filter(({ status }) => status !== "Void" && status !== "Draft");
}

/** Asserts that each line with lines below it is their sum, at every depth. */
function addsUp({ value, name, items = [] }: ReportLine): void {
  if (items.length > 0) assert.equal(sum(items.map((item) => micro(item.value))), micro(value), name);
  items.forEach(addsUp);
}
