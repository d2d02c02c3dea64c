//! Accounts, balances, categories and entries, as a bank reports them.

use chrono::{Days, Months, NaiveDate};
use serde_json::{Value, json};

use crate::api::resource::{Params, Resource, passes};
use crate::api::words::{compact, decimal, rfc1123};
use crate::books::ledger::chart::{Account, BANKS};
use crate::books::ledger::{BankLine, Category, Method, Money, Party};
use crate::books::{Books, midnight};

fn account_id(account: Account) -> String {
    format!("acc-{}", account.info().code)
}

fn direction(amount: Money) -> &'static str {
    if amount < 0 { "DBIT" } else { "CRDT" }
}

fn signed(books: &Books, amount: Money) -> Value {
    json!({
        "amount": decimal(amount.abs(), books.trade.exponent),
        "direction": direction(amount),
    })
}

fn credit_line(books: &Books, account: Account) -> Option<String> {
    let line = books.credit_line(account);
    (line > 0).then(|| decimal(line, books.trade.exponent))
}

pub(super) const ACCOUNTS: Resource = Resource {
    path: "/accounts",
    noun: "account",
    len: |_| BANKS.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.ledger.touched(BANKS[at]),
    id: |_, at| account_id(BANKS[at]),
    render: account,
    filters: &[],
};

fn account(books: &Books, at: usize) -> Value {
    let account = BANKS[at];
    let trade = books.trade;
    let bank = &trade.registered.bank;
    let (kind, name, nickname) = match account {
        Account::Savings => ("SVGS", "Business Reserve Account", Some("Rainy days")),
        Account::Card => ("CARD", "Business Credit Card", None),
        _ => ("CACC", "Business Current Account", Some("Main")),
    };
    let identification = match account {
        Account::Card => json!({"maskedPan": format!("•••• {}", bank.card_ends)}),
        Account::Savings => json!({
            "iban": bank.savings_iban,
            "bban": bank.savings_number,
            "sortCode": bank.sort_code,
            "bic": bank.bic,
        }),
        _ => json!({
            "iban": bank.iban,
            "bban": bank.number,
            "sortCode": bank.sort_code,
            "bic": bank.bic,
        }),
    };
    let balance = books.ledger.balance(account);
    let touched = books.ledger.touched(account).max(midnight(books.opened));
    json!({
        "accountId": account_id(account),
        "cashAccountType": kind,
        "name": name,
        "nickname": nickname,
        "owner": trade.registered.name.to_uppercase(),
        "currency": trade.business.currency,
        "identification": identification,
        "servicer": {"id": bank.id, "name": bank.name},
        "booked": signed(books, balance),
        "available": signed(books, balance + books.credit_line(account)),
        "creditLine": credit_line(books, account),
        "openedOn": compact(books.opened),
        "lastChange": rfc1123(touched),
    })
}

/// The last day of each past month, and today.
fn balance_day(books: &Books, number: usize) -> NaiveDate {
    let end = books.opened + Months::new(number as u32 + 1) - Days::new(1);
    end.min(books.today())
}

fn days(books: &Books) -> usize {
    let today = books.today();
    let mut count = 1;
    while balance_day(books, count - 1) < today {
        count += 1;
    }
    count
}

pub(super) const BALANCES: Resource = Resource {
    path: "/balances",
    noun: "balance",
    len: |books| BANKS.len() * days(books),
    keep: |_, _, _| true,
    updated: |books, _| books.as_of,
    id: |books, at| {
        let account = account_id(BANKS[at / days(books)]);
        let day = balance_day(books, at % days(books));
        format!("{account}-{}", compact(day))
    },
    render: balance,
    filters: &[],
};

fn balance(books: &Books, at: usize) -> Value {
    let account = BANKS[at / days(books)];
    let day = balance_day(books, at % days(books));
    let lines = lines_of(books, account);
    let until = lines.partition_point(|line| books.ledger.bank_lines[*line as usize].day <= day);
    let amount = until.checked_sub(1).map_or(0, |last| {
        books.ledger.bank_lines[lines[last] as usize].balance
    });
    let available = amount + books.credit_line(account);
    json!({
        "balanceId": format!("{}-{}", account_id(account), compact(day)),
        "accountId": account_id(account),
        "type": if day == books.today() { "ITBD" } else { "CLBD" },
        "amount": decimal(amount.abs(), books.trade.exponent),
        "direction": direction(amount),
        "availableAmount": decimal(available.abs(), books.trade.exponent),
        "availableDirection": direction(available),
        "creditLine": credit_line(books, account),
        "currency": books.trade.business.currency,
        "date": compact(day),
    })
}

