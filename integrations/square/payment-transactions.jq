# A payment's share of the money that the processor holds, the processor's fee, and the fee of the application that took
# the payment, which the processor pays out of it.
def fee($id): {
  id: $id,
  totalAmount: (.amount_money | money | dneg),
  currency: (.amount_money | currency),
  type: "PaymentFee",
  subType: .type,
  createdDate: .effective_at,
  sourceCreatedDate: .effective_at
};
def fees:
  . as $payment
  | (.processing_fee // [] | to_entries[] | .key as $n | .value | fee("\($payment.id)-fee-\($n + 1)")),
    (if (.app_fee_money.amount // 0) == 0 then empty
     else {amount_money: .app_fee_money, type: "APP_FEE", effective_at: .created_at} | fee("\($payment.id)-app-fee") end)
  | . + {transactionSourceRef: {id: $payment.id, type: "Payment"}, sourceModifiedDate: $payment.updated_at};
# A refund doesn't say that it goes back onto a gift card, unless it was asked for with a destination of its own: its payment does.
if redeemed then gone((.refund_ids // [])[])
elif .status != "COMPLETED" or (.source_type | held | not) then empty
else ({
    id: .id,
    totalAmount: ((.total_money // .amount_money) | money),
    currency: ((.total_money // .amount_money) | currency),
    type: "Payment",
    subType: .source_type,
    transactionSourceRef: {id: .id, type: "Payment"},
    createdDate: .created_at,
    sourceCreatedDate: .created_at,
    sourceModifiedDate: .updated_at
  }), fees end
