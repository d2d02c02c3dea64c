# The year's first day is known without its year: take the financial year in which the organisation was opened here.
def last_day_of($month): {"2": 28, "4": 30, "6": 30, "9": 30, "11": 30}[$month | tostring] // 31;
def two: tostring | if length == 1 then "0\(.)" else . end;
def first_year:
  .FinancialYearEndMonth as $month
  | .FinancialYearEndDay as $day
  | (.CreatedDateUTC | instant) as $opened
  | if $month == null or $day == null or $opened == null then null
    else (
      if $day >= last_day_of($month) then (if $month == 12 then "01-01" else "\($month + 1 | two)-01" end)
      else "\($month | two)-\($day + 1 | two)" end
    ) as $start
    | if $opened[5:10] >= $start then "\($opened[0:4])-\($start)"
      else "\(($opened[0:4] | decimal) - 1)-\($start)" end
    end;
def later: map(select(. != null)) | if length == 0 then null else max end;

{
  companyName: .Name,
  companyLegalName: .LegalName,
  accountingPlatformRef: .OrganisationID,
  registrationNumber: (.RegistrationNumber // .EmployerIdentificationNumber | blank),
  taxNumber: (.TaxNumber | blank),
  baseCurrency: .BaseCurrency,
  createdDate: (.CreatedDateUTC | instant)
} + {
  addresses: (.Addresses | addresses),
  phoneNumbers: (.Phones | phones | map({
    number: phone,
    type: (.PhoneType | {DEFAULT: "Primary", DDI: "Landline", OFFICE: "Landline", MOBILE: "Mobile", FAX: "Fax"}[. // ""] // "Unknown")
  })),
  webLinks: (.ExternalLinks // [] | map({type: (if .LinkType == "Website" then "Website" else "Social" end), url: .Url})),
  ledgerLockDate: ([.PeriodLockDate, .EndOfYearLockDate] | map(day) | later),
  financialYearStartDate: (first_year | day)
}
