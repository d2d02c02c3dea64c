.exponent as $e
| {
    id: .id,
    accountName: .label,
    accountType: (.kind | one_of({CHEQUE: "Debit", SAVINGS: "Debit", CREDIT_CARD: "Credit"})),
    nominalCode: .code,
    sortCode: .sort_code,
    accountNumber: .number,
    iBan: .iban
  } + {
    currency: .currency,
    balance: (.book_balance | minor($e)),
    institution: .bank,
    availableBalance: (.available_balance | minor($e)),
    overdraftLimit: (.overdraft_limit | minor($e)),
    status: (.state | active),
    sourceModifiedDate: .updated_at
  }
