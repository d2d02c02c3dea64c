# The accounts of sales and purchases hang on posting groups, which the API doesn't tell.
{
  id: .id,
  code: (.number | blank),
  name: ([.displayName, .displayName2] | joined(" ")),
  type: (.type | word | one_of({"Inventory": "Inventory", "Service": "Service", "Non-Inventory": "NonInventory"})),
  itemStatus: (if .blocked == true then "Archived" else "Active" end),
  isInvoiceItem: true,
  isBillItem: true
} + {
  invoiceItem: {unitPrice: .unitPrice, taxRateRef: ref(.taxGroupCode | blank; null)},
  billItem: {unitPrice: .unitCost, taxRateRef: ref(.taxGroupCode | blank; null)},
  sourceModifiedDate: modified
}
