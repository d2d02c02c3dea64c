//! Profit and loss, balance sheet and cash flow: stored a month each, composed into the periods that a client asks for.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{choice, model};
use crate::{Described, Money, Schemas, Timestamp};

/// A month of the calendar, `YYYY-MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(NaiveDate);

impl Month {
    /// The month that a day lies in.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).expect("every month has a first day"))
    }

    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    pub fn last_day(self) -> NaiveDate {
        let next = self.0.checked_add_months(Months::new(1));
        next.and_then(|day| day.pred_opt())
            .unwrap_or(NaiveDate::MAX)
    }

    fn before(self, months: u32) -> Option<Self> {
        self.0.checked_sub_months(Months::new(months)).map(Self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl FromStr for Month {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        format!("{text}-01").parse().map(Self)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| {
            D::Error::custom(format!(
                "`{text}` is not a month; write YYYY-MM, such as 2026-03"
            ))
        })
    }
}

impl Described for Month {
    fn describe(_: &mut Schemas) -> serde_json::Value {
        serde_json::json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$" })
    }
}

model! {
    /// A line of a statement; its value is the sum of its items if it has any.
    ReportLine {
        required { value: Money }
        optional { account_id: String, name: String, items: Vec<ReportLine> }
    }
}

choice! { ReportBasis { Unknown, Accrual, Cash } }

model! {
    /// One month's profit and loss: the stored record.
    ProfitAndLossMonth {
        required {
            month: Month,
            report_basis: ReportBasis,
            income: ReportLine,
            cost_of_sales: ReportLine,
            gross_profit: Money,
            expenses: ReportLine,
            net_operating_profit: Money,
            other_expenses: ReportLine,
            other_income: ReportLine,
            net_other_income: Money,
            net_profit: Money,
        }
        optional { currency: String }
    }
}

model! {
    /// The balance sheet at the end of one month: the stored record.
    BalanceSheetMonth {
        required {
            month: Month,
            assets: ReportLine,
            liabilities: ReportLine,
            net_assets: Money,
            equity: ReportLine,
        }
        optional { currency: String }
    }
}

choice! { ReportInput { Unknown, Indirect, Direct } }

model! {
    /// Receipts and payments of one month: the stored record.
    CashFlowMonth {
        required {
            month: Month,
            report_basis: ReportBasis,
            report_input: ReportInput,
            cash_receipts: ReportLine,
            /// Above zero is money out.
            cash_payments: ReportLine,
        }
        optional { currency: String }
    }
}

model! {
    /// The contract's answer.
    ProfitAndLoss {
        required { reports: Vec<ProfitAndLossReport>, report_basis: ReportBasis }
        optional {
            currency: String,
            most_recent_available_month: Timestamp,
            earliest_available_month: Timestamp,
        }
    }
}

model! {
    ProfitAndLossReport {
        required {
            from_date: Timestamp,
            to_date: Timestamp,
            income: ReportLine,
            cost_of_sales: ReportLine,
            gross_profit: Money,
            expenses: ReportLine,
            net_operating_profit: Money,
            other_expenses: ReportLine,
            other_income: ReportLine,
            net_other_income: Money,
            net_profit: Money,
        }
    }
}

model! {
    /// The contract's answer.
    BalanceSheet {
        required { reports: Vec<BalanceSheetReport> }
        optional {
            currency: String,
            most_recent_available_month: Timestamp,
            earliest_available_month: Timestamp,
        }
    }
}

model! {
    BalanceSheetReport {
        required {
            date: Timestamp,
            assets: ReportLine,
            liabilities: ReportLine,
            net_assets: Money,
            equity: ReportLine,
        }
    }
}

model! {
    /// The contract's answer.
    CashFlowStatement {
        required {
            reports: Vec<CashFlowReport>,
            report_basis: ReportBasis,
            report_input: ReportInput,
        }
        optional {
            currency: String,
            most_recent_available_month: Timestamp,
            earliest_available_month: Timestamp,
        }
    }
}

