# The documentation's samples have net_value and sales_tax_value of a bill below zero beside a total above it: the size
# is taken, with the total's sign.
def size: if . == null then null else dmax(.; dneg) end;
def signed($total): size | if $total != null and ($total | tostring | startswith("-")) then dneg else . end;
def state: (if paid then "PartiallyPaid" else "Open" end) as $open
  | .status | one_of({
      Open: $open,
      Overdue: $open,
      "Zero Value": "Paid",
      Paid: "Paid",
      Refunded: "Paid"
    });
# Some companies have a second sales tax.
def tax($total):
  (.sales_tax_value | amount | signed($total)) as $tax
  | (.second_sales_tax_value | amount | signed($total)) as $second
  | if $second == null then $tax else dadd($tax // 0; $second) end;
def line: (.total_value | amount) as $total | (.quantity | amount) as $quantity
  | (.total_value_ex_tax | amount | signed($total)) as $net
  | {
      description: (.description | blank_to_null),
      unitAmount: (if $quantity == null or dmax($quantity; ($quantity | dneg)) == 0 then $net
        else ddiv($net; $quantity; 4) end),
      quantity: ($quantity // 1),
      subTotal: $net,
      taxAmount: tax($total),
      totalAmount: $total,
      accountRef: (.category | id | if . == null then null else {id: .} end),
      taxRateRef: (.sales_tax_rate | amount | if . == null then null
        else {id: tostring, name: "\(.) %", effectiveTaxRate: .} end)
    };
(.total_value | amount) as $total
| {
    id: (.url | id),
    reference: .reference,
    supplierRef: {id: (.contact | id), supplierName: .contact_name},
    issueDate: (.dated_on | day),
    dueDate: (.due_on | day),
    currency: .currency,
    currencyRate: rate,
    lineItems: (.bill_items // [] | map(line)),
    withholdingTax: withheld
  } + {
    subTotal: (.net_value | amount | signed($total)),
    taxAmount: tax($total),
    totalAmount: $total,
    amountDue: (.due_value | amount),
    status: state,
    note: (.comments | blank_to_null),
    sourceModifiedDate: .updated_at
  }
