# Amounts carry their sign already: fees and payouts are below zero.
{
  id: .entryId,
  totalAmount: .amount,
  currency: .currencyCode,
  type: (.type | one_of({charge: "Payment", refund: "Refund", fee: "PaymentFee", payout: "Payout"})),
  subType: .type,
  transactionSourceRef: (
    if .source == null then null
    else .source | {id: .id, type: (.type | one_of({charge: "Payment"}))} end
  ),
  createdDate: (.createdAt | time),
  sourceCreatedDate: (.createdAt | time),
  sourceModifiedDate: (.updatedAt | time)
}
