# One movement for each side.
if .status == "Deleted" then gone("transferFrom-\(.Id)"), gone("transferTo-\(.Id)")
else {id: .Id, dataType: "transfers"} as $record
| (.Amount | dneg) as $out
| movement("transferFrom"; .FromAccountRef; $out; [{amount: $out, recordRef: $record}]),
  movement("transferTo"; .ToAccountRef; .Amount; [{amount: .Amount, recordRef: $record}]) end
