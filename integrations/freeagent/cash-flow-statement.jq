# Two totals a month; the platform has none below them.
def line($name; $theirs): {name: $name, value: ., items: [{name: $theirs, value: .}]};
.outgoing as $outgoing
| .incoming.months[]
| .year as $year
| .month as $month
| {
    month: "\($year)-\(if $month < 10 then "0" else "" end)\($month)",
    currency: $lookup.home,
    reportBasis: "Cash",
    reportInput: "Direct",
    cashReceipts: (.total | amount | line("Cash receipts"; "Incoming")),
    cashPayments: (
      [$outgoing.months[] | select(.year == $year and .month == $month) | .total | amount] | first
      // error("\($year)-\($month) has money in, and no total of money out")
      | line("Cash payments"; "Outgoing")
    )
  }
