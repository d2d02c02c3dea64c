whole_months
| rows
| section("Income"; ["Income"]; -1) as $income
| section("Cost of goods sold"; ["COGS"]; 1) as $cost
| section("Expenses"; ["Expense"]; 1) as $expenses
| section("Other income"; ["OthIncome"]; -1) as $other_income
| section("Other expenses"; ["OthExpense"]; 1) as $other_expenses
| dsub($income.value; $cost.value) as $gross
| dsub($gross; $expenses.value) as $operating
| dsub($other_income.value; $other_expenses.value) as $other
| {
    month: $lookup.month[0:7],
    currency: home,
    reportBasis: "Accrual",
    income: $income,
    costOfSales: $cost,
    grossProfit: $gross
  } + {
    expenses: $expenses,
    netOperatingProfit: $operating,
    otherExpenses: $other_expenses,
    otherIncome: $other_income,
    netOtherIncome: $other,
    netProfit: dadd($operating; $other)
  }
