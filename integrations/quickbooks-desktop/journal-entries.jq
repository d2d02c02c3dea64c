# Amounts are in the entry's currency; the standard's are in the company's, and the entry's beside them.
currency as $currency
| (rate // 1) as $rate
| home as $home
| ($home != null and $currency != $home) as $foreign
| def of($sign): .[] | (.Amount | num // 0) as $amount | . + {signed: (if $sign < 0 then $amount | dneg else $amount end)};
  # Rounded to the currency's decimals; what that leaves of an entry that balances goes to its largest line.
  def rounded($places):
    map(dround($places)) as $rounded
    | ($rounded | dsum) as $odd
    | if dsum != 0 or $odd == 0 then $rounded
      else
        ($rounded | map(if . < 0 then dneg else . end) | . as $sizes | index($sizes | max_by(decimal))) as $largest
        | $rounded | .[$largest] = dsub(.[$largest]; $odd)
      end;
  [((.JournalDebitLine // []) | of(1)), ((.JournalCreditLine // []) | of(-1))] as $lines
| (if $foreign then $lines | map(dmul(.signed; $rate)) | rounded(home_places) else $lines | map(.signed) end) as $amounts
| {
    id: .TxnID,
    description: ([number, (.Memo | blank)] | joined(": ")),
    postedOn: (.TxnDate | day),
    createdOn: (.TimeCreated | blank),
    updatedOn: modified,
    recordRef: {id: .TxnID, dataType: "journalEntries"},
    sourceModifiedDate: modified
  } + {
    journalLines: [range($lines | length) | $amounts[.] as $amount | $lines[.]
      | {
          description: (.Memo | blank),
          netAmount: $amount,
          accountRef: (.AccountRef | to_ref)
        } + (if $foreign then {transactionAmount: .signed, transactionCurrency: $currency, currency: $home} else {currency: $currency} end)
          + record_refs]
  }
