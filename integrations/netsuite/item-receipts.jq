document as $document
| $document.main
| {
    id: .id,
    reference: (.tranid | blank),
    supplierRef: supplier,
    purchaseOrderRefs: ([$document.lines[] | .createdfrom | blank | select(. != null)] | unique | map({id: .}) | if length == 0 then null else . end),
    receivedDate: (.trandate | day),
    currency: currency,
    currencyRate: rate,
    status: (if .voided | yes then "Void" else "Received" end)
  } + {
    # Half of the lines are the other side of the posting, without an item.
    lineItems: [$document.lines[] | select((.item | blank) != null and .amount >= 0) | (line | del(.accountRef)) + {accountRef: account} + record_refs],
    note: (.memo | blank),
    sourceModifiedDate: (.modified | instant)
  }
