.company | {id: (.id | tostring), companyName: .name}
