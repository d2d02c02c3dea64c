# A debit is above zero, a credit below it. Entries are never changed, so that their update is their creation.
.exponent as $e
| .currency as $currency
| {
    id: .id,
    description: .text,
    postedOn: (.date | day),
    createdOn: .created_at,
    updatedOn: .updated_at,
    journalRef: ref(.journal; .journal),
    recordRef: (.source | record_ref)
  } + {
    journalLines: (.lines | map({
      description: .text,
      netAmount: dsub(.debit | minor($e); .credit | minor($e)),
      currency: $currency,
      accountRef: ref(.ledger_account_id; .ledger_account_title)
    })),
    sourceModifiedDate: .updated_at
  }
