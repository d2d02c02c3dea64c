{id: (.id | tostring), companyName: .name}
