//! The books of the made-up businesses: consistent double-entry bookkeeping, generated from a seed.

#[cfg(test)]
mod checks;
pub(crate) mod dice;
pub(crate) mod documents;
pub(crate) mod ledger;
mod names;
pub(crate) mod shop;
mod simulation;
pub(crate) mod tracking;
pub(crate) mod trades;
pub(crate) mod written;
pub(crate) mod wrong;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Timelike, Utc};
use parking_lot::Mutex;

use documents::{Contact, Delivery, Document, Item, Payment, TradeOrder, Transfer, Voucher};
use ledger::chart::Account;
use ledger::{Ledger, Moment, Money};
use shop::{Charge, Dispute, Order, ProcessorEntry, Shopper};
use trades::Trade;
use written::{Change, Once, Written};
use wrong::{Wrong, Wrongs};

/// Reads the current time; injected so that a test can hold it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// One made-up business, as the consent page offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    /// Stable key, e.g. `harbour-lane-cafe`.
    pub id: &'static str,
    pub name: &'static str,
    pub trade: &'static str,
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// The amount of data, in words, e.g. `about 2,500 transactions`.
    pub size: &'static str,
    pub description: &'static str,
}

/// The first day of every business's books, unless it is too recent by the clock.
const BOOKS_OPEN: (i32, u32, u32) = (2024, 8, 1);
/// The least number of full months of history.
const LEAST_MONTHS: u32 = 26;

/// Every business; books are generated at the first request, and kept until their hour has passed.
pub struct Library {
    seed: u64,
    clock: Clock,
    opened: NaiveDate,
    businesses: Vec<Business>,
    shelves: Vec<Shelf>,
}

struct Shelf {
    trade: &'static Trade,
    advanced_days: AtomicU32,
    desk: Mutex<Desk>,
}

#[derive(Default)]
struct Desk {
    books: Option<Arc<Books>>,
    /// In order of time.
    written: Vec<Written>,
    wrongs: Wrongs,
}

impl Desk {
    /// The books that a simulation ended with, and what is wrong with them on demand.
    fn finish(&self, simulation: simulation::Simulation) -> Arc<Books> {
        let mut books = simulation.finish();
        self.wrongs.write_into(&mut books);
        Arc::new(books)
    }
}

/// A record that a client wrote, now in the books.
pub(crate) struct Entered {
    pub(crate) books: Arc<Books>,
    pub(crate) position: u32,
    /// It had been done before, under the same key.
    pub(crate) again: bool,
}

/// Reasons for writing nothing; `E` is the examiner's.
pub(crate) enum NotWritten<E> {
    NoBusiness,
    /// The key was used for another request.
    KeyReused,
    Refused(E),
}

impl Library {
    /// The opening day of the books is settled here; the clock may only move forward from now on.
    pub fn with_clock(seed: u64, clock: Clock) -> Self {
        let today = clock().date_naive();
        let first = today.with_day(1).unwrap_or(today) - Months::new(LEAST_MONTHS);
        let (year, month, day) = BOOKS_OPEN;
        let opened = NaiveDate::from_ymd_opt(year, month, day).map_or(first, |day| day.min(first));
        Self {
            seed,
            clock,
            opened,
            businesses: trades::ALL
                .iter()
                .map(|trade| trade.business.clone())
                .collect(),
            shelves: trades::ALL
                .iter()
                .map(|trade| Shelf {
                    trade,
                    advanced_days: AtomicU32::new(0),
                    desk: Mutex::new(Desk::default()),
                })
                .collect(),
        }
    }

    pub fn businesses(&self) -> &[Business] {
        &self.businesses
    }

    /// Moves one business's clock forward; `false` if there is no such business.
    pub fn advance(&self, business_id: &str, days: u32) -> bool {
        let Some(shelf) = self.shelf(business_id) else {
            return false;
        };
        shelf.advanced_days.fetch_add(days, Ordering::Relaxed);
        true
    }

