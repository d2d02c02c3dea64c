.merchant | {id: .id, companyName: .business_name}
