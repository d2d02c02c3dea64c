//! The records of the commerce side: shoppers, orders, charges and the processor's account.

use std::collections::BTreeMap;

use super::documents::Address;
use super::ledger::{Moment, Money};

#[derive(Debug, Clone)]
pub(crate) struct Shopper {
    pub(crate) given: &'static str,
    pub(crate) family: &'static str,
    pub(crate) email: Box<str>,
    pub(crate) phone: Option<Box<str>>,
    pub(crate) address: Address,
    pub(crate) note: Option<&'static str>,
    pub(crate) marketing: bool,
    pub(crate) created: Moment,
    pub(crate) updated: Moment,
    /// Erased at the shopper's request.
    pub(crate) erased: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct OrderLine {
    pub(crate) item: u32,
    pub(crate) qty: i64,
    pub(crate) unit_price: Money,
    pub(crate) discount: Option<(&'static str, Money)>,
    pub(crate) tax_code: usize,
    pub(crate) tax: Money,
    /// The shopper's price for the line, tax included.
    pub(crate) total: Money,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Shipping {
    pub(crate) label: &'static str,
    pub(crate) tax_code: usize,
    /// Tax included.
    pub(crate) amount: Money,
    pub(crate) tax: Money,
}

#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) web: bool,
    pub(crate) site: usize,
    pub(crate) shopper: Option<u32>,
    pub(crate) lines: Vec<OrderLine>,
    pub(crate) shipping: Option<Shipping>,
    pub(crate) tip: Money,
    pub(crate) total: Money,
    pub(crate) refunded: Money,
    pub(crate) tender: Tender,
    pub(crate) charges: Vec<u32>,
    pub(crate) placed: Moment,
    pub(crate) closed: Option<Moment>,
    pub(crate) updated: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tender {
    CardPresent,
    CardOnline,
    Wallet,
    Cash,
}

#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub(crate) order: u32,
    pub(crate) refund: bool,
    pub(crate) declined: bool,
    pub(crate) amount: Money,
    pub(crate) tender: Tender,
    pub(crate) at: Moment,
}

/// A charge that the shopper's bank wants back.
#[derive(Debug, Clone)]
pub(crate) struct Dispute {
    pub(crate) charge: u32,
    pub(crate) amount: Money,
    pub(crate) reason: &'static str,
    pub(crate) state: DisputeState,
    pub(crate) opened: Moment,
    /// Deadline of the shop or, after its answer, of the bank.
    pub(crate) due: Moment,
    pub(crate) updated: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisputeState {
    NeedsEvidence,
    UnderReview,
    Won,
    /// The bank took the shopper's side: the order is refunded.
    Lost,
    /// The shop gave in: the order is refunded.
    Accepted,
    /// The shop had refunded the order before it was decided.
    Refunded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Movement {
    Charge,
    Refund,
    Fee,
    Payout,
}

/// One line of the card processor's account.
#[derive(Debug, Clone)]
pub(crate) struct ProcessorEntry {
    pub(crate) movement: Movement,
    /// Signed: the change of the balance.
    pub(crate) amount: Money,
    pub(crate) balance: Money,
    pub(crate) charge: Option<u32>,
    pub(crate) at: Moment,
}

/// A day's orders, summed up for the ledger.
#[derive(Debug, Clone, Default)]
pub(crate) struct Takings {
    pub(crate) card: Money,
    pub(crate) cash: Money,
    /// Net and tax by tax code.
    pub(crate) sales: BTreeMap<usize, (Money, Money)>,
    pub(crate) delivery: BTreeMap<usize, (Money, Money)>,
    pub(crate) tips: Money,
    pub(crate) fees: Money,
    pub(crate) cost: Money,
    pub(crate) orders: u32,
}
