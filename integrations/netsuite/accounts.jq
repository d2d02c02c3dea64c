# Accounts without money, such as those for statistics, and headings are left out.
def type: one_of({
  Bank: "Asset", AcctRec: "Asset", UnbilledRec: "Asset", OthCurrAsset: "Asset", FixedAsset: "Asset", OthAsset: "Asset", DeferExpense: "Asset",
  AcctPay: "Liability", CredCard: "Liability", OthCurrLiab: "Liability", LongTermLiab: "Liability", DeferRevenue: "Liability",
  Equity: "Equity", Income: "Income", OthIncome: "Income", COGS: "Expense", Expense: "Expense", OthExpense: "Expense"
});

select(.accttype != "NonPosting" and .accttype != "Stat")
| (.accttype | type) as $type
| {
    id: .id,
    nominalCode: (.acctnumber | blank),
    name: (.fullname | blank),
    description: (.description | blank),
    type: $type,
    status: status,
    isBankAccount: (.accttype == "Bank" or .accttype == "CredCard")
  } + {
    fullyQualifiedCategory: "\($type).\(.accttype)",
    fullyQualifiedName: "\($type).\(.accttype).\(.fullname)",
    currency: home,
    currentBalance: (.balance | num)
  }
