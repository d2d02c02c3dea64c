# Bank transactions: prepayments and overpayments to suppliers.
select(on_account_of("SPEND"))
| {supplierRef: supplier} + on_account
