//! The rules, each with the words that it is reported in.

use connectors::DataType;
use serde_json::Value;

use super::Finding;

/// The names of a document's parts.
struct Document {
    validator: &'static str,
    /// `A bill`.
    name: &'static str,
    /// The member that names the other party to it.
    party: &'static str,
}

const fn document(data_type: DataType) -> Option<Document> {
    Some(match data_type {
        DataType::Invoices => Document {
            validator: "InvoiceValidator",
            name: "An invoice",
            party: "customerRef",
        },
        DataType::CreditNotes => Document {
            validator: "CreditNoteValidator",
            name: "A credit note",
            party: "customerRef",
        },
        DataType::Bills => Document {
            validator: "BillValidator",
            name: "A bill",
            party: "supplierRef",
        },
        DataType::BillCreditNotes => Document {
            validator: "BillCreditNoteValidator",
            name: "A bill credit note",
            party: "supplierRef",
        },
        DataType::Payments => Document {
            validator: "PaymentValidator",
            name: "A payment",
            party: "customerRef",
        },
        DataType::BillPayments => Document {
            validator: "BillPaymentValidator",
            name: "A bill payment",
            party: "supplierRef",
        },
        DataType::AccountTransactions
        | DataType::BalanceSheet
        | DataType::BankAccounts
        | DataType::BankTransactions
        | DataType::CashFlowStatement
        | DataType::ChartOfAccounts
        | DataType::Company
        | DataType::Customers
        | DataType::DirectCosts
        | DataType::DirectIncomes
        | DataType::ItemReceipts
        | DataType::Items
        | DataType::JournalEntries
        | DataType::Journals
        | DataType::PaymentMethods
        | DataType::ProfitAndLoss
        | DataType::PurchaseOrders
        | DataType::SalesOrders
        | DataType::Suppliers
        | DataType::TaxRates
        | DataType::TrackingCategories
        | DataType::Transfers
        | DataType::BankingAccountBalances
        | DataType::BankingAccounts
        | DataType::BankingTransactionCategories
        | DataType::BankingTransactions
        | DataType::CommerceCompanyInfo
        | DataType::CommerceCustomers
        | DataType::CommerceDisputes
        | DataType::CommerceLocations
        | DataType::CommerceOrders
        | DataType::CommercePaymentMethods
        | DataType::CommercePayments
        | DataType::CommerceProductCategories
        | DataType::CommerceProducts
        | DataType::CommerceTaxComponents
        | DataType::CommerceTransactions => return None,
    })
}

pub(super) const fn has_rules(data_type: DataType) -> bool {
    document(data_type).is_some()
}

/// The name under which the findings of a data type's sums are reported.
pub(super) const fn validator(data_type: DataType) -> &'static str {
    match (document(data_type), data_type) {
        (Some(document), _) => document.validator,
        (None, DataType::JournalEntries) => "JournalEntryValidator",
        (None, DataType::CommerceOrders) => "OrderValidator",
        (None, _) => "Records",
    }
}

/// Reads one record's JSON.
pub(super) fn check(data_type: DataType, id: &str, record: &Value, findings: &mut Vec<Finding>) {
    let Some(document) = document(data_type) else {
        return;
    };
    let mut report = |rule: &str, message: String| {
        findings.push(Finding::warning(
            format!("{data_type}-{rule}"),
            id,
            message,
            document.validator,
        ));
    };
    let name = document.name;
    if text(&record[document.party], "id").is_none() {
        report("party", format!("{name} should have a {}.", document.party));
    }
    if text(record, "currency").is_none() {
        report("currency", format!("{name} should have a currency."));
    }
    if let (Some(issued), Some(due)) = (text(record, "issueDate"), text(record, "dueDate"))
        && due.get(..10) < issued.get(..10)
    {
        report(
            "due-date",
            format!("{name}'s DueDate ({due}) should not be before its IssueDate ({issued})."),
        );
    }
}

fn text<'a>(record: &'a Value, field: &str) -> Option<&'a str> {
    record[field].as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(data_type: DataType, record: Value) -> Vec<String> {
        let mut findings = Vec::new();
        check(data_type, "i-1", &record, &mut findings);
        findings
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    fn bill() -> Value {
        json!({"id": "i-1", "supplierRef": {"id": "s-1"}, "currency": "GBP", "status": "Open", "totalAmount": 70.00,
               "issueDate": "2026-01-01T00:00:00", "dueDate": "2026-01-31T00:00:00"})
    }

    #[test]
    fn a_whole_document_has_nothing_to_be_said_of_it() {
        assert_eq!(found(DataType::Bills, bill()), [""; 0]);
    }

    #[test]
    fn each_rule_can_fail() {
        for (field, value, words) in [
            ("supplierRef", Value::Null, "should have a supplierRef"),
            ("currency", Value::Null, "should have a currency"),
            (
                "dueDate",
                json!("2025-12-31T00:00:00"),
                "should not be before its IssueDate",
            ),
        ] {
            let mut wrong = bill();
            wrong[field] = value;
            let said = found(DataType::Bills, wrong);
            assert!(
                said.iter().any(|message| message.contains(words)),
                "{field}: {said:?}"
            );
        }
    }
}
