//! Invoices, credit notes, bills, and the payments that settle them.

use serde_json::{Value, json};

use super::accounts::{account_id, bank_account_id, contact_id, item_id, tax_code_id};
use super::lists::{method_code, tracking};
use super::orders::{purchase_order_id, purchase_order_number, sales_order_id};
use crate::api::resource::{Resource, passes};
use crate::api::words::rfc3339;
use crate::books::Books;
use crate::books::documents::{
    Document, DocumentLine, Kind, PaidBy, Payment, Reference, SettledBy, Settlement, State,
};
use crate::books::ledger::chart::Account;

pub(super) fn sales_id(position: u32) -> String {
    format!("SD-{:07}", position + 1)
}

pub(super) fn bill_id(position: u32) -> String {
    format!("PD-{:07}", position + 1)
}

pub(super) fn receipt_id(position: u32) -> String {
    format!("RC-{:07}", position + 1)
}

pub(super) fn remittance_id(position: u32) -> String {
    format!("RM-{:07}", position + 1)
}

const STATES: &[&str] = &["DRAFT", "OPEN", "PART", "SETTLED", "VOIDED"];

pub(super) const SALES_DOCUMENTS: Resource = Resource {
    path: "/sales_documents",
    noun: "sales document",
    len: |books| books.sales.len(),
    keep: |books, at, params| {
        let document = &books.sales[at];
        !document.deleted
            && passes(params, "kind", kind(document.kind))
            && passes(params, "state", state(document.state))
    },
    updated: |books, at| books.sales[at].updated,
    id: |_, at| sales_id(at as u32),
    render: |books, at| {
        let document = &books.sales[at];
        let number = document_number(document);
        let mut record = common(books, document, sales_id(at as u32));
        record["number"] = json!(number);
        record["sales_order_id"] = json!(document.order.map(sales_order_id));
        record["their_reference"] = match &document.their_reference {
            Reference::None => Value::Null,
            Reference::Number(number) => json!(format!("PO {number}")),
            Reference::Text(text) => json!(text),
        };
        record
    },
    filters: &[("kind", &["INV", "CRN"]), ("state", STATES)],
};

pub(super) const PURCHASE_DOCUMENTS: Resource = Resource {
    path: "/purchase_documents",
    noun: "purchase document",
    len: |books| books.bills.len(),
    keep: |books, at, params| {
        let document = &books.bills[at];
        !document.deleted
            && passes(params, "kind", kind(document.kind))
            && passes(params, "state", state(document.state))
    },
    updated: |books, at| books.bills[at].updated,
    id: |_, at| bill_id(at as u32),
    render: |books, at| {
        let document = &books.bills[at];
        let mut record = common(books, document, bill_id(at as u32));
        record["supplier_reference"] = json!(supplier_reference(document));
        record["purchase_order"] = json!(document.order.map(|order| {
            json!({"id": purchase_order_id(order), "number": purchase_order_number(order)})
        }));
        record
    },
    filters: &[("kind", &["BILL", "PCN"]), ("state", STATES)],
};

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Invoice => "INV",
        Kind::Credit => "CRN",
        Kind::Bill => "BILL",
        Kind::BillCredit => "PCN",
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::Draft => "DRAFT",
        State::Open => "OPEN",
        State::Part => "PART",
        State::Settled => "SETTLED",
        State::Voided => "VOIDED",
    }
}

/// The printed number; a draft has none of the platform's own.
pub(super) fn document_number(document: &Document) -> Option<String> {
    if let Some(own) = &document.own_number {
        return Some(own.to_string());
    }
    let number = document.number?;
    Some(format!("{}-{number}", kind(document.kind)))
}

pub(super) fn supplier_reference(document: &Document) -> Option<String> {
    let series = match document.kind {
        Kind::BillCredit => "SC",
        _ => "SI",
    };
    match &document.their_reference {
        Reference::None => None,
        Reference::Number(number) => Some(format!("{series}-{number}")),
        Reference::Text(text) => Some(text.to_string()),
    }
}

fn common(books: &Books, document: &Document, id: String) -> Value {
    let lines: Vec<Value> = document
        .lines
        .iter()
        .enumerate()
        .map(|(number, line)| document_line(books, number, line))
        .collect();
    let settlements: Vec<Value> = document
        .settlements
        .iter()
        .map(|part| settlement(books, part))
        .collect();
    let discount: i64 = document.lines.iter().map(|line| line.discount).sum();
    json!({
        "id": id,
        "kind": kind(document.kind),
        "state": state(document.state),
        "contact_id": contact_id(document.contact),
        "contact_name": books.contacts[document.contact as usize].name,
        "issued_on": document.issued,
        "due_on": document.due,
        "settled_on": document.settled,
        "note": document.note,
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "lines": lines,
        "net_total": document.net,
        "tax_total": document.tax,
        "gross_total": document.gross(),
        "discount_total": discount,
        "outstanding": document.outstanding,
        "settlements": settlements,
        "created_at": rfc3339(document.created),
        "updated_at": rfc3339(document.updated),
    })
}

