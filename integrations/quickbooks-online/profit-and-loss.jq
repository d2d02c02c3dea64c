.Header.Currency as $currency
| (.Header.ReportBasis | one_of({Accrual: "Accrual", Cash: "Cash"})) as $basis
| month_columns as $columns
| range(1; $columns | length) as $column
| $columns[$column] as $month
# The last column is the total of the others.
| select($month.StartDate != null and $month.StartDate[0:7] == $month.EndDate[0:7])
| group_line("Income"; "Income"; $column) as $income
| group_line("COGS"; "Cost of goods sold"; $column) as $cost
| group_line("Expenses"; "Expenses"; $column) as $expenses
| group_line("OtherIncome"; "Other income"; $column) as $other_income
| group_line("OtherExpenses"; "Other expenses"; $column) as $other_expenses
| dsub($income.value; $cost.value) as $gross
| dsub($gross; $expenses.value) as $operating
| dsub($other_income.value; $other_expenses.value) as $other
| dadd($operating; $other) as $net
| agree("GrossProfit"; $column; $gross)
| agree("NetOperatingIncome"; $column; $operating)
| agree("NetOtherIncome"; $column; $other)
| agree("NetIncome"; $column; $net)
| {
    month: $month.EndDate[0:7],
    currency: $currency,
    reportBasis: ($basis // "Unknown"),
    income: $income,
    costOfSales: $cost,
    grossProfit: $gross
  } + {
    expenses: $expenses,
    netOperatingProfit: $operating,
    otherExpenses: $other_expenses,
    otherIncome: $other_income,
    netOtherIncome: $other,
    netProfit: $net
  }
