# A subsidiary is a company; an account without any is one itself. Beside it is learnt what the account has, by what could be read.
def has_any: if . == null then "F" else "T" end;

$lookup.account as $account
| ($lookup.currencies // []) as $currencies
| {
    currencies: ($lookup.currencies | has_any),
    books: ($lookup.books | has_any),
    departments: ($lookup.departments | has_any),
    classes: ($lookup.classes | has_any),
    locations: ($lookup.locations | has_any)
  } as $has
| if (.items[0] // {} | has("accounts")) then
    if $lookup.subsidiaries != null
    then error("the role may not see the account's subsidiaries. In NetSuite, an administrator gives it the permission Lists, Subsidiaries")
    else {
      id: $account,
      variables: ({subsidiary: "", subsidiaries: "F", home: (first($currencies[] | select(.isbasecurrency | yes) | .symbol) // "")} + $has)
    } end
  else
    [.items[] | .currency as $currency | {
      id: "\($account)/\(.id)",
      companyName: .name,
      detail: ([.country, first($currencies[] | select(.id == $currency) | .symbol)] | joined(" ")),
      variables: ({subsidiary: .id, subsidiaries: "T", home: (first($currencies[] | select(.id == $currency) | .symbol) // "")} + $has)
    }]
    | if length == 0 then error("the role sees no subsidiary that is in use") else .[] end
  end
