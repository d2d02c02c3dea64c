# Items of payment among the lines say which account part of the money went to, or all of it.
received("SalesReceiptLineRet"; "SalesReceiptLineGroupRet") as $received
| sales_details("SalesReceiptLineRet"; "SalesReceiptLineGroupRet") as $details
| (.CustomerRef // {} | contact("customers")) as $contact
| at_once(.DepositToAccountRef; [$details[] | line + tracked]; net($details; $received); (.SalesTaxTotal | num // 0); 1; .TxnID)
| .contactRef = $contact
| if ($received | length) == 0 then .
  else
    dsub(.totalAmount; $received | map(.amount) | dsum) as $rest
    | .paymentAllocations[0] as $own
    | def of($amount): .payment.totalAmount = $amount | .allocation.totalAmount = $amount;
      .id as $id
    | .paymentAllocations = ([$received[] as $part | $own | of($part.amount) | .payment.id = "\($id)-\($part.line)" | .payment.accountRef = $part.account]
        + (if $rest == 0 then [] else [$own | of($rest)] end))
  end
