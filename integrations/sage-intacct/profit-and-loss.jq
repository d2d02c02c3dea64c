statement_rows
| statement_currency as $currency
| section("Income"; .class == "Income" and (.account | is_beside | not); -1) as $income
| section("Cost of sales"; .class == "Expense" and (.account | is_cost_of_sales); 1) as $cost
| section("Expenses"; .class == "Expense" and (.account | is_cost_of_sales or is_beside | not); 1) as $expenses
| section("Other income"; .class == "Income" and (.account | is_beside); -1) as $other_income
| section("Other expenses"; .class == "Expense" and (.account | is_beside and (is_cost_of_sales | not)); 1) as $other_expenses
| dsub($income.value; $cost.value) as $gross
| dsub($gross; $expenses.value) as $operating
| dsub($other_income.value; $other_expenses.value) as $other
| {
    month: $lookup.month[0:7],
    currency: $currency,
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
