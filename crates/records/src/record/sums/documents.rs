//! Sums of documents: invoices, bills, credit notes, orders, money spent or received at once.

use rust_decimal::Decimal;

use super::{Breach, Sums, Unit, sum};
use crate::Money;
use crate::accounting::{
    Bill, BillCreditNote, BillCreditNoteStatus, BillStatus, CreditNote, CreditNoteStatus,
    DirectCost, DirectIncome, Invoice, InvoiceStatus, ItemReceipt, PurchaseOrder, SalesOrder,
    WithholdingTax,
};

/// The amounts of a document that have to agree with each other.
#[derive(Default)]
struct Document {
    /// `A bill`.
    name: &'static str,
    unit: Unit,
    /// The sub-total and the total of each line.
    lines: Vec<(Option<Money>, Option<Money>)>,
    sub_total: Option<Money>,
    tax: Option<Money>,
    total: Option<Money>,
    /// On the whole document, or the sum of those on its lines: platforms differ.
    discount: Option<Money>,
    further_tax: Option<Money>,
    withheld: Option<Decimal>,
    rest: Option<Rest>,
}

/// The part of a document that isn't settled.
struct Rest {
    rule: &'static str,
    /// `AmountDue`.
    name: &'static str,
    amount: Option<Money>,
    settled: bool,
}

fn due(amount: Option<Money>, settled: bool) -> Option<Rest> {
    Some(Rest {
        rule: "amount-due",
        name: "AmountDue",
        amount,
        settled,
    })
}

fn remaining(amount: Option<Money>, settled: bool) -> Option<Rest> {
    Some(Rest {
        rule: "remaining-credit",
        name: "RemainingCredit",
        amount,
        settled,
    })
}

fn withheld(taxes: &Option<Vec<WithholdingTax>>) -> Option<Decimal> {
    sum(taxes.iter().flatten().map(|tax| Some(tax.amount)))
}

/// The sub-totals and totals of lines, which are structs of their own in every document.
macro_rules! lines {
    ($lines:expr) => {
        $lines
            .map(|line| (line.sub_total, line.total_amount))
            .collect()
    };
}

impl Document {
    fn breaches(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        self.check_lines(&mut breaches);
        self.check_tax(&mut breaches);
        self.check_rest(&mut breaches);
        breaches
    }

    /// The ways in which the whole may differ from its parts: a platform has a discount, a tax on the whole or a deduction
    /// in its totals, or beside them.
    fn on_the_whole(&self) -> [Decimal; 4] {
        let amount = |amount: Option<Money>| amount.map_or(Decimal::ZERO, |amount| amount.0);
        let withheld = self.withheld.unwrap_or_default();
        [
            Decimal::ZERO,
            -amount(self.discount),
            amount(self.further_tax),
            -withheld,
        ]
    }

    /// `rounded` is the number of amounts, each of them rounded, that the parts are the sum of.
    fn agrees(&self, parts: Decimal, whole: Decimal, rounded: usize) -> bool {
        self.on_the_whole().into_iter().any(|more| {
            parts
                .checked_add(more)
                .is_some_and(|parts| self.unit.is_near(parts, whole, rounded))
        })
    }

    fn check_lines(&self, breaches: &mut Vec<Breach>) {
        // Without its lines there is nothing to add up.
        if self.lines.is_empty() {
            return;
        }
        let name = self.name;
        let digits = self.unit.digits();
        // A discount on the whole lowers the tax as well, by an amount that isn't known.
        let discounted = self.discount.is_some_and(|discount| !discount.0.is_zero());
        let totals = sum(self.lines.iter().map(|(_, total)| *total));
        if let (Some(sum), Some(Money(whole))) = (totals, self.total)
            && !discounted
            && !self.agrees(sum, whole, self.lines.len())
        {
            breaches.push(Breach::warning(
                "lines-total",
                format!(
                    "{name}'s lines summed ({sum:.digits$}) should be the same as TotalAmount ({whole:.digits$})."
                ),
            ));
        }
        let sub_totals = sum(self.lines.iter().map(|(sub_total, _)| *sub_total));
        if let (Some(sum), Some(Money(whole))) = (sub_totals, self.sub_total)
            && !self.agrees(sum, whole, self.lines.len())
        {
            breaches.push(Breach::warning(
                "lines-sub-total",
                format!(
                    "{name}'s lines sub total amount summed ({sum:.digits$}) should be the same as SubTotal ({whole:.digits$})."
                ),
            ));
        }
    }

    fn check_tax(&self, breaches: &mut Vec<Breach>) {
        let (Some(Money(sub_total)), Some(Money(tax)), Some(Money(total))) =
            (self.sub_total, self.tax, self.total)
        else {
            return;
        };
        // Three amounts of the same document: not one cent may be missing.
        if let Some(sum) = sub_total.checked_add(tax)
            && !self.agrees(sum, total, 1)
        {
            breaches.push(Breach::warning(
                "sub-total-tax",
                format!(
                    "{}'s SubTotal ({sub_total}) and tax ({tax}) should be the same as TotalAmount ({total}).",
                    self.name
                ),
            ));
        }
    }

