//! Records that others refer to: the organisation, accounts, contacts, items and tax codes.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::{Value, json};

use crate::api::resource::{Resource, passes};
use crate::api::words::rfc3339;
use crate::books::documents::{Address, Role, Use};
use crate::books::ledger::chart::{Account, BANKS, Class};
use crate::books::ledger::{Moment, Money};
use crate::books::{Books, midnight};

/// The last day of the closed period, into which nothing is written any more.
pub(super) fn locked_until(books: &Books) -> Option<NaiveDate> {
    let today = books.today();
    let first = today.with_day(1).unwrap_or(today) - Months::new(3);
    (first > books.opened).then(|| first - Days::new(1))
}

pub(super) fn organisation(books: &Books) -> Value {
    let trade = books.trade;
    let registered = &trade.registered;
    let opened = rfc3339(midnight(books.opened));
    json!({
        "organisation_id": trade.business.id,
        "trading_name": trade.business.name,
        "registered_name": registered.name,
        "company_number": registered.company_number,
        "tax_number": registered.tax_number,
        "base_currency": trade.business.currency,
        "exponent": trade.exponent,
        "year_starts": format!("{:02}-01", registered.year_starts),
        "books_open_from": books.opened,
        "locked_until": locked_until(books),
        "address": {
            "use": "REGISTERED",
            "street": registered.street,
            "street_2": null,
            "town": registered.town,
            "county": registered.region,
            "postcode": registered.postcode,
            "country": trade.business.country,
        },
        "phone": registered.phone,
        "website": registered.website,
        "created_at": opened,
        "updated_at": opened,
    })
}

pub(super) fn account_id(account: Account) -> String {
    format!("LA-{}", account.info().code)
}

pub(super) fn bank_account_id(account: Account) -> String {
    format!("BA-{}", account.info().code)
}

pub(super) fn contact_id(position: u32) -> String {
    format!("CT-{:05}", position + 1)
}

pub(super) fn item_id(position: u32) -> String {
    format!("IT-{:04}", position + 1)
}

pub(super) fn tax_code_id(books: &Books, position: usize) -> String {
    format!("TX-{}", books.trade.taxes[position].code)
}

fn opened_or(books: &Books, moment: Moment) -> Moment {
    moment.max(midnight(books.opened))
}

pub(super) const LEDGER_ACCOUNTS: Resource = Resource {
    path: "/ledger_accounts",
    noun: "ledger account",
    len: |_| Account::ALL.len(),
    keep: |_, _, _| true,
    updated: |books, at| opened_or(books, books.ledger.touched(Account::ALL[at])),
    id: |_, at| account_id(Account::ALL[at]),
    render: ledger_account,
    filters: &[],
};

fn ledger_account(books: &Books, at: usize) -> Value {
    let account = Account::ALL[at];
    let info = account.info();
    let class = account.class();
    let (name, heading) = match class {
        Class::Asset => ("ASSET", "Assets"),
        Class::Liability => ("LIABILITY", "Liabilities"),
        Class::Equity => ("EQUITY", "Equity"),
        Class::Revenue => ("REVENUE", "Income"),
        Class::Expense => ("EXPENSE", "Expenses"),
    };
    let group = if info.groups.is_empty() {
        heading.to_owned()
    } else {
        info.groups.join(" / ")
    };
    let normal_side = match class {
        Class::Asset | Class::Expense => "DEBIT",
        _ => "CREDIT",
    };
    let touched = books.ledger.touched(account);
    json!({
        "id": account_id(account),
        "code": info.code,
        "title": books.title(account),
        "class": name,
        "group": group,
        "normal_side": normal_side,
        "balance": books.ledger.balance(account),
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "bank": account.is_bank(),
        "state": if touched == 0 { "DORMANT" } else { "ACTIVE" },
        "note": null,
        "created_at": rfc3339(midnight(books.opened)),
        "updated_at": rfc3339(opened_or(books, touched)),
    })
}

pub(super) const BANK_ACCOUNTS: Resource = Resource {
    path: "/bank_accounts",
    noun: "bank account",
    len: |_| BANKS.len(),
    keep: |_, _, _| true,
    updated: |books, at| opened_or(books, books.ledger.touched(BANKS[at])),
    id: |_, at| bank_account_id(BANKS[at]),
    render: bank_account,
    filters: &[],
};

fn bank_account(books: &Books, at: usize) -> Value {
    let account = BANKS[at];
    let bank = &books.trade.registered.bank;
    let card = format!("•••• {}", bank.card_ends);
    let (kind, number, iban) = match account {
        Account::Savings => ("SAVINGS", bank.savings_number, bank.savings_iban),
        Account::Card => ("CREDIT_CARD", card.as_str(), None),
        _ => ("CHEQUE", bank.number, bank.iban),
    };
    let overdraft = books.credit_line(account);
    let balance: Money = books.ledger.balance(account);
    json!({
        "id": bank_account_id(account),
        "ledger_account_id": account_id(account),
        "code": account.info().code,
        "label": books.title(account),
        "kind": kind,
        "bank": bank.name,
        "sort_code": bank.sort_code.filter(|_| account != Account::Card),
        "number": number,
        "iban": iban,
        "bic": bank.bic,
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "book_balance": balance,
        "available_balance": balance + overdraft,
        "overdraft_limit": overdraft,
        "state": "ACTIVE",
        "created_at": rfc3339(midnight(books.opened)),
        "updated_at": rfc3339(opened_or(books, books.ledger.touched(account))),
    })
}

