# The class is left out of accounts that were made long ago: the type says it as well.
({
  BANK: "Asset", CURRENT: "Asset", FIXED: "Asset", INVENTORY: "Asset", NONCURRENT: "Asset", PREPAYMENT: "Asset",
  EQUITY: "Equity", DEPRECIATN: "Expense", DIRECTCOSTS: "Expense", EXPENSE: "Expense", OVERHEADS: "Expense",
  SUPERANNUATIONEXPENSE: "Expense", WAGESEXPENSE: "Expense", CURRLIAB: "Liability", LIABILITY: "Liability", TERMLIAB: "Liability",
  PAYG: "Liability", PAYGLIABILITY: "Liability", SUPERANNUATIONLIABILITY: "Liability", WAGESPAYABLELIABILITY: "Liability",
  OTHERINCOME: "Income", REVENUE: "Income", SALES: "Income"
}[.Type // ""] // "Unknown: \(.Type)") as $by_type
| (if .Class == null then $by_type else .Class | one_of({
    ASSET: "Asset", EQUITY: "Equity", EXPENSE: "Expense", LIABILITY: "Liability", REVENUE: "Income"
  }) end) as $type
| ({
    BANK: "Bank", CURRENT: "Current", FIXED: "Fixed", INVENTORY: "Inventory", NONCURRENT: "NonCurrent", PREPAYMENT: "Prepayment",
    DEPRECIATN: "Depreciation", DIRECTCOSTS: "DirectCosts", OVERHEADS: "Overheads", CURRLIAB: "Current", TERMLIAB: "NonCurrent",
    OTHERINCOME: "Other", SALES: "Sales"
  }[.Type // ""]) as $kind
| ([$type, $kind] | map(select(. != null and (startswith("Unknown") | not)))) as $path
| {
    id: .AccountID,
    nominalCode: (.Code | blank),
    name: .Name,
    description: (.Description | blank),
    type: $type,
    status: (.Status // "ACTIVE" | one_of({ACTIVE: "Active", ARCHIVED: "Archived", DELETED: "Archived"})),
    isBankAccount: (.Type == "BANK")
  } + {
    fullyQualifiedCategory: ($path | join(".") | blank),
    fullyQualifiedName: ($path + [.Name] | join(".")),
    currency: .CurrencyCode,
    metadata: gone_if(.Status == "DELETED"),
    sourceModifiedDate: (.UpdatedDateUTC | instant)
  }
