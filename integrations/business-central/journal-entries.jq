# The rows of one document. The entry's id is the number of its first row, which nothing changes.
.[0] as $first
| {
    id: ($first.entryNumber | tostring),
    description: ([($first.documentType | word), $first.documentNumber] | joined(" ")),
    postedOn: ($first.postingDate | day),
    updatedOn: (map(modified | select(. != null)) | max),
    sourceModifiedDate: (map(modified | select(. != null)) | max),
    journalLines: map(tracked as $refs | {
      description: (.description | blank),
      netAmount: dsub(.debitAmount // 0; .creditAmount // 0),
      currency: $lookup.home,
      accountRef: ref(.accountId | guid; null)
    } + (if ($refs | length) == 0 then {} else {tracking: {recordRefs: ($refs | map({id, dataType: "trackingCategories"}))}} end))
  }
