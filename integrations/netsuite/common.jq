# Shared by the maps of this folder. Every value is a text, a number too, and what is null is left out. Transactions are rows of a join: one
# for each line, with the transaction's own columns repeated; the main line is what the customer or supplier owes, or the money itself.

def blank: if . == "" then null else . end;

def num: if . == null or . == "" then null else decimal end;

def size: num | if . == null then null elif . < 0 then dneg else . end;

def day: blank | if . == null then null else .[0:10] | date("%Y-%m-%d") end;

# A time without its zone, which is the account's own.
def instant: blank | if . == null then null else split(" ") | join("T") end;

def yes: . == "T";

def joined($by): map(select(. != null and . != "")) | if length == 0 then null else join($by) end;

# What the platform tells of the company's currency; the account may not tell it at all.
def home: $lookup.home | blank;

def currency: (.currency | blank) // home;

# Units of the company's currency for one of the document's.
def rate: .exchangerate | num;

def customer: if (.entity | blank) == null then null else {id: .entity, companyName: (.entityname | blank)} end;

def supplier: if (.entity | blank) == null then null else {id: .entity, supplierName: (.entityname | blank)} end;

def account: ref(.account | blank; .accountname | blank);

def status: if .isinactive | yes then "Archived" else "Active" end;

# Departments, classes and locations number themselves each from 1.
def tracked:
  [{kind: "department", id: .department, name: .departmentname}, {kind: "class", id: .class, name: .classname}, {kind: "location", id: .location, name: .locationname}]
  | map(select((.id | blank) != null) | ref("\(.kind)-\(.id)"; .name | blank));

def main: first(.[] | select(.mainline | yes)) // .[0];

# True if the main line of a usual document of this type is a debit, false if it is a credit; null for orders, whose postings are made up.
def is_debit: {CustInvc: true, CashSale: true, VendCred: true, CardRfnd: true, VendBill: false, CustCred: false, CashRfnd: false, Check: false, CardChrg: false}[.];

