# The file's own mark, which the Web Connector writes into it; without one, the company's name.
($lookup.preferences.MultiCurrencyPreferences // {}) as $money
| ($lookup.host.Country // "US") as $country
| (if type == "array" then .[0] else . end | if .CompanyRet == null then . else .CompanyRet[0] end)
| (first((.DataExtRet // [])[] | select(.DataExtName == "FileID") | .DataExtValue) // null) as $mark
| {
    id: (if $mark != null then "file:\($mark)" else "name:\(.CompanyName | ascii_downcase)" end),
    companyName: .CompanyName,
    variables: {
      country: $country,
      currency: ((if $money.HomeCurrencyRef.FullName == null then {US: "USD", CA: "CAD", UK: "GBP", AU: "AUD"}[$country] else $money.HomeCurrencyRef.FullName | code_of_currency end) // "")
    }
  }
