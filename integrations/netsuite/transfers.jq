# Two accounts, of which money leaves one.
.[0] as $first
| map(.amount = (.foreignamount | num // 0) | select(.amount != 0)) as $moved
| ($moved | map(select((.account | blank) != null))) as $lines
| if ($moved | length) == 0 then gone($first.id)
  elif ($lines | length) != 2 then error("a transfer is between two accounts, and this one is between \($lines | length): the rest that it moves, such as a fee, would be lost")
  else
    (first($lines[] | select(.amount < 0))) as $from
    | (first($lines[] | select(.amount > 0))) as $to
    # Amounts are in the transfer's currency, which is another than that of one of its accounts if money is exchanged: what is in that account then isn't
    # told, nor what the currency of an account is if the role may not see accounts.
    | def own: if .sided | yes then (.accountcurrency | blank) // home elif (.currency | blank) == null then home else null end;
      def place:
        own as $own
        | {
            accountRef: {id: .account, name: (.accountname | blank), dataType: "chartOfAccounts"},
            amount: (if ((.currency | blank) == null or $own == .currency) and ($from.amount | size) == $to.amount then .amount | size else null end),
            currency: $own
          };
      {
        id: $first.id,
        description: ($first.memo | blank),
        date: ($first.trandate | day),
        from: ($from | place),
        to: ($to | place),
        status: (if $first.voided | yes then "Void" else "Unknown" end),
        sourceModifiedDate: ($first.modified | instant)
      }
  end
