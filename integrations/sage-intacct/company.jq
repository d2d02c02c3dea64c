{companyName: $lookup.name, accountingPlatformRef: $lookup.account, baseCurrency: (.["currency.baseCurrency"] | blank)}
