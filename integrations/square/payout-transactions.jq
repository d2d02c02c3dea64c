# Money that went to the seller's bank, and so left the processor, and the fee for sending it. A payout below zero is money
# that the processor took back. One that failed comes back as an entry of a later payout, RETURNED_PAYOUT.
def fees: . as $payout | .payout_fee // [] | to_entries[] | .key as $n | .value | {
  id: "\($payout.id)-fee-\($n + 1)",
  totalAmount: (.amount_money | money | dneg),
  currency: (.amount_money | currency),
  type: "PaymentFee",
  subType: .type,
  createdDate: (.effective_at // $payout.created_at),
  sourceCreatedDate: (.effective_at // $payout.created_at),
  sourceModifiedDate: $payout.updated_at
};
({
  id: .id,
  totalAmount: (.amount_money | money | dneg),
  currency: (.amount_money | currency),
  type: (.status | one_of({SENT: "Payout", PAID: "Payout", FAILED: "FailedPayout"})),
  subType: .type,
  createdDate: .created_at,
  sourceCreatedDate: .created_at,
  sourceModifiedDate: .updated_at
}), fees
