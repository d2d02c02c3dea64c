//! Money that is spent, received or moved at once: a record and its posting in one step.

use crate::books::documents::{DocumentLine, Transfer, Voucher};
use crate::books::ledger::chart::Account;
use crate::books::ledger::{Journal, Line, Money, Notice, Source};

use super::{Simulation, line};

impl Simulation {
    /// Spends money from `money`, which adds up to the lines with their tax. A bank account needs a `notice`.
    pub(super) fn spend(
        &mut self,
        contact: Option<u32>,
        memo: impl Into<Box<str>>,
        lines: Vec<DocumentLine>,
        money: &[(Account, Money)],
        notice: Option<Notice>,
    ) {
        let voucher = self.voucher(contact, memo, lines, money);
        let source = Source::Spend(self.books.spendings.len() as u32);
        let entry = self.post_voucher(Journal::Cash, source, &voucher, 1, notice);
        self.books.spendings.push(Voucher { entry, ..voucher });
    }

    /// The usual case: one purpose, without tax, from the current account.
    pub(super) fn pay_out_of_bank(
        &mut self,
        memo: impl Into<Box<str>>,
        account: Account,
        amount: Money,
        notice: Option<Notice>,
    ) {
        let line = DocumentLine::single("", account, amount, (0, 0));
        self.spend(
            None,
            memo,
            vec![line],
            &[(Account::Current, amount)],
            notice,
        );
    }

    /// Receives money into `money`, as [`Simulation::spend`] spends it.
    pub(super) fn earn(
        &mut self,
        journal: Journal,
        memo: impl Into<Box<str>>,
        lines: Vec<DocumentLine>,
        money: &[(Account, Money)],
        notice: Option<Notice>,
    ) {
        let voucher = self.voucher(None, memo, lines, money);
        let source = Source::Income(self.books.incomes.len() as u32);
        let entry = self.post_voucher(journal, source, &voucher, -1, notice);
        self.books.incomes.push(Voucher { entry, ..voucher });
    }

    pub(super) fn transfer(
        &mut self,
        from: Account,
        to: Account,
        amount: Money,
        memo: &'static str,
        notice: Option<Notice>,
    ) {
        let source = Source::Transfer(self.books.transfers.len() as u32);
        let lines = [line(to, amount), line(from, -amount)];
        let entry = self.post(Journal::Cash, source, memo, &lines, notice);
        self.books.transfers.push(Transfer {
            from,
            to,
            amount,
            on: self.today,
            memo,
            entry,
            created: self.now,
        });
    }

    fn voucher(
        &self,
        contact: Option<u32>,
        memo: impl Into<Box<str>>,
        lines: Vec<DocumentLine>,
        money: &[(Account, Money)],
    ) -> Voucher {
        Voucher {
            contact,
            on: self.today,
            memo: memo.into(),
            lines,
            money: money
                .iter()
                .copied()
                .filter(|(_, amount)| *amount != 0)
                .collect(),
            entry: 0,
            created: self.now,
        }
    }

    /// `sign` is 1 for money spent, −1 for money received.
    fn post_voucher(
        &mut self,
        journal: Journal,
        source: Source,
        voucher: &Voucher,
        sign: Money,
        notice: Option<Notice>,
    ) -> u32 {
        let bought = voucher
            .lines
            .iter()
            .map(|bought| line(bought.account, sign * bought.net));
        let tax = line(Account::Tax, sign * voucher.tax());
        let money = voucher
            .money
            .iter()
            .map(|(account, amount)| line(*account, -sign * amount));
        let lines: Vec<Line> = bought.chain([tax]).chain(money).collect();
        self.post(journal, source, voucher.memo.clone(), &lines, notice)
    }
}
