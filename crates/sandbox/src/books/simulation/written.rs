//! Enters records that clients wrote; from then on they live as all others do, and are paid in time.

use chrono::Duration;

use crate::books::documents::{Contact, Document, Kind, Reference, State};
use crate::books::ledger::Money;
use crate::books::written::{Change, ContactForm, DocumentForm};

use super::calendar::{office_hours, working_day};
use super::{Event, Simulation, Stream};

/// Contacts made by clients pay like most: days after the due date.
const HABIT: (i64, i64) = (-1, 9);

impl Simulation {
    /// Makes the change, and returns the record's position. It was checked against these very books.
    pub(super) fn enter(&mut self, change: &Change) -> u32 {
        self.happened += 1;
        match change {
            Change::Contact(None, form) => self.open_contact(form),
            Change::Contact(Some(position), form) => self.rewrite_contact(*position, form),
            Change::Document(None, form) => self.write_document(form),
            Change::Document(Some(position), form) => self.rewrite_document(*position, form),
        }
    }

    fn open_contact(&mut self, form: &ContactForm) -> u32 {
        let position = self.books.contacts.len() as u32;
        self.books.contacts.push(Contact {
            role: form.role,
            name: "".into(),
            given: None,
            family: None,
            email: None,
            phone: None,
            company_number: None,
            tax_number: None,
            addresses: Vec::new(),
            terms_days: 0,
            discount_bp: 0,
            habit: HABIT,
            dormant: false,
            balance: 0,
            open: Vec::new(),
            created: self.now,
            updated: self.now,
        });
        self.rewrite_contact(position, form)
    }

    fn rewrite_contact(&mut self, position: u32, form: &ContactForm) -> u32 {
        let boxed = |text: &Option<String>| text.as_deref().map(Into::into);
        let owned = |text: &Option<String>| text.clone().map(Into::into);
        self.names.insert(form.name.as_str().into());
        let contact = &mut self.books.contacts[position as usize];
        contact.name = form.name.as_str().into();
        contact.given = owned(&form.given);
        contact.family = owned(&form.family);
        contact.email = boxed(&form.email);
        contact.phone = boxed(&form.phone);
        contact.company_number = boxed(&form.company_number);
        contact.tax_number = boxed(&form.tax_number);
        contact.addresses = form.addresses.clone();
        contact.terms_days = form.terms_days;
        contact.dormant = form.dormant;
        contact.updated = self.now;
        position
    }

    fn write_document(&mut self, form: &DocumentForm) -> u32 {
        let list = self.list(form.kind);
        let position = list.len() as u32;
        let document = Document {
            kind: form.kind,
            number: None,
            state: State::Draft,
            contact: form.contact,
            issued: form.issued,
            due: form.due,
            settled: None,
            own_number: None,
            their_reference: Reference::None,
            note: None,
            order: None,
            lines: Vec::new(),
            net: 0,
            tax: 0,
            outstanding: 0,
            settlements: Vec::new(),
            created: self.now,
            updated: self.now,
            deleted: false,
        };
        self.list(form.kind).push(document);
        self.rewrite_document(position, form)
    }

    /// A draft is replaced; a posted document is first taken out of the ledger.
    fn rewrite_document(&mut self, position: u32, form: &DocumentForm) -> u32 {
        let at = position as usize;
        if self.list(form.kind)[at].state == State::Open {
            match form.kind {
                Kind::Bill | Kind::BillCredit => self.reverse_bill(position),
                Kind::Invoice | Kind::Credit => self.reverse_invoice(position),
            }
        }
        let now = self.now;
        let document = &mut self.list(form.kind)[at];
        document.state = State::Draft;
        document.contact = form.contact;
        document.issued = form.issued;
        document.due = form.due;
        document.own_number = form.number.as_deref().map(Into::into);
        document.their_reference = match &form.their_reference {
            Some(text) => Reference::Text(text.as_str().into()),
            None => Reference::None,
        };
        document.note = form.note.clone().map(Into::into);
        document.lines = form.lines.clone();
        document.net = form.lines.iter().map(|line| line.net).sum();
        document.tax = form.lines.iter().map(|line| line.tax).sum::<Money>();
        document.outstanding = document.gross();
        document.updated = now;
        if !form.draft {
            self.send_document(position, form.kind);
        }
        position
    }

    /// Posts it to the ledger, and plans its payment.
    fn send_document(&mut self, position: u32, kind: Kind) {
        let (stream, event) = match kind {
            Kind::Bill | Kind::BillCredit => {
                self.post_bill(position);
                (Stream::Bill, Event::BillPaid(position))
            }
            Kind::Invoice | Kind::Credit => {
                self.post_invoice(position);
                let (document, half) = (position, false);
                (Stream::Invoice, Event::InvoicePaid { document, half })
            }
        };
        let document = &self.list(kind)[position as usize];
        let (contact, due) = (document.contact, document.due);
        let mut dice = self.dice(stream, u64::from(position) ^ 0x3a_0000_0000);
        let (early, late) = self.books.contacts[contact as usize].habit;
        let day = due + Duration::days(dice.range(early, late));
        let day = working_day(day.max(self.today + Duration::days(1)));
        self.at(office_hours(day, &mut dice), event);
    }

    fn list(&mut self, kind: Kind) -> &mut Vec<Document> {
        match kind {
            Kind::Bill | Kind::BillCredit => &mut self.books.bills,
            Kind::Invoice | Kind::Credit => &mut self.books.sales,
        }
    }
}
