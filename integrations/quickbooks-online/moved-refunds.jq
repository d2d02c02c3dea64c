if .status == "Deleted" then gone("refundReceipt-\(.Id)")
elif .DepositToAccountRef.value == null then empty
else (.TotalAmt | dneg) as $total | movement_lines(true) as $lines | movement("refundReceipt"; .DepositToAccountRef; $total; $lines) end
