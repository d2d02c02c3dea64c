//! Tests and their results: two sums that should be one, and the records that explain a difference best.

use chrono::{DateTime, NaiveDate, Utc};
use connectors::DataType;
use records::Money;
use rust_decimal::Decimal;
use serde::Serialize;
use store::model::{CompanyId, ConnectionId};

use super::pulled::Pulled;

/// The most records that are named for one difference.
const MOST_RECORDS: usize = 5;

/// A sum: none if it has more digits than can be kept exactly.
pub(super) type Total = Option<Decimal>;

/// An amount that isn't below nought if it is nought.
fn without_sign(amount: Decimal) -> Decimal {
    if amount.is_zero() {
        amount.abs()
    } else {
        amount
    }
}

/// Adds an amount to a sum.
pub(super) fn add(total: &mut Total, amount: Decimal) {
    *total = total.and_then(|total| total.checked_add(amount));
}

/// Every test of a connection, in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reconciliation {
    pub company_id: CompanyId,
    pub connection_id: ConnectionId,
    pub computed: DateTime<Utc>,
    pub tests: Vec<Test>,
}

/// Two sums over the records of a connection that should be the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Test {
    /// The kind of test, and the account that it is of, if there is one for each: `receivables`, `cash/BA-1000`.
    pub id: String,
    pub name: String,
    pub result: Outcome,
    /// The result in a sentence or two.
    pub reason: String,
    pub sides: [Side; 2],
    /// The first side less the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Money>,
    /// The records that explain the difference best, the likeliest first.
    pub records: Vec<Culprit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    Passed,
    Differs,
    CannotTell,
}

/// One of the two sums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    pub label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The day whose state the amount is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
}

impl Side {
    pub(super) fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    pub(super) fn of(mut self, amount: Total) -> Self {
        self.amount = amount.map(without_sign).map(Money);
        self
    }

    pub(super) fn at(mut self, day: Option<NaiveDate>) -> Self {
        self.as_of = day;
        self
    }

    pub(super) fn within(mut self, currency: Option<&str>) -> Self {
        self.currency = currency.map(str::to_owned);
        self
    }

    fn amount_in_words(&self) -> String {
        match (self.amount, &self.currency) {
            (Some(amount), Some(currency)) => format!("{amount} {currency}"),
            (Some(amount), None) => amount.to_string(),
            (None, _) => "an amount that isn't known".to_owned(),
        }
    }
}

/// A record that may be the reason of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Culprit {
    pub data_type: &'static str,
    pub id: String,
    /// The number that people know it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub amount: Money,
    /// The reason why it is suspected.
    pub reason: String,
}

impl Culprit {
    pub(super) fn new(
        data_type: DataType,
        id: &str,
        number: Option<&str>,
        amount: Decimal,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            data_type: data_type.as_str(),
            id: id.to_owned(),
            number: number.map(str::to_owned),
            amount: Money(amount),
            reason: reason.into(),
        }
    }
}

/// The strength of a suspicion: the smaller, the more a record explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Suspicion {
    /// It contradicts itself or another record by exactly the difference.
    Exact,
    /// Its amount, or twice its amount, is the difference.
    Amount,
    /// It contradicts itself, by another amount.
    Odd,
}

/// The records that explain a difference best.
#[derive(Debug)]
pub(super) struct Suspects {
    /// The first side less the second.
    pub(super) difference: Decimal,
    found: Vec<(Suspicion, Culprit)>,
}

