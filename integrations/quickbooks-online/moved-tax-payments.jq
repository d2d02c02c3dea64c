# Tax paid to its agency, or paid back by it, in the account's currency.
.TxnDate = .PaymentDate
| (.PaymentAmount // .Amount) as $paid
| (if .Refund == true then $paid else $paid | dneg end) as $amount
| movement("taxPayment"; .PaymentAccountRef; $amount; [{description: (.Description | blank), amount: $amount}])
