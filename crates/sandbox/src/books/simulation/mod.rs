//! Lives a business's days in order, from its first to now, and records their events.

mod calendar;
mod cash;
mod disputes;
mod orders;
mod people;
mod purchases;
mod running;
mod sales;
mod shop;
mod vouchers;
mod written;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use chrono::{Datelike, NaiveDate, Weekday};

use super::Books;
use super::dice::Dice;
use super::ledger::chart::Account;
use super::ledger::{Category, Line, Method, Moment, Money, Notice, Party};
use super::shop::Takings;
use super::trades::Trade;
use super::written::{Change, Written};

use calendar::{DAY, MINUTE};
pub(crate) use calendar::{day_of, midnight};

/// The events of a business; the numbers are positions in the books' lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    DayBegins(NaiveDate),
    CustomerJoins,
    ContactChanges,
    PricesRise,
    InvoiceIssued,
    DraftWritten {
        doomed: bool,
    },
    DraftApproved(u32),
    DraftDeleted(u32),
    InvoiceAmended(u32),
    InvoiceVoided(u32),
    ReminderSent,
    CreditGiven(u32),
    BadDebtWrittenOff(u32),
    InvoicePaid {
        document: u32,
        half: bool,
    },
    StockOrdered {
        supplier: usize,
    },
    GoodsDelivered(u32),
    PurchaseCalledOff(u32),
    SaleOrdered,
    SaleInvoiced(u32),
    SaleCalledOff(u32),
    BillReceived {
        supplier: usize,
    },
    BillApproved(u32),
    BillVoided(u32),
    SupplierCredits(u32),
    BillPaid(u32),
    OverheadDue {
        overhead: usize,
    },
    OrderPlaced,
    OrderSent(u32),
    OrderRefunded(u32),
    DisputeOpened(u32),
    DisputeAnswered(u32),
    DisputeDecided(u32),
    ShopperVisits,
    ShopperErased(u32),
    DayTaken,
    PaidOut,
    CashBanked,
    CardUsed,
    CardSettled,
    Payroll,
    PayrollTaxPaid {
        amount: Money,
    },
    TaxPeriodEnds,
    TaxPaid {
        amount: Money,
    },
    MonthCloses,
    AccrualReversed {
        amount: Money,
    },
    LoanRepaid,
    BankCharged,
    InterestPaid,
    CashReviewed,
    DividendPaid,
    EquipmentBought,
    /// A position in the list of clients' changes.
    Written(usize),
}

/// Separate streams of chance, so that one kind of event never disturbs another.
#[derive(Clone, Copy)]
enum Stream {
    Day = 1,
    Customer,
    Supplier,
    Invoice,
    Receipt,
    Bill,
    Remittance,
    Overhead,
    Order,
    Refund,
    Shopper,
    Other,
    Dispute,
    PurchaseOrder,
    SalesOrder,
}

pub(super) struct Simulation {
    seed: u64,
    trade: &'static Trade,
    books: Books,
    /// Earliest first; equal moments keep the order in which they were planned.
    plan: BinaryHeap<Reverse<(Moment, u64, Event)>>,
    planned: u64,
    now: Moment,
    today: NaiveDate,
    until: Moment,
    names: HashSet<Box<str>>,
    next_invoice_number: u32,
    /// Whole-number weights of items: on invoices, in the shop.
    weights: (Vec<u64>, Vec<u64>),
    /// Suppliers' positions among the contacts.
    suppliers: Vec<u32>,
    /// The contact that each overhead is paid to.
    payees: Vec<u32>,
    /// Net sales of the latest four weeks, this week last.
    weeks: [Money; 5],
    takings: Takings,
    /// Owed to the tax office for closed periods, and not yet paid.
    tax_declared: Money,
    /// A year's cost paid ahead, and a month's share of it.
    prepaid_a_month: Vec<(Account, Money, u32)>,
    happened: u64,
    written: Vec<Written>,
}

/// The life of `trade` up to `as_of`, with the changes that clients made by then.
pub(super) fn simulate(
    seed: u64,
    trade: &'static Trade,
    opened: NaiveDate,
    as_of: Moment,
    written: &[Written],
) -> Simulation {
    let mut simulation = Simulation::begin(seed, trade, opened, as_of);
    for (place, one) in written.iter().enumerate() {
        simulation.plan_written(place, one);
    }
    simulation.run();
    simulation
}

