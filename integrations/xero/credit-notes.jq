select(.Type == "ACCRECCREDIT")
| {id: .CreditNoteID, creditNoteNumber: (.CreditNoteNumber | blank), customerRef: customer} + credit_note("Invoice")
