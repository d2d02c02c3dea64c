# Shared by the maps of this folder. Amounts are decimal strings with their currency's decimals; times are epoch
# milliseconds; absent members are left out.

def time: from_epoch_ms;

def address($type): if . == null then null else {
  type: $type,
  line1: .line1,
  line2: .line2,
  city: .city,
  region: .state,
  country: .countryCode,
  postalCode: .zip
} end;

def payment_status: one_of({captured: "Paid", declined: "Failed", authorised: "Authorized"});

# The parts of a tax; rates are fractions.
def tax_parts: .taxParts // [] | map({taxComponentRef: ref(.taxId; .title), rate: .rate});

# A refund is a payment below zero.
def signed($kind):
  if $kind == "sale" then decimal elif $kind == "refund" then dneg
  else error("charge kind \($kind) is neither sale nor refund") end;
