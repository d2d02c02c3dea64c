//! Money spent, received and moved at once.

use serde_json::{Value, json};

use super::accounts::{account_id, bank_account_id, contact_id};
use super::documents::document_line;
use super::entries::entry_id;
use crate::api::resource::Resource;
use crate::api::words::rfc3339;
use crate::books::Books;
use crate::books::documents::{Transfer, Voucher};
use crate::books::ledger::chart::Account;
use crate::books::ledger::{Moment, reconciled_at};

pub(super) fn spending_id(position: u32) -> String {
    format!("SP-{:07}", position + 1)
}

pub(super) fn income_id(position: u32) -> String {
    format!("IN-{:07}", position + 1)
}

pub(super) fn transfer_id(position: u32) -> String {
    format!("TF-{:07}", position + 1)
}

pub(super) const SPENDINGS: Resource = Resource {
    path: "/spendings",
    noun: "spending",
    len: |books| books.spendings.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.spendings[at].created,
    id: |_, at| spending_id(at as u32),
    render: |books, at| voucher(books, &books.spendings[at], spending_id(at as u32)),
    filters: &[],
};

pub(super) const INCOMES: Resource = Resource {
    path: "/incomes",
    noun: "income",
    len: |books| books.incomes.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.incomes[at].created,
    id: |_, at| income_id(at as u32),
    render: |books, at| voucher(books, &books.incomes[at], income_id(at as u32)),
    filters: &[],
};

fn voucher(books: &Books, voucher: &Voucher, id: String) -> Value {
    let lines: Vec<Value> = voucher
        .lines
        .iter()
        .enumerate()
        .map(|(number, line)| {
            let mut shown = document_line(books, number, line);
            if line.item.is_none() && line.text.is_empty() {
                shown["text"] = json!(voucher.memo);
            }
            shown
        })
        .collect();
    let money: Vec<Value> = voucher
        .money
        .iter()
        .map(|(account, amount)| {
            json!({
                "ledger_account_id": account_id(*account),
                "ledger_account_title": books.title(*account),
                "bank_account_id": account.is_bank().then(|| bank_account_id(*account)),
                "amount": amount,
            })
        })
        .collect();
    json!({
        "id": id,
        "ledger_entry_id": entry_id(voucher.entry),
        "on": voucher.on,
        "memo": voucher.memo,
        "contact_id": voucher.contact.map(contact_id),
        "contact_name": voucher.contact.map(|contact| &books.contacts[contact as usize].name),
        "lines": lines,
        "net_total": voucher.net(),
        "tax_total": voucher.tax(),
        "gross_total": voucher.net() + voucher.tax(),
        "money": money,
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "created_at": rfc3339(voucher.created),
        "updated_at": rfc3339(voucher.created),
    })
}

/// Ticking off its bank line changes a transfer.
fn transfer_updated(books: &Books, transfer: &Transfer) -> Moment {
    let reconciled = reconciled_at(transfer.entry, transfer.created);
    if reconciled <= books.as_of {
        reconciled
    } else {
        transfer.created
    }
}

pub(super) const TRANSFERS: Resource = Resource {
    path: "/transfers",
    noun: "transfer",
    len: |books| books.transfers.len(),
    keep: |_, _, _| true,
    updated: |books, at| transfer_updated(books, &books.transfers[at]),
    id: |_, at| transfer_id(at as u32),
    render: transfer,
    filters: &[],
};

fn transfer(books: &Books, at: usize) -> Value {
    let transfer = &books.transfers[at];
    let updated = transfer_updated(books, transfer);
    let end = |account: Account| {
        json!({
            "ledger_account_id": account_id(account),
            "ledger_account_title": books.title(account),
            "bank_account_id": account.is_bank().then(|| bank_account_id(account)),
        })
    };
    json!({
        "id": transfer_id(at as u32),
        "ledger_entry_id": entry_id(transfer.entry),
        "on": transfer.on,
        "memo": transfer.memo,
        "from": end(transfer.from),
        "to": end(transfer.to),
        "amount": transfer.amount,
        "state": if updated > transfer.created { "RECONCILED" } else { "UNRECONCILED" },
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "created_at": rfc3339(transfer.created),
        "updated_at": rfc3339(updated),
    })
}
