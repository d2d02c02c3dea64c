# Cash in hand and with the card processor are accounts without a bank.
def end($e; $amount; $currency): {
  accountRef: {
    id: .ledger_account_id,
    name: .ledger_account_title,
    dataType: (if .bank_account_id == null then "chartOfAccounts" else "bankAccounts" end)
  },
  amount: ($amount | minor($e)),
  currency: $currency
};

.exponent as $e
| .amount as $amount
| .currency as $currency
| {
    id: .id,
    description: .memo,
    date: (.on | day),
    from: (.from | end($e; $amount; $currency)),
    to: (.to | end($e; $amount; $currency)),
    status: (.state | one_of({RECONCILED: "Reconciled", UNRECONCILED: "Unreconciled"})),
    sourceModifiedDate: .updated_at
  }
