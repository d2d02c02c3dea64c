{
  id: .Id,
  supplierName: (.DisplayName // .CompanyName),
  contactName: person,
  emailAddress: (.PrimaryEmailAddr.Address | blank),
  defaultCurrency: .CurrencyRef.value,
  phone: ((.PrimaryPhone | phone) // (.Mobile | phone)),
  registrationNumber: (.BusinessNumber | blank),
  taxNumber: (.TaxIdentifier | blank)
} + {
  addresses: addresses([(.BillAddr | address("Billing"))]),
  status: active,
  sourceModifiedDate: modified
}
