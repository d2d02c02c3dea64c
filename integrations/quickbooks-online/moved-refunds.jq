(if .status == "Deleted" then gone("refundReceipt-\(.Id)")
 else (.TotalAmt | dneg) as $total | movement_lines(true) as $lines | movement("refundReceipt"; .DepositToAccountRef; $total; $lines) end),
item_movements("refundReceipt"; true)
