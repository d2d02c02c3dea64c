# Shared by the maps of this folder. References are `{value, name}`, dates are texts, amounts are decimals in the
# document's currency. Documents have no status: a voided one is emptied and says so in its private note.

def day: if . == null or . == "" then null else .[0:10] | date("%Y-%m-%d") end;

def blank: if . == "" then null else . end;

def joined($by): map(select(. != null and . != "")) | if length == 0 then null else join($by) end;

# A reference of theirs as one of ours.
def to_ref: if . == null then null else ref(.value; .name) end;

def customer: if .CustomerRef.value == null then null else {id: .CustomerRef.value, companyName: .CustomerRef.name} end;

def supplier: if .VendorRef.value == null then null else {id: .VendorRef.value, supplierName: .VendorRef.name} end;

def modified: .MetaData.LastUpdatedTime;

def active: if .Active == false then "Archived" else "Active" end;

def phone: .FreeFormNumber | blank;

def address($type):
  if . == null then null
  else {
    type: $type,
    line1: (.Line1 | blank),
    line2: ([.Line2, .Line3, .Line4, .Line5] | joined(", ")),
    city: (.City | blank),
    region: (.CountrySubDivisionCode | blank),
    country: (.Country | blank),
    postalCode: (.PostalCode | blank)
  }
  | if [.line1, .line2, .city, .region, .country, .postalCode] | all(. == null) then null else . end
  end;

def addresses($with): $with | map(select(. != null));

def person: [.GivenName, .MiddleName, .FamilyName] | joined(" ");

# Classes and departments (locations) number themselves each from 1.
def class: if .value == null then null else ref("class-\(.value)"; .name) end;
def department: if .value == null then null else ref("department-\(.value)"; .name) end;

