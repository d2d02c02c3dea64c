# Each entity is a company, and all of them together are another. A company without entities is one.
def name: if . == null or . == "" then null else . end;

($lookup.company_id // $lookup.company_number // $lookup.company_code // $lookup.company | name) as $company
| if $company == null then error("the access token doesn't say which company it is of") else . end
| {
    accounts: ["General Ledger, Accounts", "chartOfAccounts", "profitAndLoss", "balanceSheet"],
    entries: ["General Ledger, Journal entries", "journalEntries", "company", "profitAndLoss", "balanceSheet"],
    customers: ["Accounts Receivable, Customers", "customers"],
    invoices: ["Accounts Receivable, Invoices", "invoices", "creditNotes"],
    receivable_adjustments: ["Accounts Receivable, Adjustments", "creditNotes", "invoices"],
    payments: ["Accounts Receivable, Posted payments", "payments"],
    vendors: ["Accounts Payable, Vendors", "suppliers"],
    bills: ["Accounts Payable, Bills", "bills", "billCreditNotes"],
    payable_adjustments: ["Accounts Payable, Adjustments", "billCreditNotes", "bills"],
    bill_payments: ["Accounts Payable, Posted payments", "billPayments"],
    vendor_advances: ["Accounts Payable, Advances", "billPayments"],
    banks: ["Cash Management, Checking accounts", "bankAccounts"],
    transfers: ["Cash Management, Funds transfers", "transfers"],
    deposits: ["Cash Management, Deposits", "transfers"],
    bank_fees: ["Cash Management, Bank interest and charges", "directCosts", "directIncomes"],
    card_fees: ["Cash Management, Credit card charges and other fees", "directCosts"]
  } as $needed
| [$needed | to_entries[] | select($lookup[.key] == null) | {permission: "\(.value[0]): List, View", dataTypes: .value[1:]}] as $lacks
| (.["ia::result"] // []) as $rows
# Of an entity, its name was asked for.
| [$rows[] | select(has("name") and .status != "inactive")] as $entities
| (if ($entities | length) == 0 then
     {id: $company, companyName: $company, variables: {account: $company, entity: "", name: $company}}
   else
     ($entities[] | {id: "\($company)/\(.id)", companyName: .name, detail: .id, variables: {account: $company, entity: .id, name: .name}}),
     {id: $company, companyName: $company, detail: "all entities together", variables: {account: $company, entity: "", name: $company}}
   end)
| . + (if ($lacks | length) == 0 then {} else {lacks: $lacks} end)
