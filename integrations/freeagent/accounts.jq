# One answer has every category, in sets. Records refer to categories and to their sub-accounts (602-1) alike, and an answer has one or
# the other: the looked-up one has sub-accounts in place of the categories that have any.
def within($from; $to): .[0:3] | . >= $from and . <= $to;

# The ranges in which a company may make categories of its own, and what the documentation shows in its samples of categories and of
# the balance sheet. It doesn't list the general categories: of the others the type isn't known.
def kind($set):
  if $set == "income_categories" or within("001"; "049") or within("051"; "051") then ["Income"]
  elif $set == "cost_of_sales_categories" or within("096"; "199") then ["Expense", "CostOfSales"]
  elif $set == "admin_expenses_categories" or within("200"; "399") then ["Expense", "AdminExpenses"]
  elif within("601"; "607") then ["Asset", "CapitalAssets"]
  elif within("609"; "609") then ["Asset", "Stock"]
  elif within("671"; "720") then ["Asset", "CurrentAssets"]
  elif within("750"; "750") then ["Asset", "BankAccounts"]
  elif within("731"; "780") or within("792"; "793") or within("796"; "796") or within("817"; "817") or within("820"; "820")
    or within("905"; "905") then ["Liability"]
  elif within("670"; "670") or within("921"; "960") then ["Equity"]
  else ["Unknown"] end;

def categories: to_entries[] | .key as $set | .value[] | {set: $set, code: .nominal_code, category: .};

(categories | select(.code | contains("-") | not)), ($lookup.sub_accounts // {} | categories | select(.code | contains("-")))
| .code as $code
| (.set as $set | $code | kind($set)) as $kind
| .category
| {
    id: (.url | id),
    nominalCode: $code,
    name: .description,
    type: $kind[0],
    status: "Active",
    isBankAccount: ($kind[1] == "BankAccounts")
  } + {
    fullyQualifiedCategory: (if $kind[0] == "Unknown" then null else $kind | join(".") end)
  }
