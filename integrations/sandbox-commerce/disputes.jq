{
  id: .disputeId,
  disputedTransactions: [{id: .chargeId, type: "Payment"}],
  totalAmount: .amount,
  currency: .currencyCode,
  status: (.state | one_of({
    needs_evidence: "EvidenceRequired", under_review: "Processing", won: "Won", lost: "Lost",
    accepted: "Accepted", refunded: "ChargeRefunded"
  })),
  reason: .reason,
  dueDate: (.respondBy | time),
  createdDate: (.createdAt | time),
  sourceModifiedDate: (.updatedAt | time)
}
