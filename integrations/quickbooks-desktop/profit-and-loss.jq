report_rows as $rows
| (first($rows[] | select(.kind == null and .amount != 0)) // null) as $odd
| if $odd != null then error("the report has a row «\($odd.name)», which is no account's") else . end
| ($rows | section("Income"; ["Income"])) as $income
| ($rows | section("Cost of goods sold"; ["CostOfGoodsSold"])) as $cost
| ($rows | section("Expenses"; ["Expense"])) as $expenses
| ($rows | section("Other income"; ["OtherIncome"])) as $other_income
| ($rows | section("Other expenses"; ["OtherExpense"])) as $other_expenses
| dsub($income.value; $cost.value) as $gross
| dsub($gross; $expenses.value) as $operating
| dsub($other_income.value; $other_expenses.value) as $other
| {
    month: report_month,
    currency: home,
    reportBasis: ((.ReportBasis // "Accrual") | one_of({Accrual: "Accrual", Cash: "Cash"})),
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
