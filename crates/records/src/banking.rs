//! Banking: accounts and transactions as the company's banks report them.

use crate::model::{choice, model};
use crate::{Money, Timestamp};

model! {
    Account {
        required { id: String, r#type: AccountType }
        optional {
            name: String,
            informal_name: String,
            holder: String,
            balance: Balance,
            identifiers: Identifiers,
            currency: String,
            institution: Institution,
            source_modified_date: Timestamp,
        }
    }
}

choice! {
    AccountType {
        Unknown,
        /// Money borrowed, such as on a card.
        Credit,
        /// Money held.
        Debit,
    }
}

model! {
    /// Amounts below zero are owed.
    Balance {
        required { current: Money }
        optional { available: Money, limit: Money }
    }
}

model! {
    Identifiers {
        required { r#type: IdentifierType }
        optional {
            subtype: String,
            number: String,
            /// Sort code, routing number, BSB, …
            bank_code: String,
            iban: String,
            bic: String,
            masked_account_number: String,
        }
    }
}

choice! { IdentifierType { Account, Card, Credit, Depository, Investment, Loan, Other } }

model! {
    Institution {
        optional { id: String, name: String }
    }
}

model! {
    /// One account's balance at one time. The contract gives it no id.
    AccountBalance {
        required { account_id: String, balance: Balance, date: Timestamp }
        optional { source_modified_date: Timestamp }
    }
}

model! {
    TransactionCategory {
        required { id: String, name: String, status: TransactionCategoryStatus }
        optional { parent_id: String, has_children: bool, source_modified_date: Timestamp }
    }
}

choice! { TransactionCategoryStatus { Unknown, Active, Archived } }

model! {
    Transaction {
        required {
            id: String,
            account_id: String,
            /// Above zero is money in, below zero money out.
            amount: Money,
            code: TransactionCode,
        }
        optional {
            description: String,
            currency: String,
            posted_date: Timestamp,
            authorized_date: Timestamp,
            merchant_name: String,
            transaction_category_ref: TransactionCategoryRef,
            source_modified_date: Timestamp,
        }
    }
}

choice! {
    TransactionCode {
        Unknown, Fee, Payment, Cash, Transfer, Interest, Cashback, Cheque, DirectDebit, Purchase,
        StandingOrder, Adjustment, Credit, Other, NotSupported,
    }
}

model! {
    TransactionCategoryRef {
        required { id: String }
        optional { name: String }
    }
}
