//! The records of the accounting side: contacts, items, documents and the payments that settle them.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ledger::chart::Account;
use super::ledger::{Moment, Money};

/// The trade's own text, or a client's.
pub(crate) type Text = Cow<'static, str>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    Customer,
    Supplier,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Use {
    Billing,
    Delivery,
    Registered,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) purpose: Use,
    pub(crate) street: Text,
    pub(crate) street_2: Option<Text>,
    pub(crate) town: Text,
    pub(crate) region: Option<Text>,
    pub(crate) postcode: Text,
    /// ISO 3166-1 alpha-2; the business's own if absent.
    pub(crate) country: Option<Text>,
}

#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) role: Role,
    pub(crate) name: Box<str>,
    pub(crate) given: Option<Text>,
    pub(crate) family: Option<Text>,
    pub(crate) email: Option<Box<str>>,
    pub(crate) phone: Option<Box<str>>,
    pub(crate) company_number: Option<Box<str>>,
    pub(crate) tax_number: Option<Box<str>>,
    pub(crate) addresses: Vec<Address>,
    pub(crate) terms_days: u32,
    /// Trade discount on every line, in basis points.
    pub(crate) discount_bp: i64,
    /// Days after the due date on which this contact usually pays: earliest, latest.
    pub(crate) habit: (i64, i64),
    pub(crate) dormant: bool,
    /// Debit minus credit on receivables or payables.
    pub(crate) balance: Money,
    /// Documents with something outstanding, oldest first.
    pub(crate) open: Vec<u32>,
    pub(crate) created: Moment,
    pub(crate) updated: Moment,
}

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) sku: Box<str>,
    /// Position in the trade's products.
    pub(crate) product: u32,
    pub(crate) title: Box<str>,
    pub(crate) variant: &'static str,
    /// Net of tax, as invoiced.
    pub(crate) price: Money,
    /// As on the shop's price tag.
    pub(crate) shop_price: Money,
    pub(crate) cost: Money,
    pub(crate) on_hand: i64,
    pub(crate) target: i64,
    /// Ordered from a supplier, and still on its way.
    pub(crate) coming: i64,
    /// Since stock was last ordered.
    pub(crate) sold: i64,
    pub(crate) created: Moment,
    pub(crate) updated: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Invoice,
    Credit,
    Bill,
    /// A supplier's credit note.
    BillCredit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Draft,
    Open,
    Part,
    Settled,
    Voided,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DocumentLine {
    pub(crate) item: Option<u32>,
    /// Empty if the item's title is enough.
    pub(crate) text: Text,
    pub(crate) qty_milli: i64,
    pub(crate) unit_price: Money,
    pub(crate) discount: Money,
    pub(crate) net: Money,
    pub(crate) tax: Money,
    pub(crate) account: Account,
    /// Position in the trade's tax codes.
    pub(crate) tax_code: usize,
}

