# Each allocation is a line of its own; its link lowers what the company owes on the bill.
.exponent as $e
| {
    id: .id,
    supplierRef: supplier,
    accountRef: ref(.ledger_account_id; null),
    paymentMethodRef: (if .method == null then null else {id: .method, name: (.method | payment_method)} end),
    totalAmount: (.amount | minor($e)),
    currency: .currency,
    date: (.paid_on | day)
  } + {
    note: .memo,
    reference: .reference,
    lines: (.allocations | map({
      amount: (.amount | minor($e)),
      links: [{type: "Bill", id: .document_id, amount: (.amount | minor($e) | dneg)}],
      allocatedOnDate: (.on | day)
    })),
    sourceModifiedDate: .updated_at
  }
