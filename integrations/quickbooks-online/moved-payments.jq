# A payment without an account is in «undeposited funds», until a deposit takes it.
if .status == "Deleted" then gone("payment-\(.Id)")
elif .DepositToAccountRef.value == null then empty
else movement("payment"; .DepositToAccountRef; .TotalAmt; [{amount: .TotalAmt, recordRef: {id: .Id, dataType: "payments"}}]) end