    /// Days by which that business is ahead of the clock; `None` if there is no such business.
    pub fn advanced_days(&self, business_id: &str) -> Option<u32> {
        let shelf = self.shelf(business_id)?;
        Some(shelf.advanced_days.load(Ordering::Relaxed))
    }

    /// The time at that business; `None` if there is no such business.
    pub fn as_of(&self, business_id: &str) -> Option<DateTime<Utc>> {
        let days = self.advanced_days(business_id)?;
        Some((self.clock)() + Days::new(u64::from(days)))
    }

    fn shelf(&self, business_id: &str) -> Option<&Shelf> {
        self.shelves
            .iter()
            .find(|shelf| shelf.trade.business.id == business_id)
    }

    /// The books as at the last full hour. May take a second or two: keep it off async threads.
    pub(crate) fn books(&self, business_id: &str) -> Option<Arc<Books>> {
        let shelf = self.shelf(business_id)?;
        let now = self.as_of(business_id)?;
        let hour = now
            .with_minute(0)
            .and_then(|now| now.with_second(0))
            .and_then(|now| now.with_nanosecond(0))
            .unwrap_or(now)
            .timestamp_millis();
        // One generates while the others wait for the same books.
        let mut desk = shelf.desk.lock();
        // Records written within the hour are seen at once.
        let written = desk.written.last().map_or(hour, |last| last.at);
        let moment = hour.max(written.min(now.timestamp_millis()));
        if let Some(books) = desk.books.as_ref().filter(|books| books.as_of == moment) {
            return Some(books.clone());
        }
        let books = desk.finish(self.simulate(shelf, moment, &desk.written));
        desk.books = Some(books.clone());
        Some(books)
    }

    /// Writes the change that `examine` returns for the books of this moment, or returns its refusal. May take a second or
    /// two: keep it off async threads.
    pub(crate) fn write<E>(
        &self,
        business_id: &str,
        once: Option<Once>,
        examine: impl FnOnce(&Books) -> Result<Change, E>,
    ) -> Result<Entered, NotWritten<E>> {
        let shelf = self.shelf(business_id).ok_or(NotWritten::NoBusiness)?;
        let now = self.as_of(business_id).ok_or(NotWritten::NoBusiness)?;
        let mut desk = shelf.desk.lock();
        let last = desk.written.last().map_or(Moment::MIN, |last| last.at);
        let at = now.timestamp_millis().max(last);
        if let Some(once) = &once {
            let before = desk.written.iter().find(|written| {
                written
                    .once
                    .as_ref()
                    .is_some_and(|before| before.key == once.key)
            });
            if let Some(before) = before {
                if before.once.as_ref() != Some(once) {
                    return Err(NotWritten::KeyReused);
                }
                let position = before.position;
                let books = match desk.books.clone() {
                    Some(books) if books.as_of >= before.at => books,
                    _ => desk.finish(self.simulate(shelf, at, &desk.written)),
                };
                return Ok(Entered {
                    books,
                    position,
                    again: true,
                });
            }
        }
        let mut simulation = self.simulate(shelf, at, &desk.written);
        let change = examine(simulation.books()).map_err(NotWritten::Refused)?;
        let position = simulation.write(&change);
        let books = desk.finish(simulation);
        desk.books = Some(books.clone());
        desk.written.push(Written {
            at,
            position,
            change,
            once,
        });
        Ok(Entered {
            books,
            position,
            again: false,
        })
    }

    /// All that was written into one business's books.
    pub(crate) fn written(&self, business_id: &str) -> Vec<Written> {
        let Some(shelf) = self.shelf(business_id) else {
            return Vec::new();
        };
        let desk = shelf.desk.lock();
        desk.written.clone()
    }

