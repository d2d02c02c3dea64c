# A refund's share of the money that the processor holds, the fee that came back, which is below zero at the platform, and
# the application's part of the refund.
def fee($id): {
  id: $id,
  totalAmount: (.amount_money | money | dneg),
  currency: (.amount_money | currency),
  type: "PaymentFeeRefund",
  subType: .type,
  createdDate: .effective_at,
  sourceCreatedDate: .effective_at
};
def fees:
  . as $refund
  | (.processing_fee // [] | to_entries[] | .key as $n | .value | fee("\($refund.id)-fee-\($n + 1)")),
    (if (.app_fee_money.amount // 0) == 0 then empty
     else {amount_money: (.app_fee_money | .amount as $amount | .amount = 0 - $amount), type: "APP_FEE", effective_at: .created_at} | fee("\($refund.id)-app-fee") end)
  | . + {transactionSourceRef: {id: $refund.id, type: "Payment"}, sourceModifiedDate: $refund.updated_at};
select(.status == "COMPLETED" and ((.destination_type // "CARD") | held) and (.destination_details | redeemed | not))
| ({
    id: .id,
    totalAmount: (.amount_money | money | dneg),
    currency: (.amount_money | currency),
    type: "Refund",
    subType: (.destination_type // "CARD"),
    transactionSourceRef: (if .payment_id == null then null else {id: .payment_id, type: "Payment"} end),
    createdDate: .created_at,
    sourceCreatedDate: .created_at,
    sourceModifiedDate: .updated_at
  }), fees
