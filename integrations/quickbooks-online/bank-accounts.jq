# The platform's balances are debits less credits, for debts as well (Accounts Payable in Intuit's reference: -1091.23), so
# that below zero is owed, here as in the chart of accounts.
if is_bank | not then no_movement(.Id)
else {
  id: .Id,
  accountName: .Name,
  accountType: (.AccountType | one_of({"Bank": "Debit", "Credit Card": "Credit"})),
  nominalCode: (.AcctNum | blank),
  currency: .CurrencyRef.value,
  balance: .CurrentBalance,
  status: active,
  sourceModifiedDate: modified
} end
