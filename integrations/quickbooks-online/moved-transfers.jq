# One movement for each side.
if .status == "Deleted" then gone("transferFrom-\(.Id)"), gone("transferTo-\(.Id)")
else {id: .Id, dataType: "transfers"} as $record
| side_movement("transferFrom"; .FromAccountRef; .ToAccountRef; true; $record),
  side_movement("transferTo"; .ToAccountRef; .FromAccountRef; false; $record) end
