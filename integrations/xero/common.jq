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

# A line's amount is with or without tax, as its document says. Unit prices stay as they were typed.
def line($types):
  (.TaxAmount // (if .LineAmount == null then null else 0 end)) as $tax
  | (if $types == "Inclusive" then dsub(.LineAmount; $tax) else .LineAmount end) as $net
  | {
      description: .Description,
      unitAmount: (.UnitAmount // 0),
      quantity: (.Quantity // 0),
      discountAmount: (
        if .DiscountAmount != null then .DiscountAmount
        elif .DiscountRate != null and .LineAmount != null
        then dsub(dmul(.UnitAmount // 0; .Quantity // 0); .LineAmount)
        else null end
      ),
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
def order_line($types): line($types) + (trackings | if length == 0 then {} else {trackingCategoryRefs: .} end);

# A line of an invoice, a bill or a credit note.
def tracked_line($types): order_line($types) + {tracking: tracked};

def lines: .LineAmountTypes as $types | (.LineItems // []) | map(tracked_line($types));

# The deduction under the construction industry's scheme.
def withheld:
  if .CISDeduction == null then null
  elif .CISDeduction == 0 then null
  else [{name: "CIS deduction", amount: .CISDeduction}] end;

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

def nonzero: . != null and . != 0;

# The date on which the last of a credit note was used.
def last_used: [(.Allocations // [] | .[] | select(.IsDeleted != true) | .Date | day), (.Payments // [] | .[] | .Date | day)] | map(select(. != null)) | if length == 0 then null else max end;

# A credit note of either side, but for its names.
def credit_note($what): {
  issueDate: (.Date | day),
  allocatedOnDate: (if .Status == "PAID" then (.FullyPaidOnDate | day) // last_used else null end),
  currency: .CurrencyCode,
  currencyRate: (.CurrencyRate | rate),
  status: (dsub(.Total; .RemainingCredit) as $used | document_status("Submitted"; $used | nonzero)),
  lineItems: lines,
  paymentAllocations: uses($what)
} + {
  withholdingTax: withheld,
  subTotal: .SubTotal,
  totalTaxAmount: .TotalTax,
  totalAmount: .Total,
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
def month: if (split(" ") | last | length) == 2 then date("%d %b %y") else date("%d %b %Y") end | .[0:7];

def columns: [.Rows[] | select(.RowType == "Header") | .Cells[1:] | .[] | .Value | month];

def cell($column): .Cells[$column + 1].Value | if . == null or . == "" then "0" else . end | split(",") | join("") | decimal;

def cell_account: [.Cells[0].Attributes // [] | .[] | select(.Id == "account") | .Value] | .[0];

# The lines of a section for a column, without its totals.
def section_items($column): [(.Rows // [])[] | select(.RowType == "Row") | {
  accountId: cell_account,
  name: .Cells[0].Value,
  value: cell($column)
}];

def titled($title; $items): {name: $title, value: ($items | map(.value) | dsum), items: $items};

# A named total of the report itself, at any depth; null if the report has none.
def stated($name; $column):
  [.Rows[] | select(.RowType == "Section") | (.Rows // [])[] | select(.Cells[0].Value == $name) | cell($column)] | .[0];

# A sum that differs from the report's own was misread: an error is better than a wrong sum.
def agree($name; $column; $sum):
  stated($name; $column) as $stated
  | if $stated == null then .
    elif dsub($stated; $sum) == 0 then .
    else error("\($name) is \($stated), and its parts add up to \($sum)") end;
