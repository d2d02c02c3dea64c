//! The two sides of documents, and the names by which the books know their accounts.

use connectors::DataType;

use super::books::Account;

/// Customers' debts, or the company's own to its suppliers.
pub(super) struct Kind {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) sum: &'static str,
    pub(super) account: &'static str,
    pub(super) documents: DataType,
    pub(super) credits: DataType,
    pub(super) payments: DataType,
    /// The account's type in the chart.
    pub(super) r#type: &'static str,
    /// Parts of names of such accounts, in lower-case letters alone.
    pub(super) names: &'static [&'static str],
    pub(super) owed: bool,
}

pub(super) const RECEIVABLES: Kind = Kind {
    id: "receivables",
    name: "What customers owe",
    sum: "Open invoices, less credit notes and payments on account",
    account: "Receivables",
    documents: DataType::Invoices,
    credits: DataType::CreditNotes,
    payments: DataType::Payments,
    r#type: "Asset",
    names: &[
        "accountsreceivable",
        "tradereceivables",
        "tradedebtors",
        "debtorscontrol",
        "salesledgercontrol",
    ],
    owed: false,
};

pub(super) const PAYABLES: Kind = Kind {
    id: "payables",
    name: "What suppliers are owed",
    sum: "Open bills, less credit notes and payments on account",
    account: "Payables",
    documents: DataType::Bills,
    credits: DataType::BillCreditNotes,
    payments: DataType::BillPayments,
    r#type: "Liability",
    names: &[
        "accountspayable",
        "tradepayables",
        "tradecreditors",
        "creditorscontrol",
        "purchaseledgercontrol",
    ],
    owed: true,
};

impl Kind {
    pub(super) fn is_named(&self, text: &str) -> bool {
        let letters: String = text
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        // What is set aside for debts that may stay unpaid has an account of its own.
        let reduces = ["allowance", "provision", "doubtful"];
        self.names.iter().any(|name| letters.contains(name))
            && !reduces.iter().any(|name| letters.contains(name))
    }

    pub(super) fn is_account(&self, account: &Account) -> bool {
        let texts = [&account.name, &account.fully_qualified_category];
        account.r#type == self.r#type && texts.into_iter().flatten().any(|text| self.is_named(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_known_by_name_or_category() {
        for name in [
            "Accounts receivable",
            "Accounts Receivable (A/R)",
            "Trade Debtors",
        ] {
            assert!(RECEIVABLES.is_named(name), "{name}");
        }
        for name in [
            "Other receivables",
            "Allowance for doubtful accounts receivable",
            "Stock",
        ] {
            assert!(!RECEIVABLES.is_named(name), "{name}");
        }
        assert!(PAYABLES.is_named("Liability.Accounts Payable.AccountsPayable"));
    }
}
