{
  id: .id,
  accountName: (.fullname | blank),
  accountType: (if .accttype == "CredCard" then "Credit" else "Debit" end),
  nominalCode: (.acctnumber | blank),
  currency: home,
  balance: (.balance | num),
  status: status
}
