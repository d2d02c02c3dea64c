.lookup.organisation.exponent as $e
| .record
| {
    kind: "INV",
    state: (.status // "Submitted" | if . == "Draft" then "DRAFT" elif . == "Submitted" then "OPEN" else . end),
    number: .invoiceNumber,
    contact_id: .customerRef.id,
    issued_on: (.issueDate | on_day),
    due_on: (.dueDate | on_day),
    note: .note,
    currency: .currency
  } + {
    lines: (if .lineItems == null then null else .lineItems | map(line_to_write($e)) end)
  }
