# Every posting of every transaction comes; those to bank accounts and cards are their movements. A posting is in its transaction's currency, an account in its own.
def on_account($account):
  if .CurrencyRef.FullName == null or money == ($account | money) then .Amount | num // 0
  elif ($account | money) == home then .AmountInHomeCurrency | num // error("a posting in \(.CurrencyRef.FullName) to an account in the company's own currency has no amount in that")
  else error("a posting in \(.CurrencyRef.FullName) is to an account in \($account.CurrencyRef.FullName): what it moves there isn't told") end;

(.AccountRef | known_account) as $account
| if $account == null or ($account | is_bank | not) then empty
  else
    on_account($account) as $amount
    | {
        id: "\(.TxnID)-\(.TxnLineID // $account.ListID)",
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
