if .status == "Deleted" then gone("deposit-\(.Id)")
else movement_lines(false) as $lines | movement("deposit"; .DepositToAccountRef; .TotalAmt; $lines) end