impl Simulation {
    fn begin(seed: u64, trade: &'static Trade, opened: NaiveDate, until: Moment) -> Self {
        let key = trade.business.id.bytes().fold(seed, |key, byte| {
            key.wrapping_mul(0x100_0000_01b3) ^ u64::from(byte)
        });
        let mut simulation = Self {
            seed: key,
            trade,
            books: Books::empty(trade, opened, until),
            plan: BinaryHeap::new(),
            planned: 0,
            now: midnight(opened),
            today: opened,
            until,
            names: HashSet::new(),
            next_invoice_number: 1001,
            weights: (Vec::new(), Vec::new()),
            suppliers: Vec::new(),
            payees: Vec::new(),
            weeks: [0; 5],
            takings: Takings::default(),
            tax_declared: 0,
            prepaid_a_month: Vec::new(),
            happened: 0,
            written: Vec::new(),
        };
        simulation.open_items();
        simulation.open_contacts();
        simulation.open_balances();
        simulation.at(midnight(opened), Event::DayBegins(opened));
        simulation
    }

    fn run(&mut self) {
        while let Some(Reverse((moment, _, event))) = self.plan.pop() {
            if moment > self.until {
                break;
            }
            self.now = moment;
            self.happened += 1;
            self.happen(event);
        }
    }

    /// Behind everything else of its moment, as it was when it was accepted.
    fn plan_written(&mut self, place: usize, written: &Written) {
        /// More than a business ever plans.
        const LAST: u64 = 1 << 62;
        self.written.push(written.clone());
        if written.at <= self.until {
            let order = LAST + place as u64;
            self.plan
                .push(Reverse((written.at, order, Event::Written(place))));
        }
    }

    /// As they stand now.
    pub(super) fn books(&self) -> &Books {
        &self.books
    }

    /// Makes a change now, and returns the record's position.
    pub(super) fn write(&mut self, change: &Change) -> u32 {
        self.now = self.until;
        self.enter(change)
    }

