//! Lists that orders and charges refer to: categories, ways of paying, taxes; and the charges that are disputed.

use serde_json::{Value, json};

use super::orders::{charge_id, method};
use crate::api::resource::Resource;
use crate::api::words::decimal;
use crate::books::shop::{DisputeState, Tender};
use crate::books::tracking::categories;
use crate::books::{Books, midnight};

const GOODS: &str = "Goods";
const SERVICES: &str = "Services";

/// Goods and services at the top, the products' categories below: title, and the category above.
fn tree(books: &Books) -> Vec<(&'static str, Option<usize>)> {
    let mut tree = vec![(GOODS, None), (SERVICES, None)];
    for category in categories(books.trade) {
        let mut products = books.trade.products.iter();
        let service = products.any(|product| product.category == category && product.service);
        tree.push((category, Some(usize::from(service))));
    }
    tree
}

fn category_id(position: usize) -> String {
    format!("cat_{:03}", position + 1)
}

pub(super) fn category_id_of(books: &Books, category: &str) -> Option<String> {
    let tree = tree(books);
    let position = tree
        .iter()
        .position(|known| known.0 == category && known.1.is_some());
    position.map(category_id)
}

pub(super) const CATEGORIES: Resource = Resource {
    path: "/categories",
    noun: "category",
    len: |books| tree(books).len(),
    keep: |_, _, _| true,
    updated: |books, _| midnight(books.opened),
    id: |_, at| category_id(at),
    render: |books, at| {
        let tree = tree(books);
        let (title, parent) = tree[at];
        let path: Vec<Value> = parent
            .iter()
            .map(|parent| json!({"categoryId": category_id(*parent), "title": tree[*parent].0}))
            .collect();
        let opened = midnight(books.opened);
        json!({
            "categoryId": category_id(at),
            "title": title,
            "path": path,
            "branches": tree.iter().any(|known| known.1 == Some(at)),
            "createdAt": opened,
            "updatedAt": opened,
        })
    },
    filters: &[],
};

const TENDERS: &[Tender] = &[
    Tender::CardPresent,
    Tender::CardOnline,
    Tender::Wallet,
    Tender::Cash,
];

pub(super) const PAYMENT_METHODS: Resource = Resource {
    path: "/paymentMethods",
    noun: "payment method",
    len: |_| TENDERS.len(),
    keep: |_, _, _| true,
    updated: |books, _| midnight(books.opened),
    id: |_, at| method(TENDERS[at]).0.to_owned(),
    render: |books, at| {
        let (code, label) = method(TENDERS[at]);
        let opened = midnight(books.opened);
        // A shop that never takes cash has it switched off.
        let off = TENDERS[at] == Tender::Cash && books.trade.shop.cash_bp == 0;
        json!({
            "code": code,
            "label": label,
            "enabled": !off,
            "createdAt": opened,
            "updatedAt": opened,
        })
    },
    filters: &[],
};

/// The parts of all taxes, in the order of the taxes.
fn taxes(books: &Books) -> impl Iterator<Item = (usize, usize)> {
    let taxes = books.trade.taxes.iter().enumerate();
    taxes.flat_map(|(tax, known)| (0..known.parts.len()).map(move |part| (tax, part)))
}

fn tax_id(books: &Books, tax: usize, part: usize) -> String {
    let code = books.trade.taxes[tax].code.to_lowercase();
    format!("tax_{code}_{}", part + 1)
}

/// The parts of a line's tax.
pub(super) fn tax_parts(books: &Books, tax: usize) -> Vec<Value> {
    let parts = books.trade.taxes[tax].parts.iter().enumerate();
    parts
        .map(|(part, (title, rate_bp))| {
            json!({
                "taxId": tax_id(books, tax, part),
                "title": title,
                "rate": decimal(*rate_bp, 4),
            })
        })
        .collect()
}

pub(super) const TAXES: Resource = Resource {
    path: "/taxes",
    noun: "tax",
    len: |books| taxes(books).count(),
    keep: |_, _, _| true,
    updated: |books, _| midnight(books.opened),
    id: |books, at| {
        let (tax, part) = taxes(books).nth(at).unwrap_or_default();
        tax_id(books, tax, part)
    },
    render: |books, at| {
        let (tax, part) = taxes(books).nth(at).unwrap_or_default();
        let (title, rate_bp) = books.trade.taxes[tax].parts[part];
        let opened = midnight(books.opened);
        json!({
            "taxId": tax_id(books, tax, part),
            "title": title,
            "rate": decimal(rate_bp, 4),
            "onTopOfOthers": false,
            "createdAt": opened,
            "updatedAt": opened,
        })
    },
    filters: &[],
};

fn dispute_id(position: usize) -> String {
    format!("dsp_{:05}", position + 1)
}

pub(super) const DISPUTES: Resource = Resource {
    path: "/disputes",
    noun: "dispute",
    len: |books| books.disputes.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.disputes[at].updated,
    id: |_, at| dispute_id(at),
    render: |books, at| {
        let dispute = &books.disputes[at];
        let state = match dispute.state {
            DisputeState::NeedsEvidence => "needs_evidence",
            DisputeState::UnderReview => "under_review",
            DisputeState::Won => "won",
            DisputeState::Lost => "lost",
            DisputeState::Accepted => "accepted",
            DisputeState::Refunded => "refunded",
        };
        json!({
            "disputeId": dispute_id(at),
            "chargeId": charge_id(dispute.charge),
            "amount": decimal(dispute.amount, books.trade.exponent),
            "currencyCode": books.trade.business.currency,
            "state": state,
            "reason": dispute.reason,
            "respondBy": dispute.due,
            "createdAt": dispute.opened,
            "updatedAt": dispute.updated,
        })
    },
    filters: &[],
};
