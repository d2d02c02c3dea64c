// The journey to QuickBooks Desktop, whose program calls: by another party's SOAP stack, from a company file with the sandbox's books.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { leave } from "../../emulators/emulated-world.js";
import type { Row } from "../../emulators/fixtures.js";
import { type CompanyFile, fileOf, type Line, type Records, WebConnector } from "../../emulators/quickbooks-desktop.js";
import { arriveAtResult, BUSINESSES, proceed } from "../../harness/actors/customer.js";
import { linkWithoutBrowser } from "../../harness/actors/customer-without-browser.js";
import { launchBrowser, openProfile } from "../../harness/browser.js";
import { onBothDatabases } from "../../harness/engines.js";
import { ROOT, startWorld, type World } from "../../harness/world.js";

const KEY = "pqsw";
/** The data types whose records are compared, with the members that must be equal. */
const COMPARED: Record<string, string[]> = {
  customers: ["customerName", "status", "emailAddress"],
  suppliers: ["supplierName", "status"],
  invoices: ["invoiceNumber", "issueDate", "dueDate", "currency", "subTotal", "totalTaxAmount", "totalAmount", "amountDue"],
  creditNotes: ["creditNoteNumber", "issueDate", "currency", "totalAmount", "remainingCredit"],
  payments: ["date", "currency", "totalAmount"],
  bills: ["issueDate", "dueDate", "currency", "totalAmount", "amountDue"],
  billCreditNotes: ["issueDate", "currency", "totalAmount", "remainingCredit"],
  billPayments: ["date", "currency", "totalAmount"],
};
const LISTS = [...Object.keys(COMPARED), "journalEntries"];
const REPORTS = { profitAndLoss: "ProfitAndLossStandard", balanceSheet: "BalanceSheetStandard" } as const;

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

const equal = (a: unknown, b: unknown): boolean => (typeof a === "number" || typeof b === "number" ? Number(a ?? 0) === Number(b ?? 0) : (a ?? "") === (b ?? ""));

