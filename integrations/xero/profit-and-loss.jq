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

# The report says which days its first column is of; only a whole month is the month that the column is headed by.
def of_a_whole_month($month):
  ((.ReportTitles // []) | last // "" | split(" to ")) as $ends
  | (if ($ends | length) != 2 then null else try ($ends[0] | date("%d %B %Y")) catch null end) as $first
  # A title in other words that tells of more than a month is no month's either.
  | (((.ReportTitles // []) | last // "") | ascii_downcase) as $title
  | if $first == null and ($title | startswith("for the ")) and ($title | startswith("for the month ended") | not)
    then error("the report is `\($title)`: only whole months are taken") else . end
  | if $first == null or $first[0:10] == "\($month)-01" then .
    else error("the report is of `\($ends | join(" to "))`: only whole months are taken") end;

. as $report
| columns as $months
| of_a_whole_month($months[0])
| range($months | length) as $column
# A row outside of the sections is the result of all that stands before it.
| (reduce ($report | sections) as $section (
    {known: false, result: 0, income: [], costOfSales: [], expenses: [], otherIncome: [], otherExpenses: []};
    ($section | section_title) as $title
    | if $title == "" then
        reduce ($section | stated_sums($column)) as $sum (.; .known = true | agree($sum.name; $sum.stated; .result))
      else
        ($section | section_items($column)) as $items
        | ($title | part) as $part
        | ($items | map(.value) | dsum) as $sum
        | if $part == null and ($items | length) > 0 then error("section `\($title)` is not known")
          elif $part == null then .
          else
            .known = true
            | .[$part] += $items
            | .result = (if $part == "income" or $part == "otherIncome" then dadd(.result; $sum) else dsub(.result; $sum) end)
          end
      end
  )) as $parts
| if $parts.known then . else error("nothing in the report is known") end
| titled("Income"; $parts.income) as $income
| titled("Cost of sales"; $parts.costOfSales) as $cost
| titled("Expenses"; $parts.expenses) as $expenses
| titled("Other income"; $parts.otherIncome) as $other_income
| titled("Other expenses"; $parts.otherExpenses) as $other_expenses
| dsub($income.value; $cost.value) as $gross
| dsub($gross; $expenses.value) as $operating
| dsub($other_income.value; $other_expenses.value) as $other
| dadd($operating; $other) as $net
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
