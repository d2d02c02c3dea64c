# An entry of the customers' ledger. A payment lowers what the customer owes, and a refund raises it.
select((.documentType | word) as $type | $type == "Payment" or $type == "Refund")
| .customerNumber as $number
| (first(($lookup.customers // [])[] | select(.number == $number)) // null) as $customer
| (.amount | dneg) as $amount
| entry($amount; 1; {
    Invoice: {type: "Invoice", documents: ($lookup.invoices // [])},
    "Credit Memo": {type: "CreditNote", documents: ($lookup.creditNotes // [])},
    Payment: {type: "Payment", own: true},
    Refund: {type: "Refund", own: true},
    "": {type: "ManualJournal"}
  })
  + {customerRef: (if $customer == null then null else {id: $customer.id, companyName: ($customer.displayName | blank)} end)}
