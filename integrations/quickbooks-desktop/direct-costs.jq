# A credit on a card is money back.
[purchase_details[] | line + record_refs] as $lines
| (.Amount | num // 0) as $total
| at_once(.AccountRef; $lines; $total; 0; (if $lookup.kind == "CreditCardCredit" then -1 else 1 end); .TxnID)