impl DocumentLine {
    /// One of something that has no item, and nothing off its price.
    pub(crate) fn single(
        text: &'static str,
        account: Account,
        net: Money,
        (tax_code, tax): (usize, Money),
    ) -> Self {
        Self {
            item: None,
            text: text.into(),
            qty_milli: 1000,
            unit_price: net,
            discount: 0,
            net,
            tax,
            account,
            tax_code,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettledBy {
    Receipt,
    Remittance,
    /// A credit note to a customer, by its position among the sales.
    Credit,
    /// Of a credit note: the invoice that it lowered.
    Invoice,
    /// A supplier's credit note, by its position among the bills.
    BillCredit,
    /// Of a supplier's credit note: the bill that it lowered.
    Bill,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Settlement {
    pub(crate) by: SettledBy,
    pub(crate) id: u32,
    pub(crate) on: NaiveDate,
    pub(crate) amount: Money,
}

/// The other side's number for a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    None,
    Number(u32),
    Text(Box<str>),
}

/// An invoice, a bill, or a credit note of either side.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) kind: Kind,
    /// Given when it is issued, never to a draft.
    pub(crate) number: Option<u32>,
    pub(crate) state: State,
    pub(crate) contact: u32,
    pub(crate) issued: NaiveDate,
    pub(crate) due: NaiveDate,
    pub(crate) settled: Option<NaiveDate>,
    /// The writer's own text, printed in place of the number.
    pub(crate) own_number: Option<Box<str>>,
    pub(crate) their_reference: Reference,
    pub(crate) note: Option<Text>,
    /// The order that it charges.
    pub(crate) order: Option<u32>,
    pub(crate) lines: Vec<DocumentLine>,
    pub(crate) net: Money,
    pub(crate) tax: Money,
    pub(crate) outstanding: Money,
    pub(crate) settlements: Vec<Settlement>,
    pub(crate) created: Moment,
    pub(crate) updated: Moment,
    /// Gone from the platform without a trace; only its number is never used again.
    pub(crate) deleted: bool,
}

impl Document {
    pub(crate) fn gross(&self) -> Money {
        self.net + self.tax
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open | State::Part)
    }

    /// Lowers the outstanding amount by `amount`.
    pub(crate) fn settle(&mut self, settlement: Settlement, at: Moment) {
        self.outstanding -= settlement.amount;
        self.state = State::Part;
        if self.outstanding == 0 {
            self.state = State::Settled;
            self.settled = Some(settlement.on);
        }
        self.settlements.push(settlement);
        self.updated = at;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaidBy {
    Transfer,
    Cheque,
    DirectDebit,
}

/// Money from a customer or to a supplier, spread over documents.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) contact: u32,
    pub(crate) on: NaiveDate,
    pub(crate) amount: Money,
    pub(crate) by: PaidBy,
    pub(crate) reference: u32,
    /// Document and amount; they add up to `amount`.
    pub(crate) allocations: Vec<(u32, Money)>,
    pub(crate) created: Moment,
}

/// Money spent or received at once, without a bill or an invoice.
#[derive(Debug, Clone)]
pub(crate) struct Voucher {
    pub(crate) contact: Option<u32>,
    pub(crate) on: NaiveDate,
    /// The purpose of the whole; lines may say more.
    pub(crate) memo: Box<str>,
    pub(crate) lines: Vec<DocumentLine>,
    /// The accounts that the money came from or went to; they add up to the lines with their tax.
    pub(crate) money: Vec<(Account, Money)>,
    /// Its posting in the ledger.
    pub(crate) entry: u32,
    pub(crate) created: Moment,
}

impl Voucher {
    pub(crate) fn net(&self) -> Money {
        self.lines.iter().map(|line| line.net).sum()
    }

    pub(crate) fn tax(&self) -> Money {
        self.lines.iter().map(|line| line.tax).sum()
    }
}

/// Money moved between two of the business's own accounts.
#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    pub(crate) from: Account,
    pub(crate) to: Account,
    pub(crate) amount: Money,
    pub(crate) on: NaiveDate,
    pub(crate) memo: &'static str,
    pub(crate) entry: u32,
    pub(crate) created: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderState {
    Open,
    /// Some of it has come, or has been invoiced.
    Part,
    Closed,
    Voided,
}

/// An order to a supplier or from a customer, before it is charged.
#[derive(Debug, Clone)]
pub(crate) struct TradeOrder {
    pub(crate) state: OrderState,
    pub(crate) contact: u32,
    pub(crate) ordered: NaiveDate,
    pub(crate) expected: NaiveDate,
    /// The day on which the last of it came.
    pub(crate) delivered: Option<NaiveDate>,
    /// The customer's number for it; 0 is none.
    pub(crate) their_reference: u32,
    /// As the contact was when it was written: an order doesn't change with its contact.
    pub(crate) deliver_to: Recipient,
    pub(crate) lines: Vec<DocumentLine>,
    /// The quantity of each line that was charged, in thousandths.
    pub(crate) charged_milli: Vec<i64>,
    /// Bills or invoices that charge it.
    pub(crate) charged_by: Vec<u32>,
    pub(crate) created: Moment,
    pub(crate) updated: Moment,
}

/// The person to whom an order is delivered, and how to reach them.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    pub(crate) person: Option<Box<str>>,
    pub(crate) email: Option<Box<str>>,
    pub(crate) phone: Option<Box<str>>,
    pub(crate) address: Option<Address>,
}

impl Recipient {
    pub(crate) fn of(contact: &Contact) -> Self {
        let names = [&contact.given, &contact.family];
        let names: Vec<&str> = names.into_iter().flatten().map(|name| &**name).collect();
        Self {
            person: (!names.is_empty()).then(|| names.join(" ").into()),
            email: contact.email.clone(),
            phone: contact.phone.clone(),
            address: contact.addresses.first().cloned(),
        }
    }
}

impl TradeOrder {
    pub(crate) fn net(&self) -> Money {
        self.lines.iter().map(|line| line.net).sum()
    }

    pub(crate) fn tax(&self) -> Money {
        self.lines.iter().map(|line| line.tax).sum()
    }
}

/// Goods that came in on an order.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) order: u32,
    /// The bill that came with them.
    pub(crate) bill: u32,
    pub(crate) on: NaiveDate,
    pub(crate) lines: Vec<DocumentLine>,
    pub(crate) created: Moment,
}
