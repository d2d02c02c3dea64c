//! Books that don't add up, on demand: one record of a business says something else than the ledger.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Books;
use super::documents::{Document, Kind, SettledBy, State};
use super::ledger::Moment;
use super::ledger::chart::Account;
use super::shop::Movement;

/// The record that is wrong: the oldest of its kind, so that it stays the same one as time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wrong {
    /// An invoice that was paid, whose amount due a payment hasn't lowered.
    Invoice,
    /// The same of a bill.
    Bill,
    /// A line of the current account, with the wrong sign.
    BankLine,
    /// A payout of the card processor, with the wrong sign.
    Payout,
}

/// The wrongs of one business, each with the time of its last change: a record that was put right has changed, too.
#[derive(Debug, Default)]
pub(super) struct Wrongs(BTreeMap<Wrong, (bool, Moment)>);

impl Wrongs {
    /// Leaves exactly these wrongs; `false` if nothing changed.
    pub(super) fn set(&mut self, wanted: &[Wrong], now: Moment) -> bool {
        let mut changed = false;
        for wrong in wanted {
            let (is_on, since) = self.0.entry(*wrong).or_insert((false, now));
            if !*is_on {
                (*is_on, *since) = (true, now);
                changed = true;
            }
        }
        for (wrong, (is_on, since)) in &mut self.0 {
            if *is_on && !wanted.contains(wrong) {
                (*is_on, *since) = (false, now);
                changed = true;
            }
        }
        changed
    }

    pub(super) fn write_into(&self, books: &mut Books) {
        for (wrong, (is_on, since)) in &self.0 {
            match wrong {
                Wrong::Invoice => forget_payment(&mut books.sales, Kind::Invoice, *is_on, *since),
                Wrong::Bill => forget_payment(&mut books.bills, Kind::Bill, *is_on, *since),
                Wrong::BankLine => turn_bank_line(books, *is_on, *since),
                Wrong::Payout => turn_payout(books, *is_on, *since),
            }
        }
    }
}

fn forget_payment(documents: &mut [Document], kind: Kind, is_on: bool, since: Moment) {
    let paid = documents.iter_mut().find(|document| {
        let by = document.settlements.last().map(|settlement| settlement.by);
        document.kind == kind
            && document.state == State::Settled
            && matches!(by, Some(SettledBy::Receipt | SettledBy::Remittance))
    });
    let Some(document) = paid else { return };
    document.updated = document.updated.max(since);
    if let (true, Some(last)) = (is_on, document.settlements.last()) {
        document.outstanding += last.amount;
        document.state = match document.settlements.len() {
            1 => State::Open,
            _ => State::Part,
        };
        document.settled = None;
    }
}

/// Turns one that is not among the first: those stand before the oldest balance that a bank reports.
fn turn_bank_line(books: &mut Books, is_on: bool, since: Moment) {
    let after = books.opened + chrono::Months::new(3);
    let lines = books.ledger.bank_lines.iter_mut();
    let found = lines
        .filter(|line| line.account == Account::Current)
        .find(|line| line.day > after);
    let Some(line) = found else { return };
    // Both lists, of bank and books, are to show that it changed.
    line.at = line.at.max(since);
    line.reconciled_at = line.reconciled_at.max(since);
    if is_on {
        line.amount = -line.amount;
    }
}

fn turn_payout(books: &mut Books, is_on: bool, since: Moment) {
    let mut entries = books.processor.iter_mut();
    let found = entries.find(|entry| entry.movement == Movement::Payout);
    let Some(entry) = found else { return };
    entry.at = entry.at.max(since);
    if is_on {
        entry.amount = -entry.amount;
    }
}
