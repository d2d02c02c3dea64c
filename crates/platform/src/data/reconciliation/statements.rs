//! Statements: the balance sheet's equation, and the profit that the journals make.

use std::collections::BTreeMap;

use connectors::DataType;
use records::accounting::statements::Month;
use records::{Money, Timestamp};
use rust_decimal::Decimal;
use serde::Deserialize;
use store::StoreError;

use super::books::{Books, Ref, Sheet, day_of};
use super::judging::{Claim, Culprit, Side, Suspects, Suspicion, Test, Total, add};

/// Assets against liabilities and equity, in every month: the first that differs, or the newest.
pub(super) async fn balance_sheet(books: &Books<'_>) -> Result<Test, StoreError> {
    let (id, name) = ("balanceSheet", "The balance sheet balances");
    let needed = [DataType::BalanceSheet];
    if let Some(reason) = books.pulled.missing(&needed) {
        let sides = [Side::new("Assets"), Side::new("Liabilities and equity")];
        return Ok(Claim::new(id, name, sides)
            .doubting(vec![reason])
            .judge(None));
    }
    let mut shown: Option<Sheet> = None;
    let mut differs = false;
    books
        .each(DataType::BalanceSheet, |sheet: Sheet| {
            // Months come in their order.
            if !differs {
                differs = claims_of(&sheet) != Some(sheet.assets.value.0);
                shown = Some(sheet);
            }
        })
        .await?;
    let side = |label: &str, amount: Total| {
        let sheet = shown.as_ref();
        Side::new(label)
            .of(amount)
            .at(sheet.map(|sheet| sheet.month.last_day()))
            .within(sheet.and_then(|sheet| sheet.currency.as_deref()))
    };
    let sheet = shown.as_ref();
    let sides = [
        side("Assets", sheet.map(|sheet| sheet.assets.value.0)),
        side("Liabilities and equity", sheet.and_then(claims_of)),
    ];
    let claim = Claim::new(id, name, sides).doubting(if shown.is_none() {
        vec!["The statement has no month.".to_owned()]
    } else {
        Vec::new()
    });
    let suspects = claim.gap().map(|gap| {
        let mut suspects = Suspects::of(gap);
        if let Some(sheet) = &shown {
            let month = sheet.month.to_string();
            let reason = "It is the first month in which they differ.";
            let culprit = Culprit::new(DataType::BalanceSheet, &month, None, gap, reason);
            suspects.add(Suspicion::Exact, culprit);
        }
        suspects
    });
    Ok(claim.judge(suspects))
}

fn claims_of(sheet: &Sheet) -> Total {
    sheet.liabilities.value.0.checked_add(sheet.equity.value.0)
}

/// A month's profit and loss.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profit {
    month: Month,
    #[serde(default)]
    report_basis: String,
    net_profit: Money,
    currency: Option<String>,
}

/// A posting to the ledger.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    description: Option<String>,
    posted_on: Option<Timestamp>,
    record_ref: Option<Source>,
    journal_lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    data_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    net_amount: Money,
    account_ref: Option<Ref>,
}

/// The postings that count as profit, by month.
#[derive(Default)]
struct Posted {
    months: BTreeMap<Month, Total>,
    first: Option<Month>,
    /// Some were posted for documents, so that the list isn't only of those that people wrote.
    is_whole: bool,
    /// Lines to accounts that aren't in the chart.
    unknown: u32,
}

impl Posted {
    fn add(&mut self, entry: &Entry, is_profit: &impl Fn(&str) -> Option<bool>) {
        let own = |source: &Source| source.data_type == "journalEntries";
        self.is_whole |= !entry.record_ref.as_ref().is_none_or(own);
        let Some(month) = day_of(entry.posted_on).map(Month::of) else {
            return;
        };
        self.first = Some(self.first.map_or(month, |first| first.min(month)));
        let Some(profit) = self.profit_of(entry, is_profit) else {
            return;
        };
        let sum = self.months.entry(month).or_insert(Some(Decimal::ZERO));
        add(sum, profit);
    }

    /// Credits less debits on accounts of income and expense; none if it has no line on one.
    fn profit_of(
        &mut self,
        entry: &Entry,
        is_profit: &impl Fn(&str) -> Option<bool>,
    ) -> Option<Decimal> {
        let mut sum = None;
        for line in &entry.journal_lines {
            let account = line.account_ref.as_ref();
            match account.and_then(|account| is_profit(&account.id)) {
                Some(true) => {
                    let before: Decimal = sum.unwrap_or_default();
                    sum = before.checked_sub(line.net_amount.0);
                }
                Some(false) => {}
                None => self.unknown += 1,
            }
        }
        sum
    }
}