    /// Restores the records that an earlier run had accepted; `false` if there is no such business.
    pub(crate) fn restore(&self, business_id: &str, written: Vec<Written>) -> bool {
        let Some(shelf) = self.shelf(business_id) else {
            return false;
        };
        let mut desk = shelf.desk.lock();
        desk.written = written;
        desk.books = None;
        true
    }

    /// Leaves exactly these wrongs in one business's books; `false` if there is no such business.
    pub(crate) fn set_wrongs(&self, business_id: &str, wrongs: &[Wrong]) -> bool {
        let (Some(shelf), Some(now)) = (self.shelf(business_id), self.as_of(business_id)) else {
            return false;
        };
        let mut desk = shelf.desk.lock();
        if desk.wrongs.set(wrongs, now.timestamp_millis()) {
            desk.books = None;
        }
        true
    }

    fn simulate(
        &self,
        shelf: &Shelf,
        as_of: Moment,
        written: &[Written],
    ) -> simulation::Simulation {
        simulation::simulate(self.seed, shelf.trade, self.opened, as_of, written)
    }
}

/// All records of one business at one moment. Lists are in order of creation; positions are identities.
pub(crate) struct Books {
    pub(crate) trade: &'static Trade,
    pub(crate) opened: NaiveDate,
    pub(crate) as_of: Moment,
    pub(crate) ledger: Ledger,
    /// Positions of bank lines by account, then as booked.
    pub(crate) bank_order: Vec<u32>,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) items: Vec<Item>,
    /// Invoices and credit notes.
    pub(crate) sales: Vec<Document>,
    pub(crate) receipts: Vec<Payment>,
    /// Bills and suppliers' credit notes.
    pub(crate) bills: Vec<Document>,
    pub(crate) remittances: Vec<Payment>,
    /// Money spent at once.
    pub(crate) spendings: Vec<Voucher>,
    /// Money received at once.
    pub(crate) incomes: Vec<Voucher>,
    pub(crate) transfers: Vec<Transfer>,
    pub(crate) purchase_orders: Vec<TradeOrder>,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) sales_orders: Vec<TradeOrder>,
    pub(crate) shoppers: Vec<Shopper>,
    pub(crate) orders: Vec<Order>,
    pub(crate) charges: Vec<Charge>,
    pub(crate) disputes: Vec<Dispute>,
    pub(crate) processor: Vec<ProcessorEntry>,
}

impl Books {
    fn empty(trade: &'static Trade, opened: NaiveDate, as_of: Moment) -> Self {
        Self {
            trade,
            opened,
            as_of,
            ledger: Ledger::default(),
            bank_order: Vec::new(),
            contacts: Vec::new(),
            items: Vec::new(),
            sales: Vec::new(),
            receipts: Vec::new(),
            bills: Vec::new(),
            remittances: Vec::new(),
            spendings: Vec::new(),
            incomes: Vec::new(),
            transfers: Vec::new(),
            purchase_orders: Vec::new(),
            deliveries: Vec::new(),
            sales_orders: Vec::new(),
            shoppers: Vec::new(),
            orders: Vec::new(),
            charges: Vec::new(),
            disputes: Vec::new(),
            processor: Vec::new(),
        }
    }

    fn settle_order(&mut self) {
        self.bank_order = self.ledger.bank_order();
    }

    /// An account's title, as this trade words it.
    pub(crate) fn title(&self, account: Account) -> &'static str {
        self.trade
            .titles
            .iter()
            .find(|(named, _)| *named == account)
            .map_or(account.info().title, |(_, title)| title)
    }

    /// The amount by which an account may go below zero.
    pub(crate) fn credit_line(&self, account: Account) -> Money {
        match account {
            Account::Current => self.trade.opening.overdraft,
            Account::Card => self.trade.opening.round * 50,
            _ => 0,
        }
    }

    pub(crate) fn today(&self) -> NaiveDate {
        day_of(self.as_of)
    }
}

pub(crate) use simulation::{day_of, midnight};
