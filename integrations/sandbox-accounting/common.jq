# Shared by the maps of this folder. Amounts are integers of minor units, and each document has the number of
# decimals of its currency (`exponent`); rates are basis points; quantities are thousandths.

def percent: minor(2);

def quantity: minor(3);

# A date of the books, without a time.
def day: if . == null then null else date("%Y-%m-%d") end;

# Amounts of money come without a sign beside their direction; ours are above zero in, below zero out.
def signed($direction):
  if $direction == "IN" then . elif $direction == "OUT" then dneg
  else error("direction \($direction) is neither IN nor OUT") end;

def active: one_of({ACTIVE: "Active", DORMANT: "Archived", RETIRED: "Archived"});

# The standard record that something was posted for; null if there is none.
def record_ref:
  . as $source
  | ({
      SALES_INVOICE: "invoices",
      SALES_CREDIT: "creditNotes",
      RECEIPT: "payments",
      PURCHASE_BILL: "bills",
      PURCHASE_CREDIT: "billCreditNotes",
      REMITTANCE: "billPayments",
      TRANSFER: "transfers",
      SPEND: "directCosts",
      INCOME: "directIncomes",
      MANUAL: "journalEntries"
    }[$source.type // ""]) as $data_type
  | if $data_type == null then null else {id: $source.id, dataType: $data_type} end;

def address: {
  type: (.use | one_of({BILLING: "Billing", DELIVERY: "Delivery", REGISTERED: "Unknown"})),
  line1: .street,
  line2: .street_2,
  city: .town,
  region: .county,
  country: .country,
  postalCode: .postcode
};

def payment_method: one_of({
  TRANSFER: "Bank transfer",
  CARD: "Card",
  CASH: "Cash",
  CHEQUE: "Cheque",
  DIRECT_DEBIT: "Direct debit"
});

def supplier: if .contact_id == null then null else {id: .contact_id, supplierName: .contact_name} end;

def customer: if .contact_id == null then null else {id: .contact_id, companyName: .contact_name} end;

# The headings that a line is counted under.
def headings: .tracking // [] | map(ref(.id; .title));

# The same with the customer it is billed on to, of which this platform has none.
def tracked: headings | if length == 0 then null
  else {categoryRefs: ., isBilledTo: "NotApplicable", isRebilledTo: "NotApplicable"} end;

# The discount on a document's price, in per cent; $e is its exponent.
def discount_percentage($e):
  (.discount_total | minor($e)) as $off
  | dadd($off; .net_total | minor($e)) as $full
  | if .discount_total == 0 then "0" | decimal else ddiv(dmul($off; 100); $full; 2) end;

def order_status: one_of({OPEN: "Open", PART: "Open", CLOSED: "Closed", VOIDED: "Void"});

# The members that lines of sales and purchases have in common; $e is the document's exponent.
def line($e): {
  description: .text,
  unitAmount: (.unit_price | minor($e)),
  quantity: (.qty_milli | quantity),
  discountAmount: (.discount | minor($e)),
  subTotal: (.net | minor($e)),
  taxAmount: (.tax | minor($e)),
  totalAmount: (.gross | minor($e))
} + {
  accountRef: ref(.ledger_account_id; .ledger_account_title),
  taxRateRef: (
    if .tax_code_id == null then null
    else {id: .tax_code_id, name: .tax_code_title, effectiveTaxRate: (.tax_rate_bp | percent)} end
  ),
  itemRef: ref(.item_id; .item_title)
};

# A line of an invoice, a bill or a credit note.
def tracked_line($e): line($e) + (headings | if length == 0 then {} else {trackingCategoryRefs: .} end) + {tracking: tracked};

# A line of an order, or of money spent or received at once.
def headed_line($e): line($e) + (headings | if length == 0 then {} else {trackingCategoryRefs: .} end);

# A settlement as the document sees it; $paid is the settling record's own total.
def allocation($e; $currency; $paid): {
  payment: {
    id: .id,
    note: (if .by == "CREDIT" then "Credit note \(.reference // .id)"
           elif .by == "INVOICE" then "Invoice \(.reference // .id)"
           elif .by == "BILL" then "Bill \(.reference // .id)"
           else null end),
    reference: .reference,
    accountRef: ref(.ledger_account_id; null),
    currency: $currency,
    paidOnDate: (.on | day),
    totalAmount: ($paid | minor($e))
  },
  allocation: {
    currency: $currency,
    allocatedOnDate: (.on | day),
    totalAmount: (.amount | minor($e))
  }
};

# Money spent or received at once, and the accounts it came from or went to.
def voucher:
  .exponent as $e
  | .currency as $currency
  | .on as $on
  | .id as $id
  | {
      id: .id,
      note: .memo,
      contactRef: (if .contact_id == null then null else {id: .contact_id, dataType: "suppliers"} end),
      issueDate: ($on | day),
      currency: $currency,
      lineItems: (.lines | map(headed_line($e)))
    } + {
      paymentAllocations: (.money | map({
        payment: {
          id: $id,
          accountRef: ref(.ledger_account_id; .ledger_account_title),
          currency: $currency,
          paidOnDate: ($on | day),
          totalAmount: (.amount | minor($e))
        },
        allocation: {
          currency: $currency,
          allocatedOnDate: ($on | day),
          totalAmount: (.amount | minor($e))
        }
      })),
      subTotal: (.net_total | minor($e)),
      taxAmount: (.tax_total | minor($e)),
      totalAmount: (.gross_total | minor($e)),
      sourceModifiedDate: .updated_at
    };

# A line of a statement, with its parts.
def statement_line($e): {
  accountId: .ledger_account_id,
  name: .title,
  value: (.total | minor($e)),
  items: (.rows | map(statement_line($e)))
};

# Writing: from the standard to the platform's.

# `2026-03-31T00:00:00` as the books write it.
def on_day: if . == null then null else .[0:10] end;

# People have one name in the standard, and two here.
def person:
  if . == null then null
  else (split(" ") | map(select(. != ""))) as $words
  | if ($words | length) == 0 then null
    elif ($words | length) == 1 then {given: null, family: $words[0]}
    else {given: $words[0], family: ($words[1:] | join(" "))} end
  end;

def address_to_write: {
  use: ({Billing: "BILLING", Delivery: "DELIVERY"}[.type // ""] // "REGISTERED"),
  street: .line1,
  street_2: .line2,
  town: .city,
  county: .region,
  country: .country,
  postcode: .postalCode
};

# The members that customers and suppliers have in common.
def contact_to_write($role; $name): {
  role: $role,
  display_name: $name,
  person: (.contactName | person),
  email: .emailAddress,
  phone: .phone,
  company_number: .registrationNumber,
  tax_number: .taxNumber,
  currency: .defaultCurrency
} + {
  addresses: (if .addresses == null then null else .addresses | map(address_to_write) end),
  state: (if .status == "Archived" then "DORMANT" else "ACTIVE" end)
};

# A line of an invoice or a bill; a discount in per cent becomes an amount.
def line_to_write($e): {
  text: .description,
  qty_milli: (.quantity | units(3)),
  unit_price: (.unitAmount | units($e)),
  discount: (
    if .discountAmount != null then .discountAmount | units($e)
    elif .discountPercentage != null
    then ddiv(dmul(dmul(.unitAmount; .quantity); .discountPercentage); 100; $e) | units($e)
    else null end
  ),
  tax: (.taxAmount | units($e)),
  ledger_account_id: .accountRef.id,
  tax_code_id: .taxRateRef.id,
  item_id: .itemRef.id
};
