# An invoice's payment, or money given back for an invoice or a credit note, which is below zero.
select(explained_as == "payments")
| bank_account($lookup.accounts) as $account
| settled($account; $lookup.home) as $paid
| {
    id: (.url | id),
    accountRef: {id: ($account.url | id), name: $account.name},
    currency: $paid.currency,
    currencyRate: $paid.currencyRate,
    date: (.dated_on | day),
    note: (.description | blank_to_null),
    reference: (.cheque_number | blank_to_null),
    totalAmount: $paid.amount
  } + {
    lines: [{
      amount: $paid.amount,
      allocatedOnDate: (.dated_on | day),
      links: [{
        type: (if .paid_invoice | is_a("credit_notes") then "CreditNote" else "Invoice" end),
        id: (.paid_invoice | id),
        amount: ($paid.amount | dneg)
      }]
    }],
    sourceModifiedDate: .updated_at
  }
