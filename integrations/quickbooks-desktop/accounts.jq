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
    currentBalance: (.Balance | num),
    sourceModifiedDate: modified
  }