onBothDatabases("QuickBooks Desktop", (engine) => {
  let world: World;
  let sandbox: { companyId: string; connectionId: string };
  let books: Records;
  let file: CompanyFile;
  before(async () => {
    world = await startWorld({ engine, settings: { MOORLINE_INTEGRATIONS__DIRS: JSON.stringify([join(ROOT, "integrations")]) } });
    await world.enableIntegration(KEY);
    const { linkUrl, ...pending } = await world.client.newConnection("Lindqvist in the sandbox", "mqjo");
    await linkWithoutBrowser(world, linkUrl, BUSINESSES.carpenter);
    sandbox = pending;
    await world.client.untilSettled(sandbox.companyId);
    books = await readBooks();
    const { baseCurrency } = await world.client.read<{ baseCurrency: string }>(`/companies/${sandbox.companyId}/data/info`);
    file = fileOf("Lindqvist Snickeri", baseCurrency, books, await readStatements());
  });
  after(() => world?.stop());

  async function readBooks(): Promise<Records> {
    const { companyId, connectionId } = sandbox;
    const found: Records = {};
    for (const type of LISTS) found[type] = await world.client.readAll<Row>(`/companies/${companyId}/data/${type}`);
    found["chartOfAccounts"] = await world.client.readAll<Row>(`/companies/${companyId}/data/accounts`);
    for (const type of ["bankAccounts", "accountTransactions"]) found[type] = await world.client.readAll<Row>(`/companies/${companyId}/connections/${connectionId}/data/${type}`);
    return found;
  }

  /** The leaves of the monthly statements, each with the name of its account. */
  async function readStatements(): Promise<{ kind: string; month: string; lines: Line[] }[]> {
    const names = new Map((books["chartOfAccounts"] ?? []).map((row) => [row["id"], String(row["name"])]));
    const leaves = (line: Row): Row[] => {
      const items = (line["items"] ?? []) as Row[];
      return items.length === 0 ? [line] : items.flatMap(leaves);
    };
    const told = [];
    for (const [type, kind] of Object.entries(REPORTS)) {
      const { reports } = await world.client.read<{ reports: Row[] }>(`/companies/${sandbox.companyId}/data/financials/${type}?periodLength=1&periodsToCompare=12`);
      for (const report of reports) {
        const month = String(report["toDate"] ?? report["date"]).slice(0, 7);
        const parts = ["income", "costOfSales", "expenses", "otherIncome", "otherExpenses", "assets", "liabilities", "equity"];
        const lines = parts.flatMap((part) =>
          (report[part] === undefined ? [] : leaves(report[part] as Row)).map((leaf) => ({ part, account: names.get(leaf["accountId"]), label: String(leaf["name"] ?? "Net income"), value: Number(leaf["value"]) })),
        );
        told.push({ kind, month, lines: lines.filter(({ value }) => value !== 0) });
      }
    }
    return told;
  }

  test("a customer sets the program up by page and file, and all of the books come to the cent", { timeout: 300_000 }, async () => {
    const { companyId, connectionId, linkUrl } = await world.client.newConnection("Lindqvist", KEY);
    const profile = await openProfile(browser);
    const page = await profile.page();
    await page.setViewportSize({ width: 375, height: 800 });
    await page.goto(linkUrl);
    const form = page.locator('form[action$="/start"]');
    await form.getByRole("heading", { name: "Set up QuickBooks Web Connector" }).waitFor();
    await form.getByRole("button", { name: "Continue to the set-up" }).waitFor();
    assert.doesNotMatch((await form.textContent()) ?? "", /sign in to QuickBooks|you sign in|agree to share/i, "nobody signs in anywhere");
    const steps = await proceed(page);
    await page.getByRole("heading", { name: "Set up QuickBooks Web Connector" }).waitFor();
    const password = (await page.locator("#secret").textContent()) ?? "";
    assert.match(password, /^[A-Za-z0-9]{24}$/);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= 375), true, "the page fits a telephone");
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download the set-up file" }).click();
    const download = await downloading;
    assert.equal(download.suggestedFilename(), "moorline.qwc");
    const setup = await new Response(await (await import("node:fs/promises")).readFile(await download.path())).text();
    // By keyboard.
    await page.getByRole("link", { name: "I’ve done all this" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Waiting for the first call" }).waitFor();

    const connector = await WebConnector.add(setup, password, file);
    const update = await connector.update();
    assert.deepEqual(update, { end: "finished", words: "Finished" });
    await page.reload();
    await arriveAtResult(page);
    await leave({ profile, page, steps });
    await world.client.untilStatus(companyId, connectionId, "Linked");

    const statuses = await world.client.untilSettled(companyId);
    const history = await world.client.readAll<{ dataType: string; status: string; errorMessage?: string }>(`/companies/${companyId}/data/history`);
    for (const [dataType, status] of statuses) {
      const pull = history.find((one) => one.dataType === dataType);
      assert.ok(status === "Complete" || status === "NotSupported", `${dataType}: ${status} ${pull?.errorMessage ?? ""}`);
    }
    for (const [type, members] of Object.entries(COMPARED)) {
      const read = await world.client.readAll<Row>(`/companies/${companyId}/data/${type}`);
      const expected = books[type] ?? [];
      assert.equal(read.length, expected.length, type);
      const byId = new Map(read.map((row) => [row["id"], row]));
      for (const row of expected) {
        const own = byId.get(row["id"]);
        for (const member of members) assert.ok(equal(own?.[member], row[member]), `${type} ${String(row["id"])} ${member}: ${String(own?.[member])}, in the books ${String(row[member])}`);
      }
    }
    for (const type of Object.keys(REPORTS)) {
      const path = (company: string): string => `/companies/${company}/data/financials/${type}?periodLength=1&periodsToCompare=12`;
      const [own, theirs] = await Promise.all([companyId, sandbox.companyId].map((company) => world.client.read<{ reports: Row[] }>(path(company))));
      const result = (report: Row): unknown[] => ["netProfit", "netAssets"].map((name) => report[name]);
      assert.deepEqual(own?.reports.map(result), theirs?.reports.map(result), type);
    }
    const { tests } = await world.client.read<{ tests: Row[] }>(`/companies/${companyId}/connections/${connectionId}/reconciliation`);
    const failed = tests.filter(({ result }) => result === "failed");
    assert.deepEqual(failed, [], "the books reconcile");
    assert.ok(tests.some(({ result }) => result === "passed"));

    assert.deepEqual(await connector.update(), { end: "nothing", words: "" });
    await world.client.disconnect(companyId, connectionId);
    assert.deepEqual(await connector.update(), { end: "unknown", words: "" });
  });
});
