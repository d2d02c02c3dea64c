//! Invoices, from a draft to its place in the ledger, and the items on them.

mod posting;
mod settling;

use chrono::{Datelike, Days, NaiveDate};

use crate::books::dice::{Dice, portion};
use crate::books::documents::{Document, DocumentLine, Item, Kind, Reference, Role, State};
use crate::books::ledger::chart::Account;

use super::calendar::{DAY, MINUTE, midnight, office_hours, working_day};
use super::{Event, Simulation, Stream};

impl Simulation {
    pub(super) fn open_items(&mut self) {
        for (position, product) in self.trade.products.iter().enumerate() {
            for variant in product.variants {
                let number = self.books.items.len() + 1;
                let title = if product.variants.len() == 1 {
                    product.title.to_owned()
                } else {
                    format!("{}, {}", product.title, variant.name)
                };
                let tracked = self.trade.stocked && !product.service;
                let popularity = (product.weight.0 + product.weight.1) as i64;
                let stock = if tracked { 6 + popularity * 4 } else { 0 };
                self.books.items.push(Item {
                    sku: format!("{}-{number:04}", self.trade.prefix).into(),
                    product: position as u32,
                    title: title.into(),
                    variant: variant.name,
                    price: variant.price,
                    shop_price: variant.shop_price,
                    cost: variant.cost,
                    on_hand: stock,
                    target: stock,
                    coming: 0,
                    sold: 0,
                    created: self.now,
                    updated: self.now,
                });
                self.weights.0.push(product.weight.0);
                self.weights.1.push(product.weight.1);
            }
        }
    }

    pub(super) fn plan_invoices(&mut self, day: NaiveDate, dice: &mut Dice) {
        let percent = self.season(day)
            * self.trade.invoice_days[day.weekday().num_days_from_monday() as usize];
        let mean = self.trade.invoicing.per_day_milli * percent / 10_000;
        for _ in 0..dice.count(mean) {
            let moment = office_hours(day, dice);
            let event = if dice.chance(600) {
                Event::DraftWritten { doomed: false }
            } else if dice.chance(2000) {
                Event::SaleOrdered
            } else {
                Event::InvoiceIssued
            };
            self.at(moment, event);
        }
    }

    pub(super) fn issue_invoice(&mut self) {
        if let Some(document) = self.new_invoice() {
            self.enter_invoice(document);
        }
    }

    /// A doomed draft is never sent: it is deleted before the week is over.
    pub(super) fn write_draft(&mut self, doomed: bool) {
        let Some(document) = self.new_invoice() else {
            return;
        };
        let mut dice = self.dice(Stream::Invoice, u64::from(document) ^ 0xd0);
        if doomed {
            let moment = self.now + 5 * DAY + dice.range(1, 300) * MINUTE;
            self.at(moment, Event::DraftDeleted(document));
        } else {
            let day = working_day(self.today + Days::new(dice.range(1, 4) as u64));
            self.at(office_hours(day, &mut dice), Event::DraftApproved(document));
        }
    }

    pub(super) fn approve_draft(&mut self, document: u32) {
        let (today, now) = (self.today, self.now);
        let draft = &mut self.books.sales[document as usize];
        if draft.state != State::Draft {
            return;
        }
        let terms = draft.due - draft.issued;
        draft.issued = today;
        draft.due = today + terms;
        draft.updated = now;
        self.enter_invoice(document);
    }

    pub(super) fn delete_draft(&mut self, document: u32) {
        let now = self.now;
        let draft = &mut self.books.sales[document as usize];
        if draft.state != State::Draft {
            return;
        }
        draft.deleted = true;
        draft.updated = now;
    }

    /// Writes a draft; `None` if there is nothing to sell.
    fn new_invoice(&mut self) -> Option<u32> {
        let position = self.books.sales.len() as u32;
        let mut dice = self.dice(Stream::Invoice, u64::from(position));
        let (contact, lines) = self.choose_goods(&mut dice)?;
        let their_reference = if dice.chance(4500) {
            dice.range(1000, 98_999) as u32
        } else {
            0
        };
        Some(self.write_invoice(contact, lines, their_reference, None))
    }

    /// A customer, and lines of goods for it.
    pub(super) fn choose_goods(&mut self, dice: &mut Dice) -> Option<(u32, Vec<DocumentLine>)> {
        let contact = self.choose_customer(dice)?;
        let (least, most) = self.trade.invoicing.lines;
        let discount_bp = self.books.contacts[contact as usize].discount_bp;
        let mut lines: Vec<DocumentLine> = Vec::new();
        for _ in 0..dice.range(least, most) {
            let item = choose(&self.weights.0, dice)?;
            if lines.iter().all(|line| line.item != Some(item)) {
                lines.extend(self.invoice_line(item, discount_bp, dice));
            }
        }
        (!lines.is_empty()).then_some((contact, lines))
    }

    /// A draft of its own, or of the part of an order that is charged now.
    pub(super) fn write_invoice(
        &mut self,
        contact: u32,
        lines: Vec<DocumentLine>,
        their_reference: u32,
        order: Option<u32>,
    ) -> u32 {
        let terms = self.books.contacts[contact as usize].terms_days;
        let net = lines.iter().map(|line| line.net).sum();
        let tax = lines.iter().map(|line| line.tax).sum();
        self.books.sales.push(Document {
            kind: Kind::Invoice,
            number: None,
            state: State::Draft,
            contact,
            issued: self.today,
            due: self.today + Days::new(u64::from(terms)),
            settled: None,
            own_number: None,
            their_reference: match their_reference {
                0 => Reference::None,
                number => Reference::Number(number),
            },
            note: None,
            order,
            lines,
            net,
            tax,
            outstanding: net + tax,
            settlements: Vec::new(),
            created: self.now,
            updated: self.now,
            deleted: false,
        });
        self.books.sales.len() as u32 - 1
    }

