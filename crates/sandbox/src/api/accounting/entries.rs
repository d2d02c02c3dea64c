//! Ledger entries, bank lines and the movements of money between them.

use serde_json::{Value, json};

use super::accounts::{account_id, bank_account_id, contact_id};
use super::cash::{income_id, spending_id, transfer_id};
use super::documents::{
    bill_id, document_number, receipt_id, remittance_id, sales_id, supplier_reference,
};
use super::lists::journal_id;
use crate::api::resource::{Resource, passes};
use crate::api::words::rfc3339;
use crate::books::Books;
use crate::books::ledger::{Entry, Method, Moment, Source};

pub(super) fn entry_id(position: u32) -> String {
    format!("LE-{:07}", position + 1)
}

fn source(entry: &Entry, position: u32) -> (&'static str, String) {
    match entry.source {
        Source::Invoice(at) => ("SALES_INVOICE", sales_id(at)),
        Source::Credit(at) => ("SALES_CREDIT", sales_id(at)),
        Source::Receipt(at) => ("RECEIPT", receipt_id(at)),
        Source::Bill(at) => ("PURCHASE_BILL", bill_id(at)),
        Source::Remittance(at) => ("REMITTANCE", remittance_id(at)),
        Source::BillCredit(at) => ("PURCHASE_CREDIT", bill_id(at)),
        Source::Transfer(at) => ("TRANSFER", transfer_id(at)),
        Source::Spend(at) => ("SPEND", spending_id(at)),
        Source::Income(at) => ("INCOME", income_id(at)),
        Source::Manual => ("MANUAL", entry_id(position)),
    }
}

fn text(books: &Books, entry: &Entry) -> String {
    let name = |contact: u32| &books.contacts[contact as usize].name;
    match entry.source {
        Source::Invoice(at) | Source::Credit(at) => {
            let document = &books.sales[at as usize];
            let number = document_number(document).unwrap_or_default();
            format!("{number} to {}", name(document.contact))
        }
        Source::Receipt(at) => {
            format!("Receipt from {}", name(books.receipts[at as usize].contact))
        }
        Source::Bill(at) | Source::BillCredit(at) => {
            let bill = &books.bills[at as usize];
            let reference = supplier_reference(bill).unwrap_or_else(|| "Bill".to_owned());
            format!("{reference} from {}", name(bill.contact))
        }
        Source::Remittance(at) => {
            format!(
                "Payment to {}",
                name(books.remittances[at as usize].contact)
            )
        }
        _ => entry.memo.to_string(),
    }
}

pub(super) const LEDGER_ENTRIES: Resource = Resource {
    path: "/ledger_entries",
    noun: "ledger entry",
    len: |books| books.ledger.entries.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.ledger.entries[at].at,
    id: |_, at| entry_id(at as u32),
    render: ledger_entry,
    filters: &[],
};

fn ledger_entry(books: &Books, at: usize) -> Value {
    let entry = &books.ledger.entries[at];
    let (kind, id) = source(entry, at as u32);
    let lines: Vec<Value> = books
        .ledger
        .lines(entry)
        .iter()
        .enumerate()
        .map(|(number, line)| {
            json!({
                "no": number + 1,
                "ledger_account_id": account_id(line.account),
                "ledger_account_title": books.title(line.account),
                "debit": line.amount.max(0),
                "credit": (-line.amount).max(0),
                "text": null,
                "contact_id": line.contact.map(contact_id),
            })
        })
        .collect();
    json!({
        "id": entry_id(at as u32),
        "date": entry.day,
        "text": text(books, entry),
        "journal": journal_id(entry.journal),
        "source": {"type": kind, "id": id},
        "lines": lines,
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "created_at": rfc3339(entry.at),
        "updated_at": rfc3339(entry.at),
    })
}

/// Ticking a line off changes it.
fn line_updated(books: &Books, at: usize) -> Moment {
    let line = &books.ledger.bank_lines[at];
    if line.reconciled_at <= books.as_of {
        line.reconciled_at
    } else {
        line.at
    }
}

