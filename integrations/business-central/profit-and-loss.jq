# The month's postings by account. The trial balance has them without signs: the change since the end of the month before has one. Only
# when a year is closed in between do the two differ, and then the signs are the usual ones.
($lookup.before // [] | map({key: .accountId, value: dsub(.balanceAtDateDebit | size; .balanceAtDateCredit | size)}) | from_entries) as $before
| .value | balances
| map(.net = (
    . as $row
    | dsub(.balance; $before[.id] // 0) as $change
    | [dsub(.debit; .credit), dadd(.debit; .credit), dsub(.credit; .debit), (dadd(.debit; .credit) | dneg)]
    | if any(. == $change) then $change else .[0] end))
| whole(.net; "postings")
| section("Income"; "Income"; .net | dneg) as $income
| section("Cost of goods sold"; "Cost of Goods Sold"; .net) as $cost
| section("Expenses"; "Expense"; .net) as $expenses
| dsub($income.value; $cost.value) as $gross
| dsub($gross; $expenses.value) as $profit
| {
    month: $lookup.month[0:7],
    currency: $lookup.home,
    reportBasis: "Accrual",
    income: $income,
    costOfSales: $cost,
    grossProfit: $gross
  } + {
    expenses: $expenses,
    netOperatingProfit: $profit,
    otherExpenses: nothing("Other expenses"),
    otherIncome: nothing("Other income"),
    netOtherIncome: 0,
    netProfit: $profit
  }
