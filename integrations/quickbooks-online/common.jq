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

def voided: (.PrivateNote // "" | startswith("Voided")) and ((.TotalAmt // 0) == 0);

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

# One line of a payment for each document that it settles, and one for the rest. A document that lowers the sum to pay
# (a credit note) counts below zero, so that the lines add up to the total.
def payment_lines($words; $credit; $unapplied):
  (.TxnDate | day) as $on
  | ([(.Line // [])[] | .Amount as $amount | ((.LinkedTxn // []) | if length == 0 then [{}] else . end)[0] as $txn | {
      txn: $txn,
      amount: (if $txn.TxnType == $credit then $amount | dneg else $amount end)
    }] | map({
      amount: .amount,
      links: [{
        type: (.txn.TxnType | if . == null then "Unlinked" else one_of($words) end),
        id: .txn.TxnId,
        amount: (.amount | dneg)
      }],
      allocatedOnDate: $on
    }))
  + (if $unapplied == null or $unapplied == 0 then []
     else [{amount: $unapplied, links: [{type: "PaymentOnAccount", amount: ($unapplied | dneg)}], allocatedOnDate: $on}] end);

# Reports are nested tables: a section has rows, and a summary of them; each column but the first is a month, and a last
# one may be the total.
def month_columns: [.Columns.Column[] | (.MetaData // [] | map(select(.Name == "StartDate" or .Name == "EndDate")) | map({(.Name): .Value}) | add // {})];

def amount_at($column): .[$column].value | if . == null or . == "" then "0" else . end | decimal;

# A row as a line of a statement, with its parts.
def statement_line($column):
  if .type == "Section" or .Rows != null then
    (.Header.ColData // .Summary.ColData // []) as $head
    | ((.Rows.Row // []) | map(statement_line($column))) as $items
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
  else .ColData as $cells | {accountId: $cells[0].id, name: $cells[0].value, value: ($cells | amount_at($column))}
  end;

# The rows with a group's word, at any depth.
def grouped($word): [.Rows | .. | objects | select(.group == $word)] | .[0];

def group_line($word; $name; $column):
  grouped($word) as $row
  | if $row == null then {name: $name, value: 0, items: []}
    else ($row | statement_line($column)) as $line
    | ($row.Summary.ColData // [] | if length > $column then amount_at($column) else null end) as $stated
    | if $stated != null and dsub($stated; $line.value) != 0
      then error("\($word) is \($stated), and its parts add up to \($line.value)")
      else $line + {name: $name} end
    end;

# A total that differs from the report's own was misread: an error is better than a wrong total.
def agree($word; $column; $sum):
  (grouped($word).Summary.ColData // []) as $cells
  | if ($cells | length) <= $column then .
    elif dsub($cells | amount_at($column); $sum) == 0 then .
    else error("\($word) is \($cells | amount_at($column)), and its parts add up to \($sum)") end;

# A movement of a bank account. Documents of different kinds may share a number.
def movement($kind; $account; $amount; $lines): {
  id: "\($kind)-\(.Id)",
  transactionId: .Id,
  note: (.PrivateNote | blank),
  bankAccountRef: ($account | to_ref),
  date: (.TxnDate | day),
  status: (if voided then "Void" else "Unknown" end),
  currency: .CurrencyRef.value,
  currencyRate: .ExchangeRate
} + {
  lines: $lines,
  totalAmount: $amount,
  sourceModifiedDate: modified
};

# The document's lines as parts of a movement; the sum of the rest (tax, discounts) is a line of its own.
def movement_lines($out):
  (if .TotalAmt == null then null elif $out then .TotalAmt | dneg else .TotalAmt | decimal end) as $total
  | [.Line | flat | select(.Amount != null and .DetailType != "SubTotalLineDetail" and .DetailType != "DiscountLineDetail")
     | {description: (.Description | blank), amount: (if $out then .Amount | dneg else .Amount end)}] as $lines
  | ($lines | map(.amount) | dsum) as $sum
  | $lines + (if $total == null or dsub($total; $sum) == 0 then [] else [{description: "Tax, discounts and the like", amount: dsub($total; $sum)}] end);
