# Shared by the maps of this folder. Dates come as `/Date(ms+0000)/` (midnight of the books' own calendar) or as text,
# amounts as decimals in the document's currency, ids as GUIDs. A member without a value is an empty text.

# A date of the books, without a time.
def day:
  if . == null or . == "" then null
  elif startswith("/Date(") then date_of_ms_date
  else .[0:10] | date("%Y-%m-%d") end;

def instant: if . == null or . == "" then null else from_ms_date end;

def blank: if . == "" then null else . end;

# The filled-in ones of several texts, joined; null if there is none.
def joined($by): map(select(. != null and . != "")) | if length == 0 then null else join($by) end;

# A deleted record is still listed at the platform, with this status.
def gone_if($deleted): if $deleted then {isDeleted: true} else null end;

# The platform gives units of the document's currency for one of the organisation's; the standard, units of the
# organisation's for one of the document's. A draft may have no rate yet: 0.
def rate:
  if . == null then null
  elif . == 0 then null
  elif . == 1 then 1
  else ddiv(1; .; 9) end;

def phone: [.PhoneCountryCode, .PhoneAreaCode, .PhoneNumber] | joined(" ");

def phones: (. // []) | map(select((.PhoneNumber // "") != ""));

# The one to call first.
def first_phone:
  phones
  | [(.[] | select(.PhoneType == "DEFAULT")), .[]]
  | if length == 0 then null else .[0] | phone end;

def address: {
  type: (.AddressType | {POBOX: "Billing", STREET: "Delivery"}[. // ""] // "Unknown"),
  line1: (.AddressLine1 | blank),
  line2: ([.AddressLine2, .AddressLine3, .AddressLine4] | joined(", ")),
  city: (.City | blank),
  region: (.Region | blank),
  country: (.Country | blank),
  postalCode: (.PostalCode | blank)
};

# Every record has both addresses, most of them empty.
def addresses:
  (. // [])
  | map(address)
  | map(select([.line1, .line2, .city, .region, .country, .postalCode] | any(. != null)));

def person: [.FirstName, .LastName] | joined(" ");

def contact_status: one_of({ACTIVE: "Active", ARCHIVED: "Archived", GDPRREQUEST: "Archived"});

def supplier:
  if .Contact.ContactID == null then null
  else {id: .Contact.ContactID, supplierName: .Contact.Name} end;

def customer:
  if .Contact.ContactID == null then null
  else {id: .Contact.ContactID, companyName: .Contact.Name} end;

# Lines name accounts by id since 2021, items only by code: a code leads to `nominalCode`.
def account: ref(.AccountID // (.AccountCode | blank); .Name);

# A line is counted under an option; its category is the option's parent.
def trackings: (.Tracking // []) | map(ref(.TrackingOptionID // .TrackingCategoryID; .Option // .Name)) | map(select(. != null));

# The same with the customer it is billed on to, which the lines don't name.
def tracked: trackings | if length == 0 then null
  else {categoryRefs: ., isBilledTo: "NotApplicable", isRebilledTo: "NotApplicable"} end;

# True if a document's amounts have the tax in them.
def with_tax: . // "" | ascii_downcase == "inclusive";

# A line's discount without tax, as its `subTotal` is, in the currency's decimals. Of a line that nothing is left of, it
# can't be told how much of the discount was tax.
def discount($types; $currency; $net):
  (
    if .DiscountAmount != null then .DiscountAmount
    elif .DiscountRate != null and .LineAmount != null
    then dsub(dmul(.UnitAmount // 0; .Quantity // 0); .LineAmount)
    else null end
  ) as $discount
  | (.LineAmount // 0) as $amount
  | currency_exponent($currency // "") as $decimals
  | if $discount == null then null
    elif ($types | with_tax) and $amount != 0 then ddiv(dmul($discount; $net); $amount; $decimals)
    else $discount | dround($decimals) end;

# A line's amount is with or without tax, as its document says. Unit prices stay as they were typed.
def line($types; $currency):
  (.TaxAmount // (if .LineAmount == null then null else 0 end)) as $tax
  | (if $types | with_tax then dsub(.LineAmount; $tax) else .LineAmount end) as $net
  | {
      description: .Description,
      unitAmount: (.UnitAmount // 0),
      quantity: (.Quantity // 0),
      discountAmount: discount($types; $currency; $net),
      discountPercentage: .DiscountRate,
      subTotal: $net,
      taxAmount: .TaxAmount
    } + {
      totalAmount: dadd($net; $tax),
      accountRef: (if (.AccountID // .AccountCode // "") == "" then null else ref(.AccountID // .AccountCode; null) end),
      taxRateRef: (.TaxType | blank | ref(.; null)),
      itemRef: (
        if .Item.ItemID != null then {id: .Item.ItemID, name: .Item.Name}
        else .ItemCode | blank | ref(.; null) end
      )
    };

# A line of an order.
def order_line($types; $currency): line($types; $currency) + (trackings | if length == 0 then {} else {trackingCategoryRefs: .} end);

# A line of an invoice, a bill or a credit note.
def tracked_line($types; $currency): order_line($types; $currency) + {tracking: tracked};

def lines:
  .LineAmountTypes as $types
  | .CurrencyCode as $currency
  | (.LineItems // [])
  | map(tracked_line($types; $currency));

# The discounts of a document without tax: the platform's own total has the tax in it if the lines' amounts have.
def discounts:
  .LineAmountTypes as $types
  | .CurrencyCode as $currency
  | if .TotalDiscount == null or ($types | with_tax | not) then .TotalDiscount
    else [(.LineItems // [])[] | line($types; $currency).discountAmount | select(. != null)] | dsum end;

# The deduction under the construction industry's scheme.
def withheld:
  if .CISDeduction == null then null
  elif .CISDeduction == 0 then null
  else [{name: "CIS deduction", amount: .CISDeduction}] end;

# A document's total with its tax, before the deduction: some totals are after it.
def total:
  dadd(.SubTotal; .TotalTax) as $before
  | if $before != null and (.CISDeduction // 0) != 0 and dsub($before; .CISDeduction) == .Total then $before
    else .Total end;

# True if something of an invoice or a bill is settled. What is deducted isn't due, and isn't paid.
def settled_in_part:
  if .AmountPaid != null and .AmountCredited != null then dadd(.AmountPaid; .AmountCredited) != 0
  else dsub(total; .AmountDue) as $less | $less != null and $less != 0 and $less != (.CISDeduction // 0) end;

# A settlement as the document sees it.
def settled($currency; $id; $note; $reference; $total; $amount): {
  payment: {
    id: $id,
    note: $note,
    reference: ($reference | blank),
    currency: $currency,
    currencyRate: (.CurrencyRate | rate),
    paidOnDate: (.Date | day),
    totalAmount: $total
  },
  allocation: {
    currency: $currency,
    allocatedOnDate: (.Date | day),
    totalAmount: $amount
  }
};

# The settlements of an invoice or a bill: money, credit notes, and money paid before or in excess.
def settlements:
  .CurrencyCode as $currency
  | ((.Payments // []) | map(settled($currency; .PaymentID; null; .Reference; .Amount; .Amount)))
  + ((.CreditNotes // []) | map(settled($currency; .CreditNoteID; "Credit note \(.CreditNoteNumber // .CreditNoteID)"; .CreditNoteNumber; .Total; .AppliedAmount)))
  + ((.Prepayments // []) | map(settled($currency; .PrepaymentID; "Prepayment"; .Reference; .Total; .AppliedAmount)))
  + ((.Overpayments // []) | map(settled($currency; .OverpaymentID; "Overpayment"; .Reference; .Total; .AppliedAmount)));

# The uses of a credit note: documents, and money paid back.
def uses($what):
  .CurrencyCode as $currency
  | ((.Allocations // [])
    | map(select(.IsDeleted != true))
    | map(settled($currency; .Invoice.InvoiceID; "\($what) \(.Invoice.InvoiceNumber // .Invoice.InvoiceID // "")"; .Invoice.InvoiceNumber; .Invoice.Total; .Amount)))
  + ((.Payments // []) | map(settled($currency; .PaymentID; "Refund"; .Reference; .Amount; .Amount)));

# The status of an invoice, a bill or a credit note; $used is true if part of it is settled.
def document_status($open; $used):
  if .Status == "AUTHORISED" and $used then "PartiallyPaid"
  else .Status | one_of({
    DRAFT: "Draft", SUBMITTED: "Draft", AUTHORISED: $open, PAID: "Paid", VOIDED: "Void", DELETED: "Void"
  }) end;

# The date on which the last of a credit note was used.
def last_used: [(.Allocations // [] | .[] | select(.IsDeleted != true) | .Date | day), (.Payments // [] | .[] | .Date | day)] | map(select(. != null)) | if length == 0 then null else max end;

# A credit note of either side, but for its names.
def credit_note($what): {
  issueDate: (.Date | day),
  allocatedOnDate: (if .Status == "PAID" then (.FullyPaidOnDate | day) // last_used else null end),
  currency: .CurrencyCode,
  currencyRate: (.CurrencyRate | rate),
  status: (
    dsub(total; .RemainingCredit) as $used
    | document_status("Submitted"; $used != null and $used != 0 and $used != (.CISDeduction // 0))
  ),
  lineItems: lines,
  paymentAllocations: uses($what)
} + {
  withholdingTax: withheld,
  subTotal: .SubTotal,
  totalTaxAmount: .TotalTax,
  totalAmount: total,
  remainingCredit: .RemainingCredit,
  note: (.Reference | blank),
  metadata: gone_if(.Status == "DELETED"),
  sourceModifiedDate: (.UpdatedDateUTC | instant)
};

# A payment of either side. Money that comes back (a refund of a credit note) is below zero. $document is the kind
# of document that the links of an ordinary payment lead to.
def payment($document):
  (.PaymentType // "" | endswith("PAYMENT") and (startswith("ACC") | not)) as $refund
  | (if $refund then .Amount | dneg else .Amount | decimal end) as $amount
  | (if .PaymentType == "ARCREDITPAYMENT" or .PaymentType == "APCREDITPAYMENT"
     then {type: "CreditNote", id: (.CreditNote.CreditNoteID // .Invoice.InvoiceID)}
     elif $refund
     then {type: "PaymentOnAccount", id: (.Overpayment.OverpaymentID // .Prepayment.PrepaymentID // .Invoice.InvoiceID)}
     else {type: $document, id: .Invoice.InvoiceID} end) as $link
  | {
      accountRef: ref(.Account.AccountID; .Account.Name),
      totalAmount: $amount,
      currency: (.Invoice.CurrencyCode // .CreditNote.CurrencyCode // .Overpayment.CurrencyCode // .Prepayment.CurrencyCode),
      currencyRate: (.CurrencyRate | rate),
      date: (.Date | day),
      reference: (.Reference | blank),
      note: (.Details | blank)
    } + {
      lines: [{amount: $amount, links: [$link + {amount: ($amount | dneg), currencyRate: (.CurrencyRate | rate)}], allocatedOnDate: (.Date | day)}],
      metadata: gone_if(.Status == "DELETED"),
      sourceModifiedDate: (.UpdatedDateUTC | instant)
    };

# Money paid ahead of its document, or in excess of it, is entered against a bank account (`RECEIVE-PREPAYMENT`,
# `SPEND-OVERPAYMENT`, …) and is in no list of payments. It is a payment on account, under the id that documents have for it.
def on_account_id: .PrepaymentID // .OverpaymentID // .BankTransactionID;

def on_account_of($direction): .Type == "\($direction)-PREPAYMENT" or .Type == "\($direction)-OVERPAYMENT";

def on_account:
  on_account_id as $id
  | (.Total | decimal) as $amount
  | (.CurrencyRate | rate) as $rate
  | (.Date | day) as $on
  | {
      id: $id,
      accountRef: ref(.BankAccount.AccountID; .BankAccount.Name),
      totalAmount: $amount,
      currency: .CurrencyCode,
      currencyRate: $rate,
      date: $on,
      reference: (.Reference | blank)
    } + {
      lines: [{
        amount: $amount,
        links: [{type: "PaymentOnAccount", id: $id, amount: ($amount | dneg), currencyRate: $rate}],
        allocatedOnDate: $on
      }],
      metadata: gone_if(.Status == "DELETED" or .Status == "VOIDED"),
      sourceModifiedDate: (.UpdatedDateUTC | instant)
    };

# The customer or supplier of a payment.
def paid_contact: (.Invoice // .CreditNote // .Overpayment // .Prepayment // {}).Contact;

def receivable: .PaymentType // "" | startswith("ACCREC") or startswith("AR");
def payable: .PaymentType // "" | startswith("ACCPAY") or startswith("AP");

# Money of the bank's own side: above zero is money in.
def signed_by_type:
  .Total as $total
  | if (.Type // "" | startswith("RECEIVE")) then $total | decimal
    elif (.Type // "" | startswith("SPEND")) then $total | dneg
    else error("type \(.Type) is neither money spent nor received") end;

# Reports are tables: cells of text, a column for each month, headed by its last day (`31 Mar 2026`, `31 Mar 26`).

# The month of such a heading. Profit and loss ends every compared month on the day of `toDate`: `30 Aug 24` is not August
# (help.coupler.io, article 176; CData's reference of `ProfitAndLoss`).
def month:
  . as $heading
  | (
      try (if (split(" ") | last | length) == 2 then date("%d %b %y") else date("%d %b %Y") end)
      catch error("column `\($heading)` is not headed by a day: only columns of months are taken")
    ) as $date
  | {"28": "29", "29": "30", "30": "31", "31": "32"}[$date[8:10]] as $next
  | (
      if $next == null then false
      else try ("\($date[0:8])\($next)" | date("%Y-%m-%d") | false) catch true end
    ) as $whole
  | if $whole then $date[0:7]
    else error("column `\($heading)` doesn't end with the last day of its month: only whole months are taken") end;

def columns:
  [(.Rows // [])[] | select(.RowType == "Header") | .Cells[1:][] | .Value | month]
  | if length == 0 then error("the report has no column of a month")
    elif (unique | length) != length then error("the report has a month twice: \(join(", "))")
    else . end;

def sections: (.Rows // [])[] | select(.RowType == "Section");

def section_title: .Title // "" | trim;

# An empty cell is nought; one that is missing is a table that was misread.
def cell($column):
  .Cells[0].Value as $row
  | .Cells[$column + 1]
  | if . == null then error("row `\($row)` has no figure for column \($column + 1)")
    else .Value | if . == null or . == "" then "0" else . end | split(",") | join("") | decimal end;

def cell_account: [.Cells[0].Attributes // [] | .[] | select(.Id == "account") | .Value] | .[0];

# A sum that differs from the report's own was misread: an error is better than a wrong sum.
def agree($name; $stated; $sum):
  if dsub($stated; $sum) == 0 then . else error("\($name) is \($stated), and its parts add up to \($sum)") end;

# The lines of a section for a column, which add up to the section's own total.
def section_items($column):
  section_title as $title
  | [(.Rows // [])[] | select(.RowType != "Row" and .RowType != "SummaryRow") | .RowType] as $unknown
  | [(.Rows // [])[] | select(.RowType == "SummaryRow") | {name: .Cells[0].Value, stated: cell($column)}] as $totals
  | [(.Rows // [])[] | select(.RowType == "Row") | {
      accountId: cell_account,
      name: .Cells[0].Value,
      value: cell($column)
    }]
  | (map(.value) | dsum) as $sum
  | if ($unknown | length) > 0 then error("section `\($title)` has rows of the kind \($unknown[0]), which isn't known")
    else reduce $totals[] as $total (.; agree($total.name; $total.stated; $sum)) end;

# The rows of a section without a title: the report's own sums of what stands before them.
def stated_sums($column): (.Rows // [])[] | {name: (.Cells[0].Value // ""), stated: cell($column)};

def titled($title; $items): {name: $title, value: ($items | map(.value) | dsum), items: $items};
