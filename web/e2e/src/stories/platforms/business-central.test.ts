// The journey to Business Central and back, against an emulator by Microsoft's documentation.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { BusinessCentral, PEOPLE, refused } from "../../emulators/business-central.js";
import { emulatedOnBothDatabases, goThrough, leave, link, type LinkedCompany, mistakeBusiness, newestPull } from "../../emulators/emulated-world.js";
import { arriveAtResult, chooseByKeyboard, pressByKeyboard, proceed, tabTo } from "../../harness/actors/customer.js";
import { openProfile } from "../../harness/browser.js";
import { look } from "../../harness/look.js";
import { freePort, start } from "../../harness/processes.js";
import { until } from "../../harness/until.js";
import { PROGRAM, ROOT } from "../../harness/world.js";

const KEY = "trji";
const [ADA, BEN, CYD, DAN] = PEOPLE.map(({ label }) => label) as [string, string, string, string];
const TYPES = [
  "company",
  "chartOfAccounts",
  "taxRates",
  "trackingCategories",
  "bankAccounts",
  "paymentMethods",
  "customers",
  "suppliers",
  "items",
  "invoices",
  "creditNotes",
  "bills",
  "billCreditNotes",
  "payments",
  "billPayments",
  "journalEntries",
  "accountTransactions",
  "transfers",
  "purchaseOrders",
  "salesOrders",
  "itemReceipts",
  "profitAndLoss",
  "balanceSheet",
];

