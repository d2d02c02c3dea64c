# Whether a kind of item is bought or sold alone stands in its name.
(.itemType // "") as $type
| {
    id: .key,
    code: .id,
    name: (.name | blank),
    type: (if $type == "inventory" or $type == "stockableKit" then "Inventory" else "NonInventory" end),
    itemStatus: status,
    isInvoiceItem: ($type | contains("urchase") | not),
    isBillItem: ($type | contains("ales") | not),
    sourceModifiedDate: modified
  }
