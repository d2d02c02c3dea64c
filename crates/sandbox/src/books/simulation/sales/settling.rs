//! Ends of an invoice: payments, credits, voids and bad debts.

use chrono::Days;

use crate::books::dice::portion;
use crate::books::documents::{
    Document, DocumentLine, Kind, PaidBy, Payment, Reference, SettledBy, Settlement, State,
};
use crate::books::ledger::chart::Account;
use crate::books::ledger::{Category, Journal, Method, Money, Party, Posting, Source};

use crate::books::simulation::{Simulation, Stream, line, owed};

impl Simulation {
    pub(crate) fn void_invoice(&mut self, position: u32) {
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

    /// A customer pays an invoice, and often the others that are due with it.
    pub(crate) fn receive_payment(&mut self, position: u32, half: bool) {
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
                            // Old unpaid invoices are disputed, and not paid along with others.
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

    /// Credits part of an invoice; the credit is applied to it at once.
    pub(crate) fn give_credit(&mut self, position: u32) {
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

    pub(crate) fn write_off(&mut self, position: u32) {
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
}
