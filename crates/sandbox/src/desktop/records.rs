//! A business's records as elements of qbXML.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};

use super::Element;
use crate::books::Books;
use crate::books::documents::{Document, DocumentLine, Kind, Role, SettledBy, State};
use crate::books::ledger::chart::{Account, Section};
use crate::books::ledger::{Moment, Money};

/// The names of currencies in QuickBooks.
pub(super) fn currency_name(code: &str) -> &'static str {
    match code {
        "CAD" => "Canadian Dollar",
        "EUR" => "Euro",
        "GBP" => "British Pound Sterling",
        "AUD" => "Australian Dollar",
        "SEK" => "Swedish Krona",
        _ => "US Dollar",
    }
}

/// The records of the books, by their kind.
pub(super) fn of(books: &Books) -> BTreeMap<&'static str, Vec<String>> {
    let writer = Writer { books };
    let mut records = BTreeMap::new();
    records.insert("Account", writer.accounts());
    records.insert("Customer", writer.contacts(Role::Customer, "CustomerRet"));
    records.insert("Vendor", writer.contacts(Role::Supplier, "VendorRet"));
    records.insert("Invoice", writer.sales(Kind::Invoice, "InvoiceRet"));
    records.insert("CreditMemo", writer.sales(Kind::Credit, "CreditMemoRet"));
    records.insert("ReceivePayment", writer.receipts());
    records.insert("Bill", writer.purchases(Kind::Bill, "BillRet"));
    records.insert(
        "VendorCredit",
        writer.purchases(Kind::BillCredit, "VendorCreditRet"),
    );
    records.insert("BillPaymentCheck", writer.remittances());
    records.insert("Check", writer.checks());
    records.insert("Transfer", writer.transfers());
    records.insert("Transaction", writer.transactions());
    records
}

struct Writer<'a> {
    books: &'a Books,
}