    fn check_rest(&self, breaches: &mut Vec<Breach>) {
        let Some(Rest {
            rule,
            name: rest,
            amount: Some(Money(left)),
            settled,
        }) = self.rest
        else {
            return;
        };
        let name = self.name;
        let mut report = |rule, message| breaches.push(Breach::warning(rule, message));
        if let Some(Money(total)) = self.total {
            if left.is_zero() {
            } else if total >= Decimal::ZERO && left < Decimal::ZERO {
                report(
                    rule,
                    format!("{name}'s {rest} ({left}) should not be negative."),
                );
            } else if total >= Decimal::ZERO && left > total {
                report(
                    rule,
                    format!(
                        "{name}'s {rest} ({left}) should not be more than TotalAmount ({total})."
                    ),
                );
            } else if total < Decimal::ZERO && (left > Decimal::ZERO || left < total) {
                report(
                    rule,
                    format!(
                        "{name}'s {rest} ({left}) should be between nought and TotalAmount ({total})."
                    ),
                );
            }
        }
        if settled && !left.is_zero() {
            let nothing = match rule {
                "remaining-credit" => "no credit left",
                _ => "nothing due",
            };
            report(
                "paid",
                format!("{name} that is Paid should have {nothing}; {rest} is {left}."),
            );
        }
    }
}

impl Sums for Invoice {
    fn breaches(&self) -> Vec<Breach> {
        let document = Document {
            name: "An invoice",
            unit: Unit::of(self.currency.as_deref()),
            lines: lines!(self.line_items.iter().flatten()),
            sub_total: self.sub_total,
            tax: self.total_tax_amount,
            total: self.total_amount,
            discount: self.total_discount,
            further_tax: self.additional_tax_amount,
            withheld: withheld(&self.withholding_tax),
            rest: due(self.amount_due, self.status == InvoiceStatus::Paid),
        };
        document.breaches()
    }
}

impl Sums for Bill {
    fn breaches(&self) -> Vec<Breach> {
        let document = Document {
            name: "A bill",
            unit: Unit::of(self.currency.as_deref()),
            lines: lines!(self.line_items.iter().flatten()),
            sub_total: self.sub_total,
            tax: self.tax_amount,
            total: self.total_amount,
            withheld: withheld(&self.withholding_tax),
            rest: due(self.amount_due, self.status == BillStatus::Paid),
            ..Document::default()
        };
        document.breaches()
    }
}

impl Sums for CreditNote {
    fn breaches(&self) -> Vec<Breach> {
        let document = Document {
            name: "A credit note",
            unit: Unit::of(self.currency.as_deref()),
            lines: lines!(self.line_items.iter().flatten()),
            sub_total: self.sub_total,
            tax: self.total_tax_amount,
            total: self.total_amount,
            discount: self.total_discount,
            further_tax: self.additional_tax_amount,
            withheld: withheld(&self.withholding_tax),
            rest: remaining(self.remaining_credit, self.status == CreditNoteStatus::Paid),
        };
        document.breaches()
    }
}

impl Sums for BillCreditNote {
    fn breaches(&self) -> Vec<Breach> {
        let document = Document {
            name: "A bill credit note",
            unit: Unit::of(self.currency.as_deref()),
            lines: lines!(self.line_items.iter().flatten()),
            sub_total: self.sub_total,
            tax: self.total_tax_amount,
            total: self.total_amount,
            discount: self.total_discount,
            withheld: withheld(&self.withholding_tax),
            rest: remaining(
                self.remaining_credit,
                self.status == BillCreditNoteStatus::Paid,
            ),
            ..Document::default()
        };
        document.breaches()
    }
}

impl Sums for PurchaseOrder {
    fn breaches(&self) -> Vec<Breach> {
        let document = Document {
            name: "A purchase order",
            unit: Unit::of(self.currency.as_deref()),
            lines: lines!(self.line_items.iter().flatten()),
            sub_total: self.sub_total,
            tax: self.total_tax_amount,
            total: self.total_amount,
            discount: self.total_discount,
            ..Document::default()
        };
        document.breaches()
    }
}

impl Sums for SalesOrder {
    fn breaches(&self) -> Vec<Breach> {
        let document = Document {
            name: "A sales order",
            unit: Unit::of(self.currency.as_deref()),
            lines: lines!(self.line_items.iter().flatten()),
            sub_total: self.sub_total,
            tax: self.total_tax_amount,
            total: self.total_amount,
            discount: self.total_discount,
            ..Document::default()
        };
        document.breaches()
    }
}

impl Sums for DirectCost {
    fn breaches(&self) -> Vec<Breach> {
        let document = Document {
            name: "A direct cost",
            unit: Unit::of(Some(&self.currency)),
            lines: lines!(self.line_items.iter()),
            sub_total: Some(self.sub_total),
            tax: Some(self.tax_amount),
            total: Some(self.total_amount),
            ..Document::default()
        };
        document.breaches()
    }
}

impl Sums for DirectIncome {
    fn breaches(&self) -> Vec<Breach> {
        let document = Document {
            name: "A direct income",
            unit: Unit::of(Some(&self.currency)),
            lines: lines!(self.line_items.iter()),
            sub_total: Some(self.sub_total),
            tax: Some(self.tax_amount),
            total: Some(self.total_amount),
            ..Document::default()
        };
        document.breaches()
    }
}

impl Sums for ItemReceipt {
    fn breaches(&self) -> Vec<Breach> {
        let document = Document {
            name: "An item receipt",
            unit: Unit::of(self.currency.as_deref()),
            lines: lines!(self.line_items.iter().flatten()),
            sub_total: self.sub_total,
            total: self.total_amount,
            ..Document::default()
        };
        document.breaches()
    }
}