/// Positions of an account's lines, as booked.
fn lines_of(books: &Books, account: Account) -> &[u32] {
    let place = |account: Account| BANKS.iter().position(|bank| *bank == account);
    let of = |line: &u32| place(books.ledger.bank_lines[*line as usize].account);
    let wanted = place(account);
    let start = books.bank_order.partition_point(|line| of(line) < wanted);
    let end = books.bank_order.partition_point(|line| of(line) <= wanted);
    &books.bank_order[start..end]
}

pub(super) const CATEGORIES: Resource = Resource {
    path: "/categories",
    noun: "category",
    len: |_| Category::ALL.len(),
    keep: |_, _, _| true,
    updated: |books, _| midnight(books.opened),
    id: |_, at| Category::ALL[at].info().0.to_owned(),
    render: |_, at| {
        let category = Category::ALL[at];
        let (id, label, parent) = category.info();
        let leaf = !Category::ALL
            .iter()
            .any(|other| other.info().2 == Some(category));
        json!({
            "categoryId": id,
            "label": label,
            "parentCategoryId": parent.map(|parent| parent.info().0),
            "leaf": leaf,
            "state": "LIVE",
        })
    },
    filters: &[],
};

fn line_at(books: &Books, at: usize) -> &BankLine {
    &books.ledger.bank_lines[books.bank_order[at] as usize]
}

fn entry_id(books: &Books, at: usize) -> String {
    let position = books.bank_order[at];
    let account = books.ledger.bank_lines[position as usize].account;
    format!("{}-{:07}", account_id(account), position + 1)
}

pub(super) const ENTRIES: Resource = Resource {
    path: "/entries",
    noun: "entry",
    len: |books| books.bank_order.len(),
    keep: |books, at, params| {
        let line = line_at(books, at);
        (!params.contains_key("account") || passes(params, "account", &account_id(line.account)))
            && in_dates(line, params)
    },
    updated: |books, at| line_at(books, at).at,
    id: entry_id,
    render: entry,
    filters: &[],
};

fn in_dates(line: &BankLine, params: &Params) -> bool {
    let day = |name: &str| {
        let text = params.get(name)?;
        NaiveDate::parse_from_str(text, "%Y%m%d").ok()
    };
    day("dateFrom").is_none_or(|from| line.day >= from)
        && day("dateTo").is_none_or(|to| line.day <= to)
}

fn entry(books: &Books, at: usize) -> Value {
    let line = line_at(books, at);
    let incoming = line.amount > 0;
    let code = match (line.notice.method, incoming) {
        (Method::Transfer, true) => "PMNT-RCDT-ESCT",
        (Method::Transfer, false) => "PMNT-ICDT-ESCT",
        (Method::DirectDebit, _) => "PMNT-IDDT-ESDD",
        (Method::StandingOrder, _) => "PMNT-ICDT-STDO",
        (Method::Card, _) => "PMNT-CCRD-POSD",
        (Method::Cash, _) => "PMNT-CNTR-CDPT",
        (Method::Fee, _) => "ACMT-MDOP-CHRG",
        (Method::Interest, _) => "ACMT-MCOP-INTR",
        (Method::Payroll, _) => "PMNT-ICDT-SALA",
        (Method::Deposit, _) if line.notice.category == Category::BroughtForward => {
            "ACMT-OPCL-BBFW"
        }
        (Method::Deposit, _) => "PMNT-RCHQ-CCHQ",
        (Method::Payout, _) => "PMNT-RCDT-DMCT",
        (Method::OwnTransfer, true) => "PMNT-RCDT-BOOK",
        (Method::OwnTransfer, false) => "PMNT-ICDT-BOOK",
        (Method::Loan, _) => "LDAS-FTLN-PPAY",
    };
    let name = match line.notice.party {
        Party::Unnamed => None,
        Party::Contact(contact) => Some(&*books.contacts[contact as usize].name),
        Party::Named(name) => Some(name),
    };
    let by_card = line.notice.method == Method::Card;
    let (category, label, _) = line.notice.category.info();
    json!({
        "entryId": entry_id(books, at),
        "accountId": account_id(line.account),
        "status": "BOOK",
        "amount": decimal(line.amount.abs(), books.trade.exponent),
        "direction": direction(line.amount),
        "currency": books.trade.business.currency,
        "bookedOn": compact(line.day),
        "valueOn": compact(line.day),
        "bookedAt": rfc1123(line.at),
        "transactionCode": code,
        "remittance": line.notice.narrative,
        "counterparty": name.filter(|_| !by_card).map(|name| json!({"name": name})),
        "merchant": name.filter(|_| by_card),
        "categoryId": category,
        "categoryLabel": label,
        "balanceAfter": signed(books, line.balance),
    })
}
