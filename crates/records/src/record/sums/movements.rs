//! Sums of money that moves, and of entries in the ledger.

use rust_decimal::Decimal;

use super::{Breach, Sums, Unit, sum};
use crate::Money;
use crate::accounting::{
    AccountTransaction, BillPayment, JournalEntry, JournalLine, Payment, Transfer,
};

/// The sum of a line's links.
struct Links {
    /// In the currencies of the linked records: None if there are no links, or one of them has no amount.
    amount: Option<Decimal>,
    /// In the company's currency, if each link has its rate.
    base: Option<Decimal>,
}

/// A payment of either kind.
struct Paid<'a> {
    /// `A payment`.
    name: &'static str,
    total: Money,
    currency: Option<&'a str>,
    rate: Option<Money>,
    /// The lines' amounts, each with the sum of its links; None if the platform gives no lines.
    lines: Option<Vec<(Money, Links)>>,
}

impl Paid<'_> {
    /// A link to a record in another currency takes away the same as the line in the company's currency alone.
    fn breaches(&self) -> Vec<Breach> {
        let Self { name, total, .. } = self;
        let unit = Unit::of(self.currency);
        let mut breaches = Vec::new();
        let lines = self.lines.as_deref().unwrap_or_default();
        if lines.is_empty() {
            if self.lines.is_some() && !total.0.is_zero() {
                breaches.push(Breach::warning(
                    "lines-total",
                    format!("{name} has no lines, and a TotalAmount of {total}."),
                ));
            }
        } else if let Some(sum) = sum(lines.iter().map(|(amount, _)| Some(*amount)))
            && !unit.is_near(sum, total.0, lines.len())
        {
            breaches.push(Breach::warning(
                "lines-total",
                format!(
                    "{name}'s lines summed ({sum}) should be the same as TotalAmount ({total})."
                ),
            ));
        }
        for (amount, links) in lines {
            let in_base = match (links.base, self.rate) {
                (Some(base), Some(rate)) => is_same_in_base(base, amount.0, rate.0, unit),
                _ => false,
            };
            if let Some(links) = links.amount
                && !unit.is_near(-links, amount.0, 1)
                && !in_base
            {
                breaches.push(Breach::warning(
                    "links",
                    format!(
                        "{name}'s line of {amount} should have links of {}; they come to {links}.",
                        -amount.0
                    ),
                ));
            }
        }
        breaches
    }
}

/// True if links take away in the company's currency what a line brings, as far as rounding allows. That currency isn't told: its
/// unit is a cent, or as much as half a unit of the payment's is worth, so that a rate in yen is one of whole yen.
fn is_same_in_base(links: Decimal, amount: Decimal, rate: Decimal, unit: Unit) -> bool {
    let worth = unit.half().checked_mul(rate.abs()).unwrap_or_default();
    let most = Unit::default().0.max(worth);
    let base = amount.checked_mul(rate);
    let left = base.and_then(|base| base.checked_add(links));
    left.is_some_and(|left| left.abs() < most)
}

/// The amounts of a payment's lines with the sums of their links; the lines of the two kinds of payment are structs of
/// their own.
macro_rules! lines {
    ($lines:expr) => {
        $lines.as_ref().map(|lines| {
            lines
                .iter()
                .map(|line| {
                    let links = line.links.as_deref().unwrap_or_default();
                    let of = |amounts: Vec<Option<Money>>| {
                        (!links.is_empty())
                            .then(|| sum(amounts.into_iter()))
                            .flatten()
                    };
                    let links = Links {
                        amount: of(links.iter().map(|link| link.amount).collect()),
                        base: of(links
                            .iter()
                            .map(|link| {
                                let base = link.amount?.0.checked_mul(link.currency_rate?.0)?;
                                Some(Money(base))
                            })
                            .collect()),
                    };
                    (line.amount, links)
                })
                .collect::<Vec<_>>()
        })
    };
}

impl Sums for Payment {
    fn breaches(&self) -> Vec<Breach> {
        let paid = Paid {
            name: "A payment",
            total: self.total_amount,
            currency: self.currency.as_deref(),
            rate: self.currency_rate,
            lines: lines!(self.lines),
        };
        paid.breaches()
    }
}

impl Sums for BillPayment {
    fn breaches(&self) -> Vec<Breach> {
        let paid = Paid {
            name: "A bill payment",
            total: self.total_amount,
            currency: self.currency.as_deref(),
            rate: self.currency_rate,
            lines: lines!(self.lines),
        };
        paid.breaches()
    }
}

impl Sums for AccountTransaction {
    fn breaches(&self) -> Vec<Breach> {
        let lines = self.lines.as_deref().unwrap_or_default();
        let total = self.total_amount;
        let unit = Unit::of(self.currency.as_deref());
        match sum(lines.iter().map(|line| Some(line.amount))) {
            Some(sum) if !lines.is_empty() && !unit.is_near(sum, total.0, lines.len()) => {
                vec![Breach::warning(
                    "lines-total",
                    format!(
                        "An account transaction's lines summed ({sum}) should be the same as TotalAmount ({total})."
                    ),
                )]
            }
            _ => Vec::new(),
        }
    }
}

/// The unit of the lines' currency. Amounts of three decimals are of a currency that has them, if it isn't told.
fn unit_of(lines: &[JournalLine]) -> Unit {
    let told = lines.iter().find_map(|line| line.currency.as_deref());
    let decimals = lines
        .iter()
        .map(|line| line.net_amount.0.normalize().scale());
    match (told, decimals.max()) {
        (None, Some(3)) => Unit(Decimal::new(1, 3)),
        (told, _) => Unit::of(told),
    }
}

/// Debits and credits of an entry cancel each other out.
impl Sums for JournalEntry {
    fn breaches(&self) -> Vec<Breach> {
        let lines = &self.journal_lines;
        let unit = unit_of(lines);
        let digits = unit.digits();
        match sum(lines.iter().map(|line| Some(line.net_amount))) {
            Some(net) if !lines.is_empty() && !unit.is_near(net, Decimal::ZERO, lines.len()) => {
                vec![Breach::warning(
                    "balance",
                    format!("A journal entry's lines summed ({net:.digits$}) should be 0."),
                )]
            }
            _ => Vec::new(),
        }
    }
}

impl Sums for Transfer {
    fn breaches(&self) -> Vec<Breach> {
        match (self.from.amount, self.to.amount) {
            (Some(left), Some(arrived))
                if self.from.currency.is_some()
                    && self.from.currency == self.to.currency
                    && left != arrived =>
            {
                vec![Breach::warning(
                    "amounts",
                    format!(
                        "A transfer's From.Amount ({left}) and To.Amount ({arrived}) should be the same in the same currency."
                    ),
                )]
            }
            _ => Vec::new(),
        }
    }
}
