# Amounts are in the entry's currency; the standard's are in the company's, and the entry's beside them.
def entity:
  .EntityRef.value as $id
  | {Customer: "customers", Vendor: "suppliers"}[.Type // ""] as $type
  | if $id == null or $type == null then null else {id: $id, dataType: $type} end;

if .status == "Deleted" then gone(.Id)
else
  .CurrencyRef.value as $currency
  | (.ExchangeRate // 1) as $rate
  | (dsub($rate; 1) != 0) as $foreign
  | {
      id: .Id,
      description: ([.DocNumber, .PrivateNote] | joined(": ")),
      postedOn: (.TxnDate | day),
      createdOn: .MetaData.CreateTime,
      updatedOn: modified,
      recordRef: {id: .Id, dataType: "journalEntries"},
      sourceModifiedDate: modified
    } + {
      journalLines: [(.Line // [])[] | select(.DetailType == "JournalEntryLineDetail")
        | .JournalEntryLineDetail as $detail
        | (if $detail.PostingType == "Credit" then .Amount | dneg
           elif $detail.PostingType == "Debit" then .Amount | decimal
           else error("posting type \($detail.PostingType) is neither Debit nor Credit") end) as $amount
        | ([($detail.ClassRef // {} | class), ($detail.DepartmentRef // {} | department)] | map(select(. != null))) as $tracked
        | {
            description: (.Description | blank),
            netAmount: (if $foreign then dmul($amount; $rate) else $amount end),
            accountRef: ($detail.AccountRef | to_ref),
            contactRef: ($detail.Entity // {} | entity)
          } + (if $foreign then {transactionAmount: $amount, transactionCurrency: $currency} else {currency: $currency} end)
            + (if ($tracked | length) == 0 then {} else {tracking: {recordRefs: ($tracked | map({id: .id, dataType: "trackingCategories"}))}} end)
      ]
    }
end
