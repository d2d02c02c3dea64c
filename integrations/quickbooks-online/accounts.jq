(.Classification | one_of({Asset: "Asset", Equity: "Equity", Expense: "Expense", Liability: "Liability", Revenue: "Income"})) as $type
| ([$type, .AccountType, .AccountSubType] | map(select(. != null and (startswith("Unknown") | not)))) as $path
| {
    id: .Id,
    nominalCode: (.AcctNum | blank),
    name: .Name,
    description: (.Description | blank),
    type: ($type // "Unknown"),
    status: active,
    isBankAccount: is_bank
  } + {
    fullyQualifiedCategory: ($path | join(".") | blank),
    fullyQualifiedName: ($path + [.FullyQualifiedName // .Name] | join(".")),
    currency: .CurrencyRef.value,
    currentBalance: .CurrentBalance,
    sourceModifiedDate: modified
  }
