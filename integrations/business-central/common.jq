# Shared by the maps of this folder. Nothing is null here: an empty text, the year 1 and an id of noughts mean that there is nothing.
# Amounts are numbers in the document's currency, and dates are texts.

def blank: if . == "" then null else . end;

def joined($by): map(select(. != null and . != "")) | if length == 0 then null else join($by) end;

def day: if . == null or . == "" or startswith("0001-") then null else .[0:10] | date("%Y-%m-%d") end;

def instant: if . == null or . == "" or startswith("0001-") then null else . end;

def guid: if . == "" or . == "00000000-0000-0000-0000-000000000000" then null else . end;

# A word of an enum. OData writes what can't stand in a name with its code, as in `In_x0020_Review`.
def word:
  if . == null then null
  else split("_x0020_") | join(" ") | split("_x002D_") | join("-") | split("_x002F_") | join("/") | trim | blank
  end;

def modified: .lastModifiedDateTime | instant;

def address($type):
  {
    type: $type,
    line1: (.addressLine1 | blank),
    line2: (.addressLine2 | blank),
    city: (.city | blank),
    region: (.state | blank),
    country: (.country | blank),
    postalCode: (.postalCode | blank)
  }
  | if [.line1, .line2, .city, .region, .country, .postalCode] | all(. == null) then [] else [.] end;

def customer: (.customerId | guid) as $id | if $id == null then null else {id: $id, companyName: (.customerName | blank)} end;

def supplier: (.vendorId | guid) as $id | if $id == null then null else {id: $id, supplierName: (.vendorName | blank)} end;

# Customers and suppliers that are blocked for everything.
def contact_status: if (.blocked | word) == "All" then "Archived" else "Active" end;

