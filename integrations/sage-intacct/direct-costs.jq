.[0] as $first
| at_once("creditCardTxn"; ""; $first["creditCardTxn.currency.txnCurrency"] | blank; $first["creditCardTxn.currency.exchangeRate.rate"] | num; $first | bank("creditCardTxn.creditCardAccount"); $first["creditCardTxn.payee"])
