.lookup.organisation.exponent as $e
| .record
| {
    kind: "BILL",
    state: (.status // "Open" | if . == "Draft" then "DRAFT" elif . == "Open" then "OPEN" else . end),
    supplier_reference: .reference,
    contact_id: .supplierRef.id,
    issued_on: (.issueDate | on_day),
    due_on: (.dueDate | on_day),
    note: .note,
    currency: .currency
  } + {
    lines: (if .lineItems == null then null else .lineItems | map(line_to_write($e)) end)
  }