pub(super) fn document_line(books: &Books, number: usize, line: &DocumentLine) -> Value {
    let tax = &books.trade.taxes[line.tax_code];
    let item = line.item.map(|item| &books.items[item as usize]);
    json!({
        "no": number + 1,
        "text": match item {
            Some(item) if line.text.is_empty() => &*item.title,
            _ => &*line.text,
        },
        "qty_milli": line.qty_milli,
        "unit_price": line.unit_price,
        "discount": line.discount,
        "net": line.net,
        "tax": line.tax,
        "gross": line.net + line.tax,
        "ledger_account_id": account_id(line.account),
        "ledger_account_title": books.title(line.account),
        "tax_code_id": tax_code_id(books, line.tax_code),
        "tax_code_title": tax.title,
        "tax_rate_bp": tax.rate_bp,
        "item_id": line.item.map(item_id),
        "item_title": item.map(|item| &item.title),
        "tracking": tracking(books, line),
    })
}

fn settlement(books: &Books, part: &Settlement) -> Value {
    let at = part.id as usize;
    let (by, id, reference, total_key, total, account) = match part.by {
        SettledBy::Receipt => {
            let payment = &books.receipts[at];
            let id = receipt_id(part.id);
            let reference = Some(reference(payment));
            (
                "RECEIPT",
                id,
                reference,
                "receipt_total",
                payment.amount,
                Account::Current,
            )
        }
        SettledBy::Remittance => {
            let payment = &books.remittances[at];
            let id = remittance_id(part.id);
            let reference = Some(reference(payment));
            (
                "REMITTANCE",
                id,
                reference,
                "remittance_total",
                payment.amount,
                Account::Current,
            )
        }
        SettledBy::BillCredit | SettledBy::Bill => {
            let other = &books.bills[at];
            let credit = part.by == SettledBy::BillCredit;
            (
                if credit { "CREDIT" } else { "BILL" },
                bill_id(part.id),
                supplier_reference(other),
                "remittance_total",
                if credit { other.gross() } else { part.amount },
                Account::Payables,
            )
        }
        SettledBy::Credit | SettledBy::Invoice => {
            let other = &books.sales[at];
            let by = if part.by == SettledBy::Credit {
                "CREDIT"
            } else {
                "INVOICE"
            };
            let total = if part.by == SettledBy::Credit {
                other.gross()
            } else {
                part.amount
            };
            let id = sales_id(part.id);
            let reference = document_number(other);
            (
                by,
                id,
                reference,
                "receipt_total",
                total,
                Account::Receivables,
            )
        }
    };
    let mut value = json!({
        "by": by,
        "id": id,
        "on": part.on,
        "amount": part.amount,
        "reference": reference,
        "ledger_account_id": account_id(account),
    });
    value[total_key] = json!(total);
    value
}

pub(super) const RECEIPTS: Resource = Resource {
    path: "/receipts",
    noun: "receipt",
    len: |books| books.receipts.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.receipts[at].created,
    id: |_, at| receipt_id(at as u32),
    render: |books, at| {
        let payment = &books.receipts[at];
        let allocations = allocations(payment, |document| {
            (
                sales_id(document),
                document_number(&books.sales[document as usize]),
            )
        });
        let mut record = payment_record(books, payment, receipt_id(at as u32), allocations);
        record["received_on"] = json!(payment.on);
        record
    },
    filters: &[],
};

pub(super) const REMITTANCES: Resource = Resource {
    path: "/remittances",
    noun: "remittance",
    len: |books| books.remittances.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.remittances[at].created,
    id: |_, at| remittance_id(at as u32),
    render: |books, at| {
        let payment = &books.remittances[at];
        let allocations = allocations(payment, |document| {
            let bill = &books.bills[document as usize];
            (bill_id(document), supplier_reference(bill))
        });
        let mut record = payment_record(books, payment, remittance_id(at as u32), allocations);
        record["paid_on"] = json!(payment.on);
        record
    },
    filters: &[],
};

fn reference(payment: &Payment) -> String {
    let by = match payment.by {
        PaidBy::Transfer => "TRF",
        PaidBy::Cheque => "CHQ",
        PaidBy::DirectDebit => "DD",
    };
    format!("{by} {}", payment.reference)
}

fn allocations(payment: &Payment, name: impl Fn(u32) -> (String, Option<String>)) -> Vec<Value> {
    payment
        .allocations
        .iter()
        .map(|(document, amount)| {
            let (id, number) = name(*document);
            json!({"document_id": id, "number": number, "amount": amount, "on": payment.on})
        })
        .collect()
}

fn payment_record(books: &Books, payment: &Payment, id: String, allocations: Vec<Value>) -> Value {
    json!({
        "id": id,
        "contact_id": contact_id(payment.contact),
        "contact_name": books.contacts[payment.contact as usize].name,
        "amount": payment.amount,
        "bank_account_id": bank_account_id(Account::Current),
        "ledger_account_id": account_id(Account::Current),
        "method": method_code(payment.by),
        "reference": reference(payment),
        "memo": null,
        "allocations": allocations,
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "created_at": rfc3339(payment.created),
        "updated_at": rfc3339(payment.created),
    })
}
