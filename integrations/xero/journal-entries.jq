# Journals that people wrote. A draft is not posted yet, and a voided one isn't posted any more.
if .Status == "DRAFT" then empty
elif .Status == "DELETED" or .Status == "VOIDED" then gone(.ManualJournalID)
else
  .LineAmountTypes as $types
  | (.JournalLines // [] | map(select(.IsBlank != true))) as $lines
  # Tax on a line is posted beside it, to an account that the journal doesn't name: debits and credits are equal with it.
  | (if ($types // "" | ascii_downcase) == "notax" or $types == null then 0 else [$lines[] | .TaxAmount // 0] | dsum end) as $tax
  | {
      id: .ManualJournalID,
      description: .Narration,
      postedOn: (.Date | day),
      updatedOn: (.UpdatedDateUTC | instant),
      recordRef: {id: .ManualJournalID, dataType: "journalEntries"},
      journalLines: (($lines | map(trackings as $tracked | {
        description: (.Description | blank),
        netAmount: (if $types | with_tax then dsub(.LineAmount; .TaxAmount // 0) else .LineAmount end),
        accountRef: ref(.AccountID // .AccountCode; null)
      } + (
        if ($tracked | length) == 0 then {}
        else {tracking: {recordRefs: ($tracked | map({id: .id, dataType: "trackingCategories"}))}} end
      ))) + (if $tax == 0 then [] else [{description: "Tax", netAmount: $tax}] end)),
      sourceModifiedDate: (.UpdatedDateUTC | instant)
    }
end
