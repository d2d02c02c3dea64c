{
  id: "stock-\(.url | id)",
  name: (.description | blank_to_null),
  type: "Inventory",
  itemStatus: "Active",
  isBillItem: true,
  isInvoiceItem: true,
  sourceModifiedDate: .updated_at
}
