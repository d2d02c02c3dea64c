//! Sums that hold in every record of a data type, whatever the platform: declared here once, checked as a record is read.
//!
//! A statement that doesn't hold is refused, because every figure of it was read from one table. In any other record a wrong
//! sum is the platform's or the map's, and the rest of the record still tells something: it is kept, with a warning.
//!
//! | rule | data types | must hold | if not |
//! |---|---|---|---|
//! | `items` | statements | a line's value is the sum of its items | refused |
//! | `net-assets` | `balanceSheet` | assets less liabilities are the net assets | refused |
//! | `equity` | `balanceSheet` | assets less liabilities are the equity | refused |
//! | `gross-profit`, `net-operating-profit`, `net-other-income`, `net-profit` | `profitAndLoss` | each is the difference or the sum of its parts | refused |
//! | `lines-total`, `lines-sub-total` | documents, orders, money spent or received at once | lines add up to the total, and to the sub-total | warning |
//! | `sub-total-tax` | the same | the sub-total and the tax are the total | warning |
//! | `amount-due`, `remaining-credit` | documents | the amount stands between nought and the total | warning |
//! | `paid` | documents | what is paid has nothing due, or no credit left | warning |
//! | `lines-total` | payments, account transactions | lines add up to the total; a payment of something has lines, if the platform gives any | warning |
//! | `links` | payments | the links of a line take away what the line brings | warning |
//! | `balance` | `journalEntries` | debits and credits are equal | warning |
//! | `amounts` | `transfers` | what leaves an account arrives in one of the same currency | warning |
//! | `lines-total` | `commerce-orders` | lines and service charges, with tax and less discounts, add up to the total, gratuity apart; with or without what was refunded | warning |
//! | `lines-tax` | `commerce-orders` | the taxes of lines and service charges are the order's tax, unless part of it was refunded | warning |
//! | `line-total` | `commerce-orders` | units at their price without tax, less discounts, with tax are the line's total | warning |
//! | `discounts` | `commerce-orders` | lines are given no more discount than the order | warning |
//! | `paid` | `commerce-orders` | what was paid stands between nought and the total with gratuity | warning |
//!
//! Amounts that a platform doesn't give aren't summed. Platforms that round each line are within half a minor unit of the record's
//! currency a line, and within one unit in all; a statement is within one. Without a currency the unit is a cent.

mod commerce;
mod documents;
mod movements;
mod statements;

use rust_decimal::Decimal;

use crate::{Money, currency_unit};

/// A sum that doesn't hold in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// `lines-total`
    pub rule: &'static str,
    /// A sentence with both figures.
    pub message: String,
    /// The record is refused; else it is kept, and suspicious.
    pub(crate) refuses: bool,
}

impl Breach {
    fn warning(rule: &'static str, message: String) -> Self {
        Self {
            rule,
            message,
            refuses: false,
        }
    }

    fn refusal(rule: &'static str, message: String) -> Self {
        Self {
            rule,
            message,
            refuses: true,
        }
    }
}

/// A model with sums in it.
pub(crate) trait Sums {
    fn breaches(&self) -> Vec<Breach>;
}

/// None if an amount is missing, or if the sum has too many digits.
fn sum(amounts: impl IntoIterator<Item = Option<Money>>) -> Option<Decimal> {
    amounts
        .into_iter()
        .try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount?.0))
}

/// The smallest amount of a currency: a cent, if the currency isn't known.
#[derive(Debug, Clone, Copy)]
struct Unit(Decimal);

impl Default for Unit {
    fn default() -> Self {
        Self(currency_unit(None))
    }
}

impl Unit {
    fn of(currency: Option<&str>) -> Self {
        Self(currency_unit(currency))
    }

    /// The decimals of a figure in a message, at least two.
    fn digits(self) -> usize {
        self.0.scale().max(2) as usize
    }

    fn half(self) -> Decimal {
        self.0 / Decimal::TWO
    }

