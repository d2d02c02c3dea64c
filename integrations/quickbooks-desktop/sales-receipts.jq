[sales_details("SalesReceiptLineRet"; "SalesReceiptLineGroupRet")[] | line + tracked] as $lines
| (.CustomerRef // {} | contact("customers")) as $contact
| at_once(.DepositToAccountRef; $lines; (.Subtotal | num // 0); (.SalesTaxTotal | num // 0); 1; .TxnID)
| .contactRef = $contact
