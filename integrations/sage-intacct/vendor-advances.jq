# Money that a supplier got before there was something to pay. What isn't approved moved none.
.state as $state
| select(["draft", "submitted", "partiallyApproved", "declined", "reversal"] | all(. != $state))
# Taken back, it moved none in the end, as a payment that is voided.
| ($state == "reversed" or $state == "voided") as $undone
| (if $undone then 0 else .txnTotalEntered | num // 0 end) as $total
| (.advanceDate | day) as $date
| {
    id: "advance-\(.key)",
    supplierRef: supplier("vendor"),
    accountRef: ref(.["financialEntity.entityId"] | blank; null),
    currency: (.["currency.txnCurrency"] // .["financialEntity.currency"] | blank),
    currencyRate: (.["currency.exchangeRate.rate"] | num),
    totalAmount: $total,
    date: $date,
    reference: ([.advanceNumber, .referenceNumber] | joined("; ")),
    note: (.description | blank)
  } + {
    lines: (if $undone then [] else [{amount: $total, links: [{type: "PaymentOnAccount", amount: ($total | dneg)}], allocatedOnDate: $date}] end),
    sourceModifiedDate: modified
  }
