.exponent as $e
| .currency as $currency
| (.basis | one_of({ACCRUAL: "Accrual", CASH: "Cash"})) as $basis
| .months[]
| .month as $month
| .profit_and_loss
| (reduce .sections[] as $section ({}; . + {($section.section): ($section | statement_line($e))})) as $lines
| {
    month: $month,
    currency: $currency,
    reportBasis: $basis,
    income: $lines.INCOME,
    costOfSales: $lines.COST_OF_SALES,
    grossProfit: (.gross_profit | minor($e))
  } + {
    expenses: $lines.EXPENSES,
    netOperatingProfit: (.operating_profit | minor($e)),
    otherExpenses: $lines.OTHER_EXPENSES,
    otherIncome: $lines.OTHER_INCOME,
    netOtherIncome: dsub($lines.OTHER_INCOME.value; $lines.OTHER_EXPENSES.value),
    netProfit: (.net_profit | minor($e))
  }