model! {
    CashFlowReport {
        required {
            from_date: Timestamp,
            to_date: Timestamp,
            cash_receipts: ReportLine,
            cash_payments: ReportLine,
        }
    }
}

/// Sums months into `periods_to_compare` periods of `period_length` months each, newest first. The newest period ends
/// with `start_month`, or with the latest month there is. A period that reaches back before the first month, or that has
/// no month at all, is not reported.
pub fn compose_profit_and_loss(
    months: &[ProfitAndLossMonth],
    period_length: u32,
    periods_to_compare: u32,
    start_month: Option<NaiveDate>,
) -> ProfitAndLoss {
    let months = newest_first(months, |month| month.month);
    let span = span(&months, |month| month.month);
    let reports = periods(span, period_length, periods_to_compare, start_month)
        .filter_map(|period| {
            let within = whole(&period, &months, period_length, |month| month.month)?;
            Some(summed(&period, &within))
        })
        .collect();
    ProfitAndLoss {
        reports,
        report_basis: months
            .first()
            .map_or(ReportBasis::Unknown, |month| month.report_basis),
        currency: months.first().and_then(|month| month.currency.clone()),
        most_recent_available_month: span.map(|(_, to)| to.first_day().into()),
        earliest_available_month: span.map(|(from, _)| from.first_day().into()),
    }
}

/// Sums receipts and payments; periods as in [`compose_profit_and_loss`].
pub fn compose_cash_flow(
    months: &[CashFlowMonth],
    period_length: u32,
    periods_to_compare: u32,
    start_month: Option<NaiveDate>,
) -> CashFlowStatement {
    let months = newest_first(months, |month| month.month);
    let span = span(&months, |month| month.month);
    let reports = periods(span, period_length, periods_to_compare, start_month)
        .filter_map(|period| {
            let within = whole(&period, &months, period_length, |month| month.month)?;
            Some(CashFlowReport {
                from_date: period.from.first_day().into(),
                to_date: period.to.last_day().into(),
                cash_receipts: sum_of(&within, |month| &month.cash_receipts),
                cash_payments: sum_of(&within, |month| &month.cash_payments),
            })
        })
        .collect();
    let newest = months.first();
    CashFlowStatement {
        reports,
        report_basis: newest.map_or(ReportBasis::Unknown, |month| month.report_basis),
        report_input: newest.map_or(ReportInput::Unknown, |month| month.report_input),
        currency: newest.and_then(|month| month.currency.clone()),
        most_recent_available_month: span.map(|(_, to)| to.first_day().into()),
        earliest_available_month: span.map(|(from, _)| from.first_day().into()),
    }
}

/// Takes the last month of each period; periods as in [`compose_profit_and_loss`].
pub fn compose_balance_sheet(
    months: &[BalanceSheetMonth],
    period_length: u32,
    periods_to_compare: u32,
    start_month: Option<NaiveDate>,
) -> BalanceSheet {
    let months = newest_first(months, |month| month.month);
    let span = span(&months, |month| month.month);
    let reports = periods(span, period_length, periods_to_compare, start_month)
        .filter_map(|period| months.iter().find(|month| month.month == period.to))
        .map(|month| BalanceSheetReport {
            date: month.month.last_day().into(),
            assets: month.assets.clone(),
            liabilities: month.liabilities.clone(),
            net_assets: month.net_assets,
            equity: month.equity.clone(),
        })
        .collect();
    BalanceSheet {
        reports,
        currency: months.first().and_then(|month| month.currency.clone()),
        most_recent_available_month: span.map(|(_, to)| to.last_day().into()),
        earliest_available_month: span.map(|(from, _)| from.first_day().into()),
    }
}

#[derive(Debug, Clone, Copy)]
struct Period {
    from: Month,
    to: Month,
}

