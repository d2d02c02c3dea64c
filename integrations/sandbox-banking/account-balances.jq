{
  accountId: .accountId,
  balance: {
    current: (.direction as $direction | .amount | signed($direction)),
    available: (.availableDirection as $direction | .availableAmount | signed($direction)),
    limit: .creditLine
  },
  date: (.date | day)
}
