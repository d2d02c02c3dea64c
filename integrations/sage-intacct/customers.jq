{
  id: .key,
  customerName: (.name | blank),
  emailAddress: (.["contacts.default.email1"] | blank),
  phone: (.["contacts.default.phone1"] | blank),
  defaultCurrency: (.currency | blank),
  taxNumber: (.taxId | blank),
  addresses: address,
  status: status
} + {sourceModifiedDate: modified}