    pub(super) fn finish(mut self) -> Books {
        self.books.settle_order();
        self.books
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::DayBegins(day) => self.begin_day(day),
            Event::CustomerJoins => self.add_customer(),
            Event::ContactChanges => self.change_contact(),
            Event::PricesRise => self.raise_a_price(),
            Event::InvoiceIssued => self.issue_invoice(),
            Event::DraftWritten { doomed } => self.write_draft(doomed),
            Event::DraftApproved(document) => self.approve_draft(document),
            Event::DraftDeleted(document) => self.delete_draft(document),
            Event::InvoiceAmended(document) => self.amend_invoice(document),
            Event::InvoiceVoided(document) => self.void_invoice(document),
            Event::ReminderSent => self.send_reminder(),
            Event::CreditGiven(document) => self.give_credit(document),
            Event::BadDebtWrittenOff(document) => self.write_off(document),
            Event::InvoicePaid { document, half } => self.receive_payment(document, half),
            Event::StockOrdered { supplier } => self.order_stock(supplier),
            Event::GoodsDelivered(order) => self.deliver(order),
            Event::PurchaseCalledOff(order) => self.call_off_purchase(order),
            Event::SaleOrdered => self.take_order(),
            Event::SaleInvoiced(order) => self.invoice_order(order),
            Event::SaleCalledOff(order) => self.call_off_sale(order),
            Event::BillReceived { supplier } => self.receive_bill(supplier),
            Event::BillApproved(bill) => self.approve_bill(bill),
            Event::BillVoided(bill) => self.void_bill(bill),
            Event::SupplierCredits(bill) => self.receive_credit(bill),
            Event::BillPaid(bill) => self.pay_bill(bill),
            Event::OverheadDue { overhead } => self.meet_overhead(overhead),
            Event::OrderPlaced => self.place_order(),
            Event::OrderSent(order) => self.send_order(order),
            Event::OrderRefunded(order) => self.refund_order(order),
            Event::DisputeOpened(order) => self.open_dispute(order),
            Event::DisputeAnswered(dispute) => self.answer_dispute(dispute),
            Event::DisputeDecided(dispute) => self.decide_dispute(dispute),
            Event::ShopperVisits => self.register_visitor(),
            Event::ShopperErased(shopper) => self.erase_shopper(shopper),
            Event::DayTaken => self.post_takings(),
            Event::PaidOut => self.pay_out(),
            Event::CashBanked => self.bank_cash(),
            Event::CardUsed => self.use_card(),
            Event::CardSettled => self.settle_card(),
            Event::Payroll => self.run_payroll(),
            Event::PayrollTaxPaid { amount } => self.pay_payroll_tax(amount),
            Event::TaxPeriodEnds => self.end_tax_period(),
            Event::TaxPaid { amount } => self.pay_tax(amount),
            Event::MonthCloses => self.close_month(),
            Event::AccrualReversed { amount } => self.reverse_accrual(amount),
            Event::LoanRepaid => self.repay_loan(),
            Event::BankCharged => self.charge_bank_fee(),
            Event::InterestPaid => self.receive_interest(),
            Event::CashReviewed => self.review_cash(),
            Event::DividendPaid => self.pay_dividend(),
            Event::EquipmentBought => self.buy_equipment(),
            Event::Written(place) => {
                let change = self.written[place].change.clone();
                // It counts itself.
                self.happened -= 1;
                self.enter(&change);
            }
        }
    }

    /// Plans an event; one in the past would break the order of the books.
    fn at(&mut self, moment: Moment, event: Event) {
        debug_assert!(moment >= self.now, "{event:?} planned for the past");
        if moment > self.until {
            return;
        }
        self.plan.push(Reverse((moment, self.planned, event)));
        self.planned += 1;
    }

    fn dice(&self, stream: Stream, key: u64) -> Dice {
        Dice::new(&[self.seed, stream as u64, key])
    }

    /// Plans every event that the calendar has for this day.
    fn begin_day(&mut self, day: NaiveDate) {
        self.today = day;
        let start = midnight(day);
        self.at(start + DAY, Event::DayBegins(day + chrono::Days::new(1)));
        let mut dice = self.dice(Stream::Day, day.num_days_from_ce() as u64);

        self.plan_shop(day, &mut dice);
        self.plan_invoices(day, &mut dice);
        self.plan_purchases(day, &mut dice);
        self.plan_running_costs(day, &mut dice);

        match day.weekday() {
            Weekday::Mon => {
                self.weeks.rotate_left(1);
                self.weeks[4] = 0;
                self.at(start + 8 * 60 * MINUTE, Event::CashReviewed);
                self.at(start + 9 * 60 * MINUTE, Event::ShopperVisits);
                self.at(
                    start + (9 * 60 + 30) * MINUTE,
                    Event::DraftWritten { doomed: true },
                );
                self.at(start + 10 * 60 * MINUTE, Event::ContactChanges);
            }
            Weekday::Tue => self.at(start + 11 * 60 * MINUTE, Event::ReminderSent),
            Weekday::Thu => self.at(start + 11 * 60 * MINUTE, Event::PricesRise),
            Weekday::Fri => self.at(start + 15 * 60 * MINUTE, Event::CashBanked),
            _ => {}
        }
        if day.day() == 3 {
            let joins = dice.count(self.trade.invoicing.new_a_month_milli);
            for _ in 0..joins {
                self.at(start + 10 * 60 * MINUTE, Event::CustomerJoins);
            }
        }
    }

    /// Percent by which the day differs from an average one: the season and the years' growth.
    fn season(&self, day: NaiveDate) -> u64 {
        let months = (day.year() - self.books.opened.year()) * 12 + day.month() as i32
            - self.books.opened.month() as i32;
        let growth = 1200 + self.trade.growth_percent_a_year * months.max(0) as u64;
        self.trade.months[day.month0() as usize] * growth / 1200
    }

    /// Average net sales of a week, from the latest four.
    fn week_of_sales(&self) -> Money {
        let known: Vec<Money> = self.weeks[..4]
            .iter()
            .copied()
            .filter(|week| *week > 0)
            .collect();
        if known.is_empty() {
            return 0;
        }
        known.iter().sum::<Money>() / known.len() as Money
    }

    fn notice(
        &self,
        method: Method,
        category: Category,
        party: Party,
        narrative: impl Into<Box<str>>,
    ) -> Option<Notice> {
        Some(Notice {
            method,
            category,
            party,
            narrative: narrative.into(),
        })
    }
}

fn line(account: Account, amount: Money) -> Line {
    Line {
        account,
        amount,
        contact: None,
    }
}

fn owed(account: Account, amount: Money, contact: u32) -> Line {
    Line {
        account,
        amount,
        contact: Some(contact),
    }
}
