//! Conditions for accepting a contact, a sales document and a purchase document.

use crate::api::accounting::accounts::{
    account_id, contact_id, item_id, locked_until, tax_code_id,
};
use crate::api::accounting::documents::document_number;
use crate::books::Books;
use crate::books::dice::portion;
use crate::books::documents::{Address, Document, DocumentLine, Kind, Role, State, Use};
use crate::books::ledger::chart::{Account, Class};
use crate::books::written::{Change, ContactForm, DocumentForm};

use super::form::Form;

const NAME: usize = 120;
const REFERENCE: usize = 40;
const NOTE: usize = 1000;
const LINES: usize = 200;
/// Minor units: ten billion of anything is beyond these businesses.
const MOST: i64 = 1_000_000_000_000;

pub(super) fn contact(books: &Books, position: Option<u32>, form: &mut Form<'_>) -> Option<Change> {
    let roles = [("CUSTOMER", Role::Customer), ("SUPPLIER", Role::Supplier)];
    let role = form.word("role", &roles);
    let name = form.text("display_name", NAME);
    let person = form.part("person", |person| {
        (person.text("given", NAME), person.text("family", NAME))
    });
    let (given, family) = person.unwrap_or_default();
    let email = form.text("email", 254);
    if email.as_ref().is_some_and(|email| !is_mailbox(email)) {
        form.fault(
            "email",
            "not_an_address",
            "'email' must be an e-mail address.",
        );
    }
    let read = ContactForm {
        phone: form.text("phone", REFERENCE),
        company_number: form.text("company_number", REFERENCE),
        tax_number: form.text("tax_number", REFERENCE),
        terms_days: form
            .number("terms_days", 0, 365)
            .and_then(|days| u32::try_from(days).ok())
            .unwrap_or(30),
        addresses: form.parts("addresses", 10, address).unwrap_or_default(),
        dormant: form
            .word("state", &[("ACTIVE", false), ("DORMANT", true)])
            .unwrap_or(false),
        role: form.needed("role", role).unwrap_or(Role::Customer),
        name: form.needed("display_name", name)?,
        given,
        family,
        email,
    };
    currency(books, form);
    let others = books.contacts.iter().enumerate();
    let same = |at: usize, name: &str, role: Role| {
        position != u32::try_from(at).ok()
            && books.contacts[at].role == role
            && name.eq_ignore_ascii_case(&read.name)
    };
    if let Some((at, _)) = others
        .into_iter()
        .find(|(at, other)| same(*at, &other.name, read.role))
    {
        let message = format!("'{}' has that name already.", contact_id(at as u32));
        form.fault("display_name", "taken", message);
    }
    if let Some(position) = position {
        let known = &books.contacts[position as usize];
        if known.role != read.role {
            form.fault("role", "fixed", "A contact's role can't be changed.");
        }
        if read.dormant && !known.open.is_empty() {
            let message = "The contact has unpaid documents, so it can't become dormant.";
            form.fault("state", "in_use", message);
        }
    }
    Some(Change::Contact(position, read))
}

/// Refuses only text that can't be an address: RFC 5321 leaves the rest to the receiving side.
fn is_mailbox(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(' ')
    })
}

fn address(form: &mut Form<'_>) -> Address {
    let uses = [
        ("BILLING", Use::Billing),
        ("DELIVERY", Use::Delivery),
        ("REGISTERED", Use::Registered),
    ];
    let country = form.text("country", 2);
    let is_code = |code: &String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    if country.as_ref().is_some_and(|code| !is_code(code)) {
        let message = "'country' must be two capital letters, such as GB.";
        form.fault("country", "not_a_country", message);
    }
    let mut text = |name, longest| form.text(name, longest).unwrap_or_default().into();
    let (street, town, postcode) = (
        text("street", NAME),
        text("town", NAME),
        text("postcode", 20),
    );
    Address {
        street,
        town,
        postcode,
        street_2: form.text("street_2", NAME).map(Into::into),
        region: form.text("county", NAME).map(Into::into),
        country: country.map(Into::into),
        purpose: form.word("use", &uses).unwrap_or(Use::Billing),
    }
}

/// The books have one currency; a caller that names another has the amounts wrong.
fn currency(books: &Books, form: &mut Form<'_>) {
    let own = books.trade.business.currency;
    if form.text("currency", 3).is_some_and(|named| named != own) {
        let message =
            format!("These books are kept in {own}; leave 'currency' out, or give {own}.");
        form.fault("currency", "wrong_currency", message);
    }
    let exponent = i64::from(books.trade.exponent);
    let named = form.number("exponent", 0, 4);
    if named.is_some_and(|named| named != exponent) {
        let message = format!("{own} has {exponent} decimals.");
        form.fault("exponent", "wrong_exponent", message);
    }
}

