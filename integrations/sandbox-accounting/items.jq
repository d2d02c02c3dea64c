.exponent as $e
| {
    id: .id,
    code: .sku,
    name: .title,
    type: (if .tracked then "Inventory" else .nature | one_of({GOODS: "NonInventory", SERVICE: "Service"}) end),
    itemStatus: (.state | active),
    isInvoiceItem: (.sale != null),
    isBillItem: (.purchase != null)
  } + {
    invoiceItem: (if .sale == null then null else .sale | {
      description: .details,
      unitPrice: (.price | minor($e)),
      accountRef: ref(.ledger_account_id; null),
      taxRateRef: ref(.tax_code_id; null)
    } end),
    billItem: (if .purchase == null then null else .purchase | {
      description: .details,
      unitPrice: (.cost | minor($e)),
      accountRef: ref(.ledger_account_id; null),
      taxRateRef: ref(.tax_code_id; null)
    } end),
    sourceModifiedDate: .updated_at
  }
