//! Money at the bank: the opening position, the card, the loan, savings and the owners.

use crate::books::chart::Account;
use crate::books::dice::portion;
use crate::books::ledger::{Category, Journal, Method, Money, Party, Source};

use super::{Simulation, Stream, line};

impl Simulation {
    /// What the business owned and owed on the day before its books open here.
    pub(super) fn open_balances(&mut self) {
        let opening = &self.trade.opening;
        let stock: Money = self
            .books
            .items
            .iter()
            .map(|item| item.on_hand * item.cost)
            .sum();
        let retained =
            opening.cash + opening.savings + opening.equipment + stock + self.trade.shop.till_float
                - opening.depreciated
                - opening.loan
                - opening.capital;
        let notice = self.notice(
            Method::Deposit,
            Category::BroughtForward,
            Party::Nobody,
            "Balance brought forward",
        );
        let lines = [
            line(Account::Current, opening.cash),
            line(Account::Savings, opening.savings),
            line(Account::Till, self.trade.shop.till_float),
            line(Account::Inventory, stock),
            line(Account::Equipment, opening.equipment),
            line(Account::Depreciation, -opening.depreciated),
            line(Account::Loan, -opening.loan),
            line(Account::Capital, -opening.capital),
            line(Account::Retained, -retained),
        ];
        self.post(
            Journal::Opening,
            Source::Manual,
            "Opening balances",
            &lines,
            notice,
        );
    }

    pub(super) fn use_card(&mut self) {
        let mut dice = self.dice(Stream::Other, self.happened);
        let merchant = dice.pick(self.trade.card);
        let spent = dice.range(merchant.amount.0, merchant.amount.1);
        let notice = self.notice(
            Method::Card,
            merchant.category,
            Party::Named(merchant.name),
            format!("{} CARD PURCHASE", merchant.name.to_uppercase()),
        );
        let lines = [line(merchant.account, spent), line(Account::Card, -spent)];
        self.post(Journal::Cash, Source::Spend, merchant.name, &lines, notice);
    }

    pub(super) fn settle_card(&mut self) {
        let owed = -self.books.ledger.balance(Account::Card);
        if owed > 0 {
            self.transfer(
                Account::Current,
                Account::Card,
                owed,
                "Credit card paid off",
            );
        }
    }

    fn transfer(&mut self, from: Account, to: Account, amount: Money, memo: &'static str) {
        let notice = self.notice(
            Method::OwnTransfer,
            Category::OwnTransfers,
            Party::Nobody,
            memo,
        );
        let lines = [line(to, amount), line(from, -amount)];
        self.post(Journal::Cash, Source::Transfer, memo, &lines, notice);
    }

    pub(super) fn repay_loan(&mut self) {
        let opening = &self.trade.opening;
        let owed = -self.books.ledger.balance(Account::Loan);
        if owed <= 0 {
            return;
        }
        let interest = portion(owed, opening.loan_rate_bp, 120_000);
        let principal = opening.loan_repayment.min(owed);
        let bank = self.trade.registered.bank.name;
        let notice = self.notice(
            Method::Loan,
            Category::LoanRepayments,
            Party::Named(bank),
            "BUSINESS LOAN REPAYMENT",
        );
        let lines = [
            line(Account::Loan, principal),
            line(Account::LoanInterest, interest),
            line(Account::Current, -(principal + interest)),
        ];
        self.post(
            Journal::Cash,
            Source::Spend,
            "Loan repayment",
            &lines,
            notice,
        );
    }

    pub(super) fn charge_bank_fee(&mut self) {
        let fee = self.trade.opening.bank_fee;
        let notice = self.notice(Method::Fee, Category::Charges, Party::Nobody, "ACCOUNT FEE");
        let lines = [
            line(Account::BankCharges, fee),
            line(Account::Current, -fee),
        ];
        self.post(Journal::Cash, Source::Spend, "Bank charges", &lines, notice);
    }