impl Suspects {
    pub(super) fn of(difference: Decimal) -> Self {
        Self {
            difference,
            found: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, suspicion: Suspicion, culprit: Culprit) {
        let after = self.found.partition_point(|(known, _)| *known <= suspicion);
        if after < MOST_RECORDS {
            self.found.insert(after, (suspicion, culprit));
            self.found.truncate(MOST_RECORDS);
        }
    }

    /// Suspects a record whose amount, on one side too many, is the difference; or half of it, if it stands on the wrong
    /// side.
    pub(super) fn compare(&mut self, amount: Decimal, culprit: impl FnOnce(String) -> Culprit) {
        if amount.is_zero() {
            return;
        }
        let (amount, difference) = (amount.abs(), self.difference.abs());
        let reason = if amount == difference {
            format!("Its amount is the difference, {difference}.")
        } else if amount.checked_mul(Decimal::TWO) == Some(difference) {
            format!(
                "Twice its amount is the difference, {difference}, as if it stood on the wrong side."
            )
        } else {
            return;
        };
        self.add(Suspicion::Amount, culprit(reason));
    }
}

/// A test before its result: the two sums, and the reasons why a difference between them would prove nothing.
pub(super) struct Claim {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) sides: [Side; 2],
    /// Whole sentences.
    pub(super) doubts: Vec<String>,
    /// The reasons, as sentences, why not even equal sides would prove anything: a record or an amount is missing from one.
    pub(super) gaps: Vec<String>,
    /// The difference that rounding can make.
    pub(super) tolerance: Decimal,
}

impl Claim {
    pub(super) fn new(id: impl Into<String>, name: impl Into<String>, sides: [Side; 2]) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            sides,
            doubts: Vec::new(),
            gaps: Vec::new(),
            tolerance: Decimal::ZERO,
        }
    }

    pub(super) fn doubting(mut self, doubts: Vec<String>) -> Self {
        self.doubts.extend(doubts);
        self
    }

    /// Takes over what is known of the pulls of all types that the sides were made of.
    pub(super) fn resting_on(mut self, pulled: &Pulled, types: &[DataType]) -> Self {
        self.doubts.extend(pulled.doubts(types));
        self.gaps.extend(pulled.unread(types));
        self
    }

    /// Notes why not even equal sides would prove anything.
    pub(super) fn lacking(mut self, gaps: impl IntoIterator<Item = String>) -> Self {
        self.gaps.extend(gaps);
        self
    }

    /// The difference that is to be explained, if there is one.
    pub(super) fn gap(&self) -> Option<Decimal> {
        self.difference()
            .filter(|difference| difference.abs() > self.tolerance)
    }

    fn difference(&self) -> Option<Decimal> {
        let [first, second] = &self.sides;
        let difference = first.amount?.0.checked_sub(second.amount?.0);
        difference.map(without_sign)
    }

    /// The result. What agrees has passed, whatever doubts there were, unless a side is known to lack something; a difference
    /// counts if nothing else explains it.
    pub(super) fn judge(self, suspects: Option<Suspects>) -> Test {
        let difference = self.difference();
        let gap = self.gap();
        let records: Vec<Culprit> = suspects
            .into_iter()
            .flat_map(|suspects| suspects.found)
            .map(|(_, culprit)| culprit)
            .collect();
        let [first, second] = &self.sides;
        let (result, reason) = match (difference, gap) {
            _ if !self.gaps.is_empty() => {
                let all = [&self.gaps[..], &self.doubts[..]].concat();
                (Outcome::CannotTell, in_doubt(&all))
            }
            (Some(difference), None) if difference.is_zero() => (
                Outcome::Passed,
                format!("Both sides are {}.", first.amount_in_words()),
            ),
            (Some(difference), None) => (
                Outcome::Passed,
                format!("The sides are {difference} apart, which rounding explains."),
            ),
            (Some(_), Some(gap)) if self.doubts.is_empty() => (
                Outcome::Differs,
                differs(first, second, gap, records.first()),
            ),
            _ => (Outcome::CannotTell, in_doubt(&self.doubts)),
        };
        Test {
            id: self.id,
            name: self.name,
            result,
            reason,
            sides: self.sides,
            difference: difference.map(Money),
            records,
        }
    }
}