emulatedOnBothDatabases("Business Central", KEY, (client) => new BusinessCentral(client), (stage) => {
  const linkWith = (name: string, person = BEN): Promise<LinkedCompany> => link(stage.emulated, stage.browser, name, person);

  test("a customer chooses a company among those of every environment that lets them in, and all of it is pulled", async () => {
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection("Harbour Lane", KEY);
    const arrival = await goThrough(stage.browser, linkUrl, [ADA]);
    const { page } = arrival;
    await page.getByRole("heading", { name: "Which business do you want to connect?" }).waitFor();
    const offered = await page.locator("label.check").allInnerTexts();
    assert.deepEqual(
      offered.map((text) => text.replaceAll(/\s+/g, " ").trim()),
      ["Harbour Lane Trading Production", "Pier Street Trading Production", "Harbour Lane Trading Trial run (sandbox)"],
    );
    await page.locator("label.check", { hasText: "Trial run" }).getByRole("radio").check();
    await page.getByRole("button", { name: "Connect this business" }).click();
    await arriveAtResult(page);
    await leave(arrival);
    await stage.world.client.untilStatus(companyId, connectionId, "Linked");

    const statuses = await stage.world.client.untilSettled(companyId);
    for (const dataType of TYPES) assert.equal(statuses.get(dataType), "Complete", dataType);
    const lists = stage.emulator.received.filter(({ url }) => url.pathname.includes("/companies("));
    assert.ok(lists.every(({ url }) => decodeURIComponent(url.pathname).includes("/Trial run/")), "the chosen environment alone is read");
    assert.ok(lists.every(({ headers }) => headers["data-access-intent"] === "ReadOnly" && headers["accept-language"] === "en-US"));
    assert.ok(lists.some(({ url }) => url.searchParams.has("$skiptoken")), "next pages are read");

    const data = `/companies/${companyId}/data`;
    const invoices = await stage.world.client.readAll<{ invoiceNumber: string; currency: string; totalAmount: number; status: string }>(`${data}/invoices`);
    const told = new Map(invoices.map(({ invoiceNumber, currency, totalAmount, status }) => [invoiceNumber, `${status} ${currency} ${totalAmount}`]));
    assert.equal(told.get("103001"), "PartiallyPaid GBP 240");
    assert.equal(told.get("103003"), "Paid JPY 12400");
    assert.equal(told.get("103004"), "Void GBP 60");
    assert.equal(told.get("S-INV1005"), "Draft KWD 12.345");
    const payments = await stage.world.client.readAll<{ id: string; totalAmount: number; lines: { amount: number; links: { type: string; id?: string; amount: number }[] }[] }>(`${data}/payments`);
    assert.deepEqual(payments.map(({ totalAmount }) => totalAmount).sort((a, b) => a - b), [-20, 5, 43.25, 100, 150, 12_400]);
    const bills = await stage.world.client.readAll<{ id: string; status: string; amountDue?: number }>(`${data}/bills`);
    const bill = bills.find(({ id }) => id === "61000000-0000-4000-8000-000000000001");
    assert.deepEqual([bill?.status, bill?.amountDue], ["PartiallyPaid", 107], "what is left of a bill is in its entry's details");
    // What a payment was applied to, from an app of its own; what was taken back isn't there.
    const links = (id: string): string[] =>
      payments.find((payment) => payment.id === id)?.lines.flatMap((line) => line.links.map((link) => `${line.amount}: ${link.type} ${link.amount}`)) ?? [];
    assert.deepEqual(links("22"), ["130: Invoice -130", "20: Refund -20"]);
    assert.deepEqual(links("23"), ["12400: Invoice -12400"]);
    assert.deepEqual(links("25"), ["5: PaymentOnAccount -5"]);
    assert.deepEqual(links("29"), ["100: Invoice -86.5"]);
    // The bank's movements, each once, whichever way they were posted; one that was reversed, and its reversal, are void.
    const connected = `/companies/${companyId}/connections/${connectionId}/data`;
    const moved = await stage.world.client.readAll<{ bankAccountRef: { name: string }; totalAmount: number; status: string }>(`${connected}/accountTransactions`);
    const of = (name: string): number[] => moved.filter((one) => one.status !== "Void" && one.bankAccountRef.name === name).map(({ totalAmount }) => totalAmount);
    assert.deepEqual(of("Business current").sort((a, b) => a - b), [-86.5, -25, -6, 10, 12.5, 150, 1000]);
    assert.deepEqual(of("Euro account"), [86.5]);
    assert.equal(moved.filter(({ status }) => status === "Void").length, 2);
    const transfers = await stage.world.client.readAll<{ from: { amount?: number }; to: { amount?: number; currency: string } }>(`${connected}/transfers`);
    assert.deepEqual(transfers.map(({ from, to }) => [from.amount, to.amount, to.currency]).sort(), [[25, 25, "GBP"], [86.5, undefined, "EUR"]]);
    const entries = await stage.world.client.readAll<{ journalLines: { netAmount: number }[] }>(`${data}/journalEntries`);
    for (const { journalLines } of entries) {
      assert.equal(journalLines.reduce((sum, { netAmount }) => sum + Math.round(netAmount * 100), 0), 0);
    }
    const profit = await stage.world.client.read<{ reports: { netProfit: number }[] }>(`${data}/financials/profitAndLoss?periodLength=1&periodsToCompare=1`);
    assert.equal(profit.reports[0]?.netProfit, 2_477.5);
    const balance = await stage.world.client.read<{ reports: { netAssets: number; equity: { value: number } }[] }>(
      `${data}/financials/balanceSheet?periodLength=1&periodsToCompare=1`,
    );
    assert.equal(balance.reports[0]?.netAssets, balance.reports[0]?.equity.value);

    // Entra has nothing to give a grant back with: what the owner can do is said, and nothing is sent.
    await stage.world.client.disconnect(companyId, connectionId);
    const grant = await until("the grant has ended", async () => {
      const { results } = await stage.world.client.read<{ results: { state: string; ended?: string; remedy?: string }[] }>(
        `/companies/${companyId}/connections/${connectionId}/grants`,
      );
      return results.find(({ ended }) => ended !== undefined);
    });
    assert.equal(grant.state, "cannotBeGivenBack");
    assert.match(grant.remedy ?? "", /My Apps/);
    assert.ok(!stage.emulator.received.some(({ url }) => /revoke|logout/.test(url.pathname)));
  });

  test("on a telephone and by keyboard alone, a customer agrees, chooses a company and arrives", async () => {
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection("Handy", KEY);
    const profile = await openProfile(stage.browser, { viewport: { width: 375, height: 760 } });
    const page = await profile.page();
    await page.goto(linkUrl);
    assert.deepEqual(await look(page, "business-central-start-phone"), []);
    await tabTo(page, "I use Business Central with a work account");
    await page.keyboard.press("Space");
    await pressByKeyboard(page, "Continue to Dynamics 365 Business Central");
    await page.getByLabel(ADA, { exact: true }).check();
    await page.getByRole("button", { name: "Allow access", exact: true }).click();
    await page.getByRole("heading", { name: "Which business do you want to connect?" }).waitFor();
    assert.deepEqual(await look(page, "business-central-choice-phone"), []);
    await chooseByKeyboard(page, "Pier Street");
    await pressByKeyboard(page, "Connect this business");
    await arriveAtResult(page);
    assert.deepEqual(await look(page, "business-central-result-phone"), []);
    await leave({ profile, page, steps: { instructions: 1, companyName: undefined } });
    await stage.world.client.untilStatus(companyId, connectionId, "Linked");
    await stage.world.client.untilSettled(companyId);
    await stage.world.client.disconnect(companyId, connectionId);
  });

  test("changes alone are asked for, and open invoices again, whose time a part payment leaves alone", async () => {
    const port = await freePort();
    const client = { id: "terminal", secret: "only for the terminal", redirectUri: `http://localhost:${port}/callback` };
    const central = await new BusinessCentral(client).start();
    const [renamed] = central.books["customers"] ?? [];
    Object.assign(renamed ?? {}, { lastModifiedDateTime: "2026-05-02T10:00:00Z" });
    const set = Object.entries(central.variables()).flatMap(([name, value]) => ["--set", `${name.split(".")[1] ?? ""}=${value}`]);
    const args = ["--client-id", client.id, ...set, "--allow-private", new URL(central.url).host, "--port", `${port}`, "--types", "customers,invoices", "--since", "2026-05-01"];
    const trial = start("moorline pack try", PROGRAM, ["pack", "try", join(ROOT, "integrations/business-central"), ...args], {
      env: { PATH: process.env["PATH"] ?? "", MOORLINE_PACK_CLIENT_SECRET: client.secret },
      log: join(stage.world.folder, "pack-try.log"),
    });
    const url = (await trial.line((line) => line.trim().startsWith("http"))).trim();
    const profile = await openProfile(stage.browser);
    const page = await profile.page();
    await page.goto(url);
    await page.getByLabel(BEN, { exact: true }).check();
    await page.getByRole("button", { name: "Allow access", exact: true }).click();
    await trial.line((line) => line.includes("Everything could be read"));
    await profile.close();
    await trial.stop();
    const filters = (entity: string): string[] => {
      const own = central.received.filter(({ url: { pathname, searchParams } }) => pathname.endsWith(`/${entity}`) && !searchParams.has("$skiptoken"));
      return own.map(({ url: { searchParams } }) => searchParams.get("$filter") ?? "everything");
    };
    await central.stop();
    assert.deepEqual(filters("customers"), ["lastModifiedDateTime gt 2026-05-01T00:00:00Z"]);
    assert.deepEqual(filters("salesInvoices"), ["lastModifiedDateTime gt 2026-05-01T00:00:00Z", "status eq 'Open'"]);
  });

  test("an administrator approves by a link that is sent on, learns nothing of the connection, and the customer goes on", async () => {
    const { world, emulator } = stage;
    const { companyId, connectionId, linkUrl } = await world.client.newConnection("Approved Traders", KEY);
    const profile = await openProfile(stage.browser);
    const page = await profile.page();
    await page.goto(linkUrl);
    await page.getByText("Does an administrator have to approve this first?").click();
    const link = await page.getByLabel("Link for your administrator").inputValue();
    assert.ok(link.startsWith(`${emulator.url}/organizations/v2.0/adminconsent?`), link);
    assert.ok(!link.includes(connectionId) && !link.includes(companyId), "the link names no connection");

    // The sign-in says itself that it is needed, and the page of the failure has the link too.
    emulator.needsApproval = true;
    const steps = await proceed(page);
    await page.getByLabel(BEN, { exact: true }).check();
    await page.getByRole("button", { name: "Allow access", exact: true }).click();
    await arriveAtResult(page);
    await page.getByText("Dynamics 365 Business Central wants an administrator to approve this first.").waitFor();
    assert.equal(await page.getByLabel("Link for your administrator").inputValue(), link);
    assert.deepEqual(await look(page, "business-central-approval-needed"), []);
    const pending = await world.client.connection(companyId, connectionId);
    assert.equal(pending.status, "PendingAuth");

    // The administrator has another browser, and knows nobody here.
    const office = await openProfile(stage.browser, { viewport: { width: 375, height: 760 } });
    const desk = await office.page();
    const answered = async (decision: string, heading: string): Promise<string> => {
      await desk.goto(link);
      await desk.getByRole("button", { name: decision, exact: true }).click();
      await desk.getByRole("heading", { name: heading, exact: true }).waitFor();
      return desk.locator("body").innerText();
    };
    const refusal = await answered("Cancel", "Not approved");
    assert.match(refusal, /reports no approval.*AADSTS500111/s);
    assert.ok(emulator.needsApproval);
    const approval = await answered("Accept", "Approved");
    assert.match(approval, /The person who sent you the link can connect Dynamics 365 Business Central now\./);
    assert.doesNotMatch(approval + refusal, /Approved Traders|Harbour/);
    assert.equal(await desk.getByRole("link").count(), 0, "it leads nowhere");
    assert.deepEqual(await look(desk, "business-central-approved-phone"), []);
    // Words that nobody signed say nothing, and lead nowhere.
    const callback = `${world.platform}/oauth/${KEY}/callback`;
    const state = new URL(link).searchParams.get("state") ?? "";
    for (const query of [`admin_consent=True&state=approval.${companyId}.AAAA`, `admin_consent=True&state=${state.slice(0, -2)}`, `admin_consent=True&state=${state}&state=${state}`]) {
      await desk.goto(`${callback}?${query}`);
      assert.equal(await desk.getByRole("heading", { name: "Approved", exact: true }).count(), 0, query);
    }
    await desk.goto(`${callback}?admin_consent=False&state=${state}`);
    await desk.getByRole("heading", { name: "Not approved", exact: true }).waitFor();
    await office.close();
    assert.equal((await world.client.connection(companyId, connectionId)).status, "PendingAuth", "an approval is no connection");

    await page.getByRole("link", { name: "Try again" }).click();
    await proceed(page);
    await page.getByLabel(BEN, { exact: true }).check();
    await page.getByRole("button", { name: "Allow access", exact: true }).click();
    await arriveAtResult(page);
    await leave({ profile, page, steps });
    await world.client.untilStatus(companyId, connectionId, "Linked");
    await world.client.untilSettled(companyId);
  });

  test("what a person may not read, and an app that isn't installed, cost their own data types and are told in words", async () => {
    stage.emulator.hasReports = false;
    const denied = refused("Authorization_RequestDenied", "Sorry, the current permissions prevented the action. (TableData 23 Vendor Read: Base Application)", 403);
    stage.emulator.interruptions.push({ fits: ({ url }) => url.pathname.endsWith("/vendors") && !url.searchParams.has("$select"), answer: denied, times: 1 });
    const { companyId } = await linkWith("Narrow");
    const statuses = await stage.world.client.untilSettled(companyId);
    stage.emulator.hasReports = true;
    assert.equal(statuses.get("customers"), "Complete");
    assert.equal(statuses.get("suppliers"), "PermissionsError");
    assert.match((await newestPull(stage.world, companyId, "suppliers"))?.errorMessage ?? "", /Vendor Read.*permission set D365 READ/);
    assert.equal(statuses.get("payments"), "NotSupported");
    assert.match((await newestPull(stage.world, companyId, "payments"))?.errorMessage ?? "", /API Reports - Finance.*isn’t installed/);
  });

  test("a person whom no environment knows is told what is missing, and the connection stays pending", async () => {
    const { companyId, connectionId, linkUrl } = await stage.world.client.newConnection("Stranger", KEY);
    const arrival = await goThrough(stage.browser, linkUrl, [DAN]);
    await arriveAtResult(arrival.page);
    await arrival.page.getByText("no user with a licence and permissions").waitFor();
    await leave(arrival);
    assert.equal((await stage.world.client.connection(companyId, connectionId)).status, "PendingAuth");
  });

  test("another company than before is noticed, and nothing changes until the customer decides", async () => {
    const company = await linkWith("Mistaken");
    await stage.world.client.untilSettled(company.companyId);
    await mistakeBusiness(stage.emulated, stage.browser, company, CYD);
  });

  test("the records agree with each other", async () => {
    const { companyId, connectionId } = await linkWith("Agreeing");
    await stage.world.client.untilSettled(companyId);
    const { tests } = await stage.world.client.read<{ tests: { id: string; result: string; reason: string }[] }>(`/companies/${companyId}/connections/${connectionId}/reconciliation`);
    // Of what is left of bills and credits, and of what payments were applied to, Microsoft's further APIs tell.
    // The trial balance is Microsoft's own example, and isn't made of the postings that stand beside it: that is found.
    assert.deepEqual(tests.filter(({ result }) => result === "differs").map(({ id }) => id), ["profitAndLoss"]);
    for (const wanted of ["receivables", "payables", "balanceSheet"]) {
      const found = tests.find(({ id }) => id === wanted);
      assert.equal(found?.result, "passed", `${wanted}: ${found?.reason ?? ""}`);
    }
  });
});
