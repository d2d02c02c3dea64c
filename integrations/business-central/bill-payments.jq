# An entry of the suppliers' ledger. A payment lowers what the company owes, and a refund raises it.
select((.documentType | word) as $type | $type == "Payment" or $type == "Refund")
| .vendorNumber as $number
| (first(($lookup.suppliers // [])[] | select(.number == $number)) // null) as $supplier
| entry(.amount) + {supplierRef: (if $supplier == null then null else {id: $supplier.id, supplierName: ($supplier.displayName | blank)} end)}
