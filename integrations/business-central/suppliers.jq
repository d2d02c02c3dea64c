{
  id: .id,
  supplierName: .displayName,
  emailAddress: (.email | blank),
  defaultCurrency: (.currencyCode | blank),
  phone: (.phoneNumber | blank),
  taxNumber: (.taxRegistrationNumber | blank),
  addresses: address("Billing")
} + {
  status: contact_status,
  sourceModifiedDate: modified
}
