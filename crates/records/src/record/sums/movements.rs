//! Sums of money that moves, and of entries in the ledger.

use rust_decimal::Decimal;

use super::{Breach, Sums, is_near, sum};
use crate::Money;
use crate::accounting::{AccountTransaction, BillPayment, JournalEntry, Payment, Transfer};

/// The sum of a line's links.
struct Links {
    /// In the currencies of the linked records: None if there are no links, or one of them has no amount.
    amount: Option<Decimal>,
    /// In the company's currency, if each link has its rate.
    base: Option<Decimal>,
}

/// `lines` are the amounts of a payment's lines, each with the sum of its links; `rate` is the payment's own. A link to a record in
/// another currency takes away the same as the line in the company's currency alone.
fn payment(name: &str, total: Money, rate: Option<Money>, lines: &[(Money, Links)]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    if let Some(sum) = sum(lines.iter().map(|(amount, _)| Some(*amount)))
        && !lines.is_empty()
        && !is_near(sum, total.0, lines.len())
    {
        breaches.push(Breach::warning(
            "lines-total",
            format!("{name}'s lines summed ({sum}) should be the same as TotalAmount ({total})."),
        ));
    }
    for (amount, links) in lines {
        let in_base = match (links.base, rate) {
            (Some(base), Some(rate)) => {
                (amount.0.checked_mul(rate.0)).is_some_and(|amount| is_near(-base, amount, 2))
            }
            _ => false,
        };
        if let Some(links) = links.amount
            && !is_near(-links, amount.0, 1)
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

/// The amounts of a payment's lines with the sums of their links; the lines of the two kinds of payment are structs of
/// their own.
macro_rules! lines {
    ($lines:expr) => {
        ($lines.iter().flatten())
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
    };
}

impl Sums for Payment {
    fn breaches(&self) -> Vec<Breach> {
        payment(
            "A payment",
            self.total_amount,
            self.currency_rate,
            &lines!(self.lines),
        )
    }
}

impl Sums for BillPayment {
    fn breaches(&self) -> Vec<Breach> {
        payment(
            "A bill payment",
            self.total_amount,
            self.currency_rate,
            &lines!(self.lines),
        )
    }
}

impl Sums for AccountTransaction {
    fn breaches(&self) -> Vec<Breach> {
        let lines = self.lines.as_deref().unwrap_or_default();
        let total = self.total_amount;
        match sum(lines.iter().map(|line| Some(line.amount))) {
            Some(sum) if !lines.is_empty() && !is_near(sum, total.0, lines.len()) => {
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

/// Debits and credits of an entry cancel each other out.
impl Sums for JournalEntry {
    fn breaches(&self) -> Vec<Breach> {
        let lines = &self.journal_lines;
        match sum(lines.iter().map(|line| Some(line.net_amount))) {
            Some(net) if !lines.is_empty() && !is_near(net, Decimal::ZERO, lines.len()) => {
                vec![Breach::warning(
                    "balance",
                    format!("A journal entry's lines summed ({net:.2}) should be 0."),
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