/// The net profit of the statements against the journals, month by month: the month that differs most, or all.
pub(super) async fn profit(books: &Books<'_>) -> Result<Test, StoreError> {
    let (id, name) = (
        "profitAndLoss",
        "Profit by the statements and by the journals",
    );
    let pulled = &books.pulled;
    let needed = [
        DataType::ProfitAndLoss,
        DataType::JournalEntries,
        DataType::ChartOfAccounts,
    ];
    let labels = [
        "Net profit by the profit and loss",
        "Journal entries on accounts of income and expense",
    ];
    let untold = |reason: String| {
        let sides = labels.map(Side::new);
        Claim::new(id, name, sides)
            .doubting(vec![reason])
            .judge(None)
    };
    if let Some(reason) = pulled.missing(&needed) {
        return Ok(untold(reason));
    }
    let mut months: BTreeMap<Month, Profit> = BTreeMap::new();
    books
        .each(DataType::ProfitAndLoss, |profit: Profit| {
            months.insert(profit.month, profit);
        })
        .await?;
    let is_profit = |account: &str| {
        let account = books.accounts.get(account)?;
        Some(matches!(&*account.r#type, "Income" | "Expense"))
    };
    let mut posted = Posted::default();
    books
        .each(DataType::JournalEntries, |entry: Entry| {
            posted.add(&entry, &is_profit);
        })
        .await?;
    if months.values().any(|month| month.report_basis == "Cash") {
        let reason =
            "The profit and loss is by cash, and journals are posted when something is owed.";
        return Ok(untold(reason.to_owned()));
    }
    let journal = |month: Month| match posted.months.get(&month) {
        Some(sum) => *sum,
        None => Some(Decimal::ZERO),
    };
    let mut gaps: Vec<(Month, Decimal)> = Vec::new();
    let (mut stated, mut booked) = (Some(Decimal::ZERO), Some(Decimal::ZERO));
    for (month, profit) in &months {
        let sum = journal(*month);
        add(&mut stated, profit.net_profit.0);
        booked = booked.zip(sum).and_then(|(all, one)| all.checked_add(one));
        let gap = sum.and_then(|sum| profit.net_profit.0.checked_sub(sum));
        if let Some(gap) = gap.filter(|gap| !gap.is_zero()) {
            gaps.push((*month, gap));
        }
    }
    // Journals that are the whole profit are all journals, whether they say what they were posted for or not.
    if !posted.is_whole && (months.is_empty() || !gaps.is_empty()) {
        let reason = "The platform lists the journals that people wrote, not those posted for documents: they don't make the whole profit.";
        return Ok(untold(reason.to_owned()));
    }
    let worst = gaps.iter().max_by_key(|(_, gap)| gap.abs());
    let (first, second, last, period) = match worst {
        Some((month, _)) => {
            let profit = months.get(month).map(|profit| profit.net_profit.0);
            (
                profit,
                journal(*month),
                Some(*month),
                format!(" of {month}"),
            )
        }
        None => {
            let last = months.keys().next_back().copied();
            let period = match (months.keys().next(), last) {
                (Some(first), Some(last)) => format!(", {first} to {last}"),
                _ => String::new(),
            };
            (stated, booked, last, period)
        }
    };
    let currency = months.values().find_map(|month| month.currency.clone());
    let side = |label: &str, amount: Total| {
        Side::new(format!("{label}{period}"))
            .of(amount)
            .at(last.map(Month::last_day))
            .within(currency.as_deref())
    };
    let sides = [side(labels[0], first), side(labels[1], second)];
    let mut claim = Claim::new(id, name, sides).doubting(pulled.doubts(&needed));
    if posted.unknown > 0 {
        claim.doubts.push(format!(
            "{} journal lines are on accounts that the chart doesn't have.",
            posted.unknown
        ));
    }
    if let (Some((month, _)), Some(first)) = (worst, posted.first)
        && *month < first
    {
        claim.doubts.push(format!("The journals begin in {first}."));
    }
    let suspects = match worst {
        Some((month, gap)) => Some(explain(books, *month, *gap, &gaps, &is_profit).await?),
        None => None,
    };
    Ok(claim.judge(suspects))
}

async fn explain(
    books: &Books<'_>,
    worst: Month,
    gap: Decimal,
    gaps: &[(Month, Decimal)],
    is_profit: &impl Fn(&str) -> Option<bool>,
) -> Result<Suspects, StoreError> {
    let mut suspects = Suspects::of(gap);
    for (month, gap) in gaps {
        let reason = format!("The journals of {month} differ from it by {gap}.");
        let id = month.to_string();
        let culprit = Culprit::new(DataType::ProfitAndLoss, &id, None, *gap, reason);
        suspects.add(Suspicion::Odd, culprit);
    }
    books
        .each(DataType::JournalEntries, |entry: Entry| {
            if day_of(entry.posted_on).map(Month::of) != Some(worst) {
                return;
            }
            let profit = Posted::default().profit_of(&entry, is_profit);
            let profit = profit.unwrap_or_default();
            suspects.compare(profit, |reason| {
                let text = entry.description.as_deref();
                Culprit::new(DataType::JournalEntries, &entry.id, text, profit, reason)
            });
        })
        .await?;
    Ok(suspects)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(json: &Value) -> Entry {
        serde_json::from_str(&json.to_string()).expect("an entry")
    }

    #[test]
    fn journals_make_a_profit_of_credits_less_debits_on_income_and_expense() {
        let is_profit = |account: &str| match account {
            "sales" | "rent" => Some(true),
            "bank" => Some(false),
            _ => None,
        };
        let mut posted = Posted::default();
        let line = |account: &str, amount: &str| json!({"netAmount": amount, "accountRef": {"id": account}});
        for (day, lines) in [
            (
                "2026-03-31",
                vec![line("bank", "100.00"), line("sales", "-100.00")],
            ),
            (
                "2026-03-31",
                vec![line("rent", "40.25"), line("bank", "-40.25")],
            ),
            (
                "2026-04-01",
                vec![line("odd", "1.00"), line("bank", "-1.00")],
            ),
        ] {
            posted.add(
                &entry(&json!({"id": "1", "postedOn": day, "journalLines": lines, "recordRef": {"id": "1", "dataType": "journalEntries"}})),
                &is_profit,
            );
        }
        let march = "2026-03".parse().expect("a month");
        assert_eq!(posted.months.get(&march), Some(&"59.75".parse().ok()));
        assert_eq!((posted.months.len(), posted.unknown), (1, 1));
        assert!(!posted.is_whole, "these are journals that people wrote");
        posted.add(
            &entry(&json!({"id": "2", "journalLines": [], "recordRef": {"id": "1", "dataType": "invoices"}})),
            &is_profit,
        );
        assert!(posted.is_whole);
    }
}
