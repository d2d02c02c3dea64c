.kind as $kind
| {
    id: .chargeId,
    amount: (.amount | signed($kind)),
    currency: .currencyCode,
    paymentMethodRef: ref(.method.code; .method.label),
    status: (.state | payment_status),
    paymentProvider: .processor,
    createdDate: (.createdAt | time),
    sourceModifiedDate: (.updatedAt | time)
  }