    fn choose_customer(&self, dice: &mut Dice) -> Option<u32> {
        // Customers joined before and after the suppliers; a few tries find one who still buys.
        (0..12)
            .map(|_| dice.skewed(self.books.contacts.len()))
            .find(|position| {
                let contact = &self.books.contacts[*position];
                contact.role == Role::Customer && !contact.dormant
            })
            .map(|position| position as u32)
    }

    fn invoice_line(
        &mut self,
        item: u32,
        discount_bp: i64,
        dice: &mut Dice,
    ) -> Option<DocumentLine> {
        let trade = self.trade;
        let record = &mut self.books.items[item as usize];
        let product = &trade.products[record.product as usize];
        let (least, most, step) = product.qty_milli;
        let mut qty_milli = least + dice.skewed(((most - least) / step + 1) as usize) as i64 * step;
        if trade.stocked && !product.service {
            // Goods leave in whole units; those not on the shelf are not sold.
            qty_milli = qty_milli.min(record.on_hand * 1000) / 1000 * 1000;
            if qty_milli <= 0 {
                return None;
            }
        }
        let full = portion(record.price, qty_milli, 1000);
        let discount = portion(full, discount_bp, 10_000);
        let net = full - discount;
        let tax_code = product.tax.0;
        Some(DocumentLine {
            item: Some(item),
            text: "".into(),
            qty_milli,
            unit_price: record.price,
            discount,
            net,
            tax: portion(net, trade.taxes[tax_code].rate_bp, 10_000),
            account: Account::Sales,
            tax_code,
        })
    }

    /// Puts a draft into the ledger and plans its future.
    pub(super) fn enter_invoice(&mut self, position: u32) {
        self.post_invoice(position);
        let document = &self.books.sales[position as usize];
        let (contact, due, today) = (document.contact, document.due, self.today);

        let mut dice = self.dice(Stream::Invoice, u64::from(position) ^ 0xf0_0000_0000);
        if dice.chance(90) {
            let day = working_day(today + Days::new(dice.range(1, 4) as u64));
            self.at(office_hours(day, &mut dice), Event::InvoiceVoided(position));
            return;
        }
        if dice.chance(400) {
            let day = working_day(today + Days::new(dice.range(2, 6) as u64));
            self.at(
                office_hours(day, &mut dice),
                Event::InvoiceAmended(position),
            );
        }
        if dice.chance(350) {
            let day = working_day(today + Days::new(dice.range(3, 10) as u64));
            self.at(office_hours(day, &mut dice), Event::CreditGiven(position));
        }
        if dice.chance(120) {
            let day = working_day(due + Days::new(180));
            self.at(
                office_hours(day, &mut dice),
                Event::BadDebtWrittenOff(position),
            );
            return;
        }
        let (early, late) = self.books.contacts[contact as usize].habit;
        let delay = dice.range(early, late);
        let day = working_day((due + chrono::Duration::days(delay)).max(today + Days::new(1)));
        let half = dice.chance(550);
        let moment = office_hours(day, &mut dice);
        self.at(
            moment,
            Event::InvoicePaid {
                document: position,
                half,
            },
        );
        if half {
            let rest = working_day(day + Days::new(dice.range(12, 40) as u64));
            let moment = office_hours(rest, &mut dice);
            self.at(
                moment,
                Event::InvoicePaid {
                    document: position,
                    half: false,
                },
            );
        }
    }

    pub(super) fn amend_invoice(&mut self, position: u32) {
        let now = self.now;
        let document = &mut self.books.sales[position as usize];
        if document.is_open() {
            document.due = document.due + Days::new(14);
            document.note = Some("Longer to pay, as agreed by telephone.".into());
            document.updated = now;
        }
    }

    /// Once a week, one of the customers with an open invoice is reminded.
    pub(super) fn send_reminder(&mut self) {
        let customers = self.books.contacts.iter();
        let open: Vec<u32> = customers
            .filter(|contact| contact.role == Role::Customer)
            .flat_map(|contact| contact.open.iter().copied())
            .collect();
        if !open.is_empty() {
            let mut dice = self.dice(Stream::Other, self.happened);
            let document = *dice.pick(&open) as usize;
            self.books.sales[document].note = Some("A reminder was sent.".into());
            self.books.sales[document].updated = self.now;
        }
    }

    /// Raises one price, in the first week of a month.
    pub(super) fn raise_a_price(&mut self) {
        if self.today.day() > 7 {
            return;
        }
        let mut dice = self.dice(Stream::Other, midnight(self.today) as u64);
        let len = self.books.items.len() as u64;
        let now = self.now;
        let item = &mut self.books.items[dice.below(len) as usize];
        item.price = portion(item.price, 103, 100);
        item.shop_price = portion(item.shop_price, 103, 100);
        item.updated = now;
    }
}

/// An item, by weight; `None` if every weight is 0.
pub(super) fn choose(weights: &[u64], dice: &mut Dice) -> Option<u32> {
    let mut draw = dice.below(weights.iter().sum());
    weights
        .iter()
        .position(|weight| {
            let here = draw < *weight;
            draw = draw.saturating_sub(*weight);
            here
        })
        .map(|position| position as u32)
}
