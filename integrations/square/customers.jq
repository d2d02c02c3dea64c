{
  id: .id,
  customerName: (
    ([.given_name, .family_name] | map(select(. != null and . != "")) | join(" ") | blank_to_null)
    // (.company_name | blank_to_null) // (.nickname | blank_to_null)
  ),
  emailAddress: (.email_address | blank_to_null),
  phone: (.phone_number | blank_to_null),
  addresses: [.address | address("Billing") | select(. != null)],
  note: (.note | blank_to_null),
  createdDate: .created_at,
  sourceModifiedDate: .updated_at
}
