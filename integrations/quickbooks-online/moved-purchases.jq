# Money spent at once, by check, cash or card; a card's credit comes back. A line may be another bank account, such as a
# card whose balance is paid.
if .status == "Deleted" then all_gone("purchase")
else (.Credit != true) as $out
| (if $out then .TotalAmt | dneg else .TotalAmt end) as $total
| movement_lines($out) as $lines
| account_lines($out | not) as $others
| movement("purchase"; .AccountRef; $total; $lines), other_movements("purchase"; $others) end
