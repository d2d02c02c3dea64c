# What moved the processor's money beside payments, refunds and payouts: disputes, holds and their release, adjustments,
# repayments of advances, savings, subscriptions. Entries of payments, refunds and their fees are read with those.
def read_elsewhere: . as $type | ["CHARGE", "REFUND", "FEE", "PROCESSING_FEE", "PROCESSING_FEE_REFUND", "UNDO_PROCESSING_FEE_REFUND", "DEPOSIT_FEE", "PAYOUT"] | any(. == $type);
def kind:
  if endswith("FEE_REFUND") or endswith("FEE_REVERSED") or endswith("FEE_PAID_REFUND") then "PaymentFeeRefund"
  elif endswith("_FEE") or . == "TAX_ON_FEE" then "PaymentFee"
  elif . == "RETURNED_PAYOUT" then "FailedPayout"
  elif contains("TRANSFER") or contains("SAVINGS") then "Transfer"
  else "Unknown" end;
select(.type | read_elsewhere | not)
| (.net_amount_money // .gross_amount_money) as $amount
| {
    id: .id,
    totalAmount: ($amount | money),
    currency: ($amount | currency),
    type: (.type // "OTHER" | kind),
    subType: .type,
    createdDate: .effective_at,
    sourceCreatedDate: .effective_at,
    sourceModifiedDate: .effective_at
  }
