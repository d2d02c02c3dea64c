# The year's first day is known without its year: take the financial year in which the books were opened.
def first_year:
  .year_starts as $start
  | .books_open_from as $opened
  | if $start == null or $opened == null then null
    elif $opened[5:] >= $start then "\($opened[0:4])-\($start)"
    else "\(($opened[0:4] | decimal) - 1)-\($start)" end;

{
  companyName: .trading_name,
  accountingPlatformRef: .organisation_id,
  companyLegalName: .registered_name,
  registrationNumber: .company_number,
  taxNumber: .tax_number,
  baseCurrency: .base_currency,
  createdDate: .created_at
} + {
  addresses: (if .address == null then [] else [.address | address] end),
  phoneNumbers: (if .phone == null then [] else [{number: .phone, type: "Primary"}] end),
  webLinks: (if .website == null then [] else [{type: "Website", url: .website}] end),
  ledgerLockDate: (.locked_until | day),
  financialYearStartDate: (first_year | day)
}
