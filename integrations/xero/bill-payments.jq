# Payments of both sides come in one list.
select(payable)
| paid_contact as $contact
| {id: .PaymentID, supplierRef: (if $contact.ContactID == null then null else {id: $contact.ContactID, supplierName: $contact.Name} end)}
  + payment("Bill")
