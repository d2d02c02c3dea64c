# A contact is a customer once it has an invoice, and nothing says when that changes: every contact is both.
{
  id: .ContactID,
  customerName: .Name,
  contactName: person,
  emailAddress: (.EmailAddress | blank),
  defaultCurrency: (.DefaultCurrency | blank),
  phone: (.Phones | first_phone),
  registrationNumber: (.CompanyNumber | blank)
} + {
  taxNumber: (.TaxNumber | blank),
  addresses: (.Addresses | addresses),
  contacts: (.ContactPersons // [] | map({name: person, email: (.EmailAddress | blank), status: "Active"})),
  status: (.ContactStatus // "ACTIVE" | contact_status),
  sourceModifiedDate: (.UpdatedDateUTC | instant)
}
