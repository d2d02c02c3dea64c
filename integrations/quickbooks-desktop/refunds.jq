# Below zero, with what it gives back: a credit memo, or a payment that was too much.
(.TotalAmount | num // 0 | dneg) as $total
| (.TxnDate | day) as $on
| [(.RefundAppliedToTxnRet // [])[]
    | (.TxnType // "" | one_of({CreditMemo: "CreditNote", ReceivePayment: "Payment", JournalEntry: "ManualJournal", Deposit: "Other", Check: "Other"})) as $type
    | (.RefundAmount | size // 0) as $amount
    | select($amount != 0)
    | {amount: ($amount | dneg), links: [{type: $type, id: .TxnID, amount: $amount}], allocatedOnDate: $on}] as $lines
| dsub($total; $lines | map(.amount) | dsum) as $rest
| {
    id: .TxnID,
    customerRef: customer,
    accountRef: (.RefundFromAccountRef | to_ref),
    paymentMethodRef: (.PaymentMethodRef | to_ref),
    totalAmount: $total,
    currency: currency,
    currencyRate: rate,
    date: $on
  } + {
    lines: ($lines + (if $rest == 0 then [] else [{amount: $rest, links: [{type: "PaymentOnAccount", amount: ($rest | dneg)}], allocatedOnDate: $on}] end)),
    reference: number,
    note: (.Memo | blank),
    sourceModifiedDate: modified
  }
