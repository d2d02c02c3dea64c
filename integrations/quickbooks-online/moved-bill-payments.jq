if .status == "Deleted" then gone("billPayment-\(.Id)")
else (.TotalAmt | dneg) as $total
| movement("billPayment"; .CheckPayment.BankAccountRef // .CreditCardPayment.CCAccountRef; $total; [{amount: $total, recordRef: {id: .Id, dataType: "billPayments"}}]) end
