# Postings of a journal entry to bank accounts and cards: one movement for each account.
if .status == "Deleted" then all_gone("journalEntry")
else
  {id: .Id, dataType: "journalEntries"} as $record
  | [(.Line // [])[] | select(.DetailType == "JournalEntryLineDetail" and .Amount != null) | {
      ref: .JournalEntryLineDetail.AccountRef,
      amount: (if .JournalEntryLineDetail.PostingType == "Credit" then .Amount | dneg else .Amount | decimal end),
      line: {description: (.Description | blank), recordRef: $record}
    }] as $moves
  | other_movements("journalEntry"; $moves)
end
