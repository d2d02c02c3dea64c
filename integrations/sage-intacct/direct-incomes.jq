.[0] as $first
| at_once("otherReceipt"; ""; $first["otherReceipt.txnCurrency"] | blank; $first["currency.exchangeRate.rate"] | num; $first | bank("otherReceipt.bankAccount"); $first["otherReceipt.payer"])
