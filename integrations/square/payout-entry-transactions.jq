# What moved the processor's money beside payments, refunds and payouts: disputes, holds and their release, adjustments,
# repayments of advances, savings, subscriptions. Entries of payments, refunds and their fees are read with those: the ones
# of fees name their payment, and a fee that names none belongs to no payment (Square's reference, PaymentBalanceActivityFeeDetail).
# A third party's fee on a payment is taken for the payment's own application fee: the reference doesn't say which it is.
def names_a_payment: .type_fee_details // .type_processing_fee_details // .type_third_party_fee_details // .type_third_party_fee_refund_details
  // {} | (.payment_id // .refund_payment_id) != null;
def read_elsewhere:
  .type as $type
  | (["CHARGE", "REFUND", "PROCESSING_FEE_REFUND", "UNDO_PROCESSING_FEE_REFUND", "DEPOSIT_FEE", "PAYOUT"] | any(. == $type))
    or ((["FEE", "PROCESSING_FEE"] | any(. == $type)) and .type_fee_details == null and .type_processing_fee_details == null)
    or ((["FEE", "PROCESSING_FEE", "THIRD_PARTY_FEE", "THIRD_PARTY_FEE_REFUND"] | any(. == $type)) and names_a_payment);
def kind:
  if endswith("FEE_REFUND") or endswith("FEE_REVERSED") or endswith("FEE_PAID_REFUND") then "PaymentFeeRefund"
  elif . == "FEE" or endswith("_FEE") or . == "TAX_ON_FEE" then "PaymentFee"
  elif . == "RETURNED_PAYOUT" then "FailedPayout"
  elif contains("TRANSFER") or contains("SAVINGS") then "Transfer"
  else "Unknown" end;
select(read_elsewhere | not)
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
