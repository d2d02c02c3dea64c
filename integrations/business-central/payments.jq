# An entry of the customers' ledger. A payment lowers what the customer owes, and a refund raises it.
select((.documentType | word) as $type | $type == "Payment" or $type == "Refund")
| .customerNumber as $number
| (first(($lookup.customers // [])[] | select(.number == $number)) // null) as $customer
| (.amount | dneg) as $amount
| entry($amount) + {customerRef: (if $customer == null then null else {id: $customer.id, companyName: ($customer.displayName | blank)} end)}
