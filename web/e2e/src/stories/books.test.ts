// The books balance as they are read back through Moorline: exact to the cent, from the platform's bytes to ours.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Browser } from "playwright-core";

import { launchBrowser, openProfile } from "../harness/browser.js";
import { BUSINESSES, follow, PLATFORMS } from "../harness/customer.js";
import { onBothDatabases } from "../harness/engines.js";
import { type Micro, micro, parseExactly, sum } from "../harness/money.js";
import { startWorld, type World } from "../harness/world.js";

/** Numbers arrive as the text that stands in the answer. */
interface Reference {
  id: string;
}
interface Account extends Reference {
  type: "Asset" | "Liability" | "Equity" | "Income" | "Expense";
  isBankAccount?: boolean;
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
        ({ id: companyId } = await world.client.codat.companies.create({ name: business }));
        const connection = await world.client.codat.connections.create({
          companyId,
          requestBody: { platformKey: PLATFORMS.accounting.key },
        });
        connectionId = connection.id;
        const profile = await openProfile(browser);
        await follow(await profile.page(), connection.linkUrl, business);
        await profile.close();
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

      test("the profit of each of the last twelve months is what the ledger posted in it", async () => {
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
        const standing = invoices.filter(({ status }) => status !== "Void" && status !== "Draft");
        const ids = new Set(payments.map(({ id }) => id));
        for (const { id, totalAmount, amountDue, paymentAllocations } of standing) {
          const settled = sum(paymentAllocations.map(({ allocation }) => micro(allocation.totalAmount)));
          assert.equal(micro(totalAmount) - settled, micro(amountDue), id);
          const inPayments = paymentAllocations.filter(({ payment }) => ids.has(payment.id));
          assert.equal(sum(inPayments.map(({ allocation }) => micro(allocation.totalAmount))), paidBy.get(id) ?? 0n, id);
        }
        const owed = sum(standing.map(({ amountDue }) => micro(amountDue)));
        const inCredit = sum(
          credits.filter(({ status }) => status !== "Void" && status !== "Draft").map(({ remainingCredit }) => micro(remainingCredit)),
        );
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

      function isAsset(id: string): boolean {
        return accounts.some((account) => account.id === id && account.type === "Asset");
      }
    });
  }
});

/** A line with lines below it is their sum, all the way down. */
function addsUp({ value, name, items = [] }: ReportLine): void {
  if (items.length > 0) assert.equal(sum(items.map((item) => micro(item.value))), micro(value), name);
  items.forEach(addsUp);
}