fn day(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

fn time(moment: Moment) -> String {
    let at = DateTime::from_timestamp_millis(moment).unwrap_or_default();
    at.format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// Sales and purchases are numbered apart.
fn sale_id(position: u32) -> String {
    format!("S{position:X}-1")
}

fn bill_id(position: u32) -> String {
    format!("B{position:X}-1")
}

fn receipt_id(position: u32) -> String {
    format!("R{position:X}-1")
}

fn remittance_id(position: u32) -> String {
    format!("P{position:X}-1")
}

fn account_id(account: Account) -> String {
    format!("8000{}-1", account.info().code)
}

fn kind_of(account: Account) -> &'static str {
    match (account, account.info().section) {
        (Account::Current | Account::Savings, _) => "Bank",
        (Account::Card, _) => "CreditCard",
        (Account::Receivables, _) => "AccountsReceivable",
        (Account::Payables, _) => "AccountsPayable",
        (Account::Equipment | Account::Depreciation, _) => "FixedAsset",
        (Account::Loan | Account::OwnerLoan, _) => "LongTermLiability",
        (_, Section::Assets) => "OtherCurrentAsset",
        (_, Section::Liabilities) => "OtherCurrentLiability",
        (_, Section::Equity) => "Equity",
        (_, Section::Income) => "Income",
        (_, Section::CostOfSales) => "CostOfGoodsSold",
        (_, Section::Expenses) => "Expense",
        (_, Section::OtherIncome) => "OtherIncome",
        (_, Section::OtherExpenses) => "OtherExpense",
    }
}

impl Writer<'_> {
    fn money(&self, amount: Money) -> String {
        super::reports::money(self.books, amount)
    }

    fn created(&self, ret: &mut Element, created: Moment, updated: Moment) {
        ret.text("TimeCreated", &time(created));
        ret.text("TimeModified", &time(updated));
    }

    fn accounts(&self) -> Vec<String> {
        let books = self.books;
        let account = |account: &Account| {
            let mut ret = Element::new("AccountRet");
            ret.text("ListID", &account_id(*account));
            let opened = crate::books::midnight(books.opened);
            let touched = books.ledger.touched(*account).max(opened);
            self.created(&mut ret, opened, touched);
            ret.text("Name", books.title(*account));
            ret.text("FullName", books.title(*account));
            ret.text("IsActive", "true");
            ret.text("AccountType", kind_of(*account));
            ret.text("AccountNumber", account.info().code);
            if !account.in_profit_and_loss() {
                // On the account's usual side.
                let is_debit = account.info().section == Section::Assets;
                let balance = books.ledger.balance(*account);
                ret.text(
                    "Balance",
                    &self.money(if is_debit { balance } else { -balance }),
                );
            }
            ret.close()
        };
        Account::ALL.iter().map(account).collect()
    }

    fn contacts(&self, role: Role, name: &'static str) -> Vec<String> {
        let contacts = self.books.contacts.iter().enumerate();
        let contacts = contacts.filter(|(_, contact)| contact.role == role);
        let written = contacts.map(|(at, contact)| {
            let mut ret = Element::new(name);
            ret.text("ListID", &format!("C{at:X}-1"));
            self.created(&mut ret, contact.created, contact.updated);
            ret.text("Name", &contact.name);
            if role == Role::Customer {
                ret.text("FullName", &contact.name);
            }
            ret.text("IsActive", if contact.dormant { "false" } else { "true" });
            if let Some(phone) = &contact.phone {
                ret.text("Phone", phone);
            }
            if let Some(email) = &contact.email {
                ret.text("Email", email);
            }
            ret.close()
        });
        written.collect()
    }

    fn contact(&self, ret: &mut Element, name: &'static str, position: u32) {
        let contact = self.books.contacts.get(position as usize);
        ret.element(name, |reference| {
            reference.text("ListID", &format!("C{position:X}-1"));
            reference.text("FullName", contact.map_or("", |contact| &contact.name));
        });
    }

    fn account(&self, ret: &mut Element, name: &'static str, account: Account) {
        ret.element(name, |reference| {
            reference.text("ListID", &account_id(account));
            reference.text("FullName", self.books.title(account));
        });
    }

    /// Documents that are there and were issued, with their positions.
    fn issued(documents: &[Document], kind: Kind) -> impl Iterator<Item = (u32, &Document)> {
        let all = (0..).zip(documents);
        all.filter(move |(_, document)| {
            document.kind == kind && document.state != State::Draft && !document.deleted
        })
    }

    fn number(ret: &mut Element, document: &Document) {
        if let Some(own) = &document.own_number {
            ret.text("RefNumber", own);
        } else if let Some(number) = document.number {
            ret.text("RefNumber", &number.to_string());
        }
    }

    /// The documents that settle one, or that it settles; those that raise what is open have a sign of their own.
    fn linked(&self, ret: &mut Element, document: &Document) {
        for settlement in &document.settlements {
            let (kind, id, sign) = match settlement.by {
                SettledBy::Receipt => ("ReceivePayment", receipt_id(settlement.id), -1),
                SettledBy::Remittance => ("BillPaymentCheck", remittance_id(settlement.id), -1),
                SettledBy::Credit => ("CreditMemo", sale_id(settlement.id), -1),
                SettledBy::Invoice => ("Invoice", sale_id(settlement.id), -1),
                SettledBy::BillCredit => ("VendorCredit", bill_id(settlement.id), -1),
                SettledBy::Bill => ("Bill", bill_id(settlement.id), 1),
            };
            ret.element("LinkedTxn", |link| {
                link.text("TxnID", &id);
                link.text("TxnType", kind);
                link.text("TxnDate", &day(settlement.on));
                link.text("LinkType", "AMTTYPE");
                link.text("Amount", &self.money(sign * settlement.amount));
            });
        }
    }

    fn sale_lines(&self, ret: &mut Element, name: &'static str, lines: &[DocumentLine]) {
        for (number, line) in lines.iter().enumerate() {
            ret.element(name, |written| {
                written.text("TxnLineID", &(number + 1).to_string());
                written.text("Desc", &self.text_of(line));
                let quantity = line.qty_milli as f64 / 1000.0;
                written.text("Quantity", &quantity.to_string());
                written.text("Rate", &self.money(line.unit_price));
                written.text("Amount", &self.money(line.net));
            });
        }
    }

    fn text_of(&self, line: &DocumentLine) -> String {
        let item = line.item.and_then(|at| self.books.items.get(at as usize));
        match item.filter(|_| line.text.is_empty()) {
            Some(item) => item.title.to_string(),
            None => line.text.to_string(),
        }
    }

    /// Tax on purchases is a line like any other in the United States.
    fn expense_lines(&self, ret: &mut Element, lines: &[DocumentLine]) {
        let tax: Money = lines.iter().map(|line| line.tax).sum();
        for (number, line) in lines.iter().enumerate() {
            ret.element("ExpenseLineRet", |written| {
                written.text("TxnLineID", &(number + 1).to_string());
                self.account(written, "AccountRef", line.account);
                written.text("Amount", &self.money(line.net));
                written.text("Memo", &self.text_of(line));
            });
        }
        if tax != 0 {
            ret.element("ExpenseLineRet", |written| {
                written.text("TxnLineID", &(lines.len() + 1).to_string());
                self.account(written, "AccountRef", Account::Tax);
                written.text("Amount", &self.money(tax));
                written.text("Memo", "Tax");
            });
        }
    }

    fn sales(&self, kind: Kind, name: &'static str) -> Vec<String> {
        let is_invoice = kind == Kind::Invoice;
        let written = Self::issued(&self.books.sales, kind).map(|(at, document)| {
            let mut ret = Element::new(name);
            ret.text("TxnID", &sale_id(at));
            self.created(&mut ret, document.created, document.updated);
            self.contact(&mut ret, "CustomerRef", document.contact);
            ret.text("TxnDate", &day(document.issued));
            Self::number(&mut ret, document);
            if is_invoice {
                ret.text("IsPending", "false");
                ret.text("DueDate", &day(document.due));
            }
            ret.text("Subtotal", &self.money(document.net));
            ret.text("SalesTaxTotal", &self.money(document.tax));
            if is_invoice {
                ret.text("BalanceRemaining", &self.money(document.outstanding));
            } else {
                ret.text("TotalAmount", &self.money(document.gross()));
                ret.text("CreditRemaining", &self.money(document.outstanding));
            }
            if document.state == State::Voided {
                ret.text("Memo", "VOID:");
            }
            if is_invoice {
                let is_paid = document.outstanding == 0;
                ret.text("IsPaid", if is_paid { "true" } else { "false" });
            }
            self.linked(&mut ret, document);
            let lines = match is_invoice {
                true => "InvoiceLineRet",
                false => "CreditMemoLineRet",
            };
            self.sale_lines(&mut ret, lines, &document.lines);
            ret.close()
        });
        written.collect()
    }

    fn purchases(&self, kind: Kind, name: &'static str) -> Vec<String> {
        let is_bill = kind == Kind::Bill;
        let written = Self::issued(&self.books.bills, kind).map(|(at, document)| {
            let mut ret = Element::new(name);
            ret.text("TxnID", &bill_id(at));
            self.created(&mut ret, document.created, document.updated);
            self.contact(&mut ret, "VendorRef", document.contact);
            ret.text("TxnDate", &day(document.issued));
            if is_bill {
                ret.text("DueDate", &day(document.due));
                ret.text("AmountDue", &self.money(document.gross()));
            } else {
                ret.text("CreditAmount", &self.money(document.gross()));
            }
            Self::number(&mut ret, document);
            if document.state == State::Voided {
                ret.text("Memo", "VOID:");
            }
            if is_bill {
                let is_paid = document.outstanding == 0;
                ret.text("IsPaid", if is_paid { "true" } else { "false" });
            }
            self.linked(&mut ret, document);
            self.expense_lines(&mut ret, &document.lines);
            if !is_bill {
                ret.text("OpenAmount", &self.money(document.outstanding));
            }
            ret.close()
        });
        written.collect()
    }

    fn receipts(&self) -> Vec<String> {
        let written = (0..).zip(&self.books.receipts).map(|(at, payment)| {
            let mut ret = Element::new("ReceivePaymentRet");
            ret.text("TxnID", &receipt_id(at));
            self.created(&mut ret, payment.created, payment.created);
            self.contact(&mut ret, "CustomerRef", payment.contact);
            ret.text("TxnDate", &day(payment.on));
            ret.text("RefNumber", &payment.reference.to_string());
            ret.text("TotalAmount", &self.money(payment.amount));
            self.account(&mut ret, "DepositToAccountRef", Account::Current);
            ret.text("UnusedPayment", &self.money(0));
            for (document, amount) in &payment.allocations {
                ret.element("AppliedToTxnRet", |applied| {
                    applied.text("TxnID", &sale_id(*document));
                    applied.text("TxnType", "Invoice");
                    applied.text("Amount", &self.money(*amount));
                });
            }
            ret.close()
        });
        written.collect()
    }

    fn remittances(&self) -> Vec<String> {
        let written = (0..).zip(&self.books.remittances).map(|(at, payment)| {
            let mut ret = Element::new("BillPaymentCheckRet");
            ret.text("TxnID", &remittance_id(at));
            self.created(&mut ret, payment.created, payment.created);
            self.contact(&mut ret, "PayeeEntityRef", payment.contact);
            ret.text("TxnDate", &day(payment.on));
            self.account(&mut ret, "BankAccountRef", Account::Current);
            ret.text("Amount", &self.money(payment.amount));
            ret.text("RefNumber", &payment.reference.to_string());
            for (document, amount) in &payment.allocations {
                ret.element("AppliedToTxnRet", |applied| {
                    applied.text("TxnID", &bill_id(*document));
                    applied.text("TxnType", "Bill");
                    applied.text("Amount", &self.money(*amount));
                });
            }
            ret.close()
        });
        written.collect()
    }

    /// Money spent at once from an account at the bank.
    fn checks(&self) -> Vec<String> {
        let spent = self.books.spendings.iter().enumerate();
        let written = spent.filter_map(|(at, voucher)| {
            let [(account, _)] = voucher.money.as_slice() else {
                return None;
            };
            if !matches!(account, Account::Current | Account::Savings) {
                return None;
            }
            let mut ret = Element::new("CheckRet");
            ret.text("TxnID", &format!("K{at:X}-1"));
            self.created(&mut ret, voucher.created, voucher.created);
            self.account(&mut ret, "AccountRef", *account);
            if let Some(contact) = voucher.contact {
                self.contact(&mut ret, "PayeeEntityRef", contact);
            }
            ret.text("TxnDate", &day(voucher.on));
            ret.text("Amount", &self.money(voucher.net() + voucher.tax()));
            ret.text("Memo", &voucher.memo);
            self.expense_lines(&mut ret, &voucher.lines);
            Some(ret.close())
        });
        written.collect()
    }

    fn transfers(&self) -> Vec<String> {
        let moved = self.books.transfers.iter().enumerate();
        let written = moved.map(|(at, transfer)| {
            let mut ret = Element::new("TransferRet");
            ret.text("TxnID", &format!("T{at:X}-1"));
            self.created(&mut ret, transfer.created, transfer.created);
            ret.text("TxnDate", &day(transfer.on));
            self.account(&mut ret, "TransferFromAccountRef", transfer.from);
            self.account(&mut ret, "TransferToAccountRef", transfer.to);
            ret.text("Amount", &self.money(transfer.amount));
            ret.text("Memo", transfer.memo);
            ret.close()
        });
        written.collect()
    }

    /// Every posting to an account at the bank.
    fn transactions(&self) -> Vec<String> {
        let lines = self.books.ledger.bank_lines.iter().enumerate();
        let written = lines.map(|(at, line)| {
            let mut ret = Element::new("TransactionRet");
            let kind = if line.amount < 0 { "Check" } else { "Deposit" };
            ret.text("TxnType", kind);
            ret.text("TxnID", &format!("L{:X}-1", line.entry));
            ret.text("TxnLineID", &at.to_string());
            ret.text("TimeModified", &time(line.at));
            self.account(&mut ret, "AccountRef", line.account);
            ret.text("TxnDate", &day(line.day));
            ret.text("Amount", &self.money(line.amount));
            ret.text("Memo", &line.notice.narrative);
            ret.close()
        });
        written.collect()
    }
}