pub(super) fn sales_document(
    books: &Books,
    position: Option<u32>,
    form: &mut Form<'_>,
) -> Option<Change> {
    let kind = form.word("kind", &[("INV", Kind::Invoice)]);
    let kind = form.needed("kind", kind)?;
    let number = form.text("number", REFERENCE);
    let taken = number.as_ref().is_some_and(|number| {
        books.sales.iter().enumerate().any(|(at, other)| {
            position != u32::try_from(at).ok()
                && !other.deleted
                && document_number(other).as_ref() == Some(number)
        })
    });
    if taken {
        let message = "Another sales document has that number; give another, or none.";
        form.fault("number", "taken", message);
    }
    let reference = form.text("their_reference", REFERENCE);
    let known = position.map(|at| &books.sales[at as usize]);
    let read = document(books, known, kind, number, reference, form)?;
    Some(Change::Document(position, read))
}

pub(super) fn purchase_document(
    books: &Books,
    position: Option<u32>,
    form: &mut Form<'_>,
) -> Option<Change> {
    let kind = form.word("kind", &[("BILL", Kind::Bill)]);
    let kind = form.needed("kind", kind)?;
    let reference = form.text("supplier_reference", REFERENCE);
    let known = position.map(|at| &books.bills[at as usize]);
    let read = document(books, known, kind, None, reference, form)?;
    Some(Change::Document(position, read))
}

fn document(
    books: &Books,
    known: Option<&Document>,
    kind: Kind,
    number: Option<String>,
    their_reference: Option<String>,
    form: &mut Form<'_>,
) -> Option<DocumentForm> {
    currency(books, form);
    let draft = form.word("state", &[("DRAFT", true), ("OPEN", false)]);
    let draft = form.needed("state", draft).unwrap_or(true);
    if let Some(known) = known {
        check_known(known, kind, draft, form);
    }
    let contact = form.text("contact_id", REFERENCE);
    let contact = form.needed("contact_id", contact);
    let contact = contact.and_then(|id| whose(books, kind, &id, form));
    let issued = form.day("issued_on");
    let issued = form.needed("issued_on", issued);
    if let Some(issued) = issued {
        let first = locked_until(books).map_or(books.opened, |day| day.succ_opt().unwrap_or(day));
        if issued < first {
            let message = format!("The books are closed before {first}; give a later date.");
            form.fault("issued_on", "closed_period", message);
        } else if issued > books.today() {
            let message = format!("The date is in the future: today is {}.", books.today());
            form.fault("issued_on", "in_the_future", message);
        }
    }
    let terms = contact.map_or(30, |at: u32| books.contacts[at as usize].terms_days);
    let usual = issued.map(|day| day + chrono::Days::new(u64::from(terms)));
    let due = form.day("due_on").or(usual);
    if let (Some(issued), Some(due)) = (issued, due)
        && due < issued
    {
        let message = "The due date must not be before the date of issue.";
        form.fault("due_on", "before_issue", message);
    }
    let note = form.text("note", NOTE);
    let lines = form.parts("lines", LINES, |line| document_line(books, kind, line));
    let lines: Vec<DocumentLine> = form
        .needed("lines", lines)
        .unwrap_or_default()
        .into_iter()
        .flatten()
        .collect();
    let total: i64 = lines.iter().map(|line| line.net + line.tax).sum();
    if total <= 0 {
        let message = "The document's total must be above zero.";
        form.fault("lines", "nothing_owed", message);
    }
    Some(DocumentForm {
        kind,
        draft,
        contact: contact?,
        issued: issued?,
        due: due?,
        number,
        their_reference,
        note,
        lines,
    })
}

/// A document that has been paid, credited or voided can't be changed.
fn check_known(known: &Document, kind: Kind, draft: bool, form: &mut Form<'_>) {
    if known.kind != kind {
        form.fault("kind", "fixed", "A document's kind can't be changed.");
    }
    match known.state {
        State::Draft => {}
        State::Open if draft => {
            let message = "A posted document can't become a draft again.";
            form.fault("state", "fixed", message);
        }
        State::Open => {}
        State::Part | State::Settled => {
            let message = "The document is partly or wholly paid, so it can't be changed.";
            form.fault("state", "paid", message);
        }
        State::Voided => {
            form.fault(
                "state",
                "voided",
                "The document was voided, so it can't be changed.",
            );
        }
    }
}

fn whose(books: &Books, kind: Kind, id: &str, form: &mut Form<'_>) -> Option<u32> {
    let at = (0..books.contacts.len() as u32).find(|at| contact_id(*at) == id);
    let Some(at) = at else {
        let message = format!("There is no contact '{id}'.");
        form.fault("contact_id", "unknown", message);
        return None;
    };
    let contact = &books.contacts[at as usize];
    let (role, word) = match kind {
        Kind::Bill | Kind::BillCredit => (Role::Supplier, "supplier"),
        Kind::Invoice | Kind::Credit => (Role::Customer, "customer"),
    };
    if contact.role != role {
        form.fault(
            "contact_id",
            "wrong_role",
            format!("'{id}' is not a {word}."),
        );
    } else if contact.dormant {
        form.fault("contact_id", "dormant", format!("'{id}' is dormant."));
    }
    Some(at)
}