pub(super) const CONTACTS: Resource = Resource {
    path: "/contacts",
    noun: "contact",
    len: |books| books.contacts.len(),
    keep: |books, at, params| passes(params, "role", role(books.contacts[at].role)),
    updated: |books, at| books.contacts[at].updated,
    id: |_, at| contact_id(at as u32),
    render: contact,
    filters: &[("role", &["CUSTOMER", "SUPPLIER"])],
};

fn role(role: Role) -> &'static str {
    match role {
        Role::Customer => "CUSTOMER",
        Role::Supplier => "SUPPLIER",
    }
}

pub(super) fn address(books: &Books, address: &Address) -> Value {
    let purpose = match address.purpose {
        Use::Billing => "BILLING",
        Use::Delivery => "DELIVERY",
        Use::Registered => "REGISTERED",
    };
    let own = books.trade.business.country;
    json!({
        "use": purpose,
        "street": address.street,
        "street_2": address.street_2,
        "town": address.town,
        "county": address.region,
        "postcode": address.postcode,
        "country": address.country.as_deref().unwrap_or(own),
    })
}

fn contact(books: &Books, at: usize) -> Value {
    let contact = &books.contacts[at];
    // The debt to a supplier is a credit; both sides read it as a positive number.
    let sign = if contact.role == Role::Supplier {
        -1
    } else {
        1
    };
    let named = contact.given.is_some() || contact.family.is_some();
    let person = named.then(|| json!({"given": contact.given, "family": contact.family}));
    let addresses: Vec<Value> = contact
        .addresses
        .iter()
        .map(|one| address(books, one))
        .collect();
    json!({
        "id": contact_id(at as u32),
        "roles": [role(contact.role)],
        "display_name": contact.name,
        "person": person,
        "email": contact.email,
        "phone": contact.phone,
        "company_number": contact.company_number,
        "tax_number": contact.tax_number,
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "terms_days": contact.terms_days,
        "open_balance": sign * contact.balance,
        "addresses": addresses,
        "state": if contact.dormant { "DORMANT" } else { "ACTIVE" },
        "created_at": rfc3339(contact.created),
        "updated_at": rfc3339(contact.updated),
    })
}

pub(super) const CATALOGUE_ITEMS: Resource = Resource {
    path: "/catalogue_items",
    noun: "catalogue item",
    len: |books| books.items.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.items[at].updated,
    id: |_, at| item_id(at as u32),
    render: item,
    filters: &[],
};

fn item(books: &Books, at: usize) -> Value {
    let item = &books.items[at];
    let trade = books.trade;
    let product = &trade.products[item.product as usize];
    let tracked = trade.stocked && !product.service;
    let bought_as = if tracked {
        Account::Inventory
    } else {
        Account::CostOfSales
    };
    let purchase = (!product.service).then(|| {
        json!({
            "cost": item.cost,
            "ledger_account_id": account_id(bought_as),
            "tax_code_id": tax_code_id(books, trade.purchase_tax),
            "details": item.title,
        })
    });
    json!({
        "id": item_id(at as u32),
        "sku": item.sku,
        "title": item.title,
        "details": product.details,
        "nature": if product.service { "SERVICE" } else { "GOODS" },
        "tracked": tracked,
        "sale": {
            "price": item.price,
            "ledger_account_id": account_id(Account::Sales),
            "tax_code_id": tax_code_id(books, product.tax.0),
            "details": item.title,
        },
        "purchase": purchase,
        "on_hand_milli": tracked.then_some(item.on_hand * 1000),
        "currency": trade.business.currency,
        "exponent": trade.exponent,
        "state": "ACTIVE",
        "created_at": rfc3339(item.created),
        "updated_at": rfc3339(item.updated),
    })
}

pub(super) const TAX_CODES: Resource = Resource {
    path: "/tax_codes",
    noun: "tax code",
    len: |books| books.trade.taxes.len(),
    keep: |_, _, _| true,
    updated: |books, _| midnight(books.opened),
    id: |books, at| tax_code_id(books, at),
    render: tax_code,
    filters: &[],
};

fn tax_code(books: &Books, at: usize) -> Value {
    let tax = &books.trade.taxes[at];
    let parts: Vec<Value> = tax
        .parts
        .iter()
        .map(|(title, rate_bp)| json!({"title": title, "rate_bp": rate_bp}))
        .collect();
    let opened = rfc3339(midnight(books.opened));
    json!({
        "id": tax_code_id(books, at),
        "code": tax.code,
        "title": tax.title,
        "rate_bp": tax.rate_bp,
        "parts": parts,
        "applies_to": "BOTH",
        "state": "ACTIVE",
        "created_at": opened,
        "updated_at": opened,
    })
}
