# Written off is void: it isn't due any more. Of an invoice of which a part was paid, nothing is due any more either, but what was
# paid stays a sale: the contract calls an invoice without anything due paid.
def state: (if paid then "PartiallyPaid" else "Submitted" end) as $open
  | (if paid then "Paid" else "Void" end) as $written_off
  | .status | one_of({
      Draft: "Draft",
      "Scheduled To Email": "Draft",
      Open: $open,
      Overdue: $open,
      "Zero Value": "Paid",
      Paid: "Paid",
      Overpaid: "Paid",
      Refunded: "Paid",
      "Written-off": $written_off,
      "Part written-off": $written_off
    });
# Lines have a price and a quantity, and no amounts of their own: the amount has the currency's decimals. A line may be tax itself.
def line($decimals; $project):
  (dmul((.price | amount) // 0; (.quantity | amount) // 0) | dround($decimals)) as $amount
  | {
      description: (.description | blank_to_null),
      unitAmount: ((.price | amount) // 0),
      quantity: ((.quantity | amount) // 0)
    } + (
      if .item_type == "VAT" then {subTotal: (0 | dround($decimals)), taxAmount: $amount} else {subTotal: $amount} end
    ) + {
      accountRef: account,
      taxRateRef: tax_rate,
      itemRef: stock,
      trackingCategoryRefs: (projects // $project)
    };
currency_exponent(.currency // "") as $decimals
| projects as $project
| (.invoice_items // [] | map(line($decimals; $project))) as $lines
| (.discount_percent | amount) as $discount
| {
  id: (.url | id),
  invoiceNumber: .reference,
  customerRef: {id: (.contact | id), companyName: .contact_name},
  issueDate: (.dated_on | day),
  dueDate: (.due_on | day),
  paidOnDate: (.paid_on | day),
  currency: .currency,
  currencyRate: rate
} + {
  lineItems: $lines,
  withholdingTax: withheld,
  # On the whole of the invoice, before tax: lines are before it.
  totalDiscount: (
    if ($discount | nought) or ($lines | length) == 0 then null
    else ddiv(dmul($lines | map(.subTotal) | dsum; $discount); 100; $decimals) end
  ),
  subTotal: (.net_value | amount),
  totalTaxAmount: dadd(.sales_tax_value | amount; (.second_sales_tax_value | amount) // 0),
  totalAmount: (.total_value | amount),
  # The contract: of an invoice that was overpaid nothing is due. Nor is what was written off.
  amountDue: (if .status == "Overpaid" or .status == "Written-off" or .status == "Part written-off" then 0 | dround($decimals) else .due_value | amount end),
  discountPercentage: $discount,
  status: state,
  note: (.comments | blank_to_null),
  sourceModifiedDate: .updated_at
}
