# Opening balances have no date, and a list of their own.
select(.dated_on != null)
| {
    id: (.url | id),
    description: (.description | blank_to_null),
    postedOn: (.dated_on | day),
    updatedOn: .updated_at,
    recordRef: {id: (.url | id), dataType: "journalEntries"},
    journalLines: (.journal_entries // [] | map({
      description: (.description | blank_to_null),
      netAmount: (.debit_value | amount),
      accountRef: account
    })),
    sourceModifiedDate: .updated_at
  }
