# `balance` is debit minus credit, and stays so: over all accounts it adds up to nothing.
(.class | one_of({
  ASSET: "Asset", LIABILITY: "Liability", EQUITY: "Equity", REVENUE: "Income", EXPENSE: "Expense"
})) as $type
| ([$type] + ((.group // "") | split(" / ")) | map(select(. != "" and (startswith("Unknown") | not)))) as $path
| {
    id: .id,
    nominalCode: .code,
    name: .title,
    description: .note,
    type: $type,
    status: (.state | active),
    isBankAccount: .bank
  } + {
    fullyQualifiedCategory: ($path | join(".")),
    fullyQualifiedName: ($path + [.title] | join(".")),
    currency: .currency,
    currentBalance: (.exponent as $e | .balance | minor($e)),
    sourceModifiedDate: .updated_at
  }
