# Money that came with an invoice, by a line of an item of payment: it is on the invoice alone, and in no other payment. An invoice that was changed may have
# had such a line before.
received("InvoiceLineRet"; "InvoiceLineGroupRet") as $received
| ($received | map(.amount) | dsum) as $total
| "invoicePayment-\(.TxnID)" as $id
| if ($received | length) == 0 then (if .TimeModified == .TimeCreated then empty else gone($id) end)
  else
    .TxnID as $invoice
    | (.TxnDate | day) as $on
    | def only: unique | if length == 1 then .[0] else null end;
      {
        id: $id,
        customerRef: customer,
        accountRef: ($received | map(.account) | only),
        paymentMethodRef: ($received | map(.method) | only),
        totalAmount: $total,
        currency: currency,
        currencyRate: rate,
        date: $on
      } + {
        lines: [$received[] | {amount, links: [{type: "Invoice", id: $invoice, amount: (.amount | dneg)}], allocatedOnDate: $on}],
        reference: number,
        note: "Payment on the invoice",
        sourceModifiedDate: modified
      }
  end
