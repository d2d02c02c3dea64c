# A payment of its own, below zero.
(.destination_type // "CARD") as $method
| {
    id: .id,
    amount: (.amount_money | money | dneg),
    currency: (.amount_money | currency),
    paymentMethodRef: {id: $method, name: ($method | payment_method)},
    status: (.status | refund_status),
    paymentProvider: (if $method == "EXTERNAL" then null else "Square" end),
    createdDate: .created_at,
    sourceModifiedDate: .updated_at
  }
