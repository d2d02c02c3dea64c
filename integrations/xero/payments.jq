# Payments of both sides come in one list.
select(receivable or (payable | not))
| paid_contact as $contact
| {id: .PaymentID, customerRef: (if $contact.ContactID == null then null else {id: $contact.ContactID, companyName: $contact.Name} end)}
  + payment("Invoice")
