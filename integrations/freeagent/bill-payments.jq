# Money out is above zero here; what a supplier gives back for a bill is below.
select(explained_as == "billPayments")
| bank_account($lookup.accounts) as $account
| settled($account; $lookup.home) as $paid
| ($paid.amount | dneg) as $amount
| {
    id: (.url | id),
    accountRef: {id: ($account.url | id), name: $account.name},
    currency: $paid.currency,
    currencyRate: $paid.currencyRate,
    date: (.dated_on | day),
    note: (.description | blank_to_null),
    reference: (.cheque_number | blank_to_null),
    totalAmount: $amount
  } + {
    lines: [{
      amount: $amount,
      allocatedOnDate: (.dated_on | day),
      links: [{type: "Bill", id: (.paid_bill | id), amount: ($amount | dneg)}]
    }],
    sourceModifiedDate: .updated_at
  }
