select(.Type == "ACCPAYCREDIT")
| {id: .CreditNoteID, billCreditNoteNumber: (.CreditNoteNumber | blank), supplierRef: supplier} + credit_note("Bill")
