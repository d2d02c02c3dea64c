{
  companyName: .displayName,
  accountingPlatformRef: .id,
  taxNumber: (.taxRegistrationNumber | blank),
  addresses: address("Unknown"),
  phoneNumbers: ([{type: "Primary", number: (.phoneNumber | blank)}, {type: "Fax", number: (.faxNumber | blank)}] | map(select(.number != null))),
  webLinks: (if (.website | blank) == null then [] else [{type: "Website", url: .website}] end)
} + {
  financialYearStartDate: (.currentFiscalYearStartDate | day),
  baseCurrency: (.currencyCode | blank)
}