fn document_line(books: &Books, kind: Kind, form: &mut Form<'_>) -> Option<DocumentLine> {
    let trade = books.trade;
    let item = form.text("item_id", REFERENCE);
    let item = item.and_then(|id| {
        let at = (0..books.items.len() as u32).find(|at| item_id(*at) == id);
        if at.is_none() {
            let message = format!("There is no catalogue item '{id}'.");
            form.fault("item_id", "unknown", message);
        }
        at
    });
    let text = form.text("text", NOTE);
    if item.is_none() && text.is_none() {
        form.fault("text", "required", "A line must have a text or an item.");
    }
    let qty_milli = form.number("qty_milli", 1, MOST);
    let qty_milli = form.needed("qty_milli", qty_milli);
    let unit_price = form.number("unit_price", 0, MOST);
    let unit_price = form.needed("unit_price", unit_price);
    let discount = form.number("discount", 0, MOST).unwrap_or(0);
    let account = form.text("ledger_account_id", REFERENCE);
    let account = match (account, item) {
        (Some(id), _) => known_account(books, kind, &id, form),
        (None, Some(_)) if kind != Kind::Bill => Some(Account::Sales),
        (None, _) => {
            let message = "'ledger_account_id' is required.";
            form.fault("ledger_account_id", "required", message);
            None
        }
    };
    let tax_code = form.text("tax_code_id", REFERENCE);
    let tax_code = form.needed("tax_code_id", tax_code).and_then(|id| {
        let at = (0..trade.taxes.len()).find(|at| tax_code_id(books, *at) == id);
        if at.is_none() {
            let message = format!("There is no tax code '{id}'.");
            form.fault("tax_code_id", "unknown", message);
        }
        at
    });
    if let (Some(at), Some(qty)) = (item, qty_milli) {
        check_stock(books, kind, at, qty, form);
    }
    let tax = form.number("tax", 0, MOST);
    let (qty_milli, unit_price, tax_code) = (qty_milli?, unit_price?, tax_code?);
    let Some(full) = unit_price
        .checked_mul(qty_milli)
        .filter(|full| *full <= MOST * 1000)
    else {
        form.fault(
            "unit_price",
            "out_of_range",
            "The line's amount is too large.",
        );
        return None;
    };
    let net = portion(full, 1, 1000) - discount;
    if net < 0 {
        let message = "The discount must not exceed the line's amount.";
        form.fault("discount", "out_of_range", message);
        return None;
    }
    let due = portion(net, trade.taxes[tax_code].rate_bp, 10_000);
    // Callers may round differently; a larger difference is another rate.
    if tax.is_some_and(|tax| (tax - due).abs() > 1) {
        let message = format!("At this tax code's rate the tax must be {due}, or within 1 of it.");
        form.fault("tax", "wrong_tax", message);
    }
    Some(DocumentLine {
        item,
        text: text.unwrap_or_default().into(),
        qty_milli,
        unit_price,
        discount,
        net,
        tax: tax.unwrap_or(due),
        account: account?,
        tax_code,
    })
}

/// Sales go to revenue, bills to costs or equipment; the platform keeps the other accounts itself.
fn known_account(books: &Books, kind: Kind, id: &str, form: &mut Form<'_>) -> Option<Account> {
    let account = Account::ALL
        .iter()
        .copied()
        .find(|known| account_id(*known) == id);
    let Some(account) = account else {
        let message = format!("There is no ledger account '{id}'.");
        form.fault("ledger_account_id", "unknown", message);
        return None;
    };
    let fits = match kind {
        Kind::Bill | Kind::BillCredit => {
            account.class() == Class::Expense || account == Account::Equipment
        }
        Kind::Invoice | Kind::Credit => account.class() == Class::Revenue,
    };
    if !fits {
        let title = books.title(account);
        let message = format!("'{title}' isn't an account for this kind of document.");
        form.fault("ledger_account_id", "wrong_class", message);
        return None;
    }
    Some(account)
}

/// Goods on the shelf leave whole, and come in with a delivery, not with a bill from outside.
fn check_stock(books: &Books, kind: Kind, item: u32, qty_milli: i64, form: &mut Form<'_>) {
    let item = &books.items[item as usize];
    if !books.trade.stocked || books.trade.products[item.product as usize].service {
        return;
    }
    if kind == Kind::Bill {
        let message = "Stock comes in with its own deliveries; name an account instead.";
        form.fault("item_id", "tracked", message);
    } else if qty_milli % 1000 != 0 {
        form.fault(
            "qty_milli",
            "not_whole",
            "These goods are sold in whole units only.",
        );
    } else if qty_milli / 1000 > item.on_hand.max(0) {
        let message = format!(
            "There are {} left of '{}'.",
            item.on_hand.max(0),
            item.title
        );
        form.fault("qty_milli", "out_of_stock", message);
    }
}