fn line_id(position: usize) -> String {
    format!("BL-{:07}", position + 1)
}

pub(super) const BANK_LINES: Resource = Resource {
    path: "/bank_lines",
    noun: "bank line",
    len: |books| books.ledger.bank_lines.len(),
    keep: |books, at, params| {
        params.get("bank_account_id").is_none()
            || passes(
                params,
                "bank_account_id",
                &bank_account_id(books.ledger.bank_lines[at].account),
            )
    },
    updated: line_updated,
    id: |_, at| line_id(at),
    render: bank_line,
    filters: &[("bank_account_id", &[])],
};

fn bank_line(books: &Books, at: usize) -> Value {
    let line = &books.ledger.bank_lines[at];
    let method = match line.notice.method {
        Method::Transfer | Method::Payout | Method::OwnTransfer => "TRANSFER",
        Method::DirectDebit | Method::Loan => "DIRECT_DEBIT",
        Method::StandingOrder => "STANDING_ORDER",
        Method::Card => "CARD",
        Method::Cash => "CASH",
        Method::Fee => "FEE",
        Method::Interest => "INTEREST",
        Method::Payroll => "PAYROLL",
        Method::Deposit => "DEPOSIT",
    };
    json!({
        "id": line_id(at),
        "bank_account_id": bank_account_id(line.account),
        "ledger_entry_id": entry_id(line.entry),
        "date": line.day,
        "direction": if line.amount > 0 { "IN" } else { "OUT" },
        "amount": line.amount.abs(),
        "running_balance": line.balance,
        "narrative": line.notice.narrative,
        "method": method,
        "reconciled": line.reconciled_at <= books.as_of,
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "created_at": rfc3339(line.at),
        "updated_at": rfc3339(line_updated(books, at)),
    })
}

fn movement_id(position: usize) -> String {
    format!("MM-{:07}", position + 1)
}

pub(super) const MONEY_MOVEMENTS: Resource = Resource {
    path: "/money_movements",
    noun: "money movement",
    len: |books| books.ledger.bank_lines.len(),
    keep: BANK_LINES.keep,
    updated: line_updated,
    id: |_, at| movement_id(at),
    render: money_movement,
    filters: &[("bank_account_id", &[])],
};

fn money_movement(books: &Books, at: usize) -> Value {
    let line = &books.ledger.bank_lines[at];
    let entry = &books.ledger.entries[line.entry as usize];
    let (kind, id) = source(entry, line.entry);
    let source = json!({"type": kind, "id": id});
    let part =
        |memo: String, amount: i64| json!({"memo": memo, "amount": amount, "source": source});
    let memo = text(books, entry);
    let parts: Vec<Value> = match entry.source {
        Source::Receipt(receipt) => books.receipts[receipt as usize]
            .allocations
            .iter()
            .map(|(document, amount)| {
                let document = &books.sales[*document as usize];
                part(document_number(document).unwrap_or_default(), *amount)
            })
            .collect(),
        Source::Remittance(remittance) => books.remittances[remittance as usize]
            .allocations
            .iter()
            .map(|(bill, amount)| {
                let reference = supplier_reference(&books.bills[*bill as usize]);
                part(reference.unwrap_or_default(), *amount)
            })
            .collect(),
        _ => vec![part(memo.clone(), line.amount.abs())],
    };
    let reconciled = line.reconciled_at <= books.as_of;
    json!({
        "id": movement_id(at),
        "ledger_entry_id": entry_id(line.entry),
        "bank_account": {
            "id": bank_account_id(line.account),
            "label": books.title(line.account),
            "ledger_account_id": account_id(line.account),
        },
        "date": line.day,
        "direction": if line.amount > 0 { "IN" } else { "OUT" },
        "amount": line.amount.abs(),
        "memo": memo,
        "state": if reconciled { "RECONCILED" } else { "UNRECONCILED" },
        "parts": parts,
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "created_at": rfc3339(line.at),
        "updated_at": rfc3339(line_updated(books, at)),
    })
}
