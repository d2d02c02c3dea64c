# Shared by the maps of this folder. Every value is a text; references are `{ListID, FullName}`, amounts are decimals in the
# document's currency, and currencies are named in words. `$lookup.home` is the code of the company's own.

def blank: if . == null or . == "" then null else . end;

def num: if . == null or . == "" then null else decimal end;

def day: blank | if . == null then null else .[0:10] | date("%Y-%m-%d") end;

def joined($by): map(select(. != null and . != "")) | if length == 0 then null else join($by) end;

def modified: .TimeModified | blank;

def active: if .IsActive == "false" then "Archived" else "Active" end;

def to_ref: if . == null then null else ref(.ListID | blank; .FullName | blank) end;

def code_of_currency: {"US Dollar": "USD", "Canadian Dollar": "CAD", "Euro": "EUR", "British Pound Sterling": "GBP", "British Pound": "GBP",
  "Australian Dollar": "AUD", "New Zealand Dollar": "NZD", "Mexican Peso": "MXN", "Japanese Yen": "JPY", "Swiss Franc": "CHF",
  "Chinese Yuan Renminbi": "CNY", "Hong Kong Dollar": "HKD", "Singapore Dollar": "SGD", "Indian Rupee": "INR", "Swedish Krona": "SEK",
  "Norwegian Krone": "NOK", "Danish Krone": "DKK", "South African Rand": "ZAR", "Brazilian Real": "BRL", "Israeli New Shekel": "ILS"}[. // ""];

def home: if $lookup == null then null else $lookup.home | blank end;

# A currency that isn't known by its name is none: another would be wrong.
def currency: if .CurrencyRef.FullName == null then home else .CurrencyRef.FullName | code_of_currency end;

# What tells a currency from others: its code, or its name if its code isn't known.
def money: if .CurrencyRef.FullName == null then home else .CurrencyRef.FullName | code_of_currency // . end;

# The account that a reference is to, as the list of accounts has it.
def known_account: .ListID as $id | if $id == null then null else first(($lookup.accounts // [])[] | select(.ListID == $id)) // null end;

def home_places: currency_exponent(home // "USD") // 2;

# Units of the company's currency for one of the document's.
def rate: .ExchangeRate | num;

def customer: if .CustomerRef.ListID == null then null else {id: .CustomerRef.ListID, companyName: .CustomerRef.FullName} end;

def supplier: if .VendorRef.ListID == null then null else {id: .VendorRef.ListID, supplierName: .VendorRef.FullName} end;

def payee: if .PayeeEntityRef.ListID == null then null else {id: .PayeeEntityRef.ListID, supplierName: .PayeeEntityRef.FullName} end;

def address($type):
  if . == null or . == "" then null
  else {
    type: $type,
    line1: (.Addr1 | blank),
    line2: ([.Addr2, .Addr3, .Addr4, .Addr5] | joined(", ")),
    city: (.City | blank),
    region: (.State | blank),
    country: (.Country | blank),
    postalCode: (.PostalCode | blank)
  }
  | if [.line1, .line2, .city, .region, .country, .postalCode] | all(. == null) then null else . end
  end;

def voided: (.Memo // "" | startswith("VOID:"));

def number: .RefNumber | blank;

# Lines of a group lie within the group's.
def all_details($single; $group): ((.[$single] // []) + [(.[$group] // [])[] | (.[$single] // [])[]]);

def is_item_of($items): .ItemRef.ListID as $id | $id != null and any(($items // [])[]; .ListID == $id);

# What is sold: neither the subtotals of lines above them, nor money that was received with the document. In old files a discount and the freight have
# elements of their own.
def sales_details($single; $group):
  [all_details($single; $group)[] | select(is_item_of($lookup.subtotals) or is_item_of($lookup.payments) | not)]
  + [(.DiscountLineRet // [])[] | select((.Amount | num) != null) | .Amount = (.Amount | num | if . > 0 then dneg else . end) | .Desc = "Discount"]
  + [(.ShippingLineRet // [])[] | .Desc = "Shipping"];

# Money that was received with a document: lines of items of payment, below zero there, each with the account that its item leads to.
def received($single; $group):
  [all_details($single; $group)[]
    | select(is_item_of($lookup.payments))
    | .ItemRef.ListID as $id
    | first($lookup.payments[] | select(.ListID == $id)) as $item
    | (.Amount | num // 0) as $amount
    | select($amount != 0)
    | {line: .TxnLineID, amount: ($amount | dneg), account: ($item.DepositToAccountRef | to_ref), method: ($item.PaymentMethodRef | to_ref)}];

# What stands before tax, without the money that was received: whether the platform has taken that off its own sum is seen by what the lines come to.
def net($lines; $received):
  (.Subtotal | num // 0) as $stated
  | if ($received | length) == 0 or dsub($lines | map(.Amount | num // 0) | dsum; $stated) == 0 then $stated
    else dadd($stated; $received | map(.amount) | dsum) end;

def class_refs: if .ClassRef.ListID == null then [] else [ref(.ClassRef.ListID; .ClassRef.FullName)] end;

def price($amount; $quantity):
  (.Rate // .Cost | num) as $price
  | if $price != null then $price elif $quantity == 0 then $amount else ddiv($amount; $quantity; 7) end;

# Lines of words have no amount.
def line:
  (.Amount | num // 0) as $amount
  | ((.Quantity // .Hours) | num // 1) as $quantity
  | {
      description: ((.Desc // .Memo) | blank),
      quantity: $quantity,
      unitAmount: price($amount; $quantity),
      subTotal: $amount,
      itemRef: (.ItemRef | to_ref),
      accountRef: (.AccountRef | to_ref)
    };

def tracked: class_refs as $refs | if ($refs | length) == 0 then {} else {trackingCategoryRefs: $refs} end;

def sales_tracking: class_refs as $refs | if ($refs | length) == 0 then {}
  else {trackingCategoryRefs: $refs, tracking: {categoryRefs: $refs, isBilledTo: "NotApplicable", isRebilledTo: "NotApplicable"}} end;

def record_refs: class_refs as $refs | if ($refs | length) == 0 then {} else {tracking: {recordRefs: ($refs | map({id, dataType: "trackingCategories"}))}} end;

def sales_lines($single; $group): [sales_details($single; $group)[] | line + sales_tracking];

def purchase_details: (.ExpenseLineRet // []) + (.ItemLineRet // []) + [(.ItemGroupLineRet // [])[] | (.ItemLineRet // [])[]];

# A line may be billed on to a customer.
def purchase_lines: [purchase_details[] | class_refs as $refs | (.BillableStatus // "") as $billable | line
  + (if ($refs | length) == 0 and .CustomerRef.ListID == null then {}
     else {trackingCategoryRefs: $refs, tracking: {
       categoryRefs: $refs,
       isBilledTo: (if $billable == "Billable" or $billable == "HasBeenBilled" then "Customer" else "NotApplicable" end),
       isRebilledTo: (if $billable == "HasBeenBilled" then "Customer" else "NotApplicable" end),
       customerRef: (if .CustomerRef.ListID == null then null else {id: .CustomerRef.ListID, companyName: .CustomerRef.FullName} end)
     }} end)];

# $open is the word for a document that nothing has been paid of.
def settled($open; $total; $left):
  if voided then "Void"
  elif .IsPending == "true" then "Draft"
  elif $left == null then (if .IsPaid == "true" then "Paid" else $open end)
  elif $left == 0 then "Paid"
  elif $left == $total then $open
  else "PartiallyPaid" end;

def linked: [(.LinkedTxn // [])[] | select((.LinkType // "AMTTYPE") == "AMTTYPE")];

def size: num | if . == null then null elif . < 0 then dneg else . end;

# What was set against a document, by the words for the kinds of what it was.
def settlements($words):
  currency as $currency
  | [linked[] | select($words[.TxnType // ""] != null) | {
      payment: {id: .TxnID, note: $words[.TxnType], currency: $currency, paidOnDate: (.TxnDate | day)},
      allocation: {currency: $currency, allocatedOnDate: (.TxnDate | day), totalAmount: (.Amount | size)}
    }];

# The word for a credit that was used up: a payment too high, or a bill payment, left money on account.
def credit_type: {CreditMemo: "CreditNote", VendorCredit: "CreditNote", JournalEntry: "ManualJournal", ReceivePayment: "PaymentOnAccount", BillPaymentCheck: "PaymentOnAccount",
  BillPaymentCreditCard: "PaymentOnAccount"}[.] // "Other";

# Lines of a payment: for each document the money, the discount and the credits that settled it; then the money on account.
def payment_lines($document; $words; $unused):
  (.TxnDate | day) as $on
  | [(.AppliedToTxnRet // [])[]
      | .TxnID as $id
      | (.TxnType // "" | one_of($words)) as $type
      | (.Amount | num // 0) as $money
      | (.DiscountAmount | num // 0) as $discount
      | (if $money == 0 then empty else {amount: $money, links: [{type: $type, id: $id, amount: ($money | dneg)}], allocatedOnDate: $on} end),
        (if $discount == 0 then empty else {amount: 0, links: [{type: $type, id: $id, amount: ($discount | dneg)}, {type: "Discount", amount: $discount}], allocatedOnDate: $on} end),
        ((.LinkedTxn // [])[] | (.Amount | size // 0) as $credit
          | {amount: 0, links: [{type: $type, id: $id, amount: ($credit | dneg)}, {type: (.TxnType // "CreditMemo" | credit_type), id: .TxnID, amount: $credit}], allocatedOnDate: $on})]
  + (if $unused == null or $unused == 0 then [] else [{amount: $unused, links: [{type: "PaymentOnAccount", amount: ($unused | dneg)}], allocatedOnDate: $on}] end);

# Money spent or received at once. $sign is -1 for money back.
def at_once($account; $lines; $net; $tax; $sign; $id):
  currency as $currency
  | (.TxnDate | day) as $day
  | (if $sign < 0 then $net | dneg else $net end) as $net
  | (if $sign < 0 then $tax | dneg else $tax end) as $tax
  | dadd($net; $tax) as $total
  | {
      id: $id,
      reference: number,
      note: (.Memo | blank),
      issueDate: $day,
      currency: $currency,
      currencyRate: rate,
      lineItems: [$lines[] | if $sign < 0 then .subTotal = (.subTotal | dneg) | .unitAmount = (.unitAmount | dneg) else . end]
    } + {
      paymentAllocations: [{
        payment: {id: $id, accountRef: ($account | to_ref), currency: $currency, paidOnDate: $day, totalAmount: $total},
        allocation: {currency: $currency, allocatedOnDate: $day, totalAmount: $total}
      }],
      subTotal: $net,
      taxAmount: $tax,
      totalAmount: $total,
      sourceModifiedDate: modified
    };

def contact($type): if .ListID == null then null else {id: .ListID, dataType: $type} end;

# The kinds of accounts, as ours.
def account_type: one_of({AccountsPayable: "Liability", AccountsReceivable: "Asset", Bank: "Asset", CostOfGoodsSold: "Expense", CreditCard: "Liability",
  Equity: "Equity", Expense: "Expense", FixedAsset: "Asset", Income: "Income", LongTermLiability: "Liability", NonPosting: "Unknown",
  OtherAsset: "Asset", OtherCurrentAsset: "Asset", OtherCurrentLiability: "Liability", OtherExpense: "Expense", OtherIncome: "Income"});

def is_bank: .AccountType == "Bank" or .AccountType == "CreditCard";

# The way in which a row counts in a result: profit is income less costs.
def signed: if .kind == "CostOfGoodsSold" or .kind == "Expense" or .kind == "OtherExpense" then .amount | dneg else .amount end;

def cell($column): first((.ColData // [])[] | select(."@colID" == $column) | ."@value") // null;

# Checks the report's own totals against its rows. Nothing nests: a heading begins what the row «Total» with its words ends. Other totals are results, such as
# the gross profit or a total in another language: they are what stands since one of the headings before them. Costs alone add up; beside income they are
# taken off.
def check_totals($rows):
  [((.TextRow // [])[] | {at: (."@rowNumber" | num), heading: ."@value"}),
   ($rows[] | {at, row: .}),
   (((.SubtotalRow // []) + (.TotalRow // []))[] | {at: (."@rowNumber" | num), total: (cell("1") // ""), value: (cell("2") | num)} | select(.value != null))]
  | sort_by(.at)
  | reduce .[] as $next ({rows: [], open: []};
      if $next.row != null then .rows += [$next.row]
      elif $next.heading != null then .open += [{words: ($next.heading | ascii_downcase), from: (.rows | length)}]
      else
        .rows as $before
        | .open as $open
        | ($next.total | ascii_downcase | ltrimstr("total ")) as $words
        | ([$open | to_entries[] | select(.value.words == $words and "total \($words)" == ($next.total | ascii_downcase))] | last) as $heading
        | (if $heading != null then [$heading.value.from] else [0] + ($open | map(.from)) | unique end) as $since
        | [$since[] as $from | $before[$from:] as $part | ($part | map(signed) | dsum) as $sum | $sum, if all($part[]; signed != .amount) then $sum | dneg else empty end] as $sums
        | if any($sums[]; dsub(.; $next.value) | if . < 0 then dneg else . end | . <= 0.01)
          then (if $heading != null then .open = $open[:$heading.key] else . end)
          else error("the report's row «\($next.total)» is \($next.value), and its rows add up to \($sums[0])") end
      end)
  | null;

# The rows of a report that are accounts' own, each with its account and amount; headings and totals are left out. Rows that are no account's are
# results that QuickBooks calculates.
def report_rows:
  ($lookup.accounts // []) as $accounts
  # A report without a row has an empty element, which is an empty text.
  | (.ReportData | if type == "object" then . else {} end) as $data
  | ([(.ColDesc // [])[] | ."@colID"] + [(($data.DataRow // []) + ($data.SubtotalRow // []) + ($data.TotalRow // []))[] | (.ColData // [])[] | ."@colID"]
      | unique | map(select(. != "1"))) as $columns
  | if $columns != [] and $columns != ["2"] then error("the report has the columns \($columns | join(", ")) beside its labels, and not one of amounts, which is 2") else . end
  | [($data.DataRow // [])[]
      | (cell("2") // "0" | num // 0) as $amount
      | (cell("1") // "") as $label
      | (if .RowData."@rowType" == "account" then .RowData."@value" else null end) as $name
      | (if $name == null then null else first($accounts[] | select(.FullName == $name)) // error("the report has an account «\($name)», which the list of accounts doesn't have") end) as $account
      | {at: (."@rowNumber" | num), id: $account.ListID, name: ($name // $label), kind: $account.AccountType, amount: $amount}] as $rows
  | ($data | check_totals($rows)) as $checked
  | $rows;

def section($name; $kinds): [.[] | select(.kind as $kind | $kinds | any(. == $kind))] as $rows
  | {name: $name, value: ($rows | map(.amount) | dsum), items: ($rows | map({accountId: .id, name: .name, value: .amount}))};

def report_month: $lookup.month[0:7];
