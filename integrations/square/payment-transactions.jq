# A payment's share of the money that the processor holds, and the processor's fee.
def fees: .updated_at as $changed | .id as $payment | .processing_fee // [] | to_entries[] | .key as $n | .value
  | {
      id: "\($payment)-fee-\($n + 1)",
      totalAmount: (.amount_money | money | dneg),
      currency: (.amount_money | currency),
      type: "PaymentFee",
      subType: .type,
      transactionSourceRef: {id: $payment, type: "Payment"},
      createdDate: .effective_at,
      sourceCreatedDate: .effective_at,
      sourceModifiedDate: $changed
    };
select(.status == "COMPLETED" and (.source_type | held))
| ({
    id: .id,
    totalAmount: ((.total_money // .amount_money) | money),
    currency: ((.total_money // .amount_money) | currency),
    type: "Payment",
    subType: .source_type,
    transactionSourceRef: {id: .id, type: "Payment"},
    createdDate: .created_at,
    sourceCreatedDate: .created_at,
    sourceModifiedDate: .updated_at
  }), fees
