# The titles differ between countries; a section after the gross profit that is neither is refused.
def part:
  ascii_downcase
  | if startswith("less ") then .[5:] elif startswith("plus ") then .[5:] else . end
  | {
      "income": "income", "trading income": "income", "revenue": "income", "turnover": "income", "sales": "income",
      "cost of sales": "costOfSales", "cost of goods sold": "costOfSales", "direct costs": "costOfSales",
      "operating expenses": "expenses", "expenses": "expenses", "administrative costs": "expenses", "overheads": "expenses",
      "other income": "otherIncome", "non-operating income": "otherIncome",
      "other expenses": "otherExpenses", "non-operating expenses": "otherExpenses", "taxation": "otherExpenses"
    }[.];

. as $report
| columns as $months
| range($months | length) as $column
| (reduce (.Rows[] | select(.RowType == "Section" and (.Title // "") != "")) as $section (
    {income: [], costOfSales: [], expenses: [], otherIncome: [], otherExpenses: []};
    ($section | section_items($column)) as $items
    | ($section.Title | part) as $part
    | if $part != null then .[$part] += $items
      elif ($items | length) == 0 then .
      else error("section `\($section.Title)` is not known") end
  )) as $parts
| titled("Income"; $parts.income) as $income
| titled("Cost of sales"; $parts.costOfSales) as $cost
| titled("Expenses"; $parts.expenses) as $expenses
| titled("Other income"; $parts.otherIncome) as $other_income
| titled("Other expenses"; $parts.otherExpenses) as $other_expenses
| dsub($income.value; $cost.value) as $gross
| dsub($gross; $expenses.value) as $operating
| dsub($other_income.value; $other_expenses.value) as $other
| dadd($operating; $other) as $net
| $report
| agree("Gross Profit"; $column; $gross)
| agree("Net Profit"; $column; $net)
| {
    month: $months[$column],
    reportBasis: "Accrual",
    income: $income,
    costOfSales: $cost,
    grossProfit: $gross,
    expenses: $expenses
  } + {
    netOperatingProfit: $operating,
    otherExpenses: $other_expenses,
    otherIncome: $other_income,
    netOtherIncome: $other,
    netProfit: $net
  }
