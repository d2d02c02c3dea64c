# Transfers go between any two accounts of the balance sheet, and say nothing of the bank's view of them.
def end($amount; $currency): {
  accountRef: {id: .value, name: .name, dataType: "chartOfAccounts"},
  amount: $amount,
  currency: $currency
};

if .status == "Deleted" then gone(.Id)
else
  .Amount as $amount
  | .CurrencyRef.value as $currency
  | {
      id: .Id,
      description: (.PrivateNote | blank),
      date: (.TxnDate | day),
      from: (.FromAccountRef | end($amount; $currency)),
      to: (.ToAccountRef | end($amount; $currency)),
      status: (if (.PrivateNote // "" | startswith("Voided")) and $amount == 0 then "Void" else "Unknown" end),
      sourceModifiedDate: modified
    }
end
