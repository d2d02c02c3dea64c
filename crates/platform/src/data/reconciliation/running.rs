//! Balances that run along an account's lines: the one before the first line, and lines that don't lead from one to the next.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use records::Money;
use rust_decimal::Decimal;

use super::books::day_of;
use super::cash::Line;

/// The most breaks that are found: one explains a difference, the next ones follow from it.
const MOST_BREAKS: usize = 5;

/// A line with the balance after it.
#[derive(Clone, Debug)]
pub(super) struct Step {
    day: NaiveDate,
    pub(super) id: String,
    pub(super) amount: Decimal,
    after: Decimal,
}

impl Step {
    /// None if the line has no balance.
    pub(super) fn of(line: &Line) -> Option<Self> {
        let (Some(Money(after)), Some(day)) = (line.balance, day_of(line.cleared_on_date)) else {
            return None;
        };
        Some(Self {
            day,
            id: line.id.clone(),
            amount: line.amount.0,
            after,
        })
    }

    /// The balance before the line.
    fn opening(&self) -> Decimal {
        self.after.checked_sub(self.amount).unwrap_or_default()
    }

    /// The reason why it is suspected; `odd` is the balance that there was, less the one that it would lead from.
    pub(super) fn reason(&self, odd: Decimal) -> String {
        let (amount, after) = (self.amount, self.after);
        let before = self.opening().checked_add(odd).unwrap_or_default();
        format!(
            "The balance before it is {before} and its amount {amount}, but the balance after it is {after}."
        )
    }
}

/// The lines of an account's first day, whose own order isn't known: their ids needn't be in it.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstDay(Vec<Step>);

impl FirstDay {
    pub(super) fn add(&mut self, step: Step) {
        match self.0.first().map(|first| step.day.cmp(&first.day)) {
            None | Some(Ordering::Equal) => self.0.push(step),
            Some(Ordering::Less) => self.0 = vec![step],
            Some(Ordering::Greater) => {}
        }
    }

    /// The balance before the day's lines: the one that no line leads to. If several are (a line is wrong), or none is (the
    /// day ends as it began), that before the line whose id comes first.
    pub(super) fn opening(&self) -> Option<Decimal> {
        let first = self
            .0
            .iter()
            .min_by(|one, other| by_number(&one.id, &other.id))?;
        let mut counts: BTreeMap<Decimal, i64> = BTreeMap::new();
        for step in &self.0 {
            *counts.entry(step.opening()).or_default() += 1;
            *counts.entry(step.after).or_default() -= 1;
        }
        let mut open = counts.iter().filter(|(_, count)| **count > 0);
        match (open.next(), open.next()) {
            (Some((opening, 1)), None) => Some(*opening),
            _ => Some(first.opening()),
        }
    }
}

/// The lines, each with its text, that don't begin at a balance that another one of their day, or of the day before it,
/// has led to; and the difference from the balance that there was.
pub(super) fn breaks(
    mut steps: Vec<(Step, Option<String>)>,
    opening: Option<Decimal>,
) -> Vec<(Step, Option<String>, Decimal)> {
    steps.sort_by(|(one, _), (other, _)| {
        let by_id = || by_number(&one.id, &other.id);
        one.day.cmp(&other.day).then_with(by_id)
    });
    let mut found = Vec::new();
    let mut before: BTreeSet<Decimal> = opening.into_iter().collect();
    let mut last = opening;
    for day in steps.chunk_by(|(one, _), (other, _)| one.day == other.day) {
        let afters: BTreeSet<Decimal> = day.iter().map(|(step, _)| step.after).collect();
        for (step, text) in day {
            let known = before.contains(&step.opening()) || afters.contains(&step.opening());
            if let Some(last) = last
                && !known
                && found.len() < MOST_BREAKS
            {
                let odd = last.checked_sub(step.opening()).unwrap_or_default();
                found.push((step.clone(), text.clone(), odd));
            }
            last = Some(step.after);
        }
        before = afters;
    }
    found
}

/// The order of ids in which 9 comes before 10: their digits count as numbers.
fn by_number(one: &str, other: &str) -> Ordering {
    parts(one).cmp(&parts(other)).then_with(|| one.cmp(other))
}

/// The text of an id apart from its numbers, which are compared by their length first.
fn parts(id: &str) -> Vec<(usize, &str)> {
    let is_same = |one: &u8, other: &u8| one.is_ascii_digit() == other.is_ascii_digit();
    let mut at = 0;
    let runs = id.as_bytes().chunk_by(is_same).map(|run| {
        let part = id.get(at..at + run.len()).unwrap_or_default();
        at += run.len();
        let digits = part.trim_start_matches('0');
        if part.starts_with(|first: char| first.is_ascii_digit()) {
            (digits.len(), digits)
        } else {
            (usize::MAX, part)
        }
    });
    runs.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn steps(all: &[Value]) -> Vec<Step> {
        let read = |json: &Value| {
            let line: Line = serde_json::from_str(&json.to_string()).expect("a line");
            Step::of(&line)
        };
        all.iter().filter_map(read).collect()
    }

    fn opening(all: &[Value]) -> Option<Decimal> {
        let mut first = FirstDay::default();
        for step in steps(all) {
            first.add(step);
        }
        first.opening()
    }

    fn odd(all: &[Value]) -> Vec<(String, Decimal)> {
        let with_texts = steps(all).into_iter().map(|step| (step, None)).collect();
        let found = breaks(with_texts, opening(all));
        let each = found.into_iter().map(|(step, _, odd)| (step.id, odd));
        each.collect()
    }

    #[test]
    fn the_opening_balance_is_the_one_that_no_line_of_the_first_day_leads_to() {
        for ids in [
            ["1", "2", "3"],
            ["9", "10", "11"],
            ["b", "a", "c"],
            ["L-9", "L-10", "L-2"],
        ] {
            let all = [
                json!({"id": ids[2], "amount": "5.00", "balance": "135.00", "clearedOnDate": "2026-03-04"}),
                json!({"id": ids[1], "amount": "-20.00", "balance": "130.00", "clearedOnDate": "2026-03-02"}),
                json!({"id": ids[0], "amount": "50.00", "balance": "150.00", "clearedOnDate": "2026-03-02"}),
            ];
            assert_eq!(opening(&all), Some(Decimal::from(100)), "{ids:?}");
            assert_eq!(odd(&all), [], "{ids:?}");
        }
        let none = [json!({"id": "1", "totalAmount": "50.00", "date": "2026-03-02"})];
        assert_eq!(opening(&none), None);
    }

    #[test]
    fn a_day_that_ends_as_it_began_begins_with_the_first_number() {
        let all = [
            json!({"id": "10", "amount": "-50.00", "balance": "100.00", "clearedOnDate": "2026-03-02"}),
            json!({"id": "9", "amount": "50.00", "balance": "150.00", "clearedOnDate": "2026-03-02"}),
        ];
        assert_eq!(opening(&all), Some(Decimal::from(100)));
    }

    #[test]
    fn a_line_that_does_not_lead_to_the_next_balance_is_noted() {
        let all = [
            json!({"id": "1", "amount": "50.00", "balance": "150.00", "clearedOnDate": "2026-03-02"}),
            json!({"id": "2", "amount": "-40.00", "balance": "130.00", "clearedOnDate": "2026-03-02"}),
            json!({"id": "3", "amount": "5.00", "balance": "135.00", "clearedOnDate": "2026-03-04"}),
        ];
        assert_eq!(odd(&all), [("2".to_owned(), Decimal::from(-20))]);
    }
}
