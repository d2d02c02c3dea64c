/** The words that a further language has: English's, and those for which English takes the platform's own. */
import type { Strings } from "./en";

/** Data types without their kind's prefix: "commerce-orders" is `orders`. */
type DataTypeKey =
  | "accountBalances" | "accountTransactions" | "accounts" | "balanceSheet" | "bankAccounts" | "bankTransactions"
  | "billCreditNotes" | "billPayments" | "bills" | "cashFlowStatement" | "chartOfAccounts" | "company" | "companyInfo"
  | "creditNotes" | "customers" | "directCosts" | "directIncomes" | "disputes" | "invoices" | "itemReceipts" | "items"
  | "journalEntries" | "journals" | "locations" | "orders" | "paymentMethods" | "payments" | "productCategories"
  | "products" | "profitAndLoss" | "purchaseOrders" | "salesOrders" | "suppliers" | "taxComponents" | "taxRates"
  | "trackingCategories" | "transactionCategories" | "transactions" | "transfers";

/** Events of a history whose status doesn't name them. */
type EventKey =
  | "connection.created" | "connection.failed" | "connection.deleted" | "connection.tokenRefresh.failing"
  | "connection.tokenRefresh.recovered" | "connection.credential.expiring" | "connection.grant.ended"
  | "connection.consent.required" | "connection.sync.paused" | "connection.data.expiring" | "connection.data.deleted"
  | "read.completed" | "read.completed.initial" | "write.successful" | "write.unsuccessful";

type Actor = "customer" | "client" | "platform" | "moorline";

export interface Words extends Omit<Strings, "$dataTypes" | "$events" | "$by"> {
  $dataTypes: Record<DataTypeKey, string>;
  $events: Record<EventKey, string>;
  $by: Record<Actor, string>;
}
