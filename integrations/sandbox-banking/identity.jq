.party | {id: .partyId, companyName: .name}
