{
  companyName: .name,
  accountingPlatformRef: (.id | tostring),
  companyLegalName: .name,
  addresses: addresses("Unknown"),
  phoneNumbers: ([.contact_phone | blank_to_null | select(. != null) | {type: "Primary", number: .}]),
  webLinks: ([.website | blank_to_null | select(. != null) | {type: "Website", url: .}])
} + {
  registrationNumber: (.company_registration_number | blank_to_null),
  taxNumber: (.sales_tax_registration_number | blank_to_null),
  financialYearStartDate: ((.annual_accounting_periods // [] | last | .starts_on) | day),
  baseCurrency: .currency,
  createdDate: .created_at
}
