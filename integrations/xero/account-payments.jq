# A payment is a movement of its bank account as well. Above zero is money in: from a customer, or back from a supplier. Payments may be made through other
# accounts, such as an owner's: no bank account moves by those.
(.PaymentType // "" | {
  ACCRECPAYMENT: "payments", APCREDITPAYMENT: "billPayments", APOVERPAYMENTPAYMENT: "billPayments", APPREPAYMENTPAYMENT: "billPayments",
  ACCPAYPAYMENT: "billPayments", ARCREDITPAYMENT: "payments", AROVERPAYMENTPAYMENT: "payments", ARPREPAYMENTPAYMENT: "payments"
}[.]) as $data_type
| (.PaymentType == "ACCRECPAYMENT" or (.PaymentType // "" | startswith("AP"))) as $in
| (.BankAmount // .Amount | if $in then decimal else dneg end) as $total
| select($data_type != null and .Account.AccountID != null)
| .Account.AccountID as $account
| if $lookup.banks != null and (any($lookup.banks[]; .AccountID == $account) | not) then gone(.PaymentID)
  else {
    id: .PaymentID,
    note: (.Reference | blank),
    bankAccountRef: ref(.Account.AccountID; .Account.Name),
    date: (.Date | day),
    status: (if .Status == "DELETED" then "Void" elif .IsReconciled == true then "Reconciled" else "Unreconciled" end),
    lines: [{amount: $total, recordRef: {id: .PaymentID, dataType: $data_type}}]
  } + {
    totalAmount: $total,
    metadata: gone_if(.Status == "DELETED"),
    sourceModifiedDate: (.UpdatedDateUTC | instant)
  }
  end
