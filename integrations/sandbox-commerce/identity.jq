{id: .merchantId, companyName: .merchantName}
