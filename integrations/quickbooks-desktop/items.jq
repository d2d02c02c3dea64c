# An item is sold, bought, or both: the platform has a member for each case.
(.SalesOrPurchase // {}) as $one
| (.SalesAndPurchase // {}) as $both
| ((.IncomeAccountRef // $both.IncomeAccountRef // $one.AccountRef) | to_ref) as $income
| ((.COGSAccountRef // $both.ExpenseAccountRef) | to_ref) as $expense
| (.SalesTaxCodeRef | to_ref) as $tax
| {
    id: .ListID,
    name: (.FullName // .Name),
    type: ({ItemService: "Service", ItemNonInventory: "NonInventory", ItemInventory: "Inventory", ItemInventoryAssembly: "Inventory", ItemOtherCharge: "Service"}[$lookup.kind // ""] // "Unknown"),
    itemStatus: active,
    isInvoiceItem: ($income != null),
    isBillItem: ($expense != null)
  } + {
    invoiceItem: (if $income == null then null else {
      description: ((.SalesDesc // $both.SalesDesc // $one.Desc) | blank),
      unitPrice: ((.SalesPrice // $both.SalesPrice // $one.Price) | num),
      accountRef: $income
    } end),
    billItem: (if $expense == null then null else {
      description: ((.PurchaseDesc // $both.PurchaseDesc) | blank),
      unitPrice: ((.PurchaseCost // $both.PurchaseCost) | num),
      accountRef: $expense
    } end),
    sourceModifiedDate: modified
  }
