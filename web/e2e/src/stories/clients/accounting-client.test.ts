// Codat's own accounting client writes to a platform, and reads back what it wrote.

import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";

import { CodatAccounting } from "@codat/accounting";
import { CodatPlatform } from "@codat/platform";
import type { Browser } from "playwright-core";

import { launchBrowser, openProfile } from "../../harness/browser.js";
import { Contract, type Exchange } from "../../harness/contract/openapi.js";
import { follow, PLATFORMS } from "../../harness/actors/customer.js";
import { onBothDatabases } from "../../harness/engines.js";
import { until } from "../../harness/until.js";
import { startWorld, type World } from "../../harness/world.js";

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

/** What the client's answers to a write have in common. */
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
    companyId = (await platform.companies.create({ name: "Writing company" })).id;
    const requestBody = { platformKey: PLATFORMS.accounting.key };
    const connection = await platform.connections.create({ companyId, requestBody });
    connectionId = connection.id;
    const profile = await openProfile(browser);
    await follow(await profile.page(), connection.linkUrl);
    await profile.close();
    await world.client.untilSettled(companyId);
  });
  after(() => world.stop());

  /** Waits for the operation's end, by the other official client. */
  async function ended(asked: Operation | undefined): Promise<Operation> {
    assert.ok(asked !== undefined, "the client understood the answer");
    assert.equal(asked.status, "Pending");
    const { pushOperationKey } = asked;
    return until("the push has ended", async () => {
      const now = await platform.pushData.getOperation({ companyId, pushOperationKey });
      return now.status === "Pending" ? undefined : (now as Operation);
    });
  }

  async function changed(asked: Operation | undefined): Promise<string> {
    const operation = await ended(asked);
    assert.equal(operation.status, "Success", operation.errorMessage ?? "");
    await world.client.untilSettled(companyId);
    return operation.changes?.[0]?.recordRef?.id ?? "";
  }

  test("reads what may be written, with the company's own accounts and tax rates to choose from", async () => {
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

  test("is told what the platform has against a record, and what it can't take at all", async () => {
    const invoice = { customerRef: { id: "nobody" }, issueDate: "2019-01-01", status: "Submitted", lineItems: [] };
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

  test("push history is as the public OpenAPI document says", async (t: TestContext) => {
    const contract = Contract.open();
    if (contract === undefined) return t.skip("the OpenAPI document is not at hand");
    const headers = { authorization: world.client.authorization };
    for (const path of [`/companies/${companyId}/push`, `/companies/${companyId}/connections/${connectionId}/options/bills`]) {
      const response = await fetch(`${world.platform}${path}`, { headers });
      const contentType = response.headers.get("content-type") ?? "";
      const exchange: Exchange = { method: "GET", path, status: response.status, contentType, body: await response.text() };
      assert.deepEqual(contract.faults(exchange), []);
    }
  });
});
