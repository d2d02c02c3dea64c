# What is neither kept in stock nor a service, such as a kit, is told as goods without stock. Prices stand in lists of prices, by customer.
(.description | blank) as $text
| (.itemtype // "") as $type
| {
    id: .id,
    code: (.itemid | blank),
    name: ((.fullname | blank) // .itemid),
    type: (if $type == "InvtPart" or $type == "Assembly" then "Inventory" elif $type == "Service" then "Service" else "NonInventory" end),
    itemStatus: status,
    isInvoiceItem: ((.incomeaccount | blank) != null),
    isBillItem: ((.expenseaccount | blank) != null)
  } + {
    invoiceItem: (if (.incomeaccount | blank) == null then null else {description: $text, accountRef: ref(.incomeaccount; null)} end),
    billItem: (if (.expenseaccount | blank) == null then null else {description: $text, accountRef: ref(.expenseaccount; null)} end),
    sourceModifiedDate: (.modified | instant)
  }
