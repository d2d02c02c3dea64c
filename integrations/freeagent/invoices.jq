# Written off is void: it isn't due any more. Payments so far are the difference of totalAmount and amountDue.
def paid: (.paid_value | amount) // 0 | . != 0 and . != 0.0;
def state: (if paid then "PartiallyPaid" else "Submitted" end) as $open
  | .status | one_of({
      Draft: "Draft",
      "Scheduled To Email": "Draft",
      Open: $open,
      Overdue: $open,
      "Zero Value": "Paid",
      Paid: "Paid",
      Overpaid: "Paid",
      Refunded: "Paid",
      "Written-off": "Void",
      "Part written-off": "Void"
    });
# Lines have a price and a quantity, and no amounts of their own.
def line: {
  description: (.description | blank_to_null),
  unitAmount: ((.price | amount) // 0),
  quantity: ((.quantity | amount) // 0),
  subTotal: dmul(.price | amount; .quantity | amount),
  accountRef: (.category | id | if . == null then null else {id: .} end),
  taxRateRef: (.sales_tax_rate | amount | if . == null then null
    else {id: tostring, name: "\(.) %", effectiveTaxRate: .} end)
};
{
  id: (.url | id),
  invoiceNumber: .reference,
  customerRef: {id: (.contact | id), companyName: .contact_name},
  issueDate: (.dated_on | day),
  dueDate: (.due_on | day),
  paidOnDate: (.paid_on | day),
  currency: .currency,
  currencyRate: rate
} + {
  lineItems: (.invoice_items // [] | map(line)),
  subTotal: (.net_value | amount),
  totalTaxAmount: dadd(.sales_tax_value | amount; (.second_sales_tax_value | amount) // 0),
  totalAmount: (.total_value | amount),
  amountDue: (.due_value | amount),
  discountPercentage: (.discount_percent | amount),
  status: state,
  note: (.comments | blank_to_null),
  sourceModifiedDate: .updated_at
}
