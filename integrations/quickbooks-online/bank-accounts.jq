# A card's debt is above zero here, and below zero in the standard.
(.AccountType == "Credit Card") as $card
| {
    id: .Id,
    accountName: .Name,
    accountType: (.AccountType | one_of({"Bank": "Debit", "Credit Card": "Credit"})),
    nominalCode: (.AcctNum | blank),
    currency: .CurrencyRef.value,
    balance: (if $card then .CurrentBalance | dneg else .CurrentBalance end),
    status: active,
    sourceModifiedDate: modified
  }
