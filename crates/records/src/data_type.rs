//! The contract's data types by their keys.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::accounting::{self, Metadata, statements};
use crate::record::sums::{Breach, Sums};
use crate::record::{Model, WithModel};
use crate::schema::{Described, Schemas};
use crate::{Timestamp, banking, commerce};

/// The kind of platform that a connection leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SourceType {
    Accounting,
    Banking,
    Commerce,
}

impl SourceType {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accounting => "Accounting",
            Self::Banking => "Banking",
            Self::Commerce => "Commerce",
        }
    }
}

impl fmt::Display for SourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SourceType {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let all = [Self::Accounting, Self::Banking, Self::Commerce];
        all.into_iter()
            .find(|source| source.as_str() == text)
            .ok_or_else(|| UnknownKey::new("source type", text, all.iter().map(|one| one.as_str())))
    }
}

/// A key that the contract does not have, with those that it has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} `{key}`; valid values: {valid}")]
pub struct UnknownKey {
    kind: &'static str,
    key: String,
    valid: String,
}

impl UnknownKey {
    fn new(kind: &'static str, key: &str, valid: impl Iterator<Item = &'static str>) -> Self {
        Self {
            kind,
            key: key.to_owned(),
            valid: valid.collect::<Vec<_>>().join(", "),
        }
    }
}

macro_rules! data_types {
    ($($source:ident { $(
        $variant:ident = $key:literal: $model:ty[$id:ident $($fact:ident)*] $(, composed into $composed:ty)?;
    )+ })+) => {
        /// One of the 43 data types that the contract names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DataType {
            $($($variant,)+)+
        }

        impl DataType {
            /// Every data type: accounting, then banking, then commerce, each in the contract's (alphabetical) order.
            pub const ALL: &'static [DataType] = &[$($(DataType::$variant,)+)+];

            /// The key on the wire, such as `chartOfAccounts` or `commerce-orders`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($(Self::$variant => $key,)+)+
                }
            }

            /// The kind of platform that has this data.
            pub const fn source_type(self) -> SourceType {
                match self {
                    $($(Self::$variant)|+ => SourceType::$source,)+
                }
            }

            /// True for the monthly statements, whose stored record is one month and which are composed on reading.
            pub const fn is_statement(self) -> bool {
                match self {
                    $($(Self::$variant => data_types!(@statement $($composed)?),)+)+
                }
            }

            /// Does `work` with the model of the stored record.
            pub(crate) fn with_model<W: WithModel>(self, work: W) -> W::Out {
                match self {
                    $($(Self::$variant => work.with::<$model>(),)+)+
                }
            }

            /// The schema of the answer that clients read.
            pub(crate) fn describe_answer(self, schemas: &mut Schemas) -> serde_json::Value {
                match self {
                    $($(Self::$variant => data_types!(@answer $model $(, $composed)?)(schemas),)+)+
                }
            }
        }

        $($(impl Model for $model {
            data_types! { @$id }
            $(data_types! { @$fact })*
        })+)+
    };
    (@statement) => { false };
    (@statement $composed:ty) => { true };
    (@answer $model:ty) => { <$model as Described>::describe };
    (@answer $model:ty, $composed:ty) => { <$composed as Described>::describe };
    (@id) => {
        fn record_id(&self, _: DataType) -> String {
            self.id.clone()
        }
    };
    (@key) => {
        fn record_id(&self, data_type: DataType) -> String {
            data_type.as_str().to_owned()
        }
    };
    (@month) => {
        fn record_id(&self, _: DataType) -> String {
            self.month.to_string()
        }
    };
    (@account_and_date) => {
        fn record_id(&self, _: DataType) -> String {
            format!("{}:{}", self.account_id, self.date)
        }
    };
    (@modified) => {
        fn take_modified(&mut self) -> Option<Timestamp> {
            self.source_modified_date.take()
        }
    };
    (@sums) => {
        fn breaches(&self) -> Vec<Breach> {
            Sums::breaches(self)
        }
    };
    (@metadata) => {
        fn take_metadata(&mut self) -> Option<Metadata> {
            self.metadata.take()
        }
    };
}

