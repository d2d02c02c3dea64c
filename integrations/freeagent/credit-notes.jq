# The documentation's samples have credit notes above zero and below: the standard's amounts are positive.
def used: ((.refunded_value | amount | nought) | not)
  or ((.due_value | amount | size) as $due | (.total_value | amount | size) as $total
    | $due != null and $total != null and $due != $total and $due != dsub($total; (.cis_deduction | amount | size) // 0));
def state: (if used then "PartiallyPaid" else "Submitted" end) as $open
  | (if used then "Paid" else "Void" end) as $written_off
  | .status | one_of({
      Draft: "Draft",
      Open: $open,
      Overdue: $open,
      Refunded: "Paid",
      "Written-off": $written_off
    });
def line($decimals; $below; $project):
  ((.price | amount) // 0 | if $below then dneg else . end) as $price
  | ((.quantity | amount) // 0) as $quantity
  | (dmul($price; $quantity) | dround($decimals)) as $amount
  | {
      description: (.description | blank_to_null),
      unitAmount: $price,
      quantity: $quantity
    } + (
      if .item_type == "VAT" then {subTotal: (0 | dround($decimals)), taxAmount: $amount} else {subTotal: $amount} end
    ) + {
      accountRef: account,
      taxRateRef: tax_rate,
      itemRef: stock,
      trackingCategoryRefs: (projects // $project)
    };
currency_exponent(.currency // "") as $decimals
| ((.total_value | amount) // 0) as $total
| projects as $project
| (.credit_note_items // [] | map(line($decimals; $total < 0; $project))) as $lines
| (.discount_percent | amount) as $discount
| state as $state
| {
  id: (.url | id),
  creditNoteNumber: .reference,
  customerRef: {id: (.contact | id), companyName: .contact_name},
  issueDate: (.dated_on | day),
  allocatedOnDate: (.refunded_on | day),
  currency: .currency,
  currencyRate: rate
} + {
  lineItems: $lines,
  withholdingTax: withheld,
  totalDiscount: (
    if ($discount | nought) or ($lines | length) == 0 then null
    else ddiv(dmul($lines | map(.subTotal) | dsum; $discount); 100; $decimals) end
  ),
  subTotal: (.net_value | amount | size),
  totalTaxAmount: (taxes(null) // (0 | dround($decimals))),
  totalAmount: ($total | size),
  # What was written off can't be used any more.
  remainingCredit: (if .status == "Written-off" or (.written_off_date != null and $state == "Paid") then 0 | dround($decimals) else .due_value | amount | size end),
  discountPercentage: $discount,
  status: $state,
  note: (.comments | blank_to_null),
  sourceModifiedDate: .updated_at
}
