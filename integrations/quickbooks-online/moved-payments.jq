# A payment without an account, or into «undeposited funds», moves a bank account only with the deposit that takes it.
if .status == "Deleted" then gone("payment-\(.Id)")
else movement("payment"; .DepositToAccountRef; .TotalAmt; [{amount: .TotalAmt, recordRef: {id: .Id, dataType: "payments"}}]) end
