//! Sums of statements.

use rust_decimal::Decimal;

use super::{Breach, Sums, Unit};
use crate::Money;
use crate::accounting::statements::{
    BalanceSheetMonth, CashFlowMonth, ProfitAndLossMonth, ReportLine,
};

/// True if the two differ by no more than one minor unit of the currency. (Xero's public example of a balance sheet has net assets
/// of 185448.30 beside an equity of 185448.29.)
fn is_near(one: Decimal, other: Decimal, unit: Unit) -> bool {
    one.checked_sub(other)
        .is_some_and(|difference| difference.abs() <= unit.0)
}

/// Reports every line whose value isn't the sum of its items.
fn check_items(line: &ReportLine, unit: Unit, breaches: &mut Vec<Breach>) {
    let items = line.items.as_deref().unwrap_or_default();
    if items.is_empty() {
        return;
    }
    let sum = super::sum(items.iter().map(|item| Some(item.value)));
    if sum.is_none_or(|sum| !is_near(sum, line.value.0, unit)) {
        breaches.push(Breach::refusal(
            "items",
            format!(
                "`{}` is {}, and its items add up to {}",
                line.name.as_deref().unwrap_or_default(),
                line.value,
                sum.unwrap_or_default(),
            ),
        ));
    }
    for item in items {
        check_items(item, unit, breaches);
    }
}

/// One of a statement's own figures, and what it is the sum or the difference of.
struct Stated {
    rule: &'static str,
    /// `assets less liabilities`.
    parts: &'static str,
    sum: Option<Decimal>,
    name: &'static str,
    value: Money,
}

fn check(stated: &[Stated], unit: Unit, breaches: &mut Vec<Breach>) {
    for Stated {
        rule,
        parts,
        sum,
        name,
        value,
    } in stated
    {
        let sum = sum.unwrap_or_default();
        if !is_near(sum, value.0, unit) {
            breaches.push(Breach::refusal(
                rule,
                format!("{parts} are {sum}, and the {name} is {value}"),
            ));
        }
    }
}

impl Sums for BalanceSheetMonth {
    fn breaches(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        let unit = Unit::of(self.currency.as_deref());
        let lines = [&self.assets, &self.liabilities, &self.equity];
        for line in lines {
            check_items(line, unit, &mut breaches);
        }
        let net = self.assets.value.0.checked_sub(self.liabilities.value.0);
        let stated = [
            ("net-assets", "netAssets", self.net_assets),
            ("equity", "equity", self.equity.value),
        ]
        .map(|(rule, name, value)| Stated {
            rule,
            parts: "assets less liabilities",
            sum: net,
            name,
            value,
        });
        check(&stated, unit, &mut breaches);
        breaches
    }
}

impl Sums for ProfitAndLossMonth {
    fn breaches(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        let unit = Unit::of(self.currency.as_deref());
        let lines = [
            &self.income,
            &self.cost_of_sales,
            &self.expenses,
            &self.other_income,
            &self.other_expenses,
        ];
        for line in lines {
            check_items(line, unit, &mut breaches);
        }
        let less = |one: Money, other: Money| one.0.checked_sub(other.0);
        let stated = [
            Stated {
                rule: "gross-profit",
                parts: "income less costOfSales",
                sum: less(self.income.value, self.cost_of_sales.value),
                name: "grossProfit",
                value: self.gross_profit,
            },
            Stated {
                rule: "net-operating-profit",
                parts: "grossProfit less expenses",
                sum: less(self.gross_profit, self.expenses.value),
                name: "netOperatingProfit",
                value: self.net_operating_profit,
            },
            Stated {
                rule: "net-other-income",
                parts: "otherIncome less otherExpenses",
                sum: less(self.other_income.value, self.other_expenses.value),
                name: "netOtherIncome",
                value: self.net_other_income,
            },
            Stated {
                rule: "net-profit",
                parts: "netOperatingProfit and netOtherIncome",
                sum: (self.net_operating_profit.0).checked_add(self.net_other_income.0),
                name: "netProfit",
                value: self.net_profit,
            },
        ];
        check(&stated, unit, &mut breaches);
        breaches
    }
}

impl Sums for CashFlowMonth {
    fn breaches(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        let unit = Unit::of(self.currency.as_deref());
        check_items(&self.cash_receipts, unit, &mut breaches);
        check_items(&self.cash_payments, unit, &mut breaches);
        breaches
    }
}
