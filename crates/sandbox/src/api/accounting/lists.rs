//! Lists that records refer to besides accounts and contacts: journals, ways of paying and tracking headings.

use serde_json::{Value, json};

use crate::api::resource::Resource;
use crate::api::words::rfc3339;
use crate::books::documents::{DocumentLine, PaidBy};
use crate::books::ledger::Journal;
use crate::books::tracking::{self, Heading};
use crate::books::{Books, midnight};

const JOURNALS_IN_ORDER: &[(Journal, &str, &str, &str)] = &[
    (Journal::Opening, "OPENING", "OB", "Opening balances"),
    (Journal::Sales, "SALES", "SJ", "Sales"),
    (Journal::Purchases, "PURCHASES", "PJ", "Purchases"),
    (Journal::Cash, "CASH", "CB", "Cash and bank"),
    (Journal::Payroll, "PAYROLL", "PR", "Payroll"),
    (Journal::General, "GENERAL", "GJ", "General journal"),
];

pub(super) fn journal_id(journal: Journal) -> &'static str {
    JOURNALS_IN_ORDER
        .iter()
        .find(|known| known.0 == journal)
        .map_or("GENERAL", |known| known.1)
}

pub(super) const JOURNALS: Resource = Resource {
    path: "/journals",
    noun: "journal",
    len: |_| JOURNALS_IN_ORDER.len(),
    keep: |_, _, _| true,
    updated: |books, _| midnight(books.opened),
    id: |_, at| JOURNALS_IN_ORDER[at].1.to_owned(),
    render: |books, at| {
        let (_, id, code, title) = JOURNALS_IN_ORDER[at];
        let opened = rfc3339(midnight(books.opened));
        json!({
            "id": id,
            "code": code,
            "title": title,
            "state": "ACTIVE",
            "created_at": opened,
            "updated_at": opened,
        })
    },
    filters: &[],
};

const METHODS: &[(&str, &str, &str)] = &[
    ("TRANSFER", "Bank transfer", "BANK"),
    ("DIRECT_DEBIT", "Direct debit", "BANK"),
    ("CHEQUE", "Cheque", "CHEQUE"),
    ("CARD", "Card", "CREDIT_CARD"),
    ("CASH", "Cash", "CASH"),
];

pub(super) fn method_code(by: PaidBy) -> &'static str {
    match by {
        PaidBy::Transfer => "TRANSFER",
        PaidBy::Cheque => "CHEQUE",
        PaidBy::DirectDebit => "DIRECT_DEBIT",
    }
}

pub(super) const PAYMENT_METHODS: Resource = Resource {
    path: "/payment_methods",
    noun: "payment method",
    len: |_| METHODS.len(),
    keep: |_, _, _| true,
    updated: |books, _| midnight(books.opened),
    id: |_, at| METHODS[at].0.to_owned(),
    render: |books, at| {
        let (code, label, family) = METHODS[at];
        let opened = rfc3339(midnight(books.opened));
        json!({
            "code": code,
            "label": label,
            "family": family,
            "state": "ACTIVE",
            "created_at": opened,
            "updated_at": opened,
        })
    },
    filters: &[],
};

fn heading_id(at: usize) -> String {
    format!("TC-{:03}", at + 1)
}

/// The headings that a line is counted under.
pub(super) fn tracking(books: &Books, line: &DocumentLine) -> Value {
    let headings = tracking::headings(books.trade);
    let under = tracking::of_line(books, line).into_iter();
    under
        .map(|at| json!({"id": heading_id(at), "title": headings[at].title}))
        .collect()
}

pub(super) const TRACKING_HEADINGS: Resource = Resource {
    path: "/tracking_headings",
    noun: "tracking heading",
    len: |books| tracking::headings(books.trade).len(),
    keep: |_, _, _| true,
    updated: |books, _| midnight(books.opened),
    id: |_, at| heading_id(at),
    render: |books, at| {
        let headings = tracking::headings(books.trade);
        let Heading { title, parent } = headings[at];
        let opened = rfc3339(midnight(books.opened));
        json!({
            "id": heading_id(at),
            "title": title,
            "under": parent.map(heading_id),
            "leaf": !headings.iter().any(|heading| heading.parent == Some(at)),
            "state": "ACTIVE",
            "created_at": opened,
            "updated_at": opened,
        })
    },
    filters: &[],
};
