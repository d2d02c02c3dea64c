//! Invoices and what becomes of them: drafts, payments, credits, voids and bad debts.

use chrono::{Datelike, Days, NaiveDate};

use crate::books::chart::Account;
use crate::books::dice::{Dice, portion};
use crate::books::documents::{
    Document, DocumentLine, Item, Kind, PaidBy, Payment, Reference, Role, SettledBy, Settlement,
    State,
};
use crate::books::ledger::{Category, Journal, Line, Method, Money, Party, Posting, Source};

use super::calendar::{DAY, MINUTE, midnight, office_hours, working_day};
use super::{Event, Simulation, Stream, line, owed};

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

    /// A doomed draft is never sent: somebody deletes it before the week is over.
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

    /// Writes a draft; `None` when there is nothing to sell.
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

    /// Who buys, and what.
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

    /// A draft of its own, or of what of an order is charged now.
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
            // Goods leave whole; what is not on the shelf is not sold.
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

    /// Puts a draft into the ledger, dated as it is issued; the goods on it leave the shelf.
    pub(super) fn post_invoice(&mut self, position: u32) {
        let document = &mut self.books.sales[position as usize];
        document.state = State::Open;
        if document.number.is_none() {
            document.number = Some(self.next_invoice_number);
            self.next_invoice_number += 1;
        }
        let (contact, net, day) = (document.contact, document.net, document.issued);
        self.post_sale(position, day, 1);
        self.books.contacts[contact as usize].open.push(position);
        self.weeks[4] += net;
    }

    /// Takes out of the ledger what [`Self::post_invoice`] put in; the goods come back.
    pub(super) fn reverse_invoice(&mut self, position: u32) {
        let document = &self.books.sales[position as usize];
        let (contact, net) = (document.contact, document.net);
        self.post_sale(position, self.today, -1);
        self.weeks[4] -= net;
        self.books.contacts[contact as usize]
            .open
            .retain(|open| *open != position);
    }

    /// Posts a sale (`sign` 1) or takes one back (`sign` −1), to the account of each line.
    fn post_sale(&mut self, position: u32, day: NaiveDate, sign: Money) {
        let now = self.now;
        let document = &self.books.sales[position as usize];
        let (contact, gross, tax) = (document.contact, document.gross(), document.tax);
        let mut earned: Vec<(Account, Money)> = Vec::new();
        let mut cost = 0;
        for sold in &document.lines {
            match earned
                .iter_mut()
                .find(|(account, _)| *account == sold.account)
            {
                Some((_, net)) => *net += sold.net,
                None => earned.push((sold.account, sold.net)),
            }
            let Some(item) = sold.item.filter(|_| self.trade.stocked) else {
                continue;
            };
            let record = &mut self.books.items[item as usize];
            if self.trade.products[record.product as usize].service {
                continue;
            }
            let qty = sign * sold.qty_milli / 1000;
            record.on_hand -= qty;
            record.sold += qty.max(0);
            record.updated = now;
            cost += qty * record.cost;
        }
        let mut lines = vec![owed(Account::Receivables, sign * gross, contact)];
        lines.extend(
            earned
                .iter()
                .map(|(account, net)| line(*account, -sign * net)),
        );
        lines.extend([
            line(Account::Tax, -sign * tax),
            line(Account::CostOfSales, cost),
            line(Account::Inventory, -cost),
        ]);
        self.post_document_on(day, Journal::Sales, Source::Invoice(position), &lines);
        self.books.contacts[contact as usize].balance += sign * gross;
    }

    pub(super) fn post_document(&mut self, journal: Journal, source: Source, lines: &[Line]) {
        self.post_document_on(self.today, journal, source, lines);
    }

    pub(super) fn post_document_on(
        &mut self,
        day: NaiveDate,
        journal: Journal,
        source: Source,
        lines: &[Line],
    ) {
        self.books.ledger.post(Posting {
            day,
            at: self.now,
            journal,
            source,
            memo: "".into(),
            lines,
            notice: None,
        });
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

    /// Once a week somebody who owes is reminded.
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

    pub(super) fn void_invoice(&mut self, position: u32) {
        let now = self.now;
        let document = &mut self.books.sales[position as usize];
        if document.state != State::Open {
            return;
        }
        document.state = State::Voided;
        document.outstanding = 0;
        document.note = Some("Raised in error.".into());
        document.updated = now;
        self.reverse_invoice(position);
    }

    /// Takes back part of what an invoice charged; the credit is applied to it at once.
    pub(super) fn give_credit(&mut self, position: u32) {
        let mut dice = self.dice(Stream::Invoice, u64::from(position) ^ 0xc0_0000_0000);
        let invoice = &self.books.sales[position as usize];
        if !invoice.is_open() {
            return;
        }
        let sold = invoice.lines[dice.below(invoice.lines.len() as u64) as usize].clone();
        let net = portion(sold.net, dice.range(15, 60), 100);
        let tax = portion(net, self.trade.taxes[sold.tax_code].rate_bp, 10_000);
        if net == 0 || net + tax > invoice.outstanding {
            return;
        }
        let text = *dice.pick(&[
            "Damaged on arrival",
            "Overcharged",
            "Short delivery",
            "Goodwill",
        ]);
        self.credit(position, text, Account::Sales, sold.tax_code, net, tax);
    }

    pub(super) fn write_off(&mut self, position: u32) {
        let invoice = &self.books.sales[position as usize];
        if !invoice.is_open() {
            return;
        }
        let gross = invoice.outstanding;
        let tax = portion(gross, invoice.tax, invoice.gross());
        let tax_code = invoice.lines[0].tax_code;
        self.credit(
            position,
            "Written off as unpaid",
            Account::BadDebts,
            tax_code,
            gross - tax,
            tax,
        );
    }

    fn credit(
        &mut self,
        position: u32,
        text: &'static str,
        account: Account,
        tax_code: usize,
        net: Money,
        tax: Money,
    ) {
        let (today, now) = (self.today, self.now);
        let gross = net + tax;
        let credit = self.books.sales.len() as u32;
        let number = self.next_invoice_number;
        self.next_invoice_number += 1;
        let contact = self.books.sales[position as usize].contact;
        let settlement = |by, id| Settlement {
            by,
            id,
            on: today,
            amount: gross,
        };
        let mut note = Document {
            kind: Kind::Credit,
            number: Some(number),
            state: State::Open,
            contact,
            issued: today,
            due: today,
            settled: None,
            own_number: None,
            their_reference: Reference::None,
            note: Some(text.into()),
            order: None,
            lines: vec![DocumentLine {
                item: None,
                text: text.into(),
                qty_milli: 1000,
                unit_price: net,
                discount: 0,
                net,
                tax,
                account,
                tax_code,
            }],
            net,
            tax,
            outstanding: gross,
            settlements: Vec::new(),
            created: now,
            updated: now,
            deleted: false,
        };
        note.settle(settlement(SettledBy::Invoice, position), now);
        self.books.sales.push(note);
        let lines = [
            owed(Account::Receivables, -gross, contact),
            line(account, net),
            line(Account::Tax, tax),
        ];
        self.post_document(Journal::Sales, Source::Credit(credit), &lines);
        self.books.contacts[contact as usize].balance -= gross;
        self.books.sales[position as usize].settle(settlement(SettledBy::Credit, credit), now);
        self.forget_settled(position);
    }

    fn forget_settled(&mut self, position: u32) {
        let document = &self.books.sales[position as usize];
        if document.state == State::Settled {
            let contact = document.contact as usize;
            self.books.contacts[contact]
                .open
                .retain(|open| *open != position);
        }
    }

    /// A customer pays an invoice, and often the others that are due with it.
    pub(super) fn receive_payment(&mut self, position: u32, half: bool) {
        let document = &self.books.sales[position as usize];
        if !document.is_open() {
            return;
        }
        let contact = document.contact;
        let receipt = self.books.receipts.len() as u32;
        let mut dice = self.dice(Stream::Receipt, u64::from(receipt));
        let mut allocations = Vec::new();
        if half {
            allocations.push((position, document.outstanding - document.outstanding / 2));
        } else {
            allocations.push((position, document.outstanding));
            if dice.chance(4500) {
                let others = &self.books.contacts[contact as usize].open;
                allocations.extend(
                    others
                        .iter()
                        .copied()
                        .filter(|open| *open != position)
                        .filter_map(|open| {
                            let other = &self.books.sales[open as usize];
                            // Old unpaid invoices are disputed; nobody pays them in passing.
                            let due = other.due <= self.today + Days::new(3)
                                && other.due + Days::new(60) > self.today;
                            due.then_some((open, other.outstanding))
                        }),
                );
            }
        }
        let amount = allocations.iter().map(|(_, amount)| amount).sum();
        let by = if dice.chance(self.trade.invoicing.cheque_bp) {
            PaidBy::Cheque
        } else if dice.chance(800) {
            PaidBy::DirectDebit
        } else {
            PaidBy::Transfer
        };
        let reference = dice.range(100_000, 999_999) as u32;
        let number = self.books.sales[position as usize]
            .number
            .unwrap_or_default();
        let name = &self.books.contacts[contact as usize].name;
        let narrative = format!("{name} INV-{number}");
        let notice = self.notice(
            if by == PaidBy::Cheque {
                Method::Deposit
            } else {
                Method::Transfer
            },
            Category::CustomerPayments,
            Party::Contact(contact),
            narrative,
        );
        self.books.ledger.post(Posting {
            day: self.today,
            at: self.now,
            journal: Journal::Cash,
            source: Source::Receipt(receipt),
            memo: "".into(),
            lines: &[
                line(Account::Current, amount),
                owed(Account::Receivables, -amount, contact),
            ],
            notice,
        });
        self.books.contacts[contact as usize].balance -= amount;
        let (on, now) = (self.today, self.now);
        for (document, amount) in &allocations {
            let settlement = Settlement {
                by: SettledBy::Receipt,
                id: receipt,
                on,
                amount: *amount,
            };
            self.books.sales[*document as usize].settle(settlement, now);
            self.forget_settled(*document);
        }
        self.books.receipts.push(Payment {
            contact,
            on,
            amount,
            by,
            reference,
            allocations,
            created: now,
        });
    }

    /// Now and then the price list moves.
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

/// An item, by weight; `None` when none is ever chosen.
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
