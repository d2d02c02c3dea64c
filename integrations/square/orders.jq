# The taxes of the order by their uid.
def taxes: .taxes // [] | map({key: (.uid // "?"), value: .}) | from_entries;
# Those that a line or a service charge bears.
def borne($taxes): .applied_taxes // [] | map($taxes[.tax_uid // "?"] | select(. != null));
def percentage: map(.percentage) | map(select(. != null)) | if . == [] then null else dsum end;
def allocations: map({taxComponentRef: ref(.catalog_object_id // .uid; .name), rate: (.percentage | fraction)});

# Without the taxes that the price holds already.
def before_tax($rate):
  if . == null or $rate == null then . else dscale as $scale | ddiv(dmul(.; 100); dadd(100; $rate); $scale) end;

def line($taxes; $discounts):
  borne($taxes) as $borne
  | ($borne | map(select(.type == "INCLUSIVE")) | percentage) as $within
  | {
      id: .uid,
      quantity: (.quantity | decimal),
      taxPercentage: ($borne | percentage),
      totalAmount: (.total_money | money),
      totalTaxAmount: (.total_tax_money | money),
      unitPrice: (.base_price_money | money | before_tax($within))
    } + {
      taxes: ($borne | allocations),
      productVariantRef: ref(.catalog_object_id; .variation_name // .name),
      discountAllocations: (.applied_discounts // [] | map({
        name: $discounts[.discount_uid // "?"].name,
        totalAmount: (.applied_money | money | before_tax($within))
      }))
    };

def charge($taxes): borne($taxes) as $borne | {
  description: .name,
  totalAmount: ((.total_money // .applied_money // .amount_money) | money),
  taxPercentage: ($borne | percentage),
  taxAmount: (.total_tax_money | money),
  taxes: ($borne | allocations),
  quantity: 1,
  type: (.type // "CUSTOM" | one_of({CUSTOM: "Generic", AUTO_GRATUITY: "Generic"}))
};

def tender: {
  id: (.payment_id // .id),
  amount: (.amount_money | money),
  currency: (.amount_money | currency),
  type: (.type | one_of({
    CARD: "Card", CASH: "Cash", THIRD_PARTY_CARD: "Card", SQUARE_GIFT_CARD: "Prepaid", NO_SALE: "Custom",
    BANK_ACCOUNT: "Custom", WALLET: "Mobile", BUY_NOW_PAY_LATER: "Custom", SQUARE_ACCOUNT: "Mobile", OTHER: "Custom"
  })),
  status: (.card_details.status // "CAPTURED" | one_of({
    AUTHORIZED: "Authorized", CAPTURED: "Paid", VOIDED: "Cancelled", FAILED: "Failed"
  })),
  paymentProvider: "Square",
  createdDate: .created_at
};

def refund: {
  id: .id,
  amount: (.amount_money | money | dneg),
  currency: (.amount_money | currency),
  type: "Card",
  status: (.status | refund_status),
  paymentProvider: "Square",
  createdDate: .created_at
};

# The platform's total holds the gratuity and forgets returns; the standard one leaves the gratuity out and takes
# returns off. Money that comes back is mostly an order of its own, with returns and without lines.
taxes as $taxes
| (.discounts // [] | map({key: (.uid // "?"), value: .}) | from_entries) as $discounts
| (.total_money | money) as $total
| (.total_tip_money | money) as $tip
| (if .return_amounts == null then 0
   else dsub((.return_amounts.total_money | money) // 0; (.return_amounts.tip_money | money) // 0) end) as $returned
| {
    id: .id,
    orderNumber: (.reference_id // .ticket_name),
    currency: (.total_money | currency),
    createdDate: .created_at,
    closedDate: .closed_at,
    totalAmount: dsub(dsub($total; $tip // 0); $returned),
    totalRefund: (if $total == null then null else $returned | dneg end),
    totalTaxAmount: (.total_tax_money | money)
  } + {
    totalDiscount: (.total_discount_money | money),
    totalGratuity: $tip,
    orderLineItems: (.line_items // [] | map(line($taxes; $discounts))),
    payments: ((.tenders // [] | map(tender)) + (.refunds // [] | map(refund))),
    serviceCharges: (.service_charges // [] | map(charge($taxes))),
    locationRef: ref(.location_id; null),
    customerRef: ref(.customer_id; null),
    sourceModifiedDate: .updated_at
  }
