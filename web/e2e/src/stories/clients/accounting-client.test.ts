// Codat's own accounting client, which writes to a platform and reads its records back.

import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";

import { CodatAccounting } from "@codat/accounting";
import { CodatPlatform } from "@codat/platform";
import type { Browser } from "playwright-core";

import { followAlone, PLATFORMS } from "../../harness/actors/customer.js";
import { launchBrowser } from "../../harness/browser.js";
import { Contract, type Exchange, exchangeOf } from "../../harness/contract/openapi.js";
import { onBothDatabases } from "../../harness/engines.js";
import { until } from "../../harness/until.js";
import { startWorld, type World } from "../../harness/world.js";

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

/** The properties that the client's answers to writes have in common. */
interface Operation {
  pushOperationKey: string;
  status: string;
  changes?: { type?: string; recordRef?: { id?: string } }[];
  validation?: { errors?: { itemId?: string; message?: string }[] };
  errorMessage?: string;
}

onBothDatabases("the official accounting client", (engine) => {
  let world: World;
  let accounting: CodatAccounting;
  let platform: CodatPlatform;
  let companyId: string;
  let connectionId: string;
  let customerId: string;

  before(async () => {
    world = await startWorld({ engine });
    const authHeader = world.client.authorization;
    accounting = new CodatAccounting({ security: { authHeader }, serverURL: world.platform });
    platform = new CodatPlatform({ authHeader, serverURL: world.platform, retryConfig: { strategy: "none" } });
    let linkUrl: string;
    ({ companyId, connectionId, linkUrl } = await world.client.newConnection("Writing company", PLATFORMS.accounting.key));
    await followAlone(browser, linkUrl);
    await world.client.untilSettled(companyId);
  });
  after(() => world.stop());

  /** Waits for the operation's end through the platform client. */
  async function ended(accepted: Operation | undefined): Promise<Operation> {
    assert.ok(accepted !== undefined, "the client understood the answer");
    assert.equal(accepted.status, "Pending");
    const { pushOperationKey } = accepted;
    return until("the push has ended", async () => {
      const now = await platform.pushData.getOperation({ companyId, pushOperationKey });
      return now.status === "Pending" ? undefined : (now as Operation);
    });
  }

  /** Waits for the operation's success and the sync after it; returns the record's id. */
  async function changed(accepted: Operation | undefined): Promise<string> {
    const operation = await ended(accepted);
    assert.equal(operation.status, "Success", operation.errorMessage ?? "");
    await world.client.untilSettled(companyId);
    return operation.changes?.[0]?.recordRef?.id ?? "";
  }

  test("reads the options of a write, with the company's own accounts and tax rates as choices", async () => {
    const { pushOption } = await accounting.invoices.getCreateUpdateModel({ companyId, connectionId });
    assert.equal(pushOption?.type, "Object");
    const lines = pushOption?.properties?.["lineItems"];
    assert.equal(lines?.required, true);
    const generic = await platform.pushData.getModelOptions({ companyId, connectionId, dataType: "invoices" });
    assert.deepEqual(Object.keys(generic.properties ?? {}).sort(), Object.keys(pushOption?.properties ?? {}).sort());
    const rates = generic.properties?.["lineItems"]?.properties?.["taxRateRef"]?.properties?.["id"]?.options ?? [];
    assert.ok(rates.some(({ value }) => value === "TX-NONE"));
  });

  test("creates and changes a customer", async () => {
    const customer = { customerName: "Official Client AB", emailAddress: "office@client.example", status: "Active" as never };
    const created = await accounting.customers.create({ companyId, connectionId, customer });
    customerId = await changed(created.createCustomerResponse);
    const update = { ...customer, customerName: "Official Client Ltd" };
    const updated = await accounting.customers.update({ companyId, connectionId, customerId, customer: update });
    assert.equal(await changed(updated.updateCustomerResponse), customerId);
    const { customer: read } = await accounting.customers.get({ companyId, customerId });
    assert.equal(read?.customerName, "Official Client Ltd");
  });

  test("creates an invoice that comes back in the next sync", async () => {
    const issueDate = new Date().toISOString().slice(0, 10);
    const created = await accounting.invoices.create({
      companyId,
      connectionId,
      timeoutInMinutes: 60,
      invoice: {
        customerRef: { id: customerId },
        issueDate,
        status: "Submitted",
        amountDue: 0,
        totalAmount: 0,
        totalTaxAmount: 0,
        lineItems: [
          { description: "Advice", quantity: 3, unitAmount: 120.5, taxRateRef: { id: "TX-NONE" }, accountRef: { id: "LA-4000" } },
        ],
      } as never,
    });
    const invoiceId = await changed(created.createInvoiceResponse);
    const { invoice } = await accounting.invoices.get({ companyId, invoiceId });
    assert.deepEqual([invoice?.totalAmount, invoice?.amountDue, invoice?.status], [361.5, 361.5, "Submitted"]);
  });

  test("creates a supplier and a bill", async () => {
    const supplier = { supplierName: "Official Supplies", status: "Active" as never };
    const made = await accounting.suppliers.create({ companyId, connectionId, supplier });
    const supplierId = await changed(made.createSupplierResponse);
    const bill = {
      supplierRef: { id: supplierId },
      issueDate: new Date().toISOString().slice(0, 10),
      status: "Open",
      lineItems: [
        { description: "Paper", quantity: 2, unitAmount: 40, taxRateRef: { id: "TX-NONE" }, accountRef: { id: "LA-6320" } },
      ],
    };
    const created = await accounting.bills.create({ companyId, connectionId, bill: bill as never });
    const billId = await changed(created.createBillResponse);
    const read = await accounting.bills.get({ companyId, billId });
    assert.equal(read.bill?.totalAmount, 80);
  });

  test("receives the platform's objections to a record, and a refusal of a data type that can't be written", async () => {
    const invoice = { customerRef: { id: "unknown" }, issueDate: "2019-01-01", status: "Submitted", lineItems: [] };
    const created = await accounting.invoices.create({ companyId, connectionId, invoice: invoice as never });
    const failed = await ended(created.createInvoiceResponse);
    assert.equal(failed.status, "Failed");
    const fields = (failed.validation?.errors ?? []).map(({ itemId }) => itemId);
    assert.ok(fields.includes("contact_id") && fields.includes("issued_on"), fields.join(" "));
    const refused = await accounting.transfers.create({ companyId, connectionId, transfer: {} as never });
    assert.equal(refused.statusCode, 404);
    assert.match(refused.errorMessage?.error ?? "", /^Datatype transfers not supported by platform/);
    const { results = [], totalResults } = await platform.pushData.listOperations({ companyId, query: "status=Failed" });
    assert.equal(totalResults, 1);
    assert.equal(results[0]?.dataType, "invoices");
  });

  test("push history and options are valid by the public OpenAPI document", async (t: TestContext) => {
    const headers = { authorization: world.client.authorization };
    const exchanges: Exchange[] = [];
    for (const path of [`/companies/${companyId}/push`, `/companies/${companyId}/connections/${connectionId}/options/bills`]) {
      exchanges.push(await exchangeOf("GET", path, await fetch(`${world.platform}${path}`, { headers })));
    }
    const contract = Contract.open();
    if (contract === undefined) return t.skip("the OpenAPI document is not at hand");
    assert.deepEqual(exchanges.flatMap((exchange) => contract.faults(exchange)), []);
  });
});
