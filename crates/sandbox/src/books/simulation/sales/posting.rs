//! Sales in the ledger: posted, and taken back.

use chrono::NaiveDate;

use crate::books::documents::State;
use crate::books::ledger::chart::Account;
use crate::books::ledger::{Journal, Line, Money, Posting, Source};

use crate::books::simulation::{Simulation, line, owed};

impl Simulation {
    /// Puts a draft into the ledger, dated as it is issued; the goods on it leave the shelf.
    pub(crate) fn post_invoice(&mut self, position: u32) {
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

    /// Takes the postings of [`Self::post_invoice`] out of the ledger; the goods come back.
    pub(crate) fn reverse_invoice(&mut self, position: u32) {
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

    pub(crate) fn post_document(&mut self, journal: Journal, source: Source, lines: &[Line]) {
        self.post_document_on(self.today, journal, source, lines);
    }

    pub(crate) fn post_document_on(
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
}
