# Of entries that are not posted yet there is nothing in the books. An entry that was reversed is in them, beside the one that reversed it.
.[0] as $first
| ($first["journalEntry.state"] // $first.state) as $state
| select(["draft", "submitted", "partiallyApproved", "approved", "declined"] | all(. != $state))
| {
    id: $first["journalEntry.key"],
    description: ([$first["journalEntry.glJournal.id"], $first["journalEntry.referenceNumber"], $first["journalEntry.description"]] | joined(": ")),
    postedOn: ($first["journalEntry.postingDate"] // $first.entryDate | day),
    updatedOn: ($first["journalEntry.audit.modifiedDateTime"] | blank)
  } + {
    journalLines: [.[] | (.baseAmount | num // 0) as $amount | (.txnAmount | num) as $own | {
      description: (.description | blank),
      netAmount: (if .txnType == "credit" then $amount | dneg else $amount end),
      currency: (.["currency.baseCurrency"] | blank),
      transactionAmount: (if .txnType == "credit" and $own != null then $own | dneg else $own end),
      transactionCurrency: (.["currency.txnCurrency"] | blank),
      accountRef: account
    } + record_refs],
    sourceModifiedDate: ($first["journalEntry.audit.modifiedDateTime"] | blank)
  }
