# Money that came before there was something to pay.
select(.state != "draft" and (is_reversal(.state) | not))
# Taken back, it moved none in the end, as a payment that is reversed.
| (.state == "reversed" or .state == "voided") as $undone
| (if $undone then 0 else .txnTotalEntered | num // 0 end) as $total
| (.["paymentInformation.receiptDate"] // .["paymentInformation.paymentDate"] | day) as $date
| {
    id: "advance-\(.key)",
    customerRef: customer("customer"),
    accountRef: ref(.["paymentInformation.financialEntity.entityId"] | blank; null),
    currency: (.["paymentInformation.financialEntity.currency"] | blank),
    totalAmount: $total,
    date: $date,
    reference: ([.advanceNumber, .referenceNumber] | joined("; ")),
    note: (.description | blank)
  } + {
    lines: (if $undone then [] else [{amount: $total, links: [{type: "PaymentOnAccount", amount: ($total | dneg)}], allocatedOnDate: $date}] end),
    sourceModifiedDate: modified
  }
