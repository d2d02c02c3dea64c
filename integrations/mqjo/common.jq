# Shared by the maps of this folder. Amounts are integers of minor units, and each document says how many decimals
# its currency has (`exponent`); rates are basis points; quantities are thousandths.

def percent: minor(2);

def quantity: minor(3);

# A date of the books, without a time.
def day: if . == null then null else date("%Y-%m-%d") end;

# Amounts of money come without a sign beside their direction; ours are above zero in, below zero out.
def signed($direction):
  if $direction == "IN" then . elif $direction == "OUT" then dneg
  else error("direction \($direction) is neither IN nor OUT") end;

def active: one_of({ACTIVE: "Active", DORMANT: "Archived", RETIRED: "Archived"});

# The standard record that something was posted for; null where there is none.
def record_ref:
  . as $source
  | ({
      SALES_INVOICE: "invoices",
      SALES_CREDIT: "creditNotes",
      RECEIPT: "payments",
      PURCHASE_BILL: "bills",
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

# What the lines of sales and purchases have in common; $e is the document's exponent.
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

# A settlement as the document sees it; $paid is the settling record's own total.
def allocation($e; $currency; $paid): {
  payment: {
    id: .id,
    note: (if .by == "CREDIT" then "Credit note \(.reference // .id)"
           elif .by == "INVOICE" then "Invoice \(.reference // .id)"
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

# A line of a statement, with what it is made of.
def statement_line($e): {
  accountId: .ledger_account_id,
  name: .title,
  value: (.total | minor($e)),
  items: (.rows | map(statement_line($e)))
};
