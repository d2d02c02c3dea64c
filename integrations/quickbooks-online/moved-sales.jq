# Sold and paid at once.
(if .status == "Deleted" then gone("salesReceipt-\(.Id)")
 else movement_lines(false) as $lines | movement("salesReceipt"; .DepositToAccountRef; .TotalAmt; $lines) end),
item_movements("salesReceipt"; false)
