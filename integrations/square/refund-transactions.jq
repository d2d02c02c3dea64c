# A refund's share of the money that the processor holds, and the fee that came back, which is below zero at the
# platform.
def fees: .updated_at as $changed | .id as $refund | .processing_fee // [] | to_entries[] | .key as $n | .value
  | {
      id: "\($refund)-fee-\($n + 1)",
      totalAmount: (.amount_money | money | dneg),
      currency: (.amount_money | currency),
      type: "PaymentFeeRefund",
      subType: .type,
      transactionSourceRef: {id: $refund, type: "Payment"},
      createdDate: .effective_at,
      sourceCreatedDate: .effective_at,
      sourceModifiedDate: $changed
    };
select(.status == "COMPLETED" and ((.destination_type // "CARD") | held))
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
