{
  companyName: .displayName,
  commercePlatformRef: .merchantId,
  companyLegalName: .legalName,
  registrationNumber: .registrationNumber,
  baseCurrency: .currencyCode,
  addresses: (if .address == null then [] else [.address | address("Unknown")] end),
  phoneNumbers: (if .phone == null then [] else [{number: .phone, type: "Primary"}] end)
} + {
  webLinks: (if .website == null then [] else [{type: "Website", url: .website}] end),
  accountBalances: (.balances // [] | map({
    available: .available, pending: .pending, reserved: .reserved, currency: .currencyCode
  })),
  createdDate: (.createdAt | time),
  sourceModifiedDate: (.updatedAt | time)
}
