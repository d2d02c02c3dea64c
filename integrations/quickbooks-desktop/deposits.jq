# A deposit is of payments that were held back, which are transfers, and of money that is on no other document.
. as $deposit
| (.DepositLineRet // [])[]
| select(.TxnID == null)
| . as $line
| (.Amount | num // 0) as $amount
| {
    TxnDate: $deposit.TxnDate, TimeModified: $deposit.TimeModified, CurrencyRef: $deposit.CurrencyRef, ExchangeRate: $deposit.ExchangeRate,
    RefNumber: .CheckNumber, Memo: (.Memo // $deposit.Memo)
  }
| at_once($deposit.DepositToAccountRef;
    [{description: ($line.Memo | blank), quantity: 1, unitAmount: $amount, subTotal: $amount, accountRef: ($line.AccountRef | to_ref)} + ($line | tracked)];
    $amount; 0; 1; "\($deposit.TxnID)-\($line.TxnLineID)")
