# Money that came with an invoice: it is on the invoice alone, and in no payment. And lines whose item's account is at a bank.
(if .status == "Deleted" then gone("invoiceDeposit-\(.Id)")
 elif (.Deposit // 0) == 0 then no_movement("invoiceDeposit-\(.Id)")
 else movement("invoiceDeposit"; .DepositToAccountRef; .Deposit; [{amount: .Deposit, recordRef: {id: "invoiceDeposit-\(.Id)", dataType: "payments"}}]) end),
item_movements("invoice"; false)
