[(.SalesTaxPaymentCheckLineRet // [])[] | {Amount: .Amount, Desc: .ItemSalesTaxRef.FullName} | line] as $lines
| (.Amount | num // 0) as $total
| at_once(.BankAccountRef; $lines; $total; 0; 1; .TxnID)