# The values of dimensions, which are the options of tracking categories.
def tracked: [(.dimensionSetLines // [])[] | ref(.valueId | guid; .valueDisplayName | blank) | select(. != null)];

def tracking:
  tracked as $refs
  | if ($refs | length) == 0 then {}
    else {
      trackingCategoryRefs: $refs,
      tracking: {categoryRefs: $refs, isBilledTo: "NotApplicable", isRebilledTo: "NotApplicable"}
    } end;

# The decimals of a currency; without a code it is the company's own.
def places($code): currency_exponent(($code // "" | blank) // $lookup.home // "USD") // 2;

# A discount without its tax, in the share that the tax has of an amount. Prices that hold their tax have discounts that hold it.
def untaxed($document; $net; $gross):
  if . == null or $document.pricesIncludeTax != true or $net == null or ($gross // 0) == 0 then .
  else ddiv(dmul(.; $net); $gross; places($document.currencyCode)) end;

# The discount on the whole document, by its lines' parts of it: each may have another tax. If they aren't known, by the document's own sums.
def whole_discount($lines):
  . as $document
  | .discountAmount as $discount
  | ($lines // []) as $lines
  | if $discount == null then null
    elif ($lines | length) > 0 and dsub($lines | map(.invoiceDiscountAllocation // 0) | dsum; $discount) == 0
    then [$lines[] | . as $line | .invoiceDiscountAllocation // 0 | untaxed($document; $line.netAmount; $line.netAmountIncludingTax)] | dsum
    else $discount | untaxed($document; $document.totalAmountExcludingTax; $document.totalAmountIncludingTax) end;

# The net amounts are after the discount on the whole document, so that the lines add up to it.
def line($price; $document):
  {
    description: ([.description, .description2] | joined(" ")),
    unitAmount: ($price // 0),
    quantity: (.quantity // 0),
    discountAmount: (.netAmount as $net | .netAmountIncludingTax as $gross | .discountAmount | untaxed($document; $net; $gross)),
    discountPercentage: .discountPercent,
    subTotal: .netAmount,
    taxAmount: .netTaxAmount,
    totalAmount: .netAmountIncludingTax
  } + {
    accountRef: ref(.accountId | guid; null),
    itemRef: ref(.itemId | guid; null),
    taxRateRef: (if (.taxCode | blank) == null then null else {id: .taxCode, effectiveTaxRate: .taxPercent} end)
  };

def sales_lines($lines): . as $document | [($lines // [])[] | line(.unitPrice; $document) + tracking];

def purchase_lines($lines): . as $document | [($lines // [])[] | line(.unitCost; $document) + {unitOfMeasurement: (.unitOfMeasureCode | blank)} + tracking];

# A document that was canceled, and the one that it was canceled with, undo each other: neither counts.
def settled_status($open): one_of({
  "Draft": "Draft", "In Review": "Draft", "Open": $open, "Paid": "Paid", "Canceled": "Void", "Corrective": "Void"
});

def order_status: .status | word | one_of({"Draft": "Draft", "In Review": "Draft", "Open": "Open"});

def ship_to:
  ({addressLine1: .shipToAddressLine1, addressLine2: .shipToAddressLine2, city: .shipToCity, state: .shipToState, country: .shipToCountry, postalCode: .shipToPostCode}
   | address("Delivery")) as $address
  | ([.shipToContact, .shipToName] | map(blank | select(. != null)) | .[0]) as $name
  | if ($address | length) == 0 then null
    else {address: $address[0], contact: (if $name == null then null else {name: $name} end)} end;

# A trial balance's amounts are texts with commas, and without their signs.
def size: if . == null or . == "" then "0" else split(",") | join("") end | decimal;

# The rows of postings with the accounts' categories.
def balances:
  ($lookup.accounts // [] | map({key: .id, value: .}) | from_entries) as $accounts
  | map(select((.accountType | word) == "Posting") | $accounts[.accountId] as $account | {
      id: .accountId,
      number: .number,
      name: (.display | blank),
      category: ($account.category | word),
      balance: dsub(.balanceAtDateDebit | size; .balanceAtDateCredit | size),
      debit: (.totalDebit | size),
      credit: (.totalCredit | size)
    });

# Refuses a report in which an amount has no place, or debits aren't credits: it would be told wrongly.
def whole(amount; $what):
  ([.[] | select(.category == null) | . as $row | select(($row | amount) != 0) | .number]) as $lost
  | if ($lost | length) > 0
    then error("accounts without a category have \($what): \($lost[:5] | join(", ")). Give them one in the chart of accounts of Business Central")
    else . end
  | (map(amount) | dsum) as $odd
  | if $odd != 0 then error("the trial balance's \($what) add up to \($odd), and not to nought") else . end;

def section($name; $category; amount):
  [.[] | select(.category == $category) | {accountId: .id, name, value: amount} | select(.value != 0)] as $items
  | {name: $name, value: ($items | map(.value) | dsum), items: $items};

def nothing($name): {name: $name, value: 0, items: []};

# Rows of the Analytics API are details of the customers' ledger or of the suppliers'. Most are looked at and not taken: nothing is made of them.
def of_entry: .cleEntryNo // .vleEntryNo;

def of_detail: .dcleEntryNo // .dvleEntryNo;

def applier: .dcleAppliedCustLedgerEntryNo // .dvleAppliedVendLedgerEntryNo;

# In the company's currency.
def local: .dcleAmountLCY // .dvleAmountLCY;

def is_of_type($type): (.dcleEntryType // .dvleEntryType | word) == $type;

# A detail's amount in its entry's currency; null if it isn't known.
def in_currency($code):
  if ($code | blank) == null or $code == $lookup.home then local
  else of_detail as $detail | first(($lookup.details // [])[] | select(.entryNumber == $detail) | .amount) // null end;

# Their sum; null if one isn't known.
def sum_in($code): map(in_currency($code)) | if any(. == null) then null else dsum end;

# What is left of an open document, from the details of the entries that are open; null if they aren't known, or are in a currency whose amounts aren't.
# $kind is the ledger's word for the document.
def left($kind; $sign):
  .number as $number
  | .currencyCode as $currency
  | first(($lookup.open // [])[] | select((.dcleDocumentNo // .dvleDocumentNo) == $number and is_of_type("Initial Entry") and ((.dcleDocumentType // .dvleDocumentType) | word) == $kind) | of_entry) // null
  | if . == null then null
    else
      . as $entry
      | [$lookup.open[] | select(of_entry == $entry)] | sum_in($currency)
      | if . != null and $sign < 0 then dneg else . end
    end;

# An open document of which a part is used.
def used_status($left): if $left != null and $left != .totalAmountIncludingTax then "PartiallyPaid" else null end;

# The record that an entry is of.
def linked($types):
  .documentNumber as $number
  | ($types[.documentType | word | . // ""] // {type: "Other"}) as $as
  | {
      type: $as.type,
      id: (if $as.documents == null then (if $as.own == true then .entryNumber | tostring else null end)
           else first($as.documents[] | select(.number == $number) | .id) // null end)
    };

def ledger_entry($number): first(($lookup.entries // [])[] | select(.entryNumber == $number)) // null;

# Entries that one entry was applied to, as {other, own, theirs, local}: the amounts in the payment's currency and in the other entry's, and what the
# other's are in the company's. An entry that applies itself to several has one detail for all of them (the code that posts adds up those of one entry,
# type, day and document), and each of the others has its own; all have the number of the entry that applies. Taking an application back adds the same
# details with the other signs. Null if one of the amounts isn't known, or the two sides don't cancel each other in the company's currency: then rows are missing.
def applied_to($number; $code; $applier; $rows):
  ($rows | map(select(of_entry == $applier))) as $one
  | ($rows | map(select(of_entry != $applier))) as $many
  | ($many | map(local) | dsum) as $all
  | if ($one | length) == 0 or ($many | length) == 0 or ($one + $many | map(local) | dsum) != 0 then null
    elif $applier != $number then
      # The payment is one of those that something else was applied to.
      ledger_entry($applier) as $other
      | ($many | map(select(of_entry == $number))) as $own
      | ($own | map(local) | dsum) as $part
      | ($own | sum_in($code)) as $own
      | (if $other == null or $own == null then null
         elif ($other.currencyCode | blank) == ($code | blank) then $own | dneg
         elif ($other.currencyCode | blank) == null or $other.currencyCode == $lookup.home then $part | dneg
         elif $part == $all then $one | sum_in($other.currencyCode)
         elif $all == 0 then null
         else ($one | sum_in($other.currencyCode)) as $sum | if $sum == null then null else ddiv(dmul($sum; $part); $all; places($other.currencyCode)) end
         end) as $theirs
      | if $theirs == null then null else [{other: $other, own: $own, theirs: $theirs, local: ($part | dneg)}] end
    else
      [$many | group_by(of_entry)[]
       | ledger_entry(.[0] | of_entry) as $other
       | (map(local) | dsum) as $local
       | (if $other == null then null else sum_in($other.currencyCode) end) as $theirs
       | {$other, $theirs, $local, own: (
           if $theirs == null then null
           elif ($other.currencyCode | blank) == ($code | blank) then $theirs | dneg
           elif ($code | blank) == null or $code == $lookup.home then $local | dneg
           else null end)}] as $parts
      | ($one | sum_in($code)) as $sum
      # Those in another currency share what is left of the payment's own amount by what they are in the company's; the last one has the rest.
      | ($parts | map(select(.own == null))) as $shared
      | if $sum == null or ($parts | any(.theirs == null)) then null
        elif ($shared | length) == 0 then $parts
        else
          dsub($sum; $parts | map(.own | select(. != null)) | dsum) as $rest
          | ($shared | map(.local) | dsum) as $of
          | [$shared[:-1][] | .own = (if $of == 0 then 0 else ddiv(dmul($rest; .local); $of; places($code)) end)] as $first
          | ($parts | map(select(.own != null))) + $first + [$shared[-1] | .own = dsub($rest; $first | map(.own) | dsum)]
        end
    end;

# The parts of a posted payment by what it was applied to; the rest is on account. If what it was applied to isn't known, or isn't wholly known, there is
# one part and no links: a company may limit the days of which the Analytics API reports, and then the rest may be anything.
def parts($amount; $sign; $types):
  def way: if $sign < 0 then dneg else . end;
  .entryNumber as $number
  | .currencyCode as $code
  | (if $lookup.applications == null or $lookup.entries == null or $lookup.details == null then null
     elif ([$lookup.posted // [] | .[] | select(of_entry == $number)] | any(is_of_type("Initial Entry")) | not) then null
     else
       ([$lookup.applications[] | select(of_entry == $number) | select(is_of_type("Application")) | applier] | unique) as $appliers
       | [$lookup.applications[] | select(applier as $at | $appliers | any(. == $at)) | select(is_of_type("Application"))] as $rows
       | [$appliers[] | . as $applier | applied_to($number; $code; $applier; $rows | map(select(applier == $applier)))]
       | if any(. == null) then null
         else
           add // []
           | group_by(.other.entryNumber)
           | map(
               .[0].other as $other
               | (map(.own) | dsum | way) as $own
               | (map(.theirs) | dsum | way) as $theirs
               | select($own != 0 or $theirs != 0)
               | {amount: $own, links: [($other | linked($types)) + {amount: $theirs}
                   # In another currency than the payment's: units of the company's for one of it.
                   + (if ($other.currencyCode | blank) == ($code | blank) or $theirs == 0 then {} else {currencyRate: ddiv(map(.local) | dsum | way; $theirs; 9)} end)]}
             )
         end
     end) as $applied
  | if $applied == null then [{amount: $amount}]
    else
      dsub($amount; $applied | map(.amount) | dsum) as $rest
      | $applied + (if $rest == 0 then [] else [{amount: $rest, links: [{type: "PaymentOnAccount", amount: ($rest | dneg)}]}] end)
    end;

# Units of the company's currency for one of a payment's, from the two amounts with which it was posted. The amounts of its entry change with gains and
# losses of the currency.
def posted_rate($foreign):
  if $foreign == null or $foreign == $lookup.home then 1
  else
    .entryNumber as $number
    | first(($lookup.posted // [])[] | select(of_entry == $number) | select(is_of_type("Initial Entry"))) // null
    | if . == null then null
      else in_currency($foreign) as $amount | if ($amount // 0) == 0 then null else ddiv(local; $amount; 9) end
      end
  end;

# A posted payment.
def entry($amount; $sign; $types):
  (.currencyCode | blank) as $foreign
  | {
      id: (.entryNumber | tostring),
      totalAmount: $amount,
      currency: ($foreign // $lookup.home),
      currencyRate: posted_rate($foreign),
      date: (.postingDate | day),
      reference: ([.documentNumber, .externalDocumentNumber] | joined("; ")),
      note: (.description | blank)
    } + {
      accountRef: (
        .balancingAccountNumber as $number
        | (.balancingAccountType | word) as $type
        | (if $type == "Bank Account" then $lookup.banks elif $type == "G/L Account" then $lookup.accounts else [] end) as $known
        | first(($known // [])[] | select(.number == $number) | ref(.id; .displayName | blank)) // null
      ),
      lines: parts($amount; $sign; $types),
      sourceModifiedDate: modified
    };

# The rows of one bank account and one document are those of the bank and, if a line of a journal names the two accounts, those against it: they
# all say the bank's name. The bank's own account is the one that stands alone in other documents, or else the only one of the balance sheet.
def of_bank:
  map(select((.sourceType | word) == "Bank Account"))
  | (map(.accountNumber) | unique) as $here
  | if ($here | length) < 2 then .
    else
      .[0].sourceNumber as $bank
      # Of the oldest document that was read, there may be further rows.
      | ($lookup.ledger // [] | if length < 5000 then . else (last | [.documentNumber, .postingDate]) as $oldest | map(select([.documentNumber, .postingDate] != $oldest)) end
         | map(select((.sourceType | word) == "Bank Account" and .sourceNumber == $bank))) as $rows
      | ($rows | group_by([.documentNumber, .postingDate]) | map(map(.accountNumber) | unique) | map(select(length == 1) | .[0]) | unique) as $alone
      | [$here[] | select(. as $number | $alone | any(. == $number))] as $known
      | [$here[] | select(. as $number | ($lookup.accounts // []) | any(.number == $number and ((.category | word) as $is | $is == "Assets" or $is == "Liabilities")))] as $possible
      | (if ($known | length) == 1 then $known[0]
         elif ($possible | length) == 1 then $possible[0]
         else error("the ledger doesn't show which of the accounts \($here | join(", ")) is that of the bank account \($bank), so that its movement in \(.[0].documentNumber) of \(.[0].postingDate) isn't known")
         end) as $own
      | map(select(.accountNumber == $own))
    end;

def bank_of: .sourceNumber as $number | first(($lookup.banks // [])[] | select(.number == $number)) // null;
