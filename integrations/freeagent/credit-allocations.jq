# A credit note that was set against an invoice: a payment without money.
(.gross_value | amount | size) as $amount
| (.dated_on | day) as $day
| {
    id: "reconciliation-\(.url | id)",
    currency: .currency,
    currencyRate: rate,
    date: $day,
    totalAmount: dsub($amount; $amount),
    lines: [
      {amount: $amount, allocatedOnDate: $day, links: [{type: "Invoice", id: (.invoice | id), amount: ($amount | dneg)}]},
      {amount: ($amount | dneg), allocatedOnDate: $day, links: [{type: "CreditNote", id: (.credit_note | id), amount: $amount}]}
    ],
    sourceModifiedDate: .updated_at
  }
