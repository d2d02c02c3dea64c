.direction as $direction
| {
    id: .entryId,
    accountId: .accountId,
    description: .remittance,
    amount: (.amount | signed($direction)),
    currency: .currency,
    postedDate: (.bookedOn | day)
  } + {
    code: (.transactionCode | one_of({
      "PMNT-RCDT-ESCT": "Credit",
      "PMNT-RCDT-DMCT": "Credit",
      "PMNT-ICDT-ESCT": "Payment",
      "PMNT-ICDT-SALA": "Payment",
      "LDAS-FTLN-PPAY": "Payment",
      "PMNT-IDDT-ESDD": "DirectDebit",
      "PMNT-ICDT-STDO": "StandingOrder",
      "PMNT-CCRD-POSD": "Purchase",
      "PMNT-CNTR-CDPT": "Cash",
      "PMNT-RCDT-BOOK": "Transfer",
      "PMNT-ICDT-BOOK": "Transfer"
    } + {
      "ACMT-MDOP-CHRG": "Fee",
      "ACMT-MCOP-INTR": "Interest",
      "ACMT-OPCL-BBFW": "Other"
    })),
    merchantName: .merchant,
    transactionCategoryRef: ref(.categoryId; .categoryLabel),
    sourceModifiedDate: (.bookedAt | from_http_date)
  }
