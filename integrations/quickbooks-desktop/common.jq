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
def sales_details($single; $group): ((.[$single] // []) + [(.[$group] // [])[] | (.[$single] // [])[]]);

def class_refs: if .ClassRef.ListID == null then [] else [ref(.ClassRef.ListID; .ClassRef.FullName)] end;

def price($amount; $quantity):
  (.Rate // .Cost | num) as $price
  | if $price != null then $price elif $quantity == 0 then $amount else ddiv($amount; $quantity; 7) end;

# Subtotals and words have no amount, and say nothing of money.
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
          | {amount: 0, links: [{type: $type, id: $id, amount: ($credit | dneg)}, {type: "CreditNote", id: .TxnID, amount: $credit}], allocatedOnDate: $on})]
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

# The rows of a report that are accounts' own, each with its account and amount; headings and their totals are left out. Rows that
# are no account's are results that QuickBooks calculates.
def report_rows:
  ($lookup.accounts // []) as $accounts
  # A report without a row has an empty element, which is an empty text.
  | [(.ReportData | if type == "object" then .DataRow // [] else [] end)[]
      | (.ColData // []) as $cells
      | (first($cells[] | select(."@colID" == "2") | ."@value") // "0" | num // 0) as $amount
      | (first($cells[] | select(."@colID" == "1") | ."@value") // "") as $label
      | (if .RowData."@rowType" == "account" then .RowData."@value" else null end) as $name
      | (if $name == null then null else first($accounts[] | select(.FullName == $name)) // error("the report has an account «\($name)», which the list of accounts doesn't have") end) as $account
      | {id: $account.ListID, name: ($name // $label), kind: $account.AccountType, amount: $amount}];

def section($name; $kinds): [.[] | select(.kind as $kind | $kinds | any(. == $kind))] as $rows
  | {name: $name, value: ($rows | map(.amount) | dsum), items: ($rows | map({accountId: .id, name: .name, value: .amount}))};

# The platform's own total, which the sum of the rows must be.
def report_month: $lookup.month[0:7];
