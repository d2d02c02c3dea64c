.Header.Currency as $currency
| (.Header.ReportBasis | one_of({Accrual: "Accrual", Cash: "Cash"})) as $basis
| if no_data then empty else . end
| months as $month
| $month.column as $column
| only(["Income", "COGS", "GrossProfit", "Expenses", "NetOperatingIncome", "OtherIncome", "OtherExpenses", "NetOtherIncome", "NetIncome"]; $column)
| if grouped("NetIncome") == null then error("the report has no NetIncome") else . end
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
    month: $month.month,
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