    pub(super) fn receive_interest(&mut self) {
        let savings = self.books.ledger.balance(Account::Savings);
        let interest = portion(savings, self.trade.opening.savings_rate_bp, 120_000);
        if interest <= 0 {
            return;
        }
        let notice = self.notice(
            Method::Interest,
            Category::InterestEarned,
            Party::Nobody,
            "INTEREST",
        );
        let lines = [
            line(Account::Savings, interest),
            line(Account::Interest, -interest),
        ];
        self.post(
            Journal::Cash,
            Source::Income,
            "Interest on savings",
            &lines,
            notice,
        );
    }

    /// Once a week: savings or the owners help out when cash is short; savings grow when it is not.
    pub(super) fn review_cash(&mut self) {
        let opening = &self.trade.opening;
        let (comfortable, round) = (opening.comfortable_cash, opening.round);
        let cash = self.books.ledger.balance(Account::Current);
        let savings = self.books.ledger.balance(Account::Savings);
        let whole = |amount: Money| amount / round * round;
        if cash < comfortable / 3 {
            let missing = whole(comfortable - cash) + round;
            let from_savings = missing.min(whole(savings));
            if from_savings > 0 {
                self.transfer(
                    Account::Savings,
                    Account::Current,
                    from_savings,
                    "From savings",
                );
            } else {
                self.lend_from_owner(missing);
            }
        } else if cash > comfortable * 3 {
            let spare = whole((cash - comfortable * 2) / 2);
            let owner = -self.books.ledger.balance(Account::OwnerLoan);
            if owner > 0 {
                self.repay_owner(spare.min(owner));
            } else if savings < comfortable * 4 {
                self.transfer(Account::Current, Account::Savings, spare, "To savings");
            }
        }
    }

    fn lend_from_owner(&mut self, amount: Money) {
        let notice = self.notice(
            Method::Transfer,
            Category::Owners,
            Party::Nobody,
            "OWNER LOAN",
        );
        let lines = [
            line(Account::Current, amount),
            line(Account::OwnerLoan, -amount),
        ];
        self.post(
            Journal::Cash,
            Source::Income,
            "Loan from the owner",
            &lines,
            notice,
        );
    }

    fn repay_owner(&mut self, amount: Money) {
        if amount <= 0 {
            return;
        }
        let notice = self.notice(
            Method::Transfer,
            Category::Owners,
            Party::Nobody,
            "OWNER LOAN REPAID",
        );
        let lines = [
            line(Account::OwnerLoan, amount),
            line(Account::Current, -amount),
        ];
        self.post(
            Journal::Cash,
            Source::Spend,
            "Owner's loan repaid",
            &lines,
            notice,
        );
    }

    /// Half of what is beyond comfort, once a quarter, if there were profits to pay it from.
    pub(super) fn pay_dividend(&mut self) {
        let opening = &self.trade.opening;
        let cash = self.books.ledger.balance(Account::Current);
        let amount = (cash - opening.comfortable_cash * 2) / 2 / opening.round * opening.round;
        if amount <= 0 {
            return;
        }
        let notice = self.notice(
            Method::Transfer,
            Category::Owners,
            Party::Nobody,
            "DIVIDEND",
        );
        let lines = [
            line(Account::Dividends, amount),
            line(Account::Current, -amount),
        ];
        self.post(Journal::Cash, Source::Spend, "Dividend", &lines, notice);
    }

    pub(super) fn buy_equipment(&mut self) {
        let mut dice = self.dice(Stream::Other, self.happened);
        let trade = self.trade;
        let net = dice.about(trade.opening.equipment_a_year, 25);
        if net == 0 {
            return;
        }
        let tax = portion(net, trade.taxes[trade.purchase_tax].rate_bp, 10_000);
        let notice = self.notice(
            Method::Transfer,
            Category::Investment,
            Party::Nobody,
            "EQUIPMENT PURCHASE",
        );
        let lines = [
            line(Account::Equipment, net),
            line(Account::Tax, tax),
            line(Account::Current, -(net + tax)),
        ];
        self.post(Journal::Cash, Source::Spend, "Equipment", &lines, notice);
    }
}