// A row is all that this crate knows of a data type: variant, key, model; in brackets, what makes the record's id, then
// `modified` if the model has a `sourceModifiedDate`, `metadata` if it has one, and `sums` if some have to hold in it. A
// month that is `composed into` something is a statement. A new data type is a row here and its model; a `match` elsewhere
// that lacks it doesn't compile.
data_types! {
    Accounting {
        AccountTransactions = "accountTransactions": accounting::AccountTransaction[id modified metadata sums];
        BalanceSheet = "balanceSheet": statements::BalanceSheetMonth[month sums], composed into statements::BalanceSheet;
        BankAccounts = "bankAccounts": accounting::BankAccount[id modified metadata];
        BankTransactions = "bankTransactions": accounting::BankTransaction[id modified];
        BillCreditNotes = "billCreditNotes": accounting::BillCreditNote[id modified metadata sums];
        BillPayments = "billPayments": accounting::BillPayment[id modified metadata sums];
        Bills = "bills": accounting::Bill[id modified metadata sums];
        CashFlowStatement = "cashFlowStatement": statements::CashFlowMonth[month sums], composed into statements::CashFlowStatement;
        ChartOfAccounts = "chartOfAccounts": accounting::Account[id modified metadata];
        Company = "company": accounting::CompanyInfo[key];
        CreditNotes = "creditNotes": accounting::CreditNote[id modified metadata sums];
        Customers = "customers": accounting::Customer[id modified metadata];
        DirectCosts = "directCosts": accounting::DirectCost[id modified metadata sums];
        DirectIncomes = "directIncomes": accounting::DirectIncome[id modified metadata sums];
        Invoices = "invoices": accounting::Invoice[id modified metadata sums];
        ItemReceipts = "itemReceipts": accounting::ItemReceipt[id modified metadata sums];
        Items = "items": accounting::Item[id modified metadata];
        JournalEntries = "journalEntries": accounting::JournalEntry[id modified metadata sums];
        Journals = "journals": accounting::Journal[id modified metadata];
        PaymentMethods = "paymentMethods": accounting::PaymentMethod[id modified metadata];
        Payments = "payments": accounting::Payment[id modified metadata sums];
        ProfitAndLoss = "profitAndLoss": statements::ProfitAndLossMonth[month sums], composed into statements::ProfitAndLoss;
        PurchaseOrders = "purchaseOrders": accounting::PurchaseOrder[id modified metadata sums];
        SalesOrders = "salesOrders": accounting::SalesOrder[id modified metadata sums];
        Suppliers = "suppliers": accounting::Supplier[id modified metadata];
        TaxRates = "taxRates": accounting::TaxRate[id modified metadata];
        TrackingCategories = "trackingCategories": accounting::TrackingCategory[id modified];
        Transfers = "transfers": accounting::Transfer[id modified metadata sums];
    }
    Banking {
        BankingAccountBalances = "banking-accountBalances": banking::AccountBalance[account_and_date modified];
        BankingAccounts = "banking-accounts": banking::Account[id modified];
        BankingTransactionCategories = "banking-transactionCategories": banking::TransactionCategory[id modified];
        BankingTransactions = "banking-transactions": banking::Transaction[id modified];
    }
    Commerce {
        CommerceCompanyInfo = "commerce-companyInfo": commerce::CompanyInfo[key modified];
        CommerceCustomers = "commerce-customers": commerce::Customer[id modified];
        CommerceDisputes = "commerce-disputes": commerce::Dispute[id modified];
        CommerceLocations = "commerce-locations": commerce::Location[id modified];
        CommerceOrders = "commerce-orders": commerce::Order[id modified sums];
        CommercePaymentMethods = "commerce-paymentMethods": commerce::PaymentMethod[id modified];
        CommercePayments = "commerce-payments": commerce::Payment[id modified];
        CommerceProductCategories = "commerce-productCategories": commerce::ProductCategory[id modified];
        CommerceProducts = "commerce-products": commerce::Product[id];
        CommerceTaxComponents = "commerce-taxComponents": commerce::TaxComponent[id modified];
        CommerceTransactions = "commerce-transactions": commerce::Transaction[id modified];
    }
}

impl DataType {
    /// True for the types of which a connection has one record only.
    pub const fn is_single(self) -> bool {
        matches!(self, Self::Company | Self::CommerceCompanyInfo)
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DataType {
    type Err = UnknownKey;

    fn from_str(key: &str) -> Result<Self, UnknownKey> {
        Self::ALL
            .iter()
            .copied()
            .find(|data_type| data_type.as_str() == key)
            .ok_or_else(|| {
                UnknownKey::new("data type", key, Self::ALL.iter().map(|one| one.as_str()))
            })
    }
}

impl Serialize for DataType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for DataType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = std::borrow::Cow::<str>::deserialize(deserializer)?;
        key.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{DataType, SourceType};

    #[test]
    fn the_contract_names_forty_three_data_types() {
        let of = |source| {
            DataType::ALL
                .iter()
                .filter(|data_type| data_type.source_type() == source)
                .count()
        };
        assert_eq!(of(SourceType::Accounting), 28);
        assert_eq!(of(SourceType::Banking), 4);
        assert_eq!(of(SourceType::Commerce), 11);
    }

    #[test]
    fn a_key_reads_back_as_its_data_type() {
        for data_type in DataType::ALL {
            assert_eq!(data_type.as_str().parse(), Ok(*data_type));
        }
        assert!("Invoices".parse::<DataType>().is_err());
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_valid_ones() {
        let refused = "Invoices".parse::<DataType>().unwrap_err().to_string();
        assert!(
            refused
                .starts_with("unknown data type `Invoices`; valid values: accountTransactions, ")
        );
        assert!(refused.ends_with(", commerce-transactions"));
        assert_eq!(
            "Payroll".parse::<SourceType>().unwrap_err().to_string(),
            "unknown source type `Payroll`; valid values: Accounting, Banking, Commerce"
        );
    }

    #[test]
    fn the_statements_are_the_types_that_are_composed() {
        let statements = [
            DataType::BalanceSheet,
            DataType::CashFlowStatement,
            DataType::ProfitAndLoss,
        ];
        for data_type in DataType::ALL {
            assert_eq!(data_type.is_statement(), statements.contains(data_type));
        }
    }
}
