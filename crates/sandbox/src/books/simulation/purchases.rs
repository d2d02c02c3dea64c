//! Bills: stock that comes in, suppliers' charges, and paying them.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::books::dice::{Dice, portion};
use crate::books::documents::{
    Document, DocumentLine, Kind, PaidBy, Payment, Reference, SettledBy, Settlement, State,
};
use crate::books::ledger::chart::Account;
use crate::books::ledger::{Category, Journal, Line, Method, Party, Posting, Source};

use super::calendar::{office_hours, working_day};
use super::{Event, Simulation, Stream, line, owed};

impl Simulation {
    pub(super) fn plan_purchases(&mut self, day: NaiveDate, dice: &mut Dice) {
        if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            return;
        }
        for (position, supplier) in self.trade.suppliers.iter().enumerate() {
            for _ in 0..dice.count(supplier.per_week_milli / 5) {
                let moment = office_hours(day, dice);
                let event = if supplier.stock {
                    Event::StockOrdered { supplier: position }
                } else {
                    Event::BillReceived { supplier: position }
                };
                self.at(moment, event);
            }
        }
    }

    /// Orders each of the supplier's goods up to the quantity that its sales require.
    pub(super) fn order_stock(&mut self, supplier: usize) {
        let trade = self.trade;
        let stock_suppliers: Vec<usize> = (0..trade.suppliers.len())
            .filter(|at| trade.suppliers[*at].stock)
            .collect();
        let Some(share) = stock_suppliers.iter().position(|at| *at == supplier) else {
            return;
        };
        let tax_code = trade.suppliers[supplier].tax;
        let mut lines = Vec::new();
        for (position, item) in self.books.items.iter_mut().enumerate() {
            if position % stock_suppliers.len() != share
                || trade.products[item.product as usize].service
            {
                continue;
            }
            item.target = item.target.max(item.sold * 2);
            let qty = item.target - item.on_hand - item.coming;
            if qty * 3 < item.target {
                continue;
            }
            item.target = item.target.min(item.sold * 3).max(6);
            item.sold = 0;
            item.coming += qty;
            let net = qty * item.cost;
            lines.push(DocumentLine {
                item: Some(position as u32),
                text: "".into(),
                qty_milli: qty * 1000,
                unit_price: item.cost,
                discount: 0,
                net,
                tax: portion(net, trade.taxes[tax_code].rate_bp, 10_000),
                account: Account::Inventory,
                tax_code,
            });
            if lines.len() == 14 {
                break;
            }
        }
        if !lines.is_empty() {
            self.order_from(supplier, lines);
        }
    }

    pub(super) fn receive_bill(&mut self, supplier: usize) {
        let trade = self.trade;
        let spec = &trade.suppliers[supplier];
        let mut dice = self.dice(Stream::Bill, self.books.bills.len() as u64);
        let weekly = portion(self.week_of_sales(), spec.share_bp, 10_000);
        let target = portion(weekly, 1000, spec.per_week_milli as i64);
        let count = dice.range(1, spec.lines.len().min(4) as i64);
        let first = dice.below(spec.lines.len() as u64) as usize;
        let lines = (0..count as usize)
            .map(|step| {
                let (text, price) = spec.lines[(first + step) % spec.lines.len()];
                let price = dice.about(price, 4);
                let share = dice.about(target / count, 30);
                let qty = (share / price.max(1)).max(1);
                let net = qty * price;
                DocumentLine {
                    item: None,
                    text: text.into(),
                    qty_milli: qty * 1000,
                    unit_price: price,
                    discount: 0,
                    net,
                    tax: portion(net, trade.taxes[spec.tax].rate_bp, 10_000),
                    account: spec.account,
                    tax_code: spec.tax,
                }
            })
            .collect();
        if dice.chance(3500) {
            self.order_from(supplier, lines);
            return;
        }
        let contact = self.suppliers[supplier];
        let bill = self.write_bill(contact, lines);
        if dice.chance(300) {
            let day = working_day(self.today + Days::new(dice.range(1, 3) as u64));
            self.at(office_hours(day, &mut dice), Event::BillApproved(bill));
        } else {
            self.enter_bill(bill);
        }
    }

    pub(super) fn approve_bill(&mut self, bill: u32) {
        let draft = &mut self.books.bills[bill as usize];
        if draft.state != State::Draft {
            return;
        }
        draft.updated = self.now;
        let terms = draft.due - draft.issued;
        draft.issued = self.today;
        draft.due = self.today + terms;
        self.enter_bill(bill);
    }

    pub(super) fn write_bill(&mut self, contact: u32, lines: Vec<DocumentLine>) -> u32 {
        let position = self.books.bills.len() as u32;
        let mut dice = self.dice(Stream::Bill, u64::from(position) ^ 0xb0_0000_0000);
        let net = lines.iter().map(|line| line.net).sum();
        let tax = lines.iter().map(|line| line.tax).sum();
        let terms = self.books.contacts[contact as usize].terms_days;
        self.books.bills.push(Document {
            kind: Kind::Bill,
            number: None,
            state: State::Draft,
            contact,
            issued: self.today,
            due: self.today + Days::new(u64::from(terms)),
            settled: None,
            own_number: None,
            their_reference: Reference::Number(dice.range(10_000, 99_999) as u32),
            note: None,
            order: None,
            lines,
            net,
            tax,
            outstanding: net + tax,
            settlements: Vec::new(),
            created: self.now,
            updated: self.now,
            deleted: false,
        });
        position
    }

    pub(super) fn enter_bill(&mut self, position: u32) {
        self.post_bill(position);
        let due = self.books.bills[position as usize].due;
        let mut dice = self.dice(Stream::Bill, u64::from(position) ^ 0xe0_0000_0000);
        let stock = self.books.bills[position as usize]
            .lines
            .iter()
            .any(|line| line.account == Account::Inventory);
        if !stock && dice.chance(60) {
            let day = working_day(self.today + Days::new(1));
            self.at(office_hours(day, &mut dice), Event::BillVoided(position));
            return;
        }
        if dice.chance(500) {
            let day = working_day(self.today + Days::new(dice.range(2, 6) as u64));
            self.at(
                office_hours(day, &mut dice),
                Event::SupplierCredits(position),
            );
        }
        let day = due + chrono::Duration::days(dice.range(-4, 7));
        let day = working_day(day.max(self.today + Days::new(1)));
        self.at(office_hours(day, &mut dice), Event::BillPaid(position));
    }

    /// Puts a bill into the ledger, dated as it is issued.
    pub(super) fn post_bill(&mut self, position: u32) {
        let bill = &mut self.books.bills[position as usize];
        bill.state = State::Open;
        let (contact, day) = (bill.contact, bill.issued);
        self.post_purchase(position, day, 1);
        self.books.contacts[contact as usize].open.push(position);
    }

    /// Takes the postings of [`Self::post_bill`] out of the ledger.
    pub(super) fn reverse_bill(&mut self, position: u32) {
        let contact = self.books.bills[position as usize].contact;
        self.post_purchase(position, self.today, -1);
        self.books.contacts[contact as usize]
            .open
            .retain(|open| *open != position);
    }

    fn post_purchase(&mut self, position: u32, day: NaiveDate, sign: i64) {
        let bill = &self.books.bills[position as usize];
        let contact = bill.contact;
        let mut lines: Vec<Line> = bill
            .lines
            .iter()
            .map(|bought| line(bought.account, sign * bought.net))
            .collect();
        lines.push(line(Account::Tax, sign * bill.tax));
        lines.push(owed(Account::Payables, -sign * bill.gross(), contact));
        self.books.contacts[contact as usize].balance -= sign * bill.gross();
        self.post_document_on(day, Journal::Purchases, Source::Bill(position), &lines);
    }

    pub(super) fn void_bill(&mut self, position: u32) {
        let bill = &mut self.books.bills[position as usize];
        if bill.state != State::Open {
            return;
        }
        bill.state = State::Voided;
        bill.outstanding = 0;
        bill.note = Some("Sent to us by mistake.".into());
        bill.updated = self.now;
        self.reverse_bill(position);
    }

    /// The supplier credits part of a bill; the credit is set against it at once.
    pub(super) fn receive_credit(&mut self, position: u32) {
        let mut dice = self.dice(Stream::Bill, u64::from(position) ^ 0xc0_0000_0000);
        let bill = &self.books.bills[position as usize];
        if !bill.is_open() {
            return;
        }
        let bought = bill.lines[dice.below(bill.lines.len() as u64) as usize].clone();
        let net = portion(bought.net, dice.range(10, 60), 100);
        let tax = portion(net, self.trade.taxes[bought.tax_code].rate_bp, 10_000);
        if net <= 0 || net + tax > bill.outstanding {
            return;
        }
        // Goods stay: the credit lowers the cost of sales, not the value of the stock.
        let (text, account) = if bought.account == Account::Inventory {
            ("Price adjusted after delivery", Account::CostOfSales)
        } else {
            let texts = ["Not delivered", "Charged twice", "Agreed rebate"];
            (*dice.pick(&texts), bought.account)
        };
        let credit = self.books.bills.len() as u32;
        let contact = bill.contact;
        let (on, now, gross) = (self.today, self.now, net + tax);
        let settlement = |by, id| Settlement {
            by,
            id,
            on,
            amount: gross,
        };
        let mut note = Document {
            kind: Kind::BillCredit,
            number: None,
            state: State::Open,
            contact,
            issued: on,
            due: on,
            settled: None,
            own_number: None,
            their_reference: Reference::Number(dice.range(10_000, 99_999) as u32),
            note: Some(text.into()),
            order: None,
            lines: vec![DocumentLine::single(
                text,
                account,
                net,
                (bought.tax_code, tax),
            )],
            net,
            tax,
            outstanding: gross,
            settlements: Vec::new(),
            created: now,
            updated: now,
            deleted: false,
        };
        note.settle(settlement(SettledBy::Bill, position), now);
        self.books.bills.push(note);
        let lines = [
            owed(Account::Payables, gross, contact),
            line(account, -net),
            line(Account::Tax, -tax),
        ];
        self.post_document(Journal::Purchases, Source::BillCredit(credit), &lines);
        self.books.contacts[contact as usize].balance += gross;
        let bill = &mut self.books.bills[position as usize];
        bill.settle(settlement(SettledBy::BillCredit, credit), now);
        if bill.state == State::Settled {
            let open = &mut self.books.contacts[contact as usize].open;
            open.retain(|open| *open != position);
        }
    }

    /// Pays a bill, and the supplier's others that are nearly due.
    pub(super) fn pay_bill(&mut self, position: u32) {
        let bill = &self.books.bills[position as usize];
        if !bill.is_open() {
            return;
        }
        let contact = bill.contact;
        let remittance = self.books.remittances.len() as u32;
        let mut dice = self.dice(Stream::Remittance, u64::from(remittance));
        let mut allocations = vec![(position, bill.outstanding)];
        if dice.chance(6000) {
            let others = &self.books.contacts[contact as usize].open;
            allocations.extend(others.iter().filter(|open| **open != position).filter_map(
                |open| {
                    let other = &self.books.bills[*open as usize];
                    (other.due <= self.today + Days::new(4)).then_some((*open, other.outstanding))
                },
            ));
        }
        let amount = allocations.iter().map(|(_, amount)| amount).sum();
        let reference = dice.range(10_000, 99_999) as u32;
        let name = &self.books.contacts[contact as usize].name;
        let narrative = format!("{name} RM{reference}");
        let notice = self.notice(
            Method::Transfer,
            Category::Suppliers,
            Party::Contact(contact),
            narrative,
        );
        self.books.ledger.post(Posting {
            day: self.today,
            at: self.now,
            journal: Journal::Cash,
            source: Source::Remittance(remittance),
            memo: "".into(),
            lines: &[
                owed(Account::Payables, amount, contact),
                line(Account::Current, -amount),
            ],
            notice,
        });
        self.books.contacts[contact as usize].balance += amount;
        for (document, amount) in &allocations {
            let settlement = Settlement {
                by: SettledBy::Remittance,
                id: remittance,
                on: self.today,
                amount: *amount,
            };
            let bill = &mut self.books.bills[*document as usize];
            bill.settle(settlement, self.now);
            let open = &mut self.books.contacts[contact as usize].open;
            open.retain(|open| open != document);
        }
        self.books.remittances.push(Payment {
            contact,
            on: self.today,
            amount,
            by: PaidBy::Transfer,
            reference,
            allocations,
            created: self.now,
        });
    }
}
