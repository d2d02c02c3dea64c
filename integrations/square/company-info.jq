{
  companyName: .business_name,
  commercePlatformRef: .id,
  baseCurrency: .currency,
  createdDate: .created_at
}
