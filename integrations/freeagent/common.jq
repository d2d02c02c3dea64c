# Shared by the maps of this folder. The platform's ids are addresses (https://…/contacts/2), the same in records and in
# references; amounts are decimals in texts.

# The last part of an address.
def id: if . == null then null else split("/") | last end;

def amount: blank_to_null | decimal;

def day: blank_to_null | date("%Y-%m-%d");

def lines: [.address1, .address2, .address3] | map(select(. != null and . != ""));

def address($type): lines as $lines | {
  type: $type,
  line1: $lines[0],
  line2: ($lines[1:] | join(", ") | blank_to_null),
  city: (.town | blank_to_null),
  region: (.region | blank_to_null),
  country: (.country | blank_to_null),
  postalCode: (.postcode | blank_to_null)
};

def addresses($type): address($type)
  | if ([.[] | select(. != null)] | length) > 1 then [.] else [] end;

def person: [.first_name, .last_name] | map(select(. != null and . != "")) | join(" ") | blank_to_null;

def organisation: .organisation_name | blank_to_null;

def phone: (.phone_number | blank_to_null) // (.mobile | blank_to_null);

# The rate at which the document's amount is converted into the company's own currency, which is the standard's direction
# (dev.freeagent.com/docs/bills and /invoices).
def rate: .exchange_rate | amount | if . == null or . == 0 then null elif . == 1 then 1 else . end;

def nought: . == null or . == 0;

# The deduction under the construction industry's scheme: it isn't due, and isn't paid.
def withheld: .cis_rate as $band | .cis_deduction | amount
  | if nought then null else [{name: (($band | blank_to_null) // "CIS deduction"), amount: .}] end;

# True if money has been paid. Bills don't always say how much.
def paid:
  if (.paid_value | blank_to_null) != null then .paid_value | amount | nought | not
  else dsub(.total_value | amount; .due_value | amount) as $less
    | ($less | nought | not) and $less != ((.cis_deduction | amount) // 0) end;
