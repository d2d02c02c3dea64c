//! Money at the bank: the opening position, the card, the loan, savings and the owners.

use crate::books::dice::portion;
use crate::books::documents::DocumentLine;
use crate::books::ledger::chart::Account;
use crate::books::ledger::{Category, Journal, Method, Money, Party, Source};

use super::{Simulation, Stream, line};

impl Simulation {
    /// The business's assets and debts on the day before its books open.
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
            Party::Unnamed,
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
        let bought = DocumentLine::single("", merchant.account, spent, (0, 0));
        let money = [(Account::Card, spent)];
        self.spend(None, merchant.name, vec![bought], &money, notice);
    }

    pub(super) fn settle_card(&mut self) {
        let owed = -self.books.ledger.balance(Account::Card);
        if owed > 0 {
            self.move_money(
                Account::Current,
                Account::Card,
                owed,
                "Credit card paid off",
            );
        }
    }

    fn move_money(&mut self, from: Account, to: Account, amount: Money, memo: &'static str) {
        let notice = self.notice(
            Method::OwnTransfer,
            Category::OwnTransfers,
            Party::Unnamed,
            memo,
        );
        self.transfer(from, to, amount, memo, notice);
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
        let lines = vec![
            DocumentLine::single("Principal", Account::Loan, principal, (0, 0)),
            DocumentLine::single("Interest", Account::LoanInterest, interest, (0, 0)),
        ];
        let money = [(Account::Current, principal + interest)];
        self.spend(None, "Loan repayment", lines, &money, notice);
    }

    pub(super) fn charge_bank_fee(&mut self) {
        let fee = self.trade.opening.bank_fee;
        let notice = self.notice(
            Method::Fee,
            Category::Charges,
            Party::Unnamed,
            "ACCOUNT FEE",
        );
        self.pay_out_of_bank("Bank charges", Account::BankCharges, fee, notice);
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
            Party::Unnamed,
            "INTEREST",
        );
        let earned = DocumentLine::single("", Account::Interest, interest, (0, 0));
        let money = [(Account::Savings, interest)];
        let memo = "Interest on savings";
        self.earn(Journal::Cash, memo, vec![earned], &money, notice);
    }

    /// Once a week: savings or the owners help out if cash is short; otherwise savings grow.
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
                self.move_money(
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
                self.move_money(Account::Current, Account::Savings, spare, "To savings");
            }
        }
    }

    fn lend_from_owner(&mut self, amount: Money) {
        let notice = self.notice(
            Method::Transfer,
            Category::Owners,
            Party::Unnamed,
            "OWNER LOAN",
        );
        let lent = DocumentLine::single("", Account::OwnerLoan, amount, (0, 0));
        let money = [(Account::Current, amount)];
        let memo = "Loan from the owner";
        self.earn(Journal::Cash, memo, vec![lent], &money, notice);
    }

    fn repay_owner(&mut self, amount: Money) {
        if amount <= 0 {
            return;
        }
        let notice = self.notice(
            Method::Transfer,
            Category::Owners,
            Party::Unnamed,
            "OWNER LOAN REPAID",
        );
        self.pay_out_of_bank("Owner's loan repaid", Account::OwnerLoan, amount, notice);
    }

    /// Once a quarter, half of the surplus cash, if there were profits to pay it from.
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
            Party::Unnamed,
            "DIVIDEND",
        );
        self.pay_out_of_bank("Dividend", Account::Dividends, amount, notice);
    }

    pub(super) fn buy_equipment(&mut self) {
        let mut dice = self.dice(Stream::Other, self.happened);
        let trade = self.trade;
        let net = dice.about(trade.opening.equipment_a_year, 25);
        if net == 0 {
            return;
        }
        let tax_code = trade.purchase_tax;
        let tax = portion(net, trade.taxes[tax_code].rate_bp, 10_000);
        let notice = self.notice(
            Method::Transfer,
            Category::Investment,
            Party::Unnamed,
            "EQUIPMENT PURCHASE",
        );
        let bought = DocumentLine::single("", Account::Equipment, net, (tax_code, tax));
        let money = [(Account::Current, net + tax)];
        self.spend(None, "Equipment", vec![bought], &money, notice);
    }
}
