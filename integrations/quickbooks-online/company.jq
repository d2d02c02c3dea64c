# The base currency is among the preferences (`$lookup.home`), not here. The year's first day is known without its year: take the
# financial year in which the company began.
def month: {January: "01", February: "02", March: "03", April: "04", May: "05", June: "06", July: "07", August: "08",
  September: "09", October: "10", November: "11", December: "12"}[. // ""];
def first_year:
  (.FiscalYearStartMonth | month) as $month
  | (.CompanyStartDate // .MetaData.CreateTime) as $began
  | if $month == null or $began == null then null
    elif $began[5:7] >= $month then "\($began[0:4])-\($month)-01"
    else "\(($began[0:4] | decimal) - 1)-\($month)-01" end;

{
  companyName: .CompanyName,
  companyLegalName: (.LegalName | blank),
  accountingPlatformRef: .Id,
  registrationNumber: null,
  taxNumber: (.EmployerId | blank),
  createdDate: .MetaData.CreateTime
} + {
  addresses: ([(.CompanyAddr | address("Unknown")), (.CustomerCommunicationAddr | address("Billing"))] | map(select(. != null)) | unique),
  phoneNumbers: ([.PrimaryPhone | phone | select(. != null) | {number: ., type: "Primary"}]),
  webLinks: ([.WebAddr.URI | blank | select(. != null) | {type: "Website", url: .}]),
  financialYearStartDate: (first_year | day),
  baseCurrency: $lookup.home.value
}
