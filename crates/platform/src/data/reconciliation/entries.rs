//! Entries of the ledger, as far as sums need them.

use records::{Money, Timestamp};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::books::Ref;
use super::judging::add;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) description: Option<String>,
    pub(super) posted_on: Option<Timestamp>,
    record_ref: Option<Source>,
    #[serde(default)]
    pub(super) journal_lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    data_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    pub(super) net_amount: Money,
    pub(super) account_ref: Option<Ref>,
}

impl Line {
    pub(super) fn account(&self) -> Option<&str> {
        Some(self.account_ref.as_ref()?.id.as_str())
    }
}

impl Entry {
    /// Posted for a document, and not written by a person.
    pub(super) fn is_of_a_document(&self) -> bool {
        let source = self.record_ref.as_ref();
        source.is_some_and(|source| source.data_type != "journalEntries")
    }

    /// Debits less credits of some accounts.
    pub(super) fn moved(&self, is_one: impl Fn(&str) -> bool) -> Decimal {
        let mut sum = Some(Decimal::ZERO);
        for line in &self.journal_lines {
            if line.account().is_some_and(&is_one) {
                add(&mut sum, line.net_amount.0);
            }
        }
        sum.unwrap_or_default()
    }
}
