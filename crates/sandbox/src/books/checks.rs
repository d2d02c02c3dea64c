//! The invariants of every business's books, checked on the books themselves.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::documents::{Kind, State};
use super::ledger::chart::{Account, BANKS};
use super::ledger::statements;
use super::shop::DisputeState;
use super::{Books, Library};

fn library(now: &str) -> Library {
    let now: DateTime<Utc> = now.parse().expect("a time");
    Library::with_clock(7, Arc::new(move || now))
}

#[test]
fn the_books_of_every_business_balance() {
    let library = library("2026-11-18T23:30:00Z");
    for business in library.businesses() {
        let books = library.books(business.id).expect("books");
        balance(&books);
        stay_plausible(&books);
    }
}

#[test]
fn the_books_balance_with_other_seeds_and_on_other_days() {
    for (seed, now) in [
        (1, "2026-02-28T23:30:00Z"),
        (2, "2027-01-01T23:30:00Z"),
        (3, "2026-07-31T23:30:00Z"),
    ] {
        let now: DateTime<Utc> = now.parse().expect("a time");
        let library = Library::with_clock(seed, Arc::new(move || now));
        for business in library.businesses() {
            balance(&library.books(business.id).expect("books"));
        }
    }
}

fn balance(books: &Books) {
    let name = books.trade.business.name;
    let ledger = &books.ledger;
    let of = |account: Account| ledger.balance(account);
    let sum: i64 = Account::ALL.iter().map(|account| of(*account)).sum();
    assert_eq!(sum, 0, "trial balance of {name}");

    let entered = |state: State| state != State::Draft;
    let receivable: i64 = books
        .sales
        .iter()
        .filter(|document| entered(document.state))
        .map(|document| match document.kind {
            Kind::Credit => -document.outstanding,
            _ => document.outstanding,
        })
        .sum();
    assert_eq!(
        receivable,
        of(Account::Receivables),
        "receivables of {name}"
    );
    let payable: i64 = books
        .bills
        .iter()
        .filter(|bill| entered(bill.state))
        .map(|bill| match bill.kind {
            Kind::BillCredit => -bill.outstanding,
            _ => bill.outstanding,
        })
        .sum();
    assert_eq!(payable, -of(Account::Payables), "payables of {name}");

    for bank in BANKS {
        let lines = ledger.bank_lines.iter().filter(|line| line.account == bank);
        let sum: i64 = lines.map(|line| line.amount).sum();
        assert_eq!(sum, of(bank), "bank of {name}");
    }
    let tracked =
        |product: u32| books.trade.stocked && !books.trade.products[product as usize].service;
    let stock: i64 = books
        .items
        .iter()
        .filter(|item| tracked(item.product))
        .map(|item| item.on_hand * item.cost)
        .sum();
    assert_eq!(stock, of(Account::Inventory), "stock of {name}");

    let processor = books.processor.last().map_or(0, |entry| entry.balance);
    assert_eq!(processor, of(Account::Clearing), "processor of {name}");
    let paid: i64 = books
        .orders
        .iter()
        .map(|order| order.total - order.refunded)
        .sum();
    let charged: i64 = books
        .charges
        .iter()
        .filter(|charge| !charge.declined)
        .map(|charge| {
            if charge.refund {
                -charge.amount
            } else {
                charge.amount
            }
        })
        .sum();
    assert_eq!(paid, charged, "orders and charges of {name}");

    let months = statements::months(books);
    for month in &months {
        assert_eq!(month.balance_sheet[2].total, month.net_assets, "{name}");
    }
    for pair in months.windows(2) {
        let (before, after) = (&pair[0].cash_flow, &pair[1].cash_flow);
        assert_eq!(before.closing(), after.opening, "cash of {name}");
    }
    let cash = Account::ALL.iter().filter(|account| account.is_cash());
    let held: i64 = cash.map(|account| of(*account)).sum();
    let closing = months.last().map(|month| month.cash_flow.closing());
    assert_eq!(closing, Some(held), "cash of {name}");

    for dispute in &books.disputes {
        let charge = &books.charges[dispute.charge as usize];
        assert!(!charge.refund && !charge.declined && dispute.amount == charge.amount);
        let refunded = books.orders[charge.order as usize].refunded;
        let given_up = matches!(dispute.state, DisputeState::Lost | DisputeState::Accepted);
        assert!(!given_up || refunded > 0, "dispute of {name}");
    }
    let ordered = ledger
        .entries
        .windows(2)
        .all(|pair| pair[0].at <= pair[1].at);
    assert!(ordered, "the ledger of {name} is in the order of time");
}

/// Checks that the figures are those of a business that can go on.
fn stay_plausible(books: &Books) {
    let name = books.trade.business.name;
    let months = statements::months(books);
    let whole = &months[1..months.len() - 1];
    let income: i64 = whole
        .iter()
        .map(|month| month.profit_and_loss[0].total)
        .sum();
    let profit: i64 = whole.iter().map(|month| month.net_profit).sum();
    let margin = profit * 100 / income;
    assert!(
        (1..35).contains(&margin),
        "{name} earns {margin}% of its income"
    );
    let worst = books
        .ledger
        .bank_lines
        .iter()
        .filter(|line| line.account == Account::Current)
        .map(|line| line.balance)
        .min();
    let floor = -books.trade.opening.overdraft - books.trade.opening.comfortable_cash;
    assert!(
        worst.is_some_and(|worst| worst > floor),
        "{name} was at {worst:?}"
    );
    assert!(
        books.items.iter().all(|item| item.on_hand > -50),
        "{name} has its goods"
    );
    assert!(
        whole.iter().all(|month| month.net_assets > 0),
        "{name} is solvent"
    );
}
