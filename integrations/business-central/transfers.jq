# The rows of one document. If they are of bank accounts alone, two by two, money moved from one to the other.
select(length > 0 and all(.[]; (.sourceType | word) == "Bank Account"))
| . as $rows
| range(length) as $at
| select($at % 2 == 0 and $at + 1 < length)
| ([$rows[$at], $rows[$at + 1]] | sort_by(.amount)) as [$from, $to]
| select($from.sourceNumber != $to.sourceNumber and $from.amount != 0 and ($from.amount | dneg) == $to.amount)
# The ledger's amounts are in the company's currency: those of accounts in another one aren't reported.
| def side($amount):
    bank_of as $bank
    | (($bank.currencyCode | blank) // $lookup.home) as $currency
    | {
        accountRef: {id: ($bank.id // .sourceNumber), name: ($bank.displayName | blank), dataType: "bankAccounts"},
        amount: (if $currency == $lookup.home then $amount else null end),
        currency: $currency
      };
  {
    id: ($rows[$at].number | tostring),
    description: ([$rows[$at].description, $rows[$at].documentNumber] | joined("; ")),
    date: ($from.postingDate | day),
    from: ($from | side($to.amount)),
    to: ($to | side($to.amount)),
    status: (if $from.reveresd == true then "Void" else "Unknown" end),
    sourceModifiedDate: ([$from, $to] | map(modified | select(. != null)) | max)
  }
