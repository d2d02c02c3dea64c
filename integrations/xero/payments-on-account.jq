# Bank transactions: prepayments and overpayments of customers.
select(on_account_of("RECEIVE"))
| {customerRef: customer} + on_account
