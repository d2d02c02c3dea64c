# A contact is a supplier once it has a bill, and nothing says when that changes: every contact is both.
{
  id: .ContactID,
  supplierName: .Name,
  contactName: person,
  emailAddress: (.EmailAddress | blank),
  defaultCurrency: (.DefaultCurrency | blank),
  phone: (.Phones | first_phone),
  registrationNumber: (.CompanyNumber | blank)
} + {
  taxNumber: (.TaxNumber | blank),
  addresses: (.Addresses | addresses),
  status: (.ContactStatus // "ACTIVE" | contact_status),
  sourceModifiedDate: (.UpdatedDateUTC | instant)
}
