{
  id: .id,
  totalAmount: (.amount_money | money),
  currency: (.amount_money | currency),
  status: (.state | one_of({
    INQUIRY_EVIDENCE_REQUIRED: "InquiryEvidenceRequired", INQUIRY_PROCESSING: "InquiryProcessing",
    INQUIRY_CLOSED: "InquiryClosed", EVIDENCE_REQUIRED: "EvidenceRequired", PROCESSING: "Processing",
    WON: "Won", LOST: "Lost", ACCEPTED: "Accepted", WAITING_THIRD_PARTY: "WaitingThirdParty"
  })),
  reason: .reason,
  disputedTransactions: ([.disputed_payment.payment_id, (.disputed_payments // [] | .[].payment_id)]
    | map(select(. != null)) | unique | map({id: ., type: "Payment"})),
  dueDate: .due_at,
  createdDate: (.created_at // .reported_at),
  sourceModifiedDate: .updated_at
}
