# Amounts are in the entry's currency; the standard's are in the company's, and the entry's beside them. Tax is beside the
# lines, and is a line of the entry nonetheless: with it, debits equal credits.
def entity:
  .EntityRef.value as $id
  | {Customer: "customers", Vendor: "suppliers"}[.Type // ""] as $type
  | if $id == null or $type == null then null else {id: $id, dataType: $type} end;

# Lines of tax have no side of their own: it is the one with which the entry balances.
def tax_lines($sum):
  (.TxnTaxDetail.TaxLine // []) as $lines
  | (if ($lines | length) > 0 then $lines elif (.TxnTaxDetail.TotalTax // 0) == 0 then [] else [{Amount: .TxnTaxDetail.TotalTax}] end)
  | map(select((.Amount // 0) != 0) | {amount: .Amount, sign: 1, sure: false})
  | fit($sum | dneg) as $signs
  # Prices that hold their tax balance without it.
  | if $signs == null then [] else signed($signs) | map({description: "Tax", amount: .}) end;

# Rounded to the currency's decimals; what that leaves of an entry that balances goes to its largest line.
def rounded($places):
  map(dround($places)) as $rounded
  | ($rounded | dsum) as $odd
  | if dsum != 0 or $odd == 0 then $rounded
    else
      ($rounded | map(dmax(.; dneg)) | . as $sizes | index($sizes | max_by(decimal))) as $largest
      | $rounded | .[$largest] = dsub(.[$largest]; $odd)
    end;

if .status == "Deleted" then gone(.Id)
else
  .CurrencyRef.value as $currency
  | (.ExchangeRate // 1) as $rate
  | foreign as $foreign
  | $lookup.home.value as $home
  | [(.Line // [])[] | select(.DetailType == "JournalEntryLineDetail")
      | .JournalEntryLineDetail as $detail
      | {
          amount: (if $detail.PostingType == "Credit" then .Amount | dneg
            elif $detail.PostingType == "Debit" then .Amount | decimal
            else error("posting type \($detail.PostingType) is neither Debit nor Credit") end),
          description: (.Description | blank),
          account: ($detail.AccountRef | to_ref),
          contact: ($detail.Entity // {} | entity),
          tracked: ([($detail.ClassRef // {} | class), ($detail.DepartmentRef // {} | department)] | map(select(. != null)))
        }] as $entered
  | ($entered + tax_lines($entered | map(.amount) | dsum)) as $lines
  | (if $foreign then $lines | map(dmul(.amount; $rate)) | rounded(currency_exponent($home) // 2) else $lines | map(.amount) end) as $amounts
  | {
      id: .Id,
      description: ([.DocNumber, .PrivateNote] | joined(": ")),
      postedOn: (.TxnDate | day),
      createdOn: .MetaData.CreateTime,
      updatedOn: modified,
      recordRef: {id: .Id, dataType: "journalEntries"},
      sourceModifiedDate: modified
    } + {
      journalLines: [range($lines | length) | $amounts[.] as $amount | $lines[.]
        | .tracked as $tracked
        | {
            description: .description,
            netAmount: $amount,
            accountRef: .account,
            contactRef: .contact
          } + (if $foreign then {transactionAmount: .amount, transactionCurrency: $currency, currency: $home} else {currency: $currency} end)
            + (if ($tracked // [] | length) == 0 then {} else {tracking: {recordRefs: ($tracked | map({id: .id, dataType: "trackingCategories"}))}} end)
      ]
    }
end
