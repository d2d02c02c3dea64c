{
  id: .Id,
  customerName: (.DisplayName // .CompanyName // .FullyQualifiedName),
  contactName: person,
  emailAddress: (.PrimaryEmailAddr.Address | blank),
  defaultCurrency: .CurrencyRef.value,
  phone: ((.PrimaryPhone | phone) // (.Mobile | phone)),
  taxNumber: ((.PrimaryTaxIdentifier // .ResaleNum) | blank)
} + {
  addresses: addresses([(.BillAddr | address("Billing")), (.ShipAddr | address("Delivery"))]),
  status: active,
  sourceModifiedDate: modified
}