    /// True if the difference is what rounding each of `lines` can make of it.
    fn is_near(self, sum: Decimal, whole: Decimal, lines: usize) -> bool {
        let most = self.half() * Decimal::from(lines.max(1));
        sum.checked_sub(whole)
            .is_some_and(|difference| difference.abs() < most.min(self.0))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{DataType, record};

    /// The messages of the warnings, or of the refusal.
    fn reported(data_type: DataType, record: &Value) -> Vec<String> {
        let text = record.to_string();
        match record::read(data_type, &mut serde_json::Deserializer::from_str(&text)) {
            Ok(record) => {
                let breaches = record.breaches.into_iter();
                breaches
                    .map(|breach| format!("{}: {}", breach.rule, breach.message))
                    .collect()
            }
            Err(error) => vec![error.to_string()],
        }
    }

    fn bill() -> Value {
        json!({"id": "1", "status": "PartiallyPaid", "subTotal": 100.00, "taxAmount": 20.00, "totalAmount": 120.00, "amountDue": 70.00,
               "lineItems": [{"unitAmount": 1, "quantity": 1, "subTotal": 60.00, "totalAmount": 72.00},
                             {"unitAmount": 1, "quantity": 1, "subTotal": 40.00, "totalAmount": 48.00}]})
    }

    fn credit_note() -> Value {
        json!({"id": "1", "status": "Submitted", "subTotal": 100.00, "totalTaxAmount": 20.00, "totalAmount": 120.00, "remainingCredit": 120.00})
    }

    fn payment() -> Value {
        json!({"id": "1", "totalAmount": 60.00, "lines": [
            {"amount": 100.00, "links": [{"type": "Invoice", "amount": -100.00}]},
            {"amount": -40.00, "links": [{"type": "CreditNote", "amount": 40.00}]}]})
    }

    fn journal() -> Value {
        json!({"id": "1", "journalLines": [{"netAmount": 100.00}, {"netAmount": 20.00}, {"netAmount": -120.00}]})
    }

    fn transaction() -> Value {
        json!({"id": "1", "status": "Unreconciled", "totalAmount": -5.00, "lines": [{"amount": -3.00}, {"amount": -2.00}]})
    }

    fn transfer() -> Value {
        let side = json!({"accountRef": {"id": "a", "dataType": "bankAccounts"}, "amount": 5.00, "currency": "GBP"});
        json!({"id": "1", "from": side, "to": side})
    }

    fn direct_cost() -> Value {
        json!({"id": "1", "issueDate": "2026-03-31", "currency": "GBP", "paymentAllocations": [], "subTotal": 5.00, "taxAmount": 1.00,
               "totalAmount": 6.00, "lineItems": [{"unitAmount": 5, "quantity": 1, "subTotal": 5.00, "totalAmount": 6.00}]})
    }

    fn order() -> Value {
        json!({"id": "1", "totalAmount": 15.00, "totalTaxAmount": 2.50, "totalDiscount": 2.00, "totalGratuity": 1.00, "totalRefund": 0,
               "orderLineItems": [
                   {"id": "a", "quantity": 2, "unitPrice": 5.00, "totalTaxAmount": 1.60, "totalAmount": 9.60,
                    "discountAllocations": [{"name": "d", "totalAmount": 2.00}]},
                   {"id": "b", "quantity": 1, "unitPrice": 2.00, "totalTaxAmount": 0.40, "totalAmount": 2.40}],
               "serviceCharges": [{"totalAmount": 3.00, "taxAmount": 0.50, "type": "Shipping"}],
               "payments": [{"id": "p", "status": "Paid", "amount": 16.00}, {"id": "q", "status": "Failed", "amount": 16.00}]})
    }

    fn line(value: f64) -> Value {
        json!({"value": value, "name": "A", "items": [{"value": value - 1.0, "name": "x"}, {"value": 1.0, "name": "y"}]})
    }

    fn balance_sheet() -> Value {
        json!({"month": "2026-03", "assets": line(5000.0), "liabilities": line(1300.0), "netAssets": 3700.0, "equity": line(3700.0)})
    }

    fn profit_and_loss() -> Value {
        json!({"month": "2026-03", "reportBasis": "Accrual", "income": line(100.0), "costOfSales": line(40.0), "grossProfit": 60.0,
               "expenses": line(50.0), "netOperatingProfit": 10.0, "otherIncome": line(5.0), "otherExpenses": line(2.0),
               "netOtherIncome": 3.0, "netProfit": 13.0})
    }

    fn cash_flow() -> Value {
        json!({"month": "2026-03", "reportBasis": "Cash", "reportInput": "Direct", "cashReceipts": line(5.0), "cashPayments": line(2.0)})
    }

    #[test]
    fn records_whose_sums_hold_have_no_breach() {
        for (data_type, record) in [
            (DataType::Bills, bill()),
            (DataType::CreditNotes, credit_note()),
            (DataType::BillCreditNotes, credit_note()),
            (DataType::Payments, payment()),
            (DataType::JournalEntries, journal()),
            (DataType::AccountTransactions, transaction()),
            (DataType::Transfers, transfer()),
            (DataType::DirectCosts, direct_cost()),
            (DataType::DirectIncomes, direct_cost()),
            (DataType::BalanceSheet, balance_sheet()),
            (DataType::ProfitAndLoss, profit_and_loss()),
            (DataType::CashFlowStatement, cash_flow()),
            (DataType::CommerceOrders, order()),
        ] {
            assert_eq!(reported(data_type, &record), [""; 0], "{data_type}");
        }
    }

    #[test]
    fn every_rule_reports_both_figures_when_its_sum_is_broken() {
        let broken = |mut record: Value, at: &str, value: Value| {
            *record.pointer_mut(at).unwrap() = value;
            record
        };
        for (data_type, record, reports) in [
            (
                DataType::Bills,
                broken(bill(), "/lineItems/0/totalAmount", json!(71.00)),
                "lines-total: A bill's lines summed (119.00) should be the same as TotalAmount (120.00).",
            ),
            (
                DataType::Bills,
                broken(bill(), "/lineItems/1/subTotal", json!(40.02)),
                "lines-sub-total: A bill's lines sub total amount summed (100.02) should be the same as SubTotal (100.00).",
            ),
            (
                DataType::Bills,
                broken(bill(), "/taxAmount", json!(-20.00)),
                "sub-total-tax: A bill's SubTotal (100.0) and tax (-20.0) should be the same as TotalAmount (120.0).",
            ),
            (
                DataType::Bills,
                broken(bill(), "/amountDue", json!(120.01)),
                "amount-due: A bill's AmountDue (120.01) should not be more than TotalAmount (120.0).",
            ),
            (
                DataType::Bills,
                broken(bill(), "/amountDue", json!(-1)),
                "amount-due: A bill's AmountDue (-1) should not be negative.",
            ),
            (
                DataType::Bills,
                broken(bill(), "/status", json!("Paid")),
                "paid: A bill that is Paid should have nothing due; AmountDue is 70.0.",
            ),
            (
                DataType::CreditNotes,
                broken(credit_note(), "/remainingCredit", json!(121)),
                "remaining-credit: A credit note's RemainingCredit (121) should not be more than TotalAmount (120.0).",
            ),
            (
                DataType::BillCreditNotes,
                broken(credit_note(), "/status", json!("Paid")),
                "paid: A bill credit note that is Paid should have no credit left; RemainingCredit is 120.0.",
            ),
            (
                DataType::Payments,
                broken(payment(), "/totalAmount", json!(140)),
                "lines-total: A payment's lines summed (60.0) should be the same as TotalAmount (140).",
            ),
            (
                DataType::BillPayments,
                json!({"id": "1", "totalAmount": 5, "lines": [{"amount": 5, "links": [{"type": "Bill", "amount": 5}]}]}),
                "links: A bill payment's line of 5 should have links of -5; they come to 5.",
            ),
            (
                DataType::Payments,
                // 100 euros take 86.50 pounds away, and not 96.50.
                json!({"id": "1", "totalAmount": 100, "currencyRate": 0.865, "lines": [
                    {"amount": 100, "links": [{"type": "Invoice", "amount": -96.5, "currencyRate": 1}]}]}),
                "links: A payment's line of 100 should have links of -100; they come to -96.5.",
            ),
            (
                DataType::JournalEntries,
                broken(journal(), "/journalLines/1/netAmount", json!(0)),
                "balance: A journal entry's lines summed (-20.00) should be 0.",
            ),
            (
                DataType::AccountTransactions,
                broken(transaction(), "/totalAmount", json!(-6)),
                "lines-total: An account transaction's lines summed (-5.0) should be the same as TotalAmount (-6).",
            ),
            (
                DataType::Transfers,
                broken(transfer(), "/to/amount", json!(6)),
                "amounts: A transfer's From.Amount (5.0) and To.Amount (6) should be the same in the same currency.",
            ),
            (
                DataType::DirectCosts,
                broken(direct_cost(), "/taxAmount", json!(2)),
                "sub-total-tax: A direct cost's SubTotal (5.0) and tax (2) should be the same as TotalAmount (6.0).",
            ),
            (
                DataType::CommerceOrders,
                broken(order(), "/totalAmount", json!(16.00)),
                "lines-total: An order's lines and service charges summed (15.0) should be the same as TotalAmount (16.0), or",
            ),
            (
                DataType::CommerceOrders,
                broken(order(), "/serviceCharges/0/taxAmount", json!(0.60)),
                "lines-tax: An order's lines and service charges summed (2.6) should be the same as TotalTaxAmount (2.5), or",
            ),
            (
                DataType::CommerceOrders,
                // A price that holds its tax.
                broken(order(), "/orderLineItems/1/unitPrice", json!(2.40)),
                "line-total: An order line's 1 at UnitPrice (2.4), less discounts (0), with TotalTaxAmount (0.4) should be \
                 TotalAmount (2.4); they come to 2.8.",
            ),
            (
                DataType::CommerceOrders,
                broken(order(), "/totalDiscount", json!(1.90)),
                "discounts: The discounts on an order's lines summed (2.0) should not be more than TotalDiscount (1.9).",
            ),
            (
                DataType::CommerceOrders,
                broken(order(), "/payments/0/amount", json!(16.01)),
                "paid: An order's payments summed (16.01) should be between 0 and 16.0, its TotalAmount and TotalGratuity.",
            ),
            (
                DataType::BalanceSheet,
                broken(balance_sheet(), "/liabilities", line(1200.0)),
                "assets less liabilities are 3800.0, and the netAssets is 3700.0",
            ),
            (
                DataType::BalanceSheet,
                broken(balance_sheet(), "/equity", line(3600.0)),
                "assets less liabilities are 3700.0, and the equity is 3600.0",
            ),
            (
                DataType::BalanceSheet,
                broken(balance_sheet(), "/assets/items/0/value", json!(0)),
                "`A` is 5000.0, and its items add up to 1.0",
            ),
            (
                DataType::ProfitAndLoss,
                broken(profit_and_loss(), "/grossProfit", json!(61)),
                "income less costOfSales are 60.0, and the grossProfit is 61",
            ),
            (
                DataType::ProfitAndLoss,
                broken(profit_and_loss(), "/netProfit", json!(7)),
                "netOperatingProfit and netOtherIncome are 13.0, and the netProfit is 7",
            ),
            (
                DataType::CashFlowStatement,
                broken(cash_flow(), "/cashPayments/value", json!(3)),
                "`A` is 3, and its items add up to 2.0",
            ),
        ] {
            let found = reported(data_type, &record);
            let reports = found.iter().any(|message| message.starts_with(reports));
            assert!(reports, "{data_type}: {found:?}");
        }
    }

    #[test]
    fn a_deduction_or_a_discount_on_the_whole_may_stand_in_the_totals_or_beside_them() {
        let mut invoice = bill();
        let members = invoice.as_object_mut().unwrap();
        let tax = members.remove("taxAmount").unwrap();
        members.insert("totalTaxAmount".to_owned(), tax);
        invoice["withholdingTax"] = json!([{"name": "CIS", "amount": 20.00}]);
        assert_eq!(reported(DataType::Invoices, &invoice), [""; 0]);
        invoice["totalAmount"] = json!(100.00);
        assert_eq!(reported(DataType::Invoices, &invoice), [""; 0]);
        invoice["withholdingTax"] = json!([]);
        invoice["totalDiscount"] = json!(10.00);
        invoice["subTotal"] = json!(90.00);
        invoice["totalTaxAmount"] = json!(18.00);
        invoice["totalAmount"] = json!(108.00);
        assert_eq!(reported(DataType::Invoices, &invoice), [""; 0]);
    }

    #[test]
    fn a_refund_may_stand_in_an_orders_total_or_in_its_lines() {
        let mut sold = order();
        sold["totalRefund"] = json!(-15.00);
        sold["totalAmount"] = json!(0);
        assert_eq!(reported(DataType::CommerceOrders, &sold), [""; 0]);
        let returned = json!({"id": "1", "totalAmount": -9.60, "totalRefund": -9.60, "totalTaxAmount": -1.60,
            "orderLineItems": [{"id": "a", "quantity": -2, "unitPrice": 4.00, "totalTaxAmount": -1.60, "totalAmount": -9.60}],
            "payments": [{"id": "p", "status": "Paid", "amount": -9.60}]});
        assert_eq!(reported(DataType::CommerceOrders, &returned), [""; 0]);
    }

    #[test]
    fn a_cent_of_rounding_in_a_statement_is_not_a_breach() {
        let mut sheet = balance_sheet();
        sheet["equity"] = line(3699.99);
        assert_eq!(reported(DataType::BalanceSheet, &sheet), [""; 0]);
        sheet["equity"] = line(3699.9);
        assert_eq!(reported(DataType::BalanceSheet, &sheet).len(), 1);
    }

    #[test]
    fn a_statement_of_many_rows_is_within_one_unit_of_its_currency_as_well() {
        let many = |value: f64| {
            let items: Vec<Value> = (0..40)
                .map(|row| json!({"value": value / 40.0, "name": format!("{row}")}))
                .collect();
            json!({"value": value, "name": "A", "items": items})
        };
        let mut sheet = balance_sheet();
        sheet["assets"] = many(400.0);
        sheet["liabilities"] = json!({"value": 0, "name": "L"});
        sheet["netAssets"] = json!(400.00);
        for (currency, equity, breaches) in [
            (None, 399.80, 1),
            (None, 399.98, 1),
            (None, 399.99, 0),
            (Some("JPY"), 399.0, 0),
            (Some("JPY"), 398.0, 1),
            (Some("KWD"), 399.99, 1),
            (Some("KWD"), 399.999, 0),
        ] {
            sheet["equity"] = json!({"value": equity, "name": "E"});
            sheet["currency"] = json!(currency);
            let found = reported(DataType::BalanceSheet, &sheet);
            assert_eq!(found.len(), breaches, "{currency:?} {equity}: {found:?}");
        }
    }

    #[test]
    fn sums_are_as_near_as_the_currency_has_decimals() {
        let journal = |currency: Option<&str>, odd: &str| {
            let currency =
                currency.map_or(String::new(), |code| format!(r#","currency":"{code}""#));
            let text = format!(
                r#"{{"id":"1","journalLines":[{{"netAmount":1.234{currency}}},{{"netAmount":{odd}{currency}}}]}}"#
            );
            reported(
                DataType::JournalEntries,
                &serde_json::from_str(&text).unwrap(),
            )
        };
        // Three decimals are of a currency that has them, if it isn't told.
        for currency in [None, Some("KWD")] {
            assert_eq!(
                journal(currency, "-1.23"),
                ["balance: A journal entry's lines summed (0.004) should be 0."]
            );
            assert_eq!(journal(currency, "-1.234"), [""; 0]);
        }
        assert_eq!(journal(Some("GBP"), "-1.23"), [""; 0]);

        let mut invoice = json!({"id": "1", "status": "Submitted", "currency": "JPY", "subTotal": 10000, "totalTaxAmount": 0, "totalAmount": 10000,
            "lineItems": [{"unitAmount": 1, "quantity": 1, "subTotal": 3333.3}, {"unitAmount": 1, "quantity": 1, "subTotal": 3333.3}, {"unitAmount": 1, "quantity": 1, "subTotal": 3333}]});
        assert_eq!(reported(DataType::Invoices, &invoice), [""; 0]);
        invoice["currency"] = json!("GBP");
        assert_eq!(reported(DataType::Invoices, &invoice).len(), 1);

        // Three for a thousand yen, with the tax of ten per cent in the price.
        let mut order = json!({"id": "1", "currency": "JPY", "totalAmount": 1000, "totalTaxAmount": 91,
            "orderLineItems": [{"id": "a", "quantity": 3, "unitPrice": 303, "totalTaxAmount": 91, "totalAmount": 1000}]});
        assert_eq!(reported(DataType::CommerceOrders, &order), [""; 0]);
        order["orderLineItems"][0]["unitPrice"] = json!(300);
        assert_eq!(reported(DataType::CommerceOrders, &order).len(), 1);
    }

    #[test]
    fn a_payment_of_something_has_lines_if_any_are_given() {
        let mut paid = payment();
        paid["lines"] = json!([]);
        assert_eq!(
            reported(DataType::Payments, &paid),
            ["lines-total: A payment has no lines, and a TotalAmount of 60.0."]
        );
        paid["totalAmount"] = json!(0.00);
        assert_eq!(reported(DataType::Payments, &paid), [""; 0]);
        paid["totalAmount"] = json!(60.00);
        paid.as_object_mut().unwrap().remove("lines");
        assert_eq!(reported(DataType::Payments, &paid), [""; 0]);
    }

    #[test]
    fn a_deleted_record_is_not_summed() {
        let mut gone = bill();
        gone["totalAmount"] = json!(1);
        gone["metadata"] = json!({"isDeleted": true});
        assert_eq!(reported(DataType::Bills, &gone), [""; 0]);
    }

    #[test]
    fn a_link_in_another_currency_takes_the_same_away_in_the_companys() {
        for (rate, amount) in [(1.0, -86.5), (0.5, -173.0)] {
            let payment = json!({"id": "1", "totalAmount": 100, "currency": "EUR", "currencyRate": 0.865, "lines": [
                {"amount": 100, "links": [{"type": "Invoice", "amount": amount, "currencyRate": rate}]}]});
            assert_eq!(reported(DataType::Payments, &payment), [""; 0]);
        }
        // In books of whole yen.
        for (amount, breaches) in [(-1501, 0), (-1500, 1)] {
            let payment = json!({"id": "1", "totalAmount": 10, "currency": "USD", "currencyRate": 150.123, "lines": [
                {"amount": 10, "links": [{"type": "Invoice", "amount": amount, "currencyRate": 1}]}]});
            assert_eq!(reported(DataType::Payments, &payment).len(), breaches);
        }
    }

    #[test]
    fn sums_of_too_many_digits_are_left_alone() {
        let huge = "9999999999999999999999999999";
        let text = format!(
            r#"{{"id":"1","totalAmount":1,"lines":[{{"amount":{huge}}},{{"amount":{huge}}},{{"amount":{huge}}},{{"amount":{huge}}},
                {{"amount":{huge}}},{{"amount":{huge}}},{{"amount":{huge}}},{{"amount":{huge}}}]}}"#
        );
        let read = record::read(
            DataType::Payments,
            &mut serde_json::Deserializer::from_str(&text),
        );
        assert_eq!(read.unwrap().breaches, []);
    }
}
