{
  id: (.url | id),
  accountName: .name,
  accountType: (.type | one_of({
    StandardBankAccount: "Debit", PaypalAccount: "Debit", CreditCardAccount: "Credit"
  })),
  sortCode: (.sort_code | blank_to_null),
  accountNumber: (.account_number | blank_to_null),
  iBan: (.iban | blank_to_null),
  currency: .currency,
  balance: (.current_balance | amount),
  nominalCode: (.url | sub_account("bank_account") | .nominal_code)
} + {
  institution: (.bank_name | blank_to_null),
  status: (.status | one_of({active: "Active", hidden: "Archived"})),
  sourceModifiedDate: .updated_at
}
