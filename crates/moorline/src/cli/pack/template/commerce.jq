# One customer of the platform's in, one standard record out. Members of null are left out.
{
  id: (.id | tostring),
  customerName: .name,
  emailAddress: (.email | blank_to_null),
  defaultCurrency: .currency,
  addresses: (.addresses // [] | map({
    type: (.use | one_of({billing: "Billing", shipping: "Delivery"})),
    line1: .street,
    city: .city,
    country: .country
  })),
  sourceModifiedDate: .updated_at
}
