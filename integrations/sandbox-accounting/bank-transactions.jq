# Money in is above zero, money out below it.
.exponent as $e
| .direction as $direction
| {
    id: .id,
    accountId: .bank_account_id,
    clearedOnDate: (.date | day),
    description: .narrative,
    reconciled: .reconciled,
    amount: (.amount | minor($e)),
    balance: (.running_balance | minor($e))
  } + {
    transactionType: (.method | one_of({
      TRANSFER: "Xfer",
      DIRECT_DEBIT: "DirectDebit",
      STANDING_ORDER: "RepeatPmt",
      CARD: "Pos",
      CASH: "Cash",
      FEE: "Fee",
      INTEREST: "Int",
      PAYROLL: "Payment",
      DEPOSIT: "Dep"
    })),
    sourceModifiedDate: .updated_at
  }
| .amount |= signed($direction)
