# An item without stock may be goods or a service: the platform doesn't say.
def side($description):
  if . == null or . == {} then (if $description == null then null else {description: $description} end)
  else {
    description: $description,
    unitPrice: .UnitPrice,
    accountRef: (.COGSAccountCode // .AccountCode | blank | ref(.; null)),
    taxRateRef: (.TaxType | blank | ref(.; null))
  } end;

{
  id: .ItemID,
  code: .Code,
  name: (.Name | blank),
  type: (if .IsTrackedAsInventory == true then "Inventory" else "NonInventory" end),
  itemStatus: "Active",
  isInvoiceItem: (.IsSold == true),
  isBillItem: (.IsPurchased == true)
} + {
  invoiceItem: (if .IsSold == true then (.Description | blank) as $text | .SalesDetails | side($text) else null end),
  billItem: (if .IsPurchased == true then (.PurchaseDescription | blank) as $text | .PurchaseDetails | side($text) else null end),
  sourceModifiedDate: (.UpdatedDateUTC | instant)
}
