# By the account on the other side of each receipt and payment. The balances at the month's beginning and end have
# no member in the standard statement.
.exponent as $e
| .currency as $currency
| .months[]
| {
    month: .month,
    currency: $currency,
    reportBasis: "Cash",
    reportInput: "Direct",
    cashReceipts: (.cash_flow.receipts | statement_line($e)),
    cashPayments: (.cash_flow.payments | statement_line($e))
  }
