# A category only groups others, and is not an item.
if .Type == "Category" then empty
else {
  id: .Id,
  code: (.Sku | blank),
  name: (.FullyQualifiedName // .Name),
  type: (.Type | one_of({Inventory: "Inventory", NonInventory: "NonInventory", Service: "Service", Group: "Unknown", Bundle: "Unknown"})),
  itemStatus: active,
  isInvoiceItem: (.IncomeAccountRef.value != null),
  isBillItem: (.ExpenseAccountRef.value != null)
} + {
  invoiceItem: (if .IncomeAccountRef.value == null then null else {
    description: (.Description | blank),
    unitPrice: .UnitPrice,
    accountRef: (.IncomeAccountRef | to_ref),
    taxRateRef: (.SalesTaxCodeRef | to_ref)
  } end),
  billItem: (if .ExpenseAccountRef.value == null then null else {
    description: (.PurchaseDesc | blank),
    unitPrice: .PurchaseCost,
    accountRef: (.ExpenseAccountRef | to_ref),
    taxRateRef: (.PurchaseTaxCodeRef | to_ref)
  } end),
  sourceModifiedDate: modified
} end
