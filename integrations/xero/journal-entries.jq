# Journals that people wrote. A draft is not posted yet, and a voided one isn't posted any more.
if .Status == "DRAFT" then empty
elif .Status == "DELETED" or .Status == "VOIDED" then gone(.ManualJournalID)
else
  .LineAmountTypes as $types
  | {
      id: .ManualJournalID,
      description: .Narration,
      postedOn: (.Date | day),
      updatedOn: (.UpdatedDateUTC | instant),
      recordRef: {id: .ManualJournalID, dataType: "journalEntries"},
      journalLines: (.JournalLines // [] | map(select(.IsBlank != true) | trackings as $tracked | {
        description: (.Description | blank),
        netAmount: (if $types == "Inclusive" then dsub(.LineAmount; .TaxAmount // 0) else .LineAmount end),
        accountRef: ref(.AccountID // .AccountCode; null)
      } + (
        if ($tracked | length) == 0 then {}
        else {tracking: {recordRefs: ($tracked | map({id: .id, dataType: "trackingCategories"}))}} end
      ))),
      sourceModifiedDate: (.UpdatedDateUTC | instant)
    }
end
