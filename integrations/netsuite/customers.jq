{
  id: .id,
  customerName: ((.companyname | blank) // ([.firstname, .lastname] | joined(" ")) // (.altname | blank) // .entityid),
  contactName: ([.firstname, .lastname] | joined(" ")),
  emailAddress: (.email | blank),
  phone: (.phone | blank),
  defaultCurrency: currency,
  addresses: address,
  status: status
} + {sourceModifiedDate: (.modified | instant)}
