# One account of the platform's in, one standard record out. Members of null are left out.
{
  id: (.id | tostring),
  type: (.kind | one_of({checking: "Debit", savings: "Debit", card: "Credit"})),
  name: .name,
  currency: .currency,
  balance: {current: (.balance | amount)},
  sourceModifiedDate: .updated_at
}
