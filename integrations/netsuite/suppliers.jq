{
  id: .id,
  supplierName: ((.companyname | blank) // (.altname | blank) // .entityid),
  emailAddress: (.email | blank),
  phone: (.phone | blank),
  addresses: address,
  status: status,
  sourceModifiedDate: (.modified | instant)
}