fn differs(first: &Side, second: &Side, gap: Decimal, likeliest: Option<&Culprit>) -> String {
    let mut reason = format!(
        "{}: {}. {}: {}. The difference is {gap}.",
        first.label,
        first.amount_in_words(),
        second.label,
        second.amount_in_words()
    );
    if let Some(culprit) = likeliest {
        let known = culprit.number.as_deref().unwrap_or(&culprit.id);
        reason.push_str(&format!(
            " {} {known} explains it best. {}",
            culprit.data_type, culprit.reason
        ));
    }
    reason
}

fn in_doubt(doubts: &[String]) -> String {
    if doubts.is_empty() {
        "One of the amounts isn't known.".to_owned()
    } else {
        doubts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(first: i64, second: i64) -> Claim {
        let side = |cents| {
            Side::new("Side")
                .of(Some(Decimal::new(cents, 2)))
                .within(Some("EUR"))
        };
        Claim::new("test", "A test", [side(first), side(second)])
    }

    #[test]
    fn what_agrees_has_passed_even_if_there_were_doubts() {
        let doubt = vec!["A pull is under way.".to_owned()];
        assert_eq!(claim(100, 100).judge(None).result, Outcome::Passed);
        let test = claim(100, 100).doubting(doubt.clone()).judge(None);
        assert_eq!(test.result, Outcome::Passed);
        assert_eq!(test.reason, "Both sides are 1.00 EUR.");
        let test = claim(100, 90).doubting(doubt).judge(None);
        assert_eq!(test.result, Outcome::CannotTell);
        assert_eq!(test.reason, "A pull is under way.");
    }

    #[test]
    fn what_agrees_has_not_passed_while_a_record_is_missing_from_it() {
        let gap = "1 record of invoices couldn't be read.".to_owned();
        let test = claim(100, 100).lacking([gap.clone()]).judge(None);
        assert_eq!((test.result, test.reason), (Outcome::CannotTell, gap));
    }

    #[test]
    fn nought_has_no_sign() {
        let nought = -Decimal::new(0, 2);
        assert_eq!(nought.to_string(), "-0.00");
        let mut claim = claim(0, 0);
        claim.sides[0] = Side::new("Side").of(Some(nought)).within(Some("GBP"));
        let test = claim.judge(None);
        assert_eq!(test.reason, "Both sides are 0.00 GBP.");
        assert_eq!(test.difference.unwrap().to_string(), "0.00");
    }

    #[test]
    fn a_cent_is_a_difference_unless_something_was_rounded() {
        assert_eq!(claim(100, 99).judge(None).result, Outcome::Differs);
        let mut rounded = claim(100, 99);
        rounded.tolerance = Decimal::new(1, 2);
        assert_eq!(rounded.judge(None).result, Outcome::Passed);
    }

    #[test]
    fn a_missing_amount_leaves_the_result_open() {
        let mut claim = claim(100, 99);
        claim.sides[1].amount = None;
        let test = claim.judge(None);
        assert_eq!(
            (test.result, test.difference),
            (Outcome::CannotTell, None),
            "{}",
            test.reason
        );
    }

    #[test]
    fn the_strongest_suspicions_are_kept_in_order() {
        let mut suspects = Suspects::of(Decimal::new(1000, 2));
        let culprit = |id: &str| {
            let id = id.to_owned();
            move |reason| Culprit::new(DataType::Invoices, &id, None, Decimal::TEN, reason)
        };
        for at in 0..6 {
            suspects.add(Suspicion::Odd, culprit(&format!("odd-{at}"))("Odd.".into()));
        }
        suspects.compare(Decimal::new(1000, 2), culprit("whole"));
        suspects.compare(Decimal::new(-500, 2), culprit("half"));
        suspects.compare(Decimal::new(300, 2), culprit("other"));
        suspects.add(Suspicion::Exact, culprit("exact")("Exact.".into()));
        let test = claim(1000, 0).judge(Some(suspects));
        let ids: Vec<&str> = test.records.iter().map(|record| &*record.id).collect();
        assert_eq!(ids, ["exact", "whole", "half", "odd-0", "odd-1"]);
        assert!(
            test.reason
                .ends_with("invoices exact explains it best. Exact.")
        );
    }
}
