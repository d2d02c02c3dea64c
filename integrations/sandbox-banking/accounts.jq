{
  id: .accountId,
  name: .name,
  informalName: .nickname,
  holder: .owner,
  type: (.cashAccountType | one_of({CACC: "Debit", SVGS: "Debit", CARD: "Credit"})),
  currency: .currency,
  institution: (if .servicer == null then null else {id: .servicer.id, name: .servicer.name} end)
} + {
  balance: {
    current: (.booked.direction as $direction | .booked.amount | signed($direction)),
    available: (.available.direction as $direction | .available.amount | signed($direction)),
    limit: .creditLine
  },
  identifiers: (.cashAccountType as $type | .identification // {} | {
    type: ({CACC: "Depository", SVGS: "Depository", CARD: "Credit"}[$type] // "Other"),
    subtype: {CACC: "checking", SVGS: "savings", CARD: "credit card"}[$type],
    number: .bban,
    bankCode: .sortCode,
    iban: .iban,
    bic: .bic,
    maskedAccountNumber: .maskedPan
  }),
  sourceModifiedDate: (.lastChange | from_http_date)
}
