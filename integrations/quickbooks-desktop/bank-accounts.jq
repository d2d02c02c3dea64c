# What is owed on a card comes above zero; here it is below.
if is_bank | not then gone(.ListID)
else {
  id: .ListID,
  accountName: (.FullName // .Name),
  accountType: (if .AccountType == "Bank" then "Debit" else "Credit" end),
  accountNumber: (.BankNumber | blank),
  nominalCode: (.AccountNumber | blank),
  currency: currency,
  balance: (if .AccountType == "CreditCard" then .Balance | num | dneg else .Balance | num end),
  status: active,
  sourceModifiedDate: modified
} end