fn newest_first<M>(months: &[M], month: impl Fn(&M) -> Month) -> Vec<&M> {
    let mut sorted: Vec<&M> = months.iter().collect();
    sorted.sort_by_key(|m| std::cmp::Reverse(month(m)));
    sorted
}

/// The first and the last month there is.
fn span<M>(newest_first: &[&M], month: impl Fn(&M) -> Month) -> Option<(Month, Month)> {
    Some((month(newest_first.last()?), month(newest_first.first()?)))
}

fn periods(
    span: Option<(Month, Month)>,
    length: u32,
    count: u32,
    start_month: Option<NaiveDate>,
) -> impl Iterator<Item = Period> {
    let length = length.max(1);
    let latest = span.map(|(_, latest)| start_month.map_or(latest, Month::of));
    let earliest = span.map(|(earliest, _)| earliest);
    (0..count)
        .map_while(move |index| {
            let to = latest?.before(index.checked_mul(length)?)?;
            let from = to.before(length - 1)?;
            Some(Period { from, to })
        })
        .take_while(move |period| Some(period.to) >= earliest)
}

/// The months of a period, or None if one of them is missing.
fn whole<'a, M>(
    period: &Period,
    months: &[&'a M],
    length: u32,
    month: impl Fn(&M) -> Month,
) -> Option<Vec<&'a M>> {
    let within: Vec<&M> = months
        .iter()
        .copied()
        .filter(|known| (period.from..=period.to).contains(&month(known)))
        .collect();
    (within.len() == length as usize).then_some(within)
}

/// `months` are newest first, and at least one.
fn sum_of<M>(months: &[&M], of: impl Fn(&M) -> &ReportLine) -> ReportLine {
    let mut months = months.iter();
    let mut sum = of(months.next().expect("a period has a month")).clone();
    for month in months {
        add(&mut sum, of(month));
    }
    sum
}

/// `months` are newest first, and at least one.
fn summed(period: &Period, months: &[&ProfitAndLossMonth]) -> ProfitAndLossReport {
    let line = |of: fn(&ProfitAndLossMonth) -> &ReportLine| sum_of(months, of);
    let total = |of: fn(&ProfitAndLossMonth) -> Money| months.iter().map(|month| of(month)).sum();
    ProfitAndLossReport {
        from_date: period.from.first_day().into(),
        to_date: period.to.last_day().into(),
        income: line(|month| &month.income),
        cost_of_sales: line(|month| &month.cost_of_sales),
        gross_profit: total(|month| month.gross_profit),
        expenses: line(|month| &month.expenses),
        net_operating_profit: total(|month| month.net_operating_profit),
        other_expenses: line(|month| &month.other_expenses),
        other_income: line(|month| &month.other_income),
        net_other_income: total(|month| month.net_other_income),
        net_profit: total(|month| month.net_profit),
    }
}

