//! The rules, each with the words that it is reported in.

use connectors::DataType;
use rust_decimal::Decimal;
use serde_json::Value;

use super::Finding;

/// The names of a document's parts.
struct Document {
    validator: &'static str,
    /// `A bill`.
    name: &'static str,
    /// The member that names the other party to it.
    party: &'static str,
    lines: bool,
}

const fn document(data_type: DataType) -> Option<Document> {
    Some(match data_type {
        DataType::Invoices => Document {
            validator: "InvoiceValidator",
            name: "An invoice",
            party: "customerRef",
            lines: true,
        },
        DataType::CreditNotes => Document {
            validator: "CreditNoteValidator",
            name: "A credit note",
            party: "customerRef",
            lines: true,
        },
        DataType::Bills => Document {
            validator: "BillValidator",
            name: "A bill",
            party: "supplierRef",
            lines: true,
        },
        DataType::BillCreditNotes => Document {
            validator: "BillCreditNoteValidator",
            name: "A bill credit note",
            party: "supplierRef",
            lines: true,
        },
        DataType::Payments => Document {
            validator: "PaymentValidator",
            name: "A payment",
            party: "customerRef",
            lines: false,
        },
        DataType::BillPayments => Document {
            validator: "BillPaymentValidator",
            name: "A bill payment",
            party: "supplierRef",
            lines: false,
        },
        // Entries of their own kind: see `check_journal`.
        DataType::JournalEntries => return None,
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
    document(data_type).is_some() || matches!(data_type, DataType::JournalEntries)
}

/// Reads one record's JSON.
pub(super) fn check(data_type: DataType, id: &str, record: &Value, findings: &mut Vec<Finding>) {
    if data_type == DataType::JournalEntries {
        return check_journal(id, record, findings);
    }
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
    let total = amount(record, "totalAmount");
    let due = amount(record, "amountDue");
    let status = text(record, "status").unwrap_or_default();
    if document.lines {
        let lines = record["lineItems"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        // Without its lines there is nothing to add up; with a discount or a tax on the whole, lines aren't all.
        let on_the_whole = ["totalDiscount", "additionalTaxAmount"]
            .iter()
            .any(|field| amount(record, field).is_some_and(|amount| !amount.is_zero()))
            || record["withholdingTax"]
                .as_array()
                .is_some_and(|taxes| !taxes.is_empty());
        if !lines.is_empty() && !on_the_whole {
            let sums = [
                (
                    "lines-total",
                    "totalAmount",
                    total,
                    "lines summed",
                    "TotalAmount",
                ),
                (
                    "lines-sub-total",
                    "subTotal",
                    amount(record, "subTotal"),
                    "lines sub total amount summed",
                    "SubTotal",
                ),
            ];
            for (rule, field, whole, what, named) in sums {
                if let (Some(sum), Some(whole)) = (sum(lines, field), whole)
                    && !is_near(sum, whole, lines.len())
                {
                    report(
                        rule,
                        format!(
                            "{name}'s {what} ({sum:.2}) should be the same as {named} ({whole:.2})."
                        ),
                    );
                }
            }
        }
        if let (Some(total), Some(due)) = (total, due) {
            if due.is_sign_negative() && !due.is_zero() && total >= Decimal::ZERO {
                report(
                    "amount-due",
                    format!("{name}'s AmountDue ({due}) should not be negative."),
                );
            }
            if due > total && total >= Decimal::ZERO {
                report(
                    "amount-due",
                    format!(
                        "{name}'s AmountDue ({due}) should not be more than TotalAmount ({total})."
                    ),
                );
            }
        }
        if status == "Paid" && due.is_some_and(|due| !due.is_zero()) {
            let due = due.unwrap_or_default();
            report(
                "paid",
                format!("{name} that is Paid should have nothing due; AmountDue is {due}."),
            );
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
}

/// Debits and credits of an entry cancel each other out.
fn check_journal(id: &str, record: &Value, findings: &mut Vec<Finding>) {
    let lines = record["journalLines"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if let Some(net) = sum(lines, "netAmount")
        && !lines.is_empty()
        && !is_near(net, Decimal::ZERO, lines.len())
    {
        findings.push(Finding::warning(
            format!("{}-balance", DataType::JournalEntries),
            id,
            format!("A journal entry's lines summed ({net:.2}) should be 0."),
            "JournalEntryValidator",
        ));
    }
}

fn text<'a>(record: &'a Value, field: &str) -> Option<&'a str> {
    record[field].as_str().filter(|text| !text.is_empty())
}

/// Amounts are plain decimals; those of up to 15 digits come through exactly.
fn amount(record: &Value, field: &str) -> Option<Decimal> {
    let text = record[field].as_number()?.to_string();
    Decimal::from_str_exact(&text)
        .or_else(|_| Decimal::from_scientific(&text))
        .ok()
}

/// None if a line lacks the amount.
fn sum(lines: &[Value], field: &str) -> Option<Decimal> {
    lines
        .iter()
        .map(|line| amount(line, field))
        .try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount?))
}

/// Platforms that round each line are within half a cent a line.
fn is_near(sum: Decimal, whole: Decimal, lines: usize) -> bool {
    let most = Decimal::new(5, 3) * Decimal::from(lines);
    (sum - whole).abs() < most.min(Decimal::new(1, 2))
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
               "subTotal": 58.33, "amountDue": 70.00, "issueDate": "2026-01-01T00:00:00", "dueDate": "2026-01-31T00:00:00",
               "lineItems": [{"totalAmount": 60.00, "subTotal": 50.00}, {"totalAmount": 10.00, "subTotal": 8.33}]})
    }

    #[test]
    fn a_document_that_adds_up_has_nothing_to_be_said_of_it() {
        assert_eq!(found(DataType::Bills, bill()), [""; 0]);
    }

    #[test]
    fn what_does_not_add_up_is_said_with_both_amounts() {
        let mut wrong = bill();
        wrong["lineItems"][1]["totalAmount"] = json!(9.99);
        assert_eq!(
            found(DataType::Bills, wrong),
            ["A bill's lines summed (69.99) should be the same as TotalAmount (70.00)."]
        );
        let mut discounted = bill();
        discounted["lineItems"][1]["totalAmount"] = json!(9.99);
        discounted["totalDiscount"] = json!(0.01);
        assert_eq!(found(DataType::Bills, discounted), [""; 0]);
    }

    #[test]
    fn each_rule_can_fail() {
        for (field, value, words) in [
            ("supplierRef", Value::Null, "should have a supplierRef"),
            ("currency", Value::Null, "should have a currency"),
            ("amountDue", json!(-1), "should not be negative"),
            (
                "amountDue",
                json!(71),
                "should not be more than TotalAmount",
            ),
            ("status", json!("Paid"), "should have nothing due"),
            (
                "dueDate",
                json!("2025-12-31T00:00:00"),
                "should not be before its IssueDate",
            ),
            ("subTotal", json!(58), "should be the same as SubTotal"),
        ] {
            let mut wrong = bill();
            wrong[field] = value;
            let said = found(DataType::Bills, wrong);
            assert!(
                said.iter().any(|message| message.contains(words)),
                "{field}: {said:?}"
            );
        }
        let journal = json!({"journalLines": [{"netAmount": 10}, {"netAmount": -9.5}]});
        assert_eq!(
            found(DataType::JournalEntries, journal),
            ["A journal entry's lines summed (0.50) should be 0."]
        );
    }
}
