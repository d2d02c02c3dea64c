.[0] as $first
| ($first["apPayment.state"]) as $state
# What isn't approved moved no money.
| select(["draft", "submitted", "partiallyApproved", "declined", "reversal"] | all(. != $state))
| ($first["txnCurrency.currency"] // $first["apPayment.txnCurrency.currency"]) as $currency
| (if $first["apPayment.txnCurrency.currency"] == $currency then $first["apPayment.txnCurrency.totalAmount"] | num else null end) as $total
| payment($total;
    applied(
      (if (.["bill.key"] | blank) != null then {type: "Bill", id: .["bill.key"]}
       elif (.["apCreditAdjustment.key"] | blank) != null then {type: "Bill", id: "adjustment-\(.["apCreditAdjustment.key"])"}
       else {type: "PaymentOnAccount"} end);
      [
        credit("CreditNote"; .["apDebitAdjustment.key"]; .["txnCurrency.adjustmentAmount"] | size),
        credit("CreditNote"; "bill-\(.["inlineBill.key"])"; .["txnCurrency.inlineAmount"] | size),
        credit("PaymentOnAccount"; null; .["txnCurrency.postedAdvanceAmount"] | size),
        credit("Discount"; null; .["txnCurrency.discountAmount"] | size)
      ];
      .["txnCurrency.paymentAmount"] | num // 0
    ) + {allocatedOnDate: (.paymentDate | day)};
    $state == "voided" or $state == "printVoided" or $state == "reversed") as $payment
| $first
| {
    id: .["apPayment.key"],
    supplierRef: supplier("apPayment.vendor"),
    accountRef: ref(.["apPayment.financialEntity.entityId"] | blank; null),
    currency: ($currency | blank),
    currencyRate: (.["apPayment.exchangeRate.rate"] | num),
    date: (.paymentDate | day),
    reference: (.["apPayment.documentNumber"] | blank),
    note: (.["apPayment.description"] | blank)
  } + $payment + {sourceModifiedDate: (.["apPayment.audit.modifiedDateTime"] | blank)}
