{
  companyName: .name,
  accountingPlatformRef: .id,
  addresses: (if (.country | blank) == null then [] else [{type: "Unknown", country: .country}] end),
  baseCurrency: (.currency | blank)
}
