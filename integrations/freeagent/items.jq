# The price list: what is sold. The unit says whether it is goods or a service.
{
  id: (.url | id),
  code: .code,
  type: (.item_type // "" | if . == "" then "Unknown" else one_of({
    Products: "NonInventory", Stock: "Inventory",
    Hours: "Service", Days: "Service", Weeks: "Service", Months: "Service", Years: "Service", Services: "Service",
    Training: "Service",
    Expenses: "Unknown", Comment: "Unknown", Bills: "Unknown", Discount: "Unknown", Credit: "Unknown", VAT: "Unknown"
  }) end),
  itemStatus: "Active",
  isBillItem: false,
  isInvoiceItem: true
} + {
  invoiceItem: {
    description: (.description | blank_to_null),
    unitPrice: (.price | amount),
    accountRef: account,
    # British companies have a word in place of the rate, and a rate of nought beside it.
    taxRateRef: (if (.vat_status | blank_to_null) != null then null else tax_rate end)
  },
  sourceModifiedDate: .updated_at
}
