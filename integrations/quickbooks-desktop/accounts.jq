# Balances come on their accounts' usual side; here they are debits less credits, as a card's is among the bank accounts.
(.AccountType | account_type) as $type
| ([$type, .AccountType] | map(select(. != null and . != "Unknown"))) as $path
| {
    id: .ListID,
    nominalCode: (.AccountNumber | blank),
    name: .Name,
    description: (.Desc | blank),
    type: ($type // "Unknown"),
    status: active,
    isBankAccount: is_bank
  } + {
    fullyQualifiedCategory: ($path | join(".") | blank),
    fullyQualifiedName: ($path + [.FullName // .Name] | join(".")),
    currency: currency,
    currentBalance: (.Balance | num | if . == null or . == 0 or $type == "Asset" or $type == "Expense" or $type == "Unknown" then . else dneg end),
    sourceModifiedDate: modified
  }
