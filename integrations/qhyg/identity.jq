.CompanyInfo | {companyName: .CompanyName}
