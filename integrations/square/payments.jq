{
  id: .id,
  amount: ((.total_money // .amount_money) | money),
  currency: ((.total_money // .amount_money) | currency),
  paymentMethodRef: (if .source_type == null then null else {id: .source_type, name: (.source_type | payment_method)} end),
  status: (.status | one_of({
    APPROVED: "Authorized", PENDING: "Pending", COMPLETED: "Paid", CANCELED: "Cancelled", FAILED: "Failed"
  })),
  paymentProvider: (if .source_type == "EXTERNAL" then .external_details.source else "Square" end),
  createdDate: .created_at,
  sourceModifiedDate: .updated_at
}
