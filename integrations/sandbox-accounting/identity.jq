.data | {id: .organisation_id, companyName: .organisation_name}
