.[0] as $first
| at_once("creditCardFee"; "card-fee-"; $first["creditCardFee.currency.txnCurrency"] | blank; $first["creditCardFee.currency.exchangeRate.rate"] | num; $first | bank("creditCardFee.creditCardAccount"); null)
