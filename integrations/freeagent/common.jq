# Shared by the maps of this folder. The platform's ids are addresses (https://…/contacts/2), the same in records and in
# references; amounts are decimals in texts.

# The last part of an address.
def id: if . == null then null else split("/") | last end;

def amount: blank_to_null | decimal;

def size: if . == null then null else dmax(.; dneg) end;

# The size of an amount with the sign of another: the documentation's samples disagree about the signs of parts.
def signed($total): size | if $total != null and $total < 0 then dneg else . end;

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
  | if nought then null else [{name: (($band | blank_to_null) // "CIS deduction"), amount: size}] end;

# True if money has been paid. Bills don't always say how much.
def paid:
  if (.paid_value | blank_to_null) != null then .paid_value | amount | nought | not
  else dsub(.total_value | amount; .due_value | amount) as $less
    | ($less | nought | not) and $less != ((.cis_deduction | amount | size) // 0) end;

# True if an address leads to a record of that kind.
def is_a($kind): . != null and contains("/\($kind)/");

# The tax in a record, with the sign of its total. Some companies have a second sales tax.
def taxes($total):
  (.sales_tax_value | amount | signed($total)) as $tax
  | (.second_sales_tax_value | amount | signed($total)) as $second
  | if $second == null then $tax else dadd($tax // 0; $second) end;

def account: .category | if is_a("categories") then {id: id} else null end;

def tax_rate: .sales_tax_rate | amount | if . == null then null
  else {id: tostring, name: "\(.) %", effectiveTaxRate: .} end;

# Stock items number themselves apart from the price list, with which they share a data type.
def stock: .stock_item | id | if . == null then null else {id: "stock-\(.)"} end;

def projects: .project | id | if . == null then null else [{id: .}] end;

# The category that stands for something in the ledger, by its address: the sub-account 750-1 for a bank account. Null if there is none.
def sub_account($member): . as $url | [$lookup.sub_accounts // [] | .[] | select(.[$member] == $url)] | first;

# Explanations of bank transactions say where money went to or came from.

# The bank account that a record belongs to; its currency is that of the record's amounts.
def bank_account($accounts): .bank_account as $url
  | [$accounts // [] | .[] | select(.url == $url)] | first
    // error("the bank account \($url) is not in the list of bank accounts");

# The other account of a transfer.
def other_account: (.linked_transfer_account | blank_to_null) // (.transfer_bank_account | blank_to_null);

# What an explanation is, each exactly one thing: the data type that has its record, or null. Money that settles what a user paid
# for the company has no category, or that of the user's expenses (905): it moves the account, and the cost is the user's expense.
def explained_as:
  if other_account != null then "transfers"
  elif (.paid_invoice | blank_to_null) != null then "payments"
  elif (.paid_bill | blank_to_null) != null then "billPayments"
  else
    # Categories up to 095 are income, 096 to 399 costs: money that comes back is a negative cost, not income. Beyond are
    # the categories of the balance sheet: the direction of the money decides.
    (.category | id // "" | .[0:3]) as $group
    | if $group == "905" or ($group == "" and (.paid_user | blank_to_null) != null) then null
      elif $group >= "001" and $group <= "095" then "directIncomes"
      elif $group >= "096" and $group <= "399" then "directCosts"
      elif (.gross_value | amount) > 0 then "directIncomes"
      else "directCosts" end
  end;

# The transfer that an explanation is a side of. It goes by the side that the money left.
def transfer_id: if (.gross_value | amount) < 0 then .url | id else ((.linked_transfer_explanation | blank_to_null) // .url) | id end;

# A document's payment: the amount in the document's currency, that currency if it is known, and its rate. The platform
# gives the amount, but not the currency, if it isn't the account's own.
def settled($account; $home):
  (.gross_value | amount) as $gross
  | (.foreign_currency_value | amount | signed($gross)) as $foreign
  | if ($foreign | nought) or $foreign == $gross then {
      amount: $gross,
      currency: $account.currency,
      currencyRate: (if $account.currency == $home then 1 else null end)
    } else {
      amount: $foreign,
      currency: null,
      currencyRate: (if $account.currency == $home then ddiv($gross; $foreign; 9) else null end)
    } end;

# Money spent or received at once; $sign is 1 or -1, and makes the usual direction positive.
def at_once($account; $sign):
  (.gross_value | amount | if $sign < 0 then dneg else . end) as $total
  | ((taxes($total)) // 0) as $tax
  | dsub($total; $tax) as $net
  | (.dated_on | day) as $day
  | {
      id: (.url | id),
      reference: ((.receipt_reference | blank_to_null) // (.cheque_number | blank_to_null)),
      note: (.description | blank_to_null),
      issueDate: $day,
      currency: $account.currency,
      lineItems: [{
        description: (.description | blank_to_null),
        unitAmount: $net,
        quantity: 1,
        subTotal: $net,
        taxAmount: $tax,
        totalAmount: $total
      } + {
        accountRef: account,
        taxRateRef: tax_rate,
        itemRef: stock,
        trackingCategoryRefs: projects
      }]
    } + {
      paymentAllocations: [{
        payment: {
          id: (.url | id),
          accountRef: {id: ($account.url | id), name: $account.name},
          currency: $account.currency,
          paidOnDate: $day,
          totalAmount: $total
        },
        allocation: {currency: $account.currency, allocatedOnDate: $day, totalAmount: $total}
      }],
      subTotal: $net,
      taxAmount: $tax,
      totalAmount: $total,
      sourceModifiedDate: .updated_at
    };
