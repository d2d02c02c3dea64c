//! Customers and suppliers: those at the start, those who join, and changes of their details.

use crate::books::dice::Dice;
use crate::books::documents::{Contact, Role};
use crate::books::ledger::Moment;
use crate::books::names::{fill, mailbox};

use super::{Simulation, Stream};

/// Habits of payment: a weight, then days after the due date.
const HABITS: [(u64, (i64, i64)); 4] = [(25, (-6, 1)), (45, (-1, 9)), (22, (6, 26)), (8, (20, 65))];

impl Simulation {
    pub(super) fn open_contacts(&mut self) {
        for _ in 0..self.trade.invoicing.customers {
            self.add_customer();
        }
        for supplier in self.trade.suppliers {
            let contact = self.add_supplier(supplier.name, supplier.terms_days);
            self.suppliers.push(contact);
        }
        for overhead in self.trade.overheads {
            let known = self.books.contacts.iter().position(|contact| {
                contact.role == Role::Supplier && *contact.name == *overhead.payee
            });
            let payee = known.map_or_else(|| self.add_supplier(overhead.payee, 30), |at| at as u32);
            self.payees.push(payee);
        }
    }

    pub(super) fn add_customer(&mut self) {
        let mut dice = self.dice(Stream::Customer, self.books.contacts.len() as u64);
        let mut name = self.trade.locale.company(&mut dice);
        while self.names.contains(name.as_str()) {
            name = self.trade.locale.company(&mut dice);
            if self.names.contains(name.as_str()) {
                let town = dice.pick(self.trade.locale.towns).0;
                name = format!("{name} {town}");
            }
        }
        self.names.insert(name.as_str().into());
        let terms = *dice.pick(self.trade.invoicing.terms_days);
        self.add_contact(Role::Customer, name.into(), terms, &mut dice);
    }

    fn add_supplier(&mut self, name: &str, terms_days: u32) -> u32 {
        let mut dice = self.dice(Stream::Supplier, self.books.contacts.len() as u64);
        self.add_contact(Role::Supplier, name.into(), terms_days, &mut dice)
    }

    fn add_contact(&mut self, role: Role, name: Box<str>, terms_days: u32, dice: &mut Dice) -> u32 {
        let locale = self.trade.locale;
        let person = locale.person(dice);
        let domain = mailbox(&name);
        let weights: u64 = HABITS.iter().map(|habit| habit.0).sum();
        let mut draw = dice.below(weights);
        let habit = HABITS
            .iter()
            .find(|(weight, _)| {
                let here = draw < *weight;
                draw = draw.saturating_sub(*weight);
                here
            })
            .map_or((0, 7), |habit| habit.1);
        self.books.contacts.push(Contact {
            role,
            given: Some(person.given.into()),
            family: Some(person.family.into()),
            email: Some(format!("accounts@{domain}.example").into()),
            phone: dice.chance(9000).then(|| fill(locale.phone, dice)),
            company_number: dice.chance(8000).then(|| fill(locale.company_number, dice)),
            tax_number: dice.chance(6500).then(|| fill(locale.tax_number, dice)),
            addresses: vec![locale.address(dice)],
            terms_days,
            discount_bp: if role == Role::Customer && dice.chance(1800) {
                dice.range(1, 3) * 250
            } else {
                0
            },
            habit,
            dormant: false,
            balance: 0,
            open: Vec::new(),
            created: self.now,
            updated: self.now,
            name,
        });
        self.books.contacts.len() as u32 - 1
    }

    /// A contact moves to another office, gets a new number, or becomes dormant.
    pub(super) fn change_contact(&mut self) {
        let mut dice = self.dice(Stream::Other, self.happened);
        let locale = self.trade.locale;
        let now: Moment = self.now;
        let len = self.books.contacts.len() as u64;
        let contact = &mut self.books.contacts[dice.below(len) as usize];
        match dice.below(3) {
            0 => contact.addresses = vec![locale.address(&mut dice)],
            1 => contact.phone = Some(fill(locale.phone, &mut dice)),
            _ => {
                let person = locale.person(&mut dice);
                contact.given = Some(person.given.into());
                contact.family = Some(person.family.into());
            }
        }
        contact.updated = now;
        if contact.role == Role::Customer && contact.open.is_empty() && dice.chance(1200) {
            contact.dormant = true;
        }
    }
}
