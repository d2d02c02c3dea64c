# Money that came before there was something to pay.
select(.state != "draft" and (is_reversal(.state) | not))
| (.txnTotalEntered | num // 0) as $total
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
    lines: (if .state == "reversed" then [] else [{amount: $total, links: [{type: "PaymentOnAccount", amount: ($total | dneg)}], allocatedOnDate: $date}] end),
    sourceModifiedDate: modified
  }
