//! Running a business: overheads, payroll, taxes, month ends.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::books::dice::{Dice, portion};
use crate::books::documents::DocumentLine;
use crate::books::ledger::chart::Account;
use crate::books::ledger::{
    Category, Journal, Line, Method, Money, Notice, Party, Posting, Source,
};
use crate::books::trades::Pay;

use super::calendar::{MINUTE, falls_due, midnight, office_hours, working_day};
use super::{Event, Simulation, Stream, line};

impl Simulation {
    pub(super) fn plan_running_costs(&mut self, day: NaiveDate, dice: &mut Dice) {
        let trade = self.trade;
        let start = midnight(day);
        let year_starts = trade.registered.year_starts;
        for (position, overhead) in trade.overheads.iter().enumerate() {
            if day.day() == overhead.day
                && falls_due(day.month(), year_starts, overhead.every_months)
            {
                let paid = office_hours(working_day(day), dice);
                self.at(paid, Event::OverheadDue { overhead: position });
            }
        }
        for _ in 0..dice.count(trade.card_per_week_milli / 7) {
            self.at(office_hours(day, dice), Event::CardUsed);
        }
        let tomorrow = day + Days::new(1);
        if tomorrow.day() == 1 {
            self.at(start + (23 * 60 + 10) * MINUTE, Event::MonthCloses);
            self.at(start + (23 * 60 + 5) * MINUTE, Event::InterestPaid);
            if falls_due(tomorrow.month(), year_starts, 3) {
                self.at(start + (23 * 60 + 15) * MINUTE, Event::TaxPeriodEnds);
            }
        }
        let monthly = |on: u32| day.day() == on;
        if monthly(trade.payroll.day) && trade.payroll.gross > 0 {
            self.at(start + 10 * 60 * MINUTE, Event::Payroll);
        }
        if monthly(18) {
            self.at(start + (6 * 60 + 30) * MINUTE, Event::CardSettled);
        }
        if monthly(6) {
            self.at(start + 7 * 60 * MINUTE, Event::LoanRepaid);
        }
        if monthly(28) {
            self.at(start + 21 * 60 * MINUTE, Event::BankCharged);
        }
        if monthly(16) && falls_due(day.month(), year_starts, 3) {
            self.at(start + 14 * 60 * MINUTE, Event::DividendPaid);
        }
        if monthly(12) && falls_due(day.month() + 6, year_starts, 12) {
            self.at(start + 11 * 60 * MINUTE, Event::EquipmentBought);
        }
    }

    pub(super) fn post(
        &mut self,
        journal: Journal,
        source: Source,
        memo: impl Into<Box<str>>,
        lines: &[Line],
        notice: Option<Notice>,
    ) -> u32 {
        self.books.ledger.post(Posting {
            day: self.today,
            at: self.now,
            journal,
            source,
            memo: memo.into(),
            lines,
            notice,
        })
    }

    pub(super) fn meet_overhead(&mut self, position: usize) {
        let trade = self.trade;
        let overhead = &trade.overheads[position];
        let mut dice = self.dice(Stream::Overhead, self.happened);
        let years = i64::from(self.today.year() - self.books.opened.year());
        let net = dice.about(
            portion(overhead.amount, 100 + 3 * years, 100),
            overhead.varies,
        );
        let tax_code = if overhead.taxed {
            trade.purchase_tax
        } else {
            0
        };
        let tax = portion(net, trade.taxes[tax_code].rate_bp, 10_000);
        let contact = self.payees[position];
        let charged = DocumentLine::single(overhead.text, overhead.account, net, (tax_code, tax));
        if overhead.pay == Pay::Bill {
            let bill = self.write_bill(contact, vec![charged]);
            self.enter_bill(bill);
            return;
        }
        let account = if overhead.pay == Pay::Ahead {
            let months = overhead.every_months;
            self.prepaid_a_month.push((overhead.account, net, months));
            Account::Prepayments
        } else {
            overhead.account
        };
        let method = if overhead.pay == Pay::StandingOrder {
            Method::StandingOrder
        } else {
            Method::DirectDebit
        };
        let notice = self.notice(
            method,
            overhead.category,
            Party::Named(overhead.payee),
            format!("{} {}", overhead.payee, overhead.text),
        );
        let memo = format!("{}: {}", overhead.payee, overhead.text);
        let lines = vec![DocumentLine { account, ..charged }];
        let money = [(Account::Current, net + tax)];
        self.spend(Some(contact), memo, lines, &money, notice);
    }

