/** The words that a further language has of those that more than one component shows. */
import type { SharedStrings } from "./en";

/** Data types without their kind's prefix, unless two kinds say different things: "commerce-orders" is `orders`. */
type DataTypeKey =
  | "banking-transactions" | "commerce-payments"
  | "accountBalances" | "accountTransactions" | "accounts" | "balanceSheet" | "bankAccounts" | "bankTransactions"
  | "billCreditNotes" | "billPayments" | "bills" | "cashFlowStatement" | "chartOfAccounts" | "company" | "companyInfo"
  | "creditNotes" | "customers" | "directCosts" | "directIncomes" | "disputes" | "invoices" | "itemReceipts" | "items"
  | "journalEntries" | "journals" | "locations" | "orders" | "paymentMethods" | "payments" | "productCategories"
  | "products" | "profitAndLoss" | "purchaseOrders" | "salesOrders" | "suppliers" | "taxComponents" | "taxRates"
  | "trackingCategories" | "transactionCategories" | "transactions" | "transfers";

export interface SharedWords extends Omit<SharedStrings, "$dataTypes"> {
  $dataTypes: Record<DataTypeKey, string>;
}
