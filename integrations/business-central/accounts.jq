# Headings and totals hold nothing of their own.
select((.accountType | word) == "Posting")
| (.category | word | one_of({
    "Assets": "Asset", "Liabilities": "Liability", "Equity": "Equity", "Income": "Income", "Cost of Goods Sold": "Expense", "Expense": "Expense"
  })) as $type
| ([$type, (.category | word | if . == "Cost of Goods Sold" then . else null end), (.subCategory | blank)] | map(select(. != null))) as $path
| {
    id: .id,
    nominalCode: (.number | blank),
    name: .displayName,
    type: ($type // "Unknown"),
    status: (if .blocked == true then "Archived" else "Active" end),
    isBankAccount: false
  } + {
    fullyQualifiedCategory: ($path | join(".") | blank),
    fullyQualifiedName: ($path + [.displayName] | join(".")),
    currency: $lookup.home,
    currentBalance: .netChange,
    sourceModifiedDate: modified
  }
