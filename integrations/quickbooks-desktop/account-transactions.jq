# Every posting of every transaction comes; those to bank accounts and cards are their movements.
.AccountRef.ListID as $id
| first(($lookup.accounts // [])[] | select(.ListID == $id)) as $account
| if $account == null or ($account | is_bank | not) then empty
  else
    (.Amount | num // 0) as $amount
    | {
        id: "\(.TxnID)-\(.TxnLineID // $id)",
        transactionId: .TxnID,
        note: (.Memo | blank),
        bankAccountRef: (.AccountRef | to_ref),
        date: (.TxnDate | day),
        status: (if voided then "Void" else "Unknown" end),
        currency: ($account | currency),
        lines: [{description: (.Memo | blank), amount: $amount}]
      } + {
        totalAmount: $amount,
        sourceModifiedDate: modified
      }
  end
