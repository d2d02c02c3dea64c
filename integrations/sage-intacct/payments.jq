.[0] as $first
| ($first["arPayment.state"]) as $state
# A draft moved no money, and a reversal undoes another payment, which is void by it.
| select($state != "draft" and (is_reversal($state) | not))
| ($first["txnCurrency.currency"] // $first["arPayment.txnCurrency.currency"]) as $currency
| (if $first["arPayment.txnCurrency.currency"] == $currency then $first["arPayment.txnCurrency.totalAmount"] | num else null end) as $total
| payment($total;
    applied(
      (if (.["arInvoice.key"] | blank) != null then {type: "Invoice", id: .["arInvoice.key"]}
       elif (.["positiveAdjustment.key"] | blank) != null then {type: "Invoice", id: "adjustment-\(.["positiveAdjustment.key"])"}
       else {type: "PaymentOnAccount"} end);
      [
        credit("CreditNote"; .["arAdjustment.key"]; .["txnCurrency.adjustmentAmount"] | size),
        credit("CreditNote"; "invoice-\(.["negativeInvoice.key"])"; .["txnCurrency.negativeInvoiceAmount"] | size),
        credit("CreditNote"; "invoice-\(.["inlineTxn.key"])"; .["txnCurrency.inlineAmount"] | size),
        credit("PaymentOnAccount"; "advance-\(.["postedAdvance.key"])"; .["txnCurrency.postedAdvanceAmount"] | size),
        credit("PaymentOnAccount"; .["postedOverPayment.key"]; .["txnCurrency.postedOverPaymentAmount"] | size)
      ];
      .["txnCurrency.paymentAmount"] | num // 0
    ) + {allocatedOnDate: (.paymentDate | day)};
    $state == "reversed") as $payment
| $first
| {
    id: .["arPayment.key"],
    customerRef: (customer("arPayment.customer") // customer("arInvoice.customer")),
    accountRef: (ref(.["arPayment.financialEntity.entityId"] | blank; .["arPayment.financialEntity.name"] | blank) // ref(.["arPayment.undepositedGLAccount.key"] | blank; null)),
    currency: ($currency | blank),
    currencyRate: (.["arPayment.exchangeRate.rate"] | num),
    date: (.paymentDate | day),
    reference: ([.["arPayment.documentNumber"], .["arPayment.referenceNumber"]] | joined("; ")),
    note: (.["arPayment.description"] | blank)
  } + $payment + {sourceModifiedDate: (.["arPayment.audit.modifiedDateTime"] | blank)}
