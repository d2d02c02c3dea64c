(.[0].type) as $type
| .[0] as $first
| payment(if $type == "CustRfnd" then -1 elif $type == "DepAppl" then null else 1 end; "Payment") + {customerRef: ($first | customer)}
