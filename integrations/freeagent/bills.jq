# The documentation's samples have net_value and sales_tax_value of a bill below zero beside a total above it: the size
# is taken, with the total's sign.
def state: (if paid then "PartiallyPaid" else "Open" end) as $open
  | .status | one_of({
      Open: $open,
      Overdue: $open,
      "Zero Value": "Paid",
      Paid: "Paid",
      Refunded: "Paid"
    });
def line($project): (.total_value | amount) as $total | (.quantity | amount) as $quantity
  | (.total_value_ex_tax | amount | signed($total)) as $net
  | {
      description: (.description | blank_to_null),
      unitAmount: (if $quantity == null or dmax($quantity; ($quantity | dneg)) == 0 then $net
        else ddiv($net; $quantity; 4) end),
      quantity: ($quantity // 1),
      subTotal: $net,
      taxAmount: taxes($total),
      totalAmount: $total
    } + {
      accountRef: account,
      taxRateRef: tax_rate,
      itemRef: stock,
      trackingCategoryRefs: (projects // $project)
    };
(.total_value | amount) as $total
| projects as $project
| {
    id: (.url | id),
    reference: .reference,
    supplierRef: {id: (.contact | id), supplierName: .contact_name},
    issueDate: (.dated_on | day),
    dueDate: (.due_on | day),
    currency: .currency,
    currencyRate: rate,
    lineItems: (.bill_items // [] | map(line($project))),
    withholdingTax: withheld
  } + {
    subTotal: (.net_value | amount | signed($total)),
    taxAmount: taxes($total),
    totalAmount: $total,
    # Of a bill that was overpaid nothing is due.
    amountDue: (.due_value | amount | if . != null and $total != null and $total >= 0 then dmax(.; 0) else . end),
    status: state,
    note: (.comments | blank_to_null),
    sourceModifiedDate: .updated_at
  }
