.exponent as $e
| .direction as $direction
| {
    id: .id,
    transactionId: .ledger_entry_id,
    note: .memo,
    bankAccountRef: ref(.bank_account.id; .bank_account.label),
    date: (.date | day),
    status: (.state | one_of({RECONCILED: "Reconciled", UNRECONCILED: "Unreconciled"})),
    currency: .currency
  } + {
    lines: (.parts | map({
      description: .memo,
      recordRef: (.source | record_ref),
      amount: (.amount | minor($e) | signed($direction))
    })),
    totalAmount: (.amount | minor($e) | signed($direction)),
    sourceModifiedDate: .updated_at
  }
