# The taxes and discounts of the order, or of a return in it, by their uid.
def by_uid: . // [] | map({key: (.uid // "?"), value: .}) | from_entries;
# Those that a line or a service charge bears.
def borne($taxes): .applied_taxes // [] | map($taxes[.tax_uid // "?"] | select(. != null));
def percentage: map(.percentage) | map(select(. != null)) | if . == [] then null else dsum end;
def allocations: map({taxComponentRef: ref(.catalog_object_id // .source_tax_uid // .uid; .name), rate: (.percentage | fraction)});

# The part of a line's price that isn't tax already in it, as `{of, in}`: 100 in 120 with a tax of 20 %. Without the taxes'
# rates, a total that is no more than price less discount holds its tax.
def net_part($borne):
  ($borne | map(select(.type == "INCLUSIVE")) | percentage) as $within
  | (.total_money | money) as $total
  | (.total_tax_money | money) as $tax
  | dsub((.gross_sales_money // .gross_return_money // null) | money; (.total_discount_money | money) // 0) as $price
  | if $within != null then {of: 100, in: dadd(100; $within)}
    elif ($borne | length) == 0 and $total != null and $tax != null and $tax != 0 and $total != 0 and $price != null and dsub($total; $price) == 0
    then {of: dsub($total; $tax), in: $total}
    else {of: 1, in: 1} end;
def before_tax($part):
  if . == null or $part.of == $part.in then . else dscale as $scale | ddiv(dmul(.; $part.of); $part.in; $scale) end;

# The price of one unit, with the modifiers that are added to it.
def price: [.base_price_money, ((.modifiers // .return_modifiers // [])[] | . as $modifier | .base_price_money | select(. != null) | .amount as $amount | .amount = dmul($amount; $modifier.quantity // "1"))]
  | map(select(. != null)) | if . == [] then null else (map(.amount // 0) | dsum) as $sum | .[0] | .amount = $sum | money end;

def discount_amounts($part): .applied_discounts // [] | map(.applied_money | money | before_tax($part));

# What a return holds is below zero.
def signed($back): if . != null and $back then dneg else . end;

def line($taxes; $discounts; $back):
  borne($taxes) as $borne
  | net_part($borne) as $part
  | {
      id: .uid,
      quantity: (.quantity | decimal | signed($back)),
      taxPercentage: ($borne | percentage),
      totalAmount: (.total_money | money | signed($back)),
      totalTaxAmount: (.total_tax_money | money | signed($back)),
      unitPrice: (price | before_tax($part))
    } + {
      taxes: ($borne | allocations),
      productVariantRef: ref(.catalog_object_id; .variation_name // .name),
      discountAllocations: (.applied_discounts // [] | map({
        name: $discounts[.discount_uid // "?"].name,
        totalAmount: (.applied_money | money | before_tax($part) | signed($back))
      }))
    };

def charge($taxes; $back): borne($taxes) as $borne | {
  description: .name,
  totalAmount: ((.total_money // .applied_money // .amount_money) | money | signed($back)),
  taxPercentage: ($borne | percentage),
  taxAmount: (.total_tax_money | money | signed($back)),
  taxes: ($borne | allocations),
  quantity: 1,
  type: (.type // "CUSTOM" | one_of({CUSTOM: "Generic", AUTO_GRATUITY: "Generic"}))
};

# Charges that are apportioned to lines are in the lines' totals already.
def charges($taxes; $back): . // [] | map(select(.treatment_type != "APPORTIONED_TREATMENT") | charge($taxes; $back));

# A sum that is rounded to the smallest coin has the difference beside its lines.
def rounding($back): if (.amount_money.amount // 0) == 0 then [] else [{
  description: (.name // "Cash rounding"),
  totalAmount: (.amount_money | money | signed($back)),
  taxes: [],
  quantity: 1,
  type: "Generic"
}] end;

def tender_type: one_of({
  CARD: "Card", CASH: "Cash", THIRD_PARTY_CARD: "Card", SQUARE_GIFT_CARD: "Prepaid", NO_SALE: "Custom",
  BANK_ACCOUNT: "Custom", WALLET: "Mobile", BUY_NOW_PAY_LATER: "Custom", SQUARE_ACCOUNT: "Mobile", OTHER: "Custom"
});

def tender_status: .card_details.status // .bank_account_details.status // .buy_now_pay_later_details.status // .square_account_details.status // "CAPTURED"
  | one_of({
      AUTHORIZED: "Authorized", CAPTURED: "Paid", VOIDED: "Cancelled", FAILED: "Failed", PENDING: "Pending", COMPLETED: "Paid"
    });

def tender: {
  id: (.payment_id // .id),
  amount: (.amount_money | money),
  currency: (.amount_money | currency),
  type: (.type | tender_type),
  status: tender_status,
  paymentProvider: "Square",
  createdDate: .created_at
};

# Money goes back the way it came. A return order doesn't hold the tenders of the sale.
def refund($tenders): .tender_id as $tender | {
  id: .id,
  amount: (.amount_money | money | dneg),
  currency: (.amount_money | currency),
  type: (if $tender == null then "Unknown"
    else (first($tenders[] | select(.id == $tender or .payment_id == $tender)) // null) as $of | if $of == null then "Unknown" else $of.type | tender_type end end),
  status: (.status | refund_status),
  paymentProvider: "Square",
  createdDate: .created_at
};

# An order is a sale once it is paid, in part or in whole. A basket that was left at the checkout, a draft and a cancelled
# order are none; one that was changed since may have been a sale before.
def no_sale: if (.version // 1) > 1 then gone(.id) else empty end;
def paid: (.tenders // [] | any(tender_status == "Paid")) or (.refunds // [] | length) > 0 or (.returns // [] | length) > 0
  or (.net_amount_due_money != null and (.net_amount_due_money.amount // 0) < (.total_money.amount // 0));
def is_sale: .state != "CANCELED" and .state != "DRAFT" and (.state != "OPEN" or paid);

# What returns take off: of the order, or else the sum of its returns.
def returned($member):
  if .return_amounts != null then .return_amounts[$member] | money
  else [.returns // [] | .[].return_amounts[$member] | select(. != null) | money] | if . == [] then null else dsum end end;
def off($part): if . == null then null else dsub(.; $part) end;
def less($back): if . == null and $back == null then null else dsub(. // 0; $back // 0) end;

# The platform's total holds the gratuity and forgets returns; the standard one leaves the gratuity out and takes
# returns off, of taxes, discounts and gratuity as well. Money that comes back is mostly an order of its own, with returns
# and without lines: they are lines below zero.
if is_sale then
  (.taxes | by_uid) as $taxes
  | (.discounts | by_uid) as $discounts
  | (.total_money | money) as $total
  | (.total_tip_money | money) as $tip
  | returned("tip_money") as $tip_back
  | returned("tax_money") as $tax_back
  | returned("discount_money") as $discount_back
  | dsub(returned("total_money") // 0; $tip_back // 0) as $returned
  | [(.returns // [])[] | . as $return
     | ($taxes + (.return_taxes | by_uid)) as $taxes
     | ($discounts + (.return_discounts | by_uid)) as $discounts
     | {
         lines: (.return_line_items // [] | map(line($taxes; $discounts; true))),
         discounts: [(.return_line_items // [])[] | net_part(borne($taxes)) as $part | discount_amounts($part)[]],
         charges: ((.return_service_charges | charges($taxes; true)) + (.rounding_adjustment // {} | rounding(true)))
       }] as $returns
  # Discounts leave out the tax that the lines' prices hold; one that no line bears is as it is.
  | [(.line_items // [])[] | net_part(borne($taxes)) as $part | discount_amounts($part)[]] as $given
  | dsub([(.line_items // [])[].applied_discounts // [] | .[].applied_money | select(. != null) | money] | dsum; $given | dsum) as $tax_in_given
  | dsub([(.returns // [])[].return_line_items // [] | .[].applied_discounts // [] | .[].applied_money | select(. != null) | money] | dsum; [$returns[].discounts[]] | dsum) as $tax_in_taken
  | {
      id: .id,
      orderNumber: (.reference_id // .ticket_name),
      currency: (.total_money | currency),
      createdDate: .created_at,
      closedDate: .closed_at,
      totalAmount: dsub(dsub($total; $tip // 0); $returned),
      totalRefund: (if $total == null then null else $returned | dneg end),
      totalTaxAmount: (.total_tax_money | money | less($tax_back))
    } + {
      totalDiscount: (.total_discount_money | money | off($tax_in_given) | less($discount_back | off($tax_in_taken))),
      totalGratuity: ($tip | less($tip_back)),
      orderLineItems: ((.line_items // [] | map(line($taxes; $discounts; false))) + [$returns[].lines[]]),
      payments: ((.tenders // []) as $tenders | ($tenders | map(tender)) + (.refunds // [] | map(refund($tenders)))),
      serviceCharges: ((.service_charges | charges($taxes; false)) + (.rounding_adjustment // {} | rounding(false)) + [$returns[].charges[]]),
      locationRef: ref(.location_id; null),
      customerRef: ref(.customer_id; null),
      sourceModifiedDate: .updated_at
    }
else no_sale end
