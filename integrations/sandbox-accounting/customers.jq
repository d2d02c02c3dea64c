{
  id: .id,
  customerName: .display_name,
  contactName: (if .person == null then null
                else [.person.given, .person.family] | map(select(. != null)) | join(" ") | blank_to_null end),
  emailAddress: .email,
  defaultCurrency: .currency,
  phone: .phone,
  registrationNumber: .company_number
} + {
  taxNumber: .tax_number,
  addresses: (.addresses | map(address)),
  status: (.state | active),
  sourceModifiedDate: .updated_at
}