    pub(super) fn run_payroll(&mut self) {
        let payroll = &self.trade.payroll;
        let mut dice = self.dice(Stream::Other, self.happened);
        let years = i64::from(self.today.year() - self.books.opened.year());
        let gross = dice.about(portion(payroll.gross, 100 + 4 * years, 100), payroll.varies);
        let withheld = portion(gross, payroll.withheld_bp, 10_000);
        let employer = portion(gross, payroll.employer_bp, 10_000);
        let net = gross - withheld;
        let month = self.today.format("%B %Y").to_string();
        let lines = [
            line(Account::Wages, gross),
            line(Account::EmployerCosts, employer),
            line(Account::PayrollTax, -(withheld + employer)),
            line(Account::WagesPayable, -net),
        ];
        let memo = format!("Payroll for {month}");
        self.post(Journal::Payroll, Source::Manual, memo, &lines, None);
        let notice = self.notice(
            Method::Payroll,
            Category::Salaries,
            Party::Unnamed,
            format!("SALARIES {}", month.to_uppercase()),
        );
        let memo = format!("Net wages, {month}");
        self.pay_out_of_bank(memo, Account::WagesPayable, net, notice);
        if withheld + employer > 0 {
            let day = self.today + Months::new(1);
            let day = working_day(day.with_day(19).unwrap_or(day));
            let amount = withheld + employer;
            self.at(
                midnight(day) + 8 * 60 * MINUTE,
                Event::PayrollTaxPaid { amount },
            );
        }
    }

    pub(super) fn pay_payroll_tax(&mut self, amount: Money) {
        let office = self.trade.payroll.tax_office;
        let notice = self.notice(
            Method::Transfer,
            Category::PayrollTaxes,
            Party::Named(office),
            format!("{office} PAYROLL"),
        );
        self.pay_out_of_bank("Payroll taxes", Account::PayrollTax, amount, notice);
    }

    /// Settles the closed quarter's tax, five weeks after its end.
    pub(super) fn end_tax_period(&mut self) {
        let amount = -self.books.ledger.balance(Account::Tax) - self.tax_declared;
        if amount != 0 {
            self.tax_declared += amount;
            let day = working_day(self.today + Days::new(37));
            self.at(midnight(day) + 8 * 60 * MINUTE, Event::TaxPaid { amount });
        }
    }

    /// A negative amount comes back from the tax office.
    pub(super) fn pay_tax(&mut self, amount: Money) {
        self.tax_declared -= amount;
        let office = self.trade.payroll.tax_office;
        let tax = self.books.title(Account::Tax);
        let notice = self.notice(
            Method::Transfer,
            Category::SalesTaxes,
            Party::Named(office),
            format!("{office} {tax}"),
        );
        let memo = format!("{tax} return");
        if amount > 0 {
            self.pay_out_of_bank(memo, Account::Tax, amount, notice);
        } else {
            let refund = DocumentLine::single("", Account::Tax, -amount, (0, 0));
            let money = [(Account::Current, -amount)];
            self.earn(Journal::Cash, memo, vec![refund], &money, notice);
        }
    }

    /// Depreciation, prepayments released, and an accrual that the next month takes back.
    pub(super) fn close_month(&mut self) {
        let month = self.today.format("%B %Y").to_string();
        let cost = self.books.ledger.balance(Account::Equipment);
        let left = cost + self.books.ledger.balance(Account::Depreciation);
        let charge = (cost / 60).min(left);
        let lines = [
            line(Account::DepreciationCharge, charge),
            line(Account::Depreciation, -charge),
        ];
        if charge > 0 {
            let memo = format!("Depreciation, {month}");
            self.post(Journal::General, Source::Manual, memo, &lines, None);
        }

        let mut prepaid = std::mem::take(&mut self.prepaid_a_month);
        for (account, left, months) in &mut prepaid {
            let part = *left / i64::from(*months);
            *left -= part;
            *months -= 1;
            let lines = [line(*account, part), line(Account::Prepayments, -part)];
            let memo = format!("Prepaid cost of {month}");
            self.post(Journal::General, Source::Manual, memo, &lines, None);
        }
        prepaid.retain(|(_, _, months)| *months > 0);
        self.prepaid_a_month = prepaid;

        let amount = self.trade.overheads.iter().find_map(|overhead| {
            (overhead.account == Account::Utilities).then_some(overhead.amount / 2)
        });
        if let Some(amount) = amount.filter(|amount| *amount > 0) {
            let lines = [
                line(Account::Utilities, amount),
                line(Account::Accruals, -amount),
            ];
            let memo = format!("Utilities used in {month}, not yet charged");
            self.post(Journal::General, Source::Manual, memo, &lines, None);
            let first = midnight(self.today + Days::new(1)) + 9 * 60 * MINUTE;
            self.at(first, Event::AccrualReversed { amount });
        }
    }

    pub(super) fn reverse_accrual(&mut self, amount: Money) {
        let lines = [
            line(Account::Accruals, amount),
            line(Account::Utilities, -amount),
        ];
        let memo = "Reversal of last month's accrual";
        self.post(Journal::General, Source::Manual, memo, &lines, None);
    }
}