/// Adds a line to a sum: items are the same when their account is, or their name if they have no account.
fn add(sum: &mut ReportLine, line: &ReportLine) {
    sum.value = sum.value + line.value;
    for item in line.items.iter().flatten() {
        let items = sum.items.get_or_insert_default();
        let same = |known: &&mut ReportLine| match (&known.account_id, &item.account_id) {
            (None, None) => known.name == item.name,
            (known, item) => known == item,
        };
        match items.iter_mut().find(same) {
            Some(known) => add(known, item),
            None => items.push(item.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, accounts: &[(&str, &str)]) -> ReportLine {
        let items: Vec<_> = accounts
            .iter()
            .map(|(id, value)| ReportLine {
                value: Money::parse(value).unwrap(),
                account_id: Some((*id).to_owned()),
                name: None,
                items: None,
            })
            .collect();
        ReportLine {
            value: items.iter().map(|item| item.value).sum(),
            account_id: None,
            name: Some(name.to_owned()),
            items: Some(items),
        }
    }

    fn month(month: &str, sales: &[(&str, &str)]) -> ProfitAndLossMonth {
        let income = line("Income", sales);
        ProfitAndLossMonth {
            month: month.parse().unwrap(),
            report_basis: ReportBasis::Accrual,
            gross_profit: income.value,
            net_operating_profit: income.value,
            net_profit: income.value,
            income,
            cost_of_sales: line("Cost of sales", &[]),
            expenses: line("Expenses", &[]),
            other_expenses: line("Other expenses", &[]),
            other_income: line("Other income", &[]),
            net_other_income: Money::ZERO,
            currency: Some("GBP".to_owned()),
        }
    }

    fn year() -> Vec<ProfitAndLossMonth> {
        vec![
            month("2026-01", &[("a", "10.10")]),
            month("2026-02", &[("a", "20.20"), ("b", "0.05")]),
            month("2026-03", &[("b", "1.00")]),
            month("2026-04", &[("a", "0.01")]),
            month("2026-05", &[("a", "5.00")]),
        ]
    }

    #[test]
    fn periods_sum_their_months_newest_first() {
        let statement = compose_profit_and_loss(&year(), 2, 3, None);
        let reported: Vec<_> = statement
            .reports
            .iter()
            .map(|report| {
                let dates = (report.from_date.to_string(), report.to_date.to_string());
                (dates.0, dates.1, report.net_profit.to_string())
            })
            .collect();
        let expected = [
            ("2026-04-01T00:00:00", "2026-05-31T00:00:00", "5.01"),
            ("2026-02-01T00:00:00", "2026-03-31T00:00:00", "21.25"),
        ];
        assert_eq!(
            reported.len(),
            expected.len(),
            "January alone is half a period"
        );
        for (reported, expected) in reported.iter().zip(expected) {
            assert_eq!((&*reported.0, &*reported.1, &*reported.2), expected);
        }
        let items = statement.reports[1].income.items.as_ref().unwrap();
        let values: Vec<_> = items.iter().map(|item| item.value.to_string()).collect();
        assert_eq!(values, ["1.05", "20.20"]);
        assert_eq!(
            statement.earliest_available_month.unwrap().to_string(),
            "2026-01-01T00:00:00"
        );
        assert_eq!(
            statement.most_recent_available_month.unwrap().to_string(),
            "2026-05-01T00:00:00"
        );
    }

    #[test]
    fn the_start_month_ends_the_newest_period() {
        let start = NaiveDate::from_ymd_opt(2026, 2, 14);
        let statement = compose_profit_and_loss(&year(), 1, 12, start);
        assert_eq!(statement.reports.len(), 2);
        assert_eq!(
            statement.reports[0].to_date.to_string(),
            "2026-02-28T00:00:00"
        );
        assert!(compose_profit_and_loss(&[], 1, 12, None).reports.is_empty());
    }

    #[test]
    fn a_balance_sheet_takes_the_last_month_of_each_period() {
        let months: Vec<_> = (1..=6)
            .map(|number| BalanceSheetMonth {
                month: format!("2026-0{number}").parse().unwrap(),
                assets: line("Assets", &[("a", &format!("{number}.00"))]),
                liabilities: line("Liabilities", &[]),
                net_assets: Money::parse(&format!("{number}.00")).unwrap(),
                equity: line("Equity", &[("e", &format!("{number}.00"))]),
                currency: Some("GBP".to_owned()),
            })
            .collect();
        let sheet = compose_balance_sheet(&months, 3, 2, None);
        let reported: Vec<_> = sheet
            .reports
            .iter()
            .map(|report| (report.date.to_string(), report.net_assets.to_string()))
            .collect();
        assert_eq!(
            reported,
            [
                ("2026-06-30T00:00:00".to_owned(), "6.00".to_owned()),
                ("2026-03-31T00:00:00".to_owned(), "3.00".to_owned()),
            ]
        );
    }
}
