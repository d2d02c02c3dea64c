def month: {January: "01", February: "02", March: "03", April: "04", May: "05", June: "06", July: "07", August: "08",
  September: "09", October: "10", November: "11", December: "12"}[. // ""];
{
  companyName: .CompanyName,
  companyLegalName: (.LegalCompanyName | blank),
  accountingPlatformRef: .CompanyName,
  addresses: ([(.Address | address("Unknown")), (.LegalAddress | address("Unknown"))] | map(select(. != null)) | unique)
} + {
  phoneNumbers: ([.Phone | blank | select(. != null) | {number: ., type: "Primary"}]),
  webLinks: ([.CompanyWebSite | blank | select(. != null) | {type: "Website", url: .}]),
  baseCurrency: home
}
