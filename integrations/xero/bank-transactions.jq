# Money spent and received as it was entered against a bank account. The lines of the bank's own statement are not in
# the API. Above zero is money in; deleted and voided ones are gone.
if .Status == "DELETED" or .Status == "VOIDED" then gone(.BankTransactionID)
else {
  id: .BankTransactionID,
  accountId: .BankAccount.AccountID,
  clearedOnDate: (.Date | day),
  description: ([.Contact.Name, .Reference] | joined(": ")),
  amount: signed_by_type,
  reconciled: (.IsReconciled == true),
  transactionType: (
    if (.Type | endswith("-TRANSFER")) then "Xfer" elif (.Type | startswith("RECEIVE")) then "Credit" else "Debit" end
  ),
  sourceModifiedDate: (.UpdatedDateUTC | instant)
} end
