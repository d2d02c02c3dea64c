# Payments that were held back, and brought to the bank together; and cash that was kept back from what was brought, which leaves the bank for another
# account.
# A deposit's amounts are in its own currency. An account in the company's is moved by what that makes at the deposit's rate; of one in a third, that isn't known.
def place($ref; $amount):
  ($ref | known_account // {}) as $account
  | {
      accountRef: {id: $ref.ListID, name: $ref.FullName, dataType: "chartOfAccounts"},
      amount: (if .CurrencyRef.FullName == null or money == ($account | money) then $amount
        elif ($account | money) == home and rate != null and $amount != null then dmul($amount; rate) | dround(home_places)
        else null end),
      currency: ($account | currency)
    };
. as $deposit
| ((.DepositLineRet // [])[]
   | select(.TxnID != null)
   | . as $line
   | (.Amount | num) as $amount
   | {
       id: "\($deposit.TxnID)-\(.TxnLineID // .TxnID)",
       description: ((.Memo // $deposit.Memo) | blank),
       date: ($deposit.TxnDate | day),
       from: ($deposit | place($line.AccountRef; $amount)),
       to: ($deposit | place(.DepositToAccountRef; $amount)),
       depositedRecordRefs: ({ReceivePayment: "payments", SalesReceipt: "directIncomes", JournalEntry: "journalEntries"}[.TxnType // ""] as $kind | if $kind == null then null else [{id: .TxnID, dataType: $kind}] end),
       sourceModifiedDate: ($deposit | modified)
     }),
  (.CashBackInfoRet
   | select(. != null)
   | . as $back
   | (.Amount | num // 0) as $amount
   | select($amount != 0)
   | {
       id: "\($deposit.TxnID)-\(.TxnLineID // "back")",
       description: ((.Memo // $deposit.Memo) | blank),
       date: ($deposit.TxnDate | day),
       from: ($deposit | place(.DepositToAccountRef; $amount)),
       to: ($deposit | place($back.AccountRef; $amount)),
       sourceModifiedDate: ($deposit | modified)
     })
