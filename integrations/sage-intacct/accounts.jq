. as $account
| ($lookup.balances // [] | [.[] | select(.["glAccount.key"] == $account.key)]) as $sums
# Without sums by account, a balance isn't known.
| (any(($lookup.balances // [])[]; .["glAccount.key"] == null) or $lookup.balances == null) as $unknown
| class as $class
| ([$class, (.category | blank)] | map(select(. != null))) as $path
| {
    id: .key,
    nominalCode: .id,
    name: (.name | blank),
    type: $class,
    status: status,
    isBankAccount: ($class == "Asset" and (.category // "" | ascii_downcase | names(["cash", "bank"])) and (is_at_no_bank | not)),
    fullyQualifiedCategory: ($path | join(".")),
    fullyQualifiedName: ($path + [.name] | joined("."))
  } + {
    currency: (first($sums[] | .["currency.baseCurrency"] | select(. != null)) // null),
    currentBalance: (if $unknown or ([$sums[] | .["currency.baseCurrency"]] | unique | length) > 1 then null else $sums | map(sum_of) | dsum end),
    sourceModifiedDate: modified
  }
