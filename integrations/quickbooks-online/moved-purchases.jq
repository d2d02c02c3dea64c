# Money spent at once, by check, cash or card; a card's credit comes back.
if .status == "Deleted" then gone("purchase-\(.Id)")
else (.Credit != true) as $out
| (if $out then .TotalAmt | dneg else .TotalAmt end) as $total
| movement_lines($out) as $lines
| movement("purchase"; .AccountRef; $total; $lines) end
