# An entry of the suppliers' ledger. A payment lowers what the company owes, and a refund raises it.
select((.documentType | word) as $type | $type == "Payment" or $type == "Refund")
| .vendorNumber as $number
| (first(($lookup.suppliers // [])[] | select(.number == $number)) // null) as $supplier
| entry(.amount; -1; {
    Invoice: {type: "Bill", documents: ($lookup.bills // [])},
    "Credit Memo": {type: "CreditNote", documents: ($lookup.creditNotes // [])},
    Payment: {type: "BillPayment", own: true},
    Refund: {type: "Refund", own: true},
    "": {type: "ManualJournal"}
  })
  + {supplierRef: (if $supplier == null then null else {id: $supplier.id, supplierName: ($supplier.displayName | blank)} end)}