def voided: (.PrivateNote // "" | startswith("Voided")) and ((.TotalAmt // .Amount // 0) == 0);

# $open is the word for a document that nothing has been paid of.
def document_status($open):
  .Balance as $balance
  | dsub(.TotalAmt; $balance) as $used
  | if voided then "Void"
    elif $balance == null then "Unknown"
    elif $balance == 0 then "Paid"
    elif $used == 0 then $open
    else "PartiallyPaid" end;

def tax: .TxnTaxDetail.TotalTax;

def net: if .TotalAmt == null then null else dsub(.TotalAmt; tax // 0) end;

# Lines of a bundle lie within the bundle's line.
def flat: (. // [])[] | if .DetailType == "GroupLineDetail" then (.GroupLineDetail.Line | flat) else . end;

# The discount on the whole document.
def discount: [.Line | flat | select(.DetailType == "DiscountLineDetail") | .Amount | select(. != null)] | if length == 0 then null else dsum end;

# The part of a line that every kind has; $detail has the kind's own, $department is the document's.
def line($detail; $department):
  ([($detail.ClassRef // {} | class), $department] | map(select(. != null))) as $tracked
  | ($detail.Qty // (if .Amount == null then 0 else 1 end)) as $quantity
  | {
      description: (.Description | blank),
      unitAmount: ($detail.UnitPrice // (if $detail.Qty == null or $detail.Qty == 0 then .Amount else ddiv(.Amount; $detail.Qty; 7) end) // 0),
      quantity: $quantity,
      subTotal: .Amount,
      taxAmount: (if $detail.TaxInclusiveAmt != null then dsub($detail.TaxInclusiveAmt; .Amount) else $detail.TaxAmount end),
      totalAmount: $detail.TaxInclusiveAmt,
      discountAmount: $detail.DiscountAmt,
      discountPercentage: $detail.DiscountRate
    } + {
      accountRef: (($detail.AccountRef // $detail.ItemAccountRef) | to_ref),
      taxRateRef: ($detail.TaxCodeRef | to_ref),
      itemRef: ($detail.ItemRef | to_ref)
    } + (if ($tracked | length) == 0 then {} else {trackingCategoryRefs: $tracked} end);

# The lines of sales. Subtotals say nothing new, and discounts are at the document's head.
def sales_lines:
  (.DepartmentRef // {} | department) as $department
  | [.Line | flat | select(.DetailType == "SalesItemLineDetail" or .DetailType == "DescriptionOnly" or .DetailType == "DescriptionLineDetail")
     | (.SalesItemLineDetail // {}) as $detail
     | line($detail; $department)
     | . + (if .trackingCategoryRefs == null then {}
            else {tracking: {categoryRefs: .trackingCategoryRefs, isBilledTo: "NotApplicable", isRebilledTo: "NotApplicable"}} end)];

def purchase_detail: .AccountBasedExpenseLineDetail // .ItemBasedExpenseLineDetail // {};

# The lines of purchases; a line may be billed on to a customer.
def purchase_lines:
  (.DepartmentRef // {} | department) as $department
  | [.Line | flat | select(.DetailType == "AccountBasedExpenseLineDetail" or .DetailType == "ItemBasedExpenseLineDetail" or .DetailType == "DescriptionOnly" or .DetailType == "DescriptionLineDetail")
     | purchase_detail as $detail
     | ($detail.BillableStatus == "Billable" or $detail.BillableStatus == "HasBeenBilled") as $billable
     | line($detail; $department)
     | . + (if .trackingCategoryRefs == null and $detail.CustomerRef.value == null then {}
            else {tracking: {
              categoryRefs: (.trackingCategoryRefs // []),
              isBilledTo: (if $billable then "Customer" else "NotApplicable" end),
              isRebilledTo: (if $detail.BillableStatus == "HasBeenBilled" then "Customer" else "NotApplicable" end),
              customerRef: (if $detail.CustomerRef.value == null then null else {id: $detail.CustomerRef.value, companyName: $detail.CustomerRef.name} end)
            }} end)];

# A document names its payments, but not their amounts: those are in the payment.
def settlements($words):
  .CurrencyRef.value as $currency
  | [(.LinkedTxn // [])[] | select($words[.TxnType // ""] != null) | {
      payment: {id: .TxnId, note: $words[.TxnType], currency: $currency},
      allocation: {currency: $currency}
    }];

# Signs for amounts, so that they add up to $target: the first choice that does, or null. Each of the items has its amount,
# the sign that it mostly has, and whether that is sure; of many unsure ones the first ten are tried.
def choices($free):
  if length == 0 then []
  else
    .[0] as $first
    | (if $first.sure or $free == 0 then $free else $free - 1 end) as $left
    | (.[1:] | choices($left)) as $rest
    | ([$first.sign] + $rest),
      (if $first.sure or $free == 0 then empty else [0 - $first.sign] + $rest end)
  end;
def signed($signs): . as $items | [range($items | length) | $signs[.] as $sign | $items[.].amount | if $sign == 1 then decimal else dneg end];
def fit($target): . as $items | first(choices(10) | . as $signs | select(dsub($items | signed($signs) | dsum; $target) == 0)) // null;

# One line of a payment for each document that it settles, and one for the rest. Amounts are without a sign here, and a
# document that lowers the sum to pay counts below zero, so that the lines add up to the total. Of journal entries, checks
# and deposits the type alone doesn't tell whether they raise or lower it: the total does.
def payment_lines($words; $lowering; $sure; $unapplied):
  (.TxnDate | day) as $on
  | (.TotalAmt // 0) as $total
  | [(.Line // [])[] | select(.Amount != null) | .Amount as $amount | ((.LinkedTxn // []) | if length == 0 then [{}] else . end)[0] | .TxnType as $type | {
      amount: $amount,
      type: (if $type == null then "Unlinked" else $type | one_of($words) end),
      id: .TxnId,
      sign: (if $lowering | any(. == $type) then -1 else 1 end),
      sure: ($sure | any(. == $type))
    }] as $items
  | ($items | fit(dsub($total; $unapplied // 0))) as $fitting
  | ($items | signed($fitting // map(.sign))) as $amounts
  | dsub($total; $amounts | dsum) as $left
  # Without a word on it, more money than documents is money on account.
  | (if $unapplied != null then $unapplied elif $left > 0 then $left else 0 end) as $rest
  | [range($items | length) | $items[.] as $item | $amounts[.] as $amount | {
      amount: $amount,
      links: [{type: $item.type, id: $item.id, amount: ($amount | dneg)}],
      allocatedOnDate: $on
    }]
  + (if $rest == 0 then []
     else [{amount: $rest, links: [{type: "PaymentOnAccount", amount: ($rest | dneg)}], allocatedOnDate: $on}] end);

# Reports are nested tables: a section has rows, and a summary of them; each column but the first is a month, and a last
# one may be the total.
def last_day:
  (.[0:4] | decimal) as $year
  | ($year % 4 == 0 and ($year % 100 != 0 or $year % 400 == 0)) as $leap
  | {"02": (if $leap then "29" else "28" end), "04": "30", "06": "30", "09": "30", "11": "30"} as $short
  | "\(.)-\($short[.[5:7]] // "31")";

# The months of the columns by the columns' numbers. Anything but whole months is refused: a part of one would be told as
# the whole, and a total as nothing at all.
def months:
  [.Columns.Column // [] | to_entries[] | select(.key > 0) | .key as $column | .value
   | (.MetaData // [] | map({(.Name): .Value}) | add // {}) as $data
   | {column: $column, title: (.ColTitle // ""), total: ($data.ColKey == "total" or .ColTitle == "Total"), start: $data.StartDate, end: $data.EndDate}]
  | (map(select((.total | not) and .end != null))) as $months
  | if ($months | length) == 0
    then error("the report has no column for a month, only \(map("«\(.title)»") | join(", "))")
    else . end
  # A column beside the total without its days, or a month that comes twice, such as once for each class, is another report's.
  | (map(select((.total | not) and .end == null))) as $undated
  | if ($undated | length) > 0 then error("the column «\($undated[0].title)» has no days") else . end
  | ($months | map(.end[0:7])) as $all
  | if ($all | unique | length) == ($all | length) then $months[]
    else error("a month has several columns: \($months | map("«\(.title)»") | join(", "))") end
  | .end[0:7] as $month
  | if (.start == null or .start == "\($month)-01") and .end == ($month | last_day) then {column: .column, month: $month}
    else error("the column «\(.title)» goes from \(.start) to \(.end), which is not a whole month") end;

# A company without a posting has a report that says so.
def no_data: (.Header.Option // [] | any(.Name == "NoReportData" and .Value == "true")) and ((.Rows.Row // []) | length) == 0;

def amount_at($column): .[$column].value | if . == null or . == "" then "0" else . end | decimal;

# A row as a line of a statement, with its parts.
def statement_line($column):
  if .type == "Section" or .Rows != null then
    (.Header.ColData // .Summary.ColData // []) as $head
    | ((.Rows.Row // []) | map(statement_line($column))) as $items
    | (.Summary.ColData // []) as $summary
    | {
        accountId: $head[0].id,
        name: ($head[0].value // .group),
        # A parent account may have postings of its own, beside its name.
        value: ($items | map(.value) | dsum),
        items: $items
      }
    | if ($head | length) > $column and ($head[$column].value // "") != "" then
        ($head | amount_at($column)) as $own
        | if $own == 0 then .
          else .items = [{accountId: .accountId, name: .name, value: $own}] + .items | .value = dadd(.value; $own) end
      else . end
    | if ($summary | length) > $column and dsub($summary | amount_at($column); .value) != 0
      then error("«\($summary[0].value)» is \($summary | amount_at($column)), and its parts add up to \(.value)")
      else . end
  else .ColData as $cells | {accountId: $cells[0].id, name: $cells[0].value, value: ($cells | amount_at($column))}
  end;

# The rows with a group's word, at any depth.
def grouped($word): [.Rows | .. | objects | select(.group == $word)] | .[0];

def group_line($word; $name; $column):
  grouped($word) as $row
  | if $row == null then {name: $name, value: 0, items: []}
    else ($row | statement_line($column)) + {name: $name} end;

# Rows beside the known ones hold money that no part of the statement would have: another layout is refused.
def only($known; $column):
  [(.Rows.Row // [])[] | .group as $group | select($known | all(. != $group))
   | (.Header.ColData // .Summary.ColData // .ColData // []) as $head
   | select([.. | objects | .ColData // [] | select(length > $column) | amount_at($column) | select(. != 0)] | length > 0)
   | $head[0].value // $group // "a row without a name"] as $others
  | if ($others | length) == 0 then .
    else error("the report has rows of another layout: \($others | map("«\(.)»") | join(", "))") end;

# A total that differs from the report's own was misread: an error is better than a wrong total.
def agree($word; $column; $sum):
  (grouped($word) | .Summary.ColData // .ColData // .Header.ColData // []) as $cells
  | if ($cells | length) <= $column then .
    elif dsub($cells | amount_at($column); $sum) == 0 then .
    else error("\($word) is \($cells | amount_at($column)), and its parts add up to \($sum)") end;

# Undeposited funds, loans and clearing accounts are no bank accounts, whatever goes through them.
def is_bank: (.AccountType == "Bank" or .AccountType == "Credit Card") and .AccountSubType != "UndepositedFunds";

# The bank account or card that a reference leads to; null if it is anything else, such as the funds that wait to be
# deposited, a loan or a till's clearing account. `$lookup.accounts` are all that the company has. A page that comes
# without them can tell undeposited funds by its names alone.
def bank($ref):
  if $ref.value == null then null
  elif $lookup == null then
    if $ref.name == "Undeposited Funds" or $ref.name == "Payments to deposit" then null else {Id: $ref.value, Name: $ref.name} end
  else first(($lookup.accounts // [])[] | select(.Id == $ref.value and is_bank)) // null end;

# The currency that an account is kept in, null if it isn't known. Without the accounts, a code in the name tells it.
def currency_of($ref):
  if $lookup != null then bank($ref).CurrencyRef.value
  else first(($ref.name // "") | split(" ")[] | select(length == 3 and . == ascii_upcase and . != ascii_downcase)) // null end;

def foreign: .ExchangeRate != null and dsub(.ExchangeRate; 1) != 0;

# An amount of the document as the account has it: a document in a foreign currency moves an account in the company's
# own by as much as it is worth there. The platform's rate is the number of units of the company's currency for one of
# the document's (Intuit's reference, BillPayment.ExchangeRate).
def converted($own): (currency_exponent($own) // 2) as $places | .ExchangeRate as $rate | dmul(.amount; $rate) | dround($places);
# Without a rate that isn't told, and one amount is no other.
def on_account($ref; $amount):
  currency_of($ref) as $own
  | .CurrencyRef.value as $currency
  | if $own == null or $currency == null or $own == $currency or ($lookup == null and (foreign | not))
    then {amount: $amount, currency: ($currency // $own), currencyRate: .ExchangeRate}
    elif foreign and ($lookup.home.value == null or $own == $lookup.home.value)
    then {amount: ({amount: $amount, ExchangeRate: .ExchangeRate} | converted($own)), currency: $own, currencyRate: null}
    else error("\($currency) on an account in \($own): it isn't told how much that is there") end;

# A document that is no movement of a bank account. One that was changed may have been one before.
def no_movement($id): if (.SyncToken // "0") == "0" then empty else gone($id) end;

# A movement of a bank account. Documents of different kinds may share a number.
def movement($kind; $ref; $amount; $lines):
  bank($ref) as $bank
  | if $bank == null then no_movement("\($kind)-\(.Id)")
    else
      on_account($ref; $amount) as $on
      | . as $document
      | [$lines[] | . as $line | $line + ($document | on_account($ref; $line.amount) | {amount: .amount})] as $parts
      # Lines that were each rounded make the total nonetheless.
      | dsub($on.amount; $parts | map(.amount) | dsum) as $odd
      | (if ($parts | length) == 0 or $on.currency == (.CurrencyRef.value // $on.currency) or $odd == 0 then $parts
         else $parts[:-1] + [$parts[-1] + {amount: dadd($parts[-1].amount; $odd)}] end) as $parts
      | {
          id: "\($kind)-\(.Id)",
          transactionId: .Id,
          note: (.PrivateNote | blank),
          bankAccountRef: ($ref | to_ref),
          date: (.TxnDate | day),
          status: (if voided then "Void" else "Unknown" end),
          currency: $on.currency,
          currencyRate: $on.currencyRate
        } + {
          lines: $parts,
          totalAmount: $on.amount,
          sourceModifiedDate: modified
        }
    end;

# The other bank accounts that a document's lines move: $moves are `{ref, amount, line}`, with the account's own sign.
# Only known accounts count here, since any account may stand on a line.
def other_movements($kind; $moves):
  . as $document
  | ($lookup.accounts // [])[]
  | select(is_bank)
  | .Id as $account
  | ($moves | map(select(.ref.value == $account))) as $own
  | "\($kind)-\($document.Id)-\($account)" as $id
  | if ($own | length) == 0 then $document | no_movement($id)
    else
      ($own | map(.amount) | dsum) as $sum
      | $document | movement($kind; $own[0].ref; $sum; $own | map(.line + {amount: .amount})) | . + {id: $id}
    end;

# Marks all of a deleted document's movements.
def all_gone($kind): "\($kind)-\(.Id)" as $id | gone($id), gone("\($id)-\(($lookup.accounts // [])[].Id)");

# The document's lines as parts of a movement; the sum of the rest (tax, discounts) is a line of its own. $out negates.
def movement_lines($out):
  (if .TotalAmt == null then null elif $out then .TotalAmt | dneg else .TotalAmt | decimal end) as $total
  | [.Line | flat | select(.Amount != null and .DetailType != "SubTotalLineDetail" and .DetailType != "DiscountLineDetail")
     | {description: (.Description | blank), amount: (if $out then .Amount | dneg else .Amount end)}] as $lines
  | ($lines | map(.amount) | dsum) as $sum
  | $lines + (if $total == null or dsub($total; $sum) == 0 then [] else [{description: "Tax, discounts and the like", amount: dsub($total; $sum)}] end);

# The two sides of money that goes between accounts. The amount is in the document's currency; a side in the company's
# own has as much as that is worth. Null if the platform doesn't tell the side's currency, or if it is another one and no
# rate leads there: its amount isn't told.
def side($ref; $other):
  .CurrencyRef.value as $currency
  | currency_of($ref) as $own
  | currency_of($other) as $theirs
  | if $currency == null and $own != null and $theirs != null and $own != $theirs then null
    elif $currency == null or $own == $currency or ($own == null and ((foreign | not) or ($theirs != null and $theirs != $currency)))
      or ($lookup == null and (foreign | not))
    then {amount: .Amount, currency: $currency}
    elif (foreign | not) or $own == null or $own != $lookup.home.value then null
    else {amount: ({amount: .Amount, ExchangeRate: .ExchangeRate} | converted($own)), currency: $own} end;

# One movement for each side of it.
def side_movement($kind; $ref; $other; $negative; $record):
  side($ref; $other) as $side
  | if $side == null then no_movement("\($kind)-\(.Id)")
    else
      (if $negative then $side.amount | dneg else $side.amount end) as $amount
      | (.CurrencyRef.value == $side.currency) as $same
      | .CurrencyRef = {value: $side.currency}
      | (if $same then . else del(.ExchangeRate) end)
      | movement($kind; $ref; $amount; [{amount: $amount, recordRef: $record}])
    end;

# The lines of a document that stand on accounts, as moves of these. $out negates.
def account_lines($out):
  [.Line | flat | select(.Amount != null and .AccountBasedExpenseLineDetail.AccountRef.value != null) | {
    ref: .AccountBasedExpenseLineDetail.AccountRef,
    amount: (if $out then .Amount | dneg else .Amount end),
    line: {description: (.Description | blank)}
  }];

# The bank accounts that the lines of a bill or a vendor credit stand on: its other side is no bank's.
def line_movements($kind; $out):
  if .status == "Deleted" then all_gone($kind)
  else account_lines($out) as $moves | other_movements($kind; $moves) end;

# What sales move on the accounts of their items, if these are bank accounts or cards: a line with an item that "sells" into the bank, such as the
# money that a till's report brought there, mostly below zero. A sale takes from its items' accounts (they are credited), a credit gives. The line
# names its item's account (ItemAccountRef). Such a line that is taken off again is noticed when everything is read: to name each account that a
# document doesn't move would take as many rows as there are sales.
def item_movements($kind; $credit):
  if .status == "Deleted" then "\($kind)-\(.Id)" as $id | gone("\($id)-\(($lookup.accounts // [])[].Id)")
  else
    [.Line | flat | select(.Amount != null and .DetailType == "SalesItemLineDetail")
     | .SalesItemLineDetail.ItemAccountRef as $ref
     | select(bank($ref) != null)
     | (if $credit then .Amount else .Amount | dneg end) as $amount
     | {ref: $ref, amount: $amount, line: {description: (.Description | blank)}}] as $moves
    | . as $document
    | ($moves | map(.ref.value) | unique)[] as $account
    | ($moves | map(select(.ref.value == $account))) as $own
    | ($own | map(.amount) | dsum) as $sum
    | $document | movement($kind; $own[0].ref; $sum; $own | map(.line + {amount: .amount})) | . + {id: "\($kind)-\($document.Id)-\($account)"}
  end;
