# Amounts are in the entry's currency; the standard's are in the company's, and the entry's beside them.
currency as $currency
| (rate // 1) as $rate
| home as $home
| ($home != null and $currency != $home) as $foreign
| (currency_exponent($home // "USD") // 2) as $places
| def of($sign): .[] | (.Amount | num // 0) as $amount | . + {signed: (if $sign < 0 then $amount | dneg else $amount end)};
{
    id: .TxnID,
    description: ([number, (.Memo | blank)] | joined(": ")),
    postedOn: (.TxnDate | day),
    createdOn: (.TimeCreated | blank),
    updatedOn: modified,
    recordRef: {id: .TxnID, dataType: "journalEntries"},
    sourceModifiedDate: modified
  } + {
    journalLines: [((.JournalDebitLine // []) | of(1)), ((.JournalCreditLine // []) | of(-1))
      | {
          description: (.Memo | blank),
          netAmount: (if $foreign then dmul(.signed; $rate) | dround($places) else .signed end),
          accountRef: (.AccountRef | to_ref)
        } + (if $foreign then {transactionAmount: .signed, transactionCurrency: $currency, currency: $home} else {currency: $currency} end)
          + record_refs]
  }
