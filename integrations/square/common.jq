# Shared by the maps of this folder. Amounts are integers of the currency's smallest unit: 100 is one dollar, and a
# hundred yen.

# Payouts say currency_code where everything else says currency.
def currency: if . == null then null else .currency // .currency_code end;

def money: if . == null then null else currency as $code | (.amount // 0) | minor(currency_exponent($code)) end;

# An address's city is a locality or, below it, a sublocality, depending on the country.
def address($type): if . == null then null else {
  type: $type,
  line1: .address_line_1,
  line2: ([.address_line_2, .address_line_3] | map(select(. != null and . != "")) | join(", ") | blank_to_null),
  city: (.locality // .sublocality),
  region: .administrative_district_level_1,
  country: .country,
  postalCode: .postal_code
} end;

# A percentage as a text, "8.5", as a fraction.
def fraction: if . == null then null else ddiv(.; 100; (dscale + 2)) end;

# The way of payment in words for people; an unknown word stays as it is.
def payment_method: if . == null then null else {
  CARD: "Card", CASH: "Cash", WALLET: "Digital wallet", BANK_ACCOUNT: "Bank account",
  BUY_NOW_PAY_LATER: "Buy now, pay later", SQUARE_ACCOUNT: "Square account", EXTERNAL: "Outside of Square"
}[.] // . end;

# Cash and payments made elsewhere never were the processor's; a gift card is redeemed for money that came when it was
# sold.
def held: . != "CASH" and . != "EXTERNAL";
def redeemed: .card_details.card.card_brand == "SQUARE_GIFT_CARD";

def refund_status: one_of({
  PENDING: "Pending", APPROVED: "Paid", COMPLETED: "Paid", REJECTED: "Failed", FAILED: "Failed"
});
