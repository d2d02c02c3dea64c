# Each allocation is a line of its own; its link lowers what the customer owes on the invoice.
.exponent as $e
| {
    id: .id,
    customerRef: customer,
    accountRef: ref(.ledger_account_id; null),
    paymentMethodRef: (if .method == null then null else {id: .method, name: (.method | payment_method)} end),
    totalAmount: (.amount | minor($e)),
    currency: .currency,
    date: (.received_on | day)
  } + {
    note: .memo,
    reference: .reference,
    lines: (.allocations | map({
      amount: (.amount | minor($e)),
      links: [{type: "Invoice", id: .document_id, amount: (.amount | minor($e) | dneg)}],
      allocatedOnDate: (.on | day)
    })),
    sourceModifiedDate: .updated_at
  }
