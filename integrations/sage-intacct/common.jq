# Shared by the maps of this folder. A row of a query has its members under dotted names, those of what it belongs to as well; a document is the
# rows of its lines. Amounts are texts.

def blank: if . == "" then null else . end;

def num: if . == null or . == "" then null else decimal end;

def size: num | if . == null then null elif . < 0 then dneg else . end;

def day: blank | if . == null then null else .[0:10] | date("%Y-%m-%d") end;

def joined($by): map(select(. != null and . != "")) | if length == 0 then null else join($by) end;

def status: if .status == "inactive" then "Archived" elif .status == null then "Unknown" else "Active" end;

def modified: .["audit.modifiedDateTime"] | blank;

# A reference by the platform's key, which nothing changes.
def link($of): .["\($of).key"] as $key | .["\($of).name"] as $name | ref($key | blank; $name | blank);

def customer($of): link($of) | if . == null then null else {id, companyName: .name} end;

def supplier($of): link($of) | if . == null then null else {id, supplierName: .name} end;

def account: link("glAccount");

# A bank account by its ID, which payments name it by.
def bank($of): ref(.["\($of).id"] | blank; .["\($of).name"] | blank);

# Departments, classes and locations number themselves each from 1.
def tracked: . as $row | [("department", "class", "location") | . as $kind | $row | link("dimensions.\($kind)") | select(. != null) | .id = "\($kind)-\(.id)"];

def refs: tracked as $refs | if ($refs | length) == 0 then {} else {trackingCategoryRefs: $refs} end;

def tracking:
  tracked as $refs
  | if ($refs | length) == 0 then {}
    else {trackingCategoryRefs: $refs, tracking: {categoryRefs: $refs, isBilledTo: "NotApplicable", isRebilledTo: "NotApplicable"}} end;

def record_refs: tracked as $refs | if ($refs | length) == 0 then {} else {tracking: {recordRefs: ($refs | map({id, dataType: "trackingCategories"}))}} end;