# True if a document is below zero: its main line stands on the other side than its type's does.
def is_below: (.type | is_debit) as $debit | (.foreignamount | num // 0) as $owed | $debit != null and $owed != 0 and ($owed > 0) != $debit;

# The lines' signs are those of debits and credits: turned so that a usual document's usual lines are above zero.
def turned:
  main as $main
  | ($main.foreignamount | num // 0) as $owed
  | ($main.type | is_debit) as $debit
  | (if $debit != null then $debit else $owed > 0 or ($owed == 0 and $main.type == "SalesOrd") end) as $back
  | map(select(.mainline | yes | not) | .amount = (.foreignamount | num // 0 | if $back then dneg else . end));

# The transaction of rows: its lines without taxes, its taxes, and its totals.
def document:
  main as $main
  | ($main | is_below) as $below
  | def whole: size | if $below then dneg else . end;
    turned as $lines
  | ($lines | map(select(.taxline | yes | not))) as $details
  | ($lines | map(select(.taxline | yes) | .amount) | dsum) as $tax
  | {
      main: $main,
      lines: $details,
      net: ($details | map(.amount) | dsum),
      tax: $tax,
      total: (($main.foreigntotal | whole) // ($main.foreignamount | whole)),
      due: ($main.foreignamountunpaid | whole)
    };

# A price may be a percentage, of a discount.
def price: .rate as $rate | if ($rate | blank) == null or ($rate | endswith("%")) then null else $rate | size end;

def line:
  (.quantity | size) as $given
  | (if $given == null or $given == 0 then 1 else $given end) as $quantity
  | .amount as $amount
  | (price | if . == null or $amount < 0 then null else . end) as $price
  | {
      description: (.linememo | blank),
      quantity: $quantity,
      unitAmount: ($price // ddiv($amount; $quantity; 7)),
      subTotal: $amount
    } + {
      accountRef: account,
      itemRef: ref(.item | blank; .itemname | blank)
    };

def refs: tracked as $refs | if ($refs | length) == 0 then {} else {trackingCategoryRefs: $refs} end;

def tracking:
  tracked as $refs
  | if ($refs | length) == 0 then {}
    else {trackingCategoryRefs: $refs, tracking: {categoryRefs: $refs, isBilledTo: "NotApplicable", isRebilledTo: "NotApplicable"}} end;

def record_refs: tracked as $refs | if ($refs | length) == 0 then {} else {tracking: {recordRefs: ($refs | map({id, dataType: "trackingCategories"}))}} end;

# Words for a status are in the language of the role: what is posted, voided and left decides.
def settled($open; $total; $due):
  if .voided | yes then "Void"
  elif .posting == "F" then "Draft"
  elif $due == null then $open
  elif $due == 0 then "Paid"
  elif $due == $total then $open
  else "PartiallyPaid" end;

def note: [.memo, .otherrefnum] | joined("; ");

# What is left of a credit; null if it isn't told.
def left($total): (.applied | size) as $used | if $total == null or (has("applied") | not) then null else dsub($total; $used // 0) end;

def credit_status($total; $left):
  if .voided | yes then "Void"
  elif .posting == "F" then "Draft"
  elif $left == null or $left == $total then "Submitted"
  elif $left == 0 then "Paid"
  else "PartiallyPaid" end;

# The word of a transaction's type that a payment may be set against. What a customer paid too much is on account, and a refund of it takes it from there.
def link_type($document):
  {CustInvc: "Invoice", VendBill: "Bill", CustCred: "CreditNote", VendCred: "CreditNote", Journal: "ManualJournal",
   CustDep: "PaymentOnAccount", VPrep: "PaymentOnAccount", CustPymt: "PaymentOnAccount", VendPymt: $document, CashRfnd: "Refund"}[.] // "Other";

# A payment by its rows, of which each has one thing that it was set against. $sign is that of the money's usual direction, and null if no
# money moves. One that was voided moved none in the end: a journal beside it takes it back.
def payment($sign; $own):
  .[0] as $first
  | (if $first.voided | yes then 0 else $first.foreigntotal | size // 0 end) as $size
  | (if $sign == null then 0 elif $sign < 0 then $size | dneg else $size end) as $total
  | [.[] | select((.previousdoc | blank) != null) | {type: (.previoustype // "" | link_type($own)), id: .previousdoc, amount: (.applied | num // 0)}] as $links
  # The side of the links is the documents'; a journal on the other side lowers what is to be paid.
  | (first($links[] | select(.type != "ManualJournal" and .amount != 0) | .amount) // first($links[] | select(.amount != 0) | .amount) // 0 | . < 0) as $back
  | ($links | map(if $back then .amount |= dneg else . end)) as $applied
  | ($applied | map(.amount) | dsum) as $used
  # Money back takes a credit away; money in takes a debt away.
  | (if ($first.linked | yes | not) then [{amount: $total}]
     elif $sign == null then [{amount: 0, links: ([$applied[] | {type, id, amount: (.amount | dneg)}] + [{type: "PaymentOnAccount", amount: $used}])}]
     else
       [$applied[] | (if $sign < 0 then .amount | dneg else .amount end) as $amount | {amount: $amount, links: [{type, id, amount: ($amount | dneg)}]}]
       + (dsub($size; $used) as $rest
          | (if $sign < 0 then $rest | dneg else $rest end) as $amount
          # More was settled than was paid: a discount was given. Less: the rest is on account.
          | (if $rest >= 0 then "PaymentOnAccount" elif $sign > 0 then "Discount" else "Other" end) as $type
          | if $rest == 0 then [] else [{amount: $amount, links: [{type: $type, amount: ($amount | dneg)}]}] end)
     end) as $lines
  | $first
  | (.trandate | day) as $on
  | {
      id: .id,
      totalAmount: $total,
      currency: currency,
      currencyRate: rate,
      date: $on,
      reference: (.tranid | blank),
      note: note
    } + {
      accountRef: account,
      lines: (if .voided | yes then [] else $lines | map(.allocatedOnDate = $on) end),
      sourceModifiedDate: (.modified | instant)
    };

# Money spent or received at once; a refund is below zero. What was voided moved no money in the end: a journal beside it takes it back.
def at_once($contact; $refunds):
  document as $whole
  | (if $whole.main.voided | yes then $whole | .lines = [] | .net = 0 | .tax = 0 | .total = 0 else $whole end) as $document
  | $document.main
  | (.type as $type | $refunds | any(. == $type)) as $back
  | def way: if $back then dneg else . end;
  (.trandate | day) as $day
  | currency as $currency
  | if $currency == null then error("the account tells no currency: NetSuite tells it where several currencies or subsidiaries are in use") else . end
  | ($document.total | way) as $total
  | {
      id: .id,
      reference: (.tranid | blank),
      note: note,
      issueDate: $day,
      currency: $currency,
      currencyRate: rate,
      contactRef: (if (.entity | blank) == null then null else {id: .entity, dataType: $contact} end)
    } + {
      lineItems: [$document.lines[] | .amount = (.amount | way) | line + refs],
      paymentAllocations: [{
        payment: {id: .id, accountRef: account, currency: $currency, paidOnDate: $day, totalAmount: $total},
        allocation: {currency: $currency, allocatedOnDate: $day, totalAmount: $total}
      }]
    } + {
      subTotal: ($document.net | way),
      taxAmount: ($document.tax | way),
      totalAmount: $total,
      sourceModifiedDate: (.modified | instant)
    };

# Statements are sums of the ledger by account, debits above zero.
def rows: (if .hasMore == true then error("there are more than 1,000 accounts") else . end) | [.items[] | .amount = (.amount | num // 0)];

# Refuses statements of months that aren't the account's: they would have another month's amounts.
def whole_months:
  if ($lookup.odd | num // 0) > 0
  then error("the account has \($lookup.odd) accounting periods that aren't within one calendar month each: statements of months can't be made of them")
  else . end;

def section($name; $types; $sign):
  [.[] | .accttype as $type | select($types | any(. == $type)) | {accountId: .id, name: (.fullname | blank), value: (if $sign < 0 then .amount | dneg else .amount end)} | select(.value != 0)] as $items
  | {name: $name, value: ($items | map(.value) | dsum), items: $items};

# The billing address of a customer or supplier.
def address:
  {
    type: "Billing",
    line1: (.addr1 | blank),
    line2: ([.addr2, .addr3] | joined(", ")),
    city: (.city | blank),
    region: (.state | blank),
    country: (.country | blank),
    postalCode: (.zip | blank)
  }
  | if [.line1, .line2, .city, .region, .country, .postalCode] | all(. == null) then [] else [.] end;

# What a transaction moves on each of its accounts, from its postings to bank accounts and cards, in the company's currency. A transaction that was voided
# has no amounts left, or a journal beside it that takes them back: each counts as it stands.
def account_movements:
  group_by(.account)[]
  | .[0] as $first
  | map({description: (.linememo | blank), amount: (.amount | num // 0)}) as $lines
  | {
      id: "\($first.id)-\($first.account)",
      transactionId: $first.id,
      note: ([$first.tranid, $first.memo] | joined(": ")),
      bankAccountRef: ($first | account),
      date: ($first.trandate | day),
      status: (if $lines | all(.amount == 0) then "Void" else "Unknown" end),
      currency: home
    } + {
      lines: $lines,
      totalAmount: ($lines | map(.amount) | dsum),
      sourceModifiedDate: ($first.modified | instant)
    };
