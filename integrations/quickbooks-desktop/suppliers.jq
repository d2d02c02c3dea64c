{
  id: .ListID,
  supplierName: .Name,
  contactName: ((.Contact | blank) // ([.FirstName, .LastName] | joined(" "))),
  emailAddress: (.Email | blank),
  defaultCurrency: currency,
  phone: (.Phone | blank),
  taxNumber: (.TaxRegistrationNumber | blank)
} + {
  addresses: ([.VendorAddress | address("Billing")] | map(select(. != null))),
  status: active,
  sourceModifiedDate: modified
}
