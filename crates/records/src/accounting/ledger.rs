//! Accounts and the entries posted to them.

use super::Metadata;
use crate::model::{choice, model};
use crate::{Money, Timestamp};

model! {
    /// An account of the chart of accounts.
    Account {
        required { id: String, r#type: AccountType, status: AccountStatus, is_bank_account: bool }
        optional {
            nominal_code: String,
            name: String,
            description: String,
            /// The path of its category, joined by dots, such as `Liability.Current`.
            fully_qualified_category: String,
            fully_qualified_name: String,
            currency: String,
            current_balance: Money,
            valid_datatype_links: Vec<ValidDataTypeLink>,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { AccountType { Unknown, Asset, Expense, Income, Liability, Equity } }
choice! { AccountStatus { Unknown, Active, Archived, Pending } }

model! {
    /// The types of record that a reference may point to.
    ValidDataTypeLink {
        optional { property: String, links: Vec<String> }
    }
}

model! {
    AccountRef {
        required { id: String }
        optional { name: String }
    }
}

model! {
    BankAccount {
        required { id: String, account_type: BankAccountType, status: AccountStatus }
        optional {
            account_name: String,
            nominal_code: String,
            sort_code: String,
            account_number: String,
            i_ban: String,
            currency: String,
            /// Below zero if money is owed.
            balance: Money,
            institution: String,
            available_balance: Money,
            /// Always positive.
            overdraft_limit: Money,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { BankAccountType { Unknown, Credit, Debit } }

model! {
    /// A line of a bank statement as the accounting platform knows it.
    BankTransaction {
        required {
            id: String,
            /// Above zero is money in, below zero money out.
            amount: Money,
            reconciled: bool,
            transaction_type: BankTransactionType,
        }
        optional {
            account_id: String,
            cleared_on_date: Timestamp,
            description: String,
            /// The account's balance after it.
            balance: Money,
            source_modified_date: Timestamp,
        }
    }
}

choice! {
    BankTransactionType {
        Unknown, Credit, Debit, Int, Div, Fee, SerChg, Dep, Atm, Pos, Xfer, Check, Payment, Cash,
        DirectDep, DirectDebit, RepeatPmt, Other,
    }
}

model! {
    /// A posting to a bank account in the company's books.
    AccountTransaction {
        required {
            id: String,
            status: AccountTransactionStatus,
            /// Above zero is money in, below zero money out.
            total_amount: Money,
        }
        optional {
            transaction_id: String,
            note: String,
            bank_account_ref: BankAccountRef,
            date: Timestamp,
            currency: String,
            currency_rate: Money,
            lines: Vec<AccountTransactionLine>,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { AccountTransactionStatus { Unknown, Unreconciled, Reconciled, Void } }

model! {
    BankAccountRef {
        required { id: String }
        optional { name: String }
    }
}

model! {
    AccountTransactionLine {
        required { amount: Money }
        optional { description: String, record_ref: RecordRef }
    }
}

model! {
    /// The record that something was posted for.
    RecordRef {
        required { id: String, data_type: RecordType }
    }
}

choice! {
    #[serde(rename_all = "camelCase")]
    RecordType {
        BankTransactions,
        BillCreditNotes,
        BillPayments,
        Bills,
        CreditNotes,
        DirectCosts,
        DirectIncomes,
        Invoices,
        JournalEntries,
        Payments,
        Transfers,
    }
}

model! {
    /// A balanced posting to the ledger.
    JournalEntry {
        required { id: String, journal_lines: Vec<JournalLine> }
        optional {
            description: String,
            posted_on: Timestamp,
            created_on: Timestamp,
            updated_on: Timestamp,
            journal_ref: JournalRef,
            record_ref: RecordRef,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

model! {
    JournalRef {
        required { id: String }
        optional { name: String }
    }
}

model! {
    JournalLine {
        required {
            /// Above zero is a debit, below zero a credit.
            net_amount: Money,
        }
        optional {
            description: String,
            /// In the currency of the transaction, if that is another.
            transaction_amount: Money,
            currency: String,
            transaction_currency: String,
            account_ref: AccountRef,
            tracking: JournalLineTracking,
            contact_ref: ContactRef,
        }
    }
}

model! {
    JournalLineTracking {
        optional { record_refs: Vec<TrackingRecordRef> }
    }
}

model! {
    TrackingRecordRef {
        required { id: String, data_type: TrackingRecordType }
    }
}

choice! {
    #[serde(rename_all = "camelCase")]
    TrackingRecordType { Customers, Suppliers, TrackingCategories }
}

model! {
    ContactRef {
        required { id: String }
        optional { data_type: ContactType }
    }
}

choice! {
    #[serde(rename_all = "camelCase")]
    ContactType { Customers, Suppliers }
}

model! {
    /// A book that entries are posted in, such as that of sales.
    Journal {
        required { id: String, has_children: bool, status: JournalStatus }
        optional {
            journal_code: String,
            name: String,
            r#type: String,
            parent_id: String,
            created_on: Timestamp,
            metadata: Metadata,
            source_modified_date: Timestamp,
        }
    }
}

choice! { JournalStatus { Unknown, Active, Archived } }

model! {
    /// A heading of the company's own under which its records are counted. Its parents are headings, too.
    TrackingCategory {
        required { id: String, has_children: bool, status: TrackingCategoryStatus }
        optional { name: String, parent_id: String, source_modified_date: Timestamp }
    }
}

choice! { TrackingCategoryStatus { Unknown, Active, Archived } }
