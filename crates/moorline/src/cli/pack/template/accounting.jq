# One customer of the platform's in, one standard record out. Members of null are left out.
{
  id: (.id | tostring),
  customerName: .name,
  emailAddress: (.email | blank_to_null),
  defaultCurrency: .currency,
  status: (.state | one_of({active: "Active", archived: "Archived"})),
  sourceModifiedDate: .updated_at
}
