# The types of transactions that are records of their own.
def record:
  {CustInvc: "invoices", CustCred: "creditNotes", CustPymt: "payments", CustDep: "payments", CustRfnd: "payments", VendBill: "bills", VendCred: "billCreditNotes",
   VendPymt: "billPayments", VPrep: "billPayments", CashSale: "directIncomes", CashRfnd: "directIncomes", Check: "directCosts", CardChrg: "directCosts",
   CardRfnd: "directCosts", Transfer: "transfers", Journal: "journalEntries"}[.];

.[0] as $first
| ($first.type | record) as $record
| {
    id: $first.id,
    description: ([$first.tranid, $first.memo] | joined(": ")),
    postedOn: ($first.trandate | day),
    updatedOn: ($first.modified | instant),
    recordRef: (if $record == null or $record == "journalEntries" then null else {id: $first.id, dataType: $record} end)
  } + {
    journalLines: [.[] | {
      description: (.linememo | blank),
      netAmount: (.amount | num // 0),
      currency: home,
      accountRef: account
    } + record_refs],
    sourceModifiedDate: ($first.modified | instant)
  }
