# Money that went to the seller's bank, and so left the processor. A payout below zero is money that the processor took back.
{
  id: .id,
  totalAmount: (.amount_money | money | dneg),
  currency: (.amount_money | currency),
  type: (.status | one_of({SENT: "Payout", PAID: "Payout", FAILED: "FailedPayout"})),
  subType: .type,
  createdDate: .created_at,
  sourceCreatedDate: .created_at,
  sourceModifiedDate: .updated_at
}