# The rows of a document: its lines without taxes, what they come to, and the tax. It is that of the rows that are taxes; if there are none, as in
# countries with VAT, the rest of the whole, as far as that can be a tax. Else the sums don't add up, and that is found. Credits are below zero at
# the platform, and turned.
def document($whole; amount; is_tax; $turned):
  def way: if $turned then dneg else . end;
  [.[] | .amount = (amount | num // 0 | way)] as $rows
  | [$rows[] | select(is_tax | not)] as $lines
  | [$rows[] | select(is_tax) | .amount] as $taxes
  | ($lines | map(.amount) | dsum) as $net
  | ($whole | way) as $total
  | dsub($total; $net) as $rest
  | (($rest >= 0 and $rest <= $net) or ($rest <= 0 and $rest >= $net)) as $may_be_tax
  | {
      lines: $lines,
      net: $net,
      tax: (if ($taxes | length) > 0 then $taxes | dsum elif $may_be_tax then $rest else dsub($net; $net) end),
      total: $total
    };

# Documents of the ledgers of customers and suppliers have amounts, and neither quantities nor prices.
def line:
  {
    description: (.memo | blank),
    quantity: 1,
    unitAmount: .amount,
    subTotal: .amount
  } + {
    accountRef: account,
    itemRef: link("dimensions.item")
  };

# A document that was reversed is void, and the one that reversed it no document of its own.
def settled($state; $open; $total; $due):
  if $state == "reversed" then "Void"
  elif ["draft", "submitted", "partiallyApproved", "declined", "analyzing"] | any(. == $state) then "Draft"
  elif $state == "paid" or $due == 0 then "Paid"
  elif $due == null or $due == $total then $open
  else "PartiallyPaid" end;

def is_reversal($state): $state == "reversal";

# What a payment takes away from something, and what it uses up for it besides money.
def applied($target; $credits; $money):
  ($credits | map(.amount) | dsum) as $credited
  | {amount: $money, links: ([$target + {amount: (dadd($money; $credited) | dneg)}] + $credits)};

def credit($type; $id; $amount): if $amount == null or $amount == 0 then empty else {type: $type, id: $id, amount: $amount} end;

# A payment by its details, of which each has one thing that it was set against; the rest is on account. Details of more than the payment are the
# platform's contradiction, which is found. A payment that was taken back moved no money in the end.
def payment($total; lines_of; $void):
  [.[] | lines_of | select(.amount != 0 or (.links | length) > 1)] as $lines
  | ($lines | map(.amount) | dsum) as $used
  | (if $total == null then $used else $total end) as $whole
  | dsub($whole; $used) as $rest
  | {
      totalAmount: (if $void then 0 else $whole end),
      lines: (if $void then [] else $lines + (if $rest <= 0 then [] else [{amount: $rest, links: [{type: "PaymentOnAccount", amount: ($rest | dneg)}]}] end) end)
    };

# The one word that a name has of several.
def names($words): . as $text | $words | any(. as $word | $text | contains($word));

# The kind of an account's category, in Sage's words: asset, liability, equity, income, costOfRevenue, expense or other. Null if the categories may
# not be seen, or the account has none.
def kind:
  (.category | blank) as $category
  | if $category == null then null
    else first($lookup.categories // [] | .[] | select(.id == $category and .isStatistical != true and .accountType != "other") | .accountType | blank) // null end;

# The standard's kind of an account: its category's, within the statement that the account is of. Without it, the account's usual side and the
# category's name tell: what is owed before what is owned, since a loan of a bank and an obligation to retire an asset are neither.
def class:
  kind as $kind
  | .normalBalance as $side
  | (.category // "" | ascii_downcase) as $category
  | if .accountType == "incomeStatement" then
      if $kind == "income" then "Income"
      elif $kind == "costOfRevenue" or $kind == "expense" then "Expense"
      elif $side == "credit" then "Income"
      elif ($category | names(["sales", "revenue"])) and ($category | names(["cost", "expense", "marketing", "commission", "salaries"]) | not) then "Income"
      else "Expense" end
    elif $kind == "asset" then "Asset"
    elif $kind == "liability" then "Liability"
    elif $kind == "equity" then "Equity"
    elif $category | names(["accumulated", "allowance"]) then "Asset"
    elif $category | names(["payable", "obligation"]) then "Liability"
    elif $side == "credit" and ($category | names(["loan", "lease", "debt", "mortgage", "overdraft", "borrowing", "liabilit"])) then "Liability"
    elif $category | names(["equity", "capital", "stock", "retained earnings", "net assets", "fund balance", "dividend", "distribution", "comprehensive income", "contribution"]) then "Equity"
    elif $category | names(["receivable", "inventory", "cash", "bank", "asset"]) then "Asset"
    elif $side == "debit" then "Asset"
    else "Liability" end;

def is_cost_of_sales: kind as $kind | if $kind == null then .category // "" | ascii_downcase | names(["cost of"]) else $kind == "costOfRevenue" end;

def is_beside: .category // "" | ascii_downcase | names(["other income", "other expense", "interest", "gain", "income tax"]);

# Money on its way to a bank, or in a drawer, is not at one.
def is_at_no_bank: .name // "" | ascii_downcase | names(["undeposited", "petty", "clearing", "gift", "in transit", "on hand", "drawer", "till ", "float"]);

# A sum of a row, by its side.
def sum_of:
  (first(to_entries[] | select(.key | startswith("sum")) | .value) // null | num // 0) as $sum
  | if .txnType == "credit" then $sum | dneg else $sum end;

# Sums of postings by account, debits above zero. Sums that aren't by account, or are of several currencies, can't be told as one company's.
def balances:
  (if any(.[]; .["glAccount.key"] == null) then error("the sums of postings aren't by account") else . end)
  | ([.[] | .["currency.baseCurrency"] | select(. != null)] | unique) as $currencies
  | (if ($currencies | length) > 1
     then error("the entities' books are in several currencies (\($currencies | join(", "))), which don't add up: connect each entity by itself")
     else . end)
  | group_by(.["glAccount.key"])
  | map({
      key: .[0]["glAccount.key"],
      currency: .[0]["currency.baseCurrency"],
      amount: (map(sum_of) | dsum)
    });

# The address of a customer's or supplier's own contact.
def address:
  def part($name): .["contacts.default.mailingAddress.\($name)"] | blank;
  {
    type: "Billing",
    line1: part("addressLine1"),
    line2: part("addressLine2"),
    city: part("city"),
    region: part("state"),
    country: part("country"),
    postalCode: part("postCode")
  }
  | if [.line1, .line2, .city, .region, .country, .postalCode] | all(. == null) then [] else [.] end;

# Money spent or received at once, from the rows of its lines. Each kind numbers itself from 1: $kind stands before the number.
def at_once($of; $kind; $currency; $rate; $account; $party):
  .[0] as $first
  | ($first["\($of).state"]) as $state
  | "\($kind)\($first["\($of).key"])" as $id
  | if (["reversed", "reversal"] | any(. == $state)) or $first["\($of).reversedBy.key"] != null or $first["\($of).reversalOf.key"] != null then gone($id)
    else
      (($first["\($of).txnTotalEntered"] | num) // ([.[] | .txnAmount | num] | dsum)) as $whole
      | document($whole; .txnAmount; false; false) as $document
      | ($first["\($of).txnDate"] | day) as $date
      | $first
      | {
          id: $id,
          reference: ([.["\($of).txnNumber"], .["\($of).referenceNumber"]] | joined("; ")),
          note: ([$party, .["\($of).description"]] | joined(": ")),
          issueDate: $date,
          currency: $currency,
          currencyRate: $rate
        } + {
          lineItems: [$document.lines[] | .memo = .description | line + refs],
          paymentAllocations: [{
            payment: {id: $id, accountRef: $account, currency: $currency, paidOnDate: $date, totalAmount: $whole},
            allocation: {currency: $currency, allocatedOnDate: $date, totalAmount: $whole}
          }]
        } + {
          subTotal: $document.net,
          taxAmount: $document.tax,
          totalAmount: $whole,
          sourceModifiedDate: (.["\($of).audit.modifiedDateTime"] | blank)
        }
    end;

# The sums with their accounts. Money in an account that isn't known has no place.
def statement_rows:
  ($lookup.accounts // [] | map({key: .key, value: .}) | from_entries) as $accounts
  | .["ia::result"] | balances
  | map(. as $row | $accounts[.key] as $account | {key, currency, amount, account: $account})
  | ([.[] | select(.account == null and .amount != 0) | .key]) as $lost
  | (if ($lost | length) > 0 then error("accounts with postings aren't in the chart that the user may see: \($lost[:5] | join(", "))") else . end)
  | map(select(.account != null) | .class = (.account | class));

def section($name; wanted; $sign):
  [.[] | select(wanted) | {accountId: .key, name: (.account.name | blank), value: (if $sign < 0 then .amount | dneg else .amount end)} | select(.value != 0)] as $items
  | {name: $name, value: ($items | map(.value) | dsum), items: $items};

def statement_currency: first(.[] | .currency | select(. != null)) // null;

# A charge or interest of a bank account, from the rows of its lines.
def bank_fee:
  .[0] as $first
  | at_once("bankFee"; "fee-"; $first["bankFee.currency.txnCurrency"] | blank; $first["bankFee.currency.exchangeRate.rate"] | num; $first | bank("bankFee.bankAccount"); null);

# Interest comes in; everything else goes out.
def is_interest: .[0]["bankFee.txnType"] // "" | ascii_downcase | names(["interest"]);
