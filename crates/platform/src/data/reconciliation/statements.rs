//! Statements: the balance sheet's equation, and the profit that the journals make.

use std::collections::BTreeMap;

use connectors::DataType;
use records::Money;
use records::accounting::statements::Month;
use rust_decimal::Decimal;
use serde::Deserialize;
use store::StoreError;

use super::books::{Books, Sheet, day_of};
use super::entries::{Entry, Line};
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
                differs = !balances(&sheet);
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
    let mut claim = Claim::new(id, name, sides)
        .resting_on(&books.pulled, &needed)
        .doubting(if shown.is_none() {
            vec!["The statement has no month.".to_owned()]
        } else {
            Vec::new()
        });
    claim.tolerance = sheet.map_or(Decimal::ZERO, tolerance);
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

/// A statement is within one unit of its currency, as it is when it is read.
fn tolerance(sheet: &Sheet) -> Decimal {
    records::currency_unit(sheet.currency.as_deref())
}

fn balances(sheet: &Sheet) -> bool {
    let difference = claims_of(sheet).and_then(|claims| claims.checked_sub(sheet.assets.value.0));
    difference.is_some_and(|difference| difference.abs() <= tolerance(sheet))
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

/// An account's part in the profit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Profit,
    Equity,
    Other,
}

/// The postings that count as profit, by month.
#[derive(Default)]
struct Posted {
    months: BTreeMap<Month, Total>,
    /// The part of them whose other lines are all on equity, as those of an entry that closes a year.
    closing: BTreeMap<Month, Total>,
    first: Option<Month>,
    /// Some were posted for documents, so that the list isn't only of those that people wrote.
    is_whole: bool,
    /// Lines to accounts that aren't in the chart.
    unknown: u32,
}

impl Posted {
    fn add(&mut self, entry: &Entry, kind_of: &impl Fn(&str) -> Option<Kind>) {
        self.is_whole |= entry.is_of_a_document();
        let Some(month) = day_of(entry.posted_on).map(Month::of) else {
            return;
        };
        self.first = Some(self.first.map_or(month, |first| first.min(month)));
        let Some(profit) = self.profit_of(entry, kind_of) else {
            return;
        };
        let mut lines = entry.journal_lines.iter().filter_map(Line::account);
        let is_equity = |line: &Line| line.account().and_then(kind_of) == Some(Kind::Equity);
        let closes = lines
            .all(|account| matches!(kind_of(account), Some(Kind::Profit | Kind::Equity)))
            && entry.journal_lines.iter().any(is_equity);
        let mut sums = vec![&mut self.months];
        if closes {
            sums.push(&mut self.closing);
        }
        for sums in sums {
            add(sums.entry(month).or_insert(Some(Decimal::ZERO)), profit);
        }
    }

    /// Credits less debits on accounts of income and expense; none if it has no line on one.
    fn profit_of(
        &mut self,
        entry: &Entry,
        kind_of: &impl Fn(&str) -> Option<Kind>,
    ) -> Option<Decimal> {
        let mut sum = None;
        for line in &entry.journal_lines {
            match line.account().and_then(kind_of) {
                Some(Kind::Profit) => {
                    let before: Decimal = sum.unwrap_or_default();
                    sum = before.checked_sub(line.net_amount.0);
                }
                Some(_) => {}
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
    let kind_of = |account: &str| {
        let account = books.accounts.get(account)?;
        Some(match &*account.r#type {
            "Income" | "Expense" => Kind::Profit,
            "Equity" => Kind::Equity,
            _ => Kind::Other,
        })
    };
    let of_platform = pulled.of_platform();
    let mut posted = Posted {
        is_whole: of_platform.is_some_and(|known| known.all_postings),
        ..Posted::default()
    };
    books
        .each(DataType::JournalEntries, |entry: Entry| {
            posted.add(&entry, &kind_of);
        })
        .await?;
    if months.values().any(|month| month.report_basis == "Cash") {
        let reason =
            "The profit and loss is by cash, and journals are posted when something is owed.";
        return Ok(untold(reason.to_owned()));
    }
    let of = |sums: &BTreeMap<Month, Total>, month| match sums.get(&month) {
        Some(sum) => *sum,
        None => Some(Decimal::ZERO),
    };
    let journal = |month: Month, stated: Decimal| {
        let all = of(&posted.months, month);
        // Statements show the profit of a year's last month, and not that an entry has moved it to equity.
        let open = all.zip(of(&posted.closing, month));
        let open = open.and_then(|(all, closing)| all.checked_sub(closing));
        let gap = |sum: Total| Some(stated.checked_sub(sum?)?.abs());
        match (gap(all), gap(open)) {
            (Some(with), Some(without)) if without < with => open,
            _ => all,
        }
    };
    let mut gaps: Vec<(Month, Decimal)> = Vec::new();
    let (mut stated, mut booked) = (Some(Decimal::ZERO), Some(Decimal::ZERO));
    for (month, profit) in &months {
        let sum = journal(*month, profit.net_profit.0);
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
                journal(*month, profit.unwrap_or_default()),
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
    let mut claim = Claim::new(id, name, sides)
        .resting_on(pulled, &needed)
        .doubting(
            of_platform
                .and_then(|known| known.profit.clone())
                .into_iter()
                .collect(),
        );
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
        Some((month, gap)) => Some(explain(books, *month, *gap, &gaps, &kind_of).await?),
        None => None,
    };
    Ok(claim.judge(suspects))
}

async fn explain(
    books: &Books<'_>,
    worst: Month,
    gap: Decimal,
    gaps: &[(Month, Decimal)],
    kind_of: &impl Fn(&str) -> Option<Kind>,
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
            let profit = Posted::default().profit_of(&entry, kind_of);
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
        let kind_of = |account: &str| match account {
            "sales" | "rent" => Some(Kind::Profit),
            "bank" => Some(Kind::Other),
            "retained" => Some(Kind::Equity),
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
                &kind_of,
            );
        }
        let march = "2026-03".parse().expect("a month");
        assert_eq!(posted.months.get(&march), Some(&"59.75".parse().ok()));
        assert_eq!((posted.months.len(), posted.unknown), (1, 1));
        assert!(!posted.is_whole, "these are journals that people wrote");
        assert!(posted.closing.is_empty());
        let closing = vec![
            line("sales", "100.00"),
            line("rent", "-40.25"),
            line("retained", "-59.75"),
        ];
        posted.add(
            &entry(&json!({"id": "3", "postedOn": "2026-03-31", "journalLines": closing})),
            &kind_of,
        );
        assert_eq!(posted.closing.get(&march), Some(&"-59.75".parse().ok()));
        posted.add(
            &entry(&json!({"id": "2", "journalLines": [], "recordRef": {"id": "1", "dataType": "invoices"}})),
            &kind_of,
        );
        assert!(posted.is_whole);
    }
}
