//! The contract's data types by their keys.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What kind of platform a connection leads to.
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
        [Self::Accounting, Self::Banking, Self::Commerce]
            .into_iter()
            .find(|source| source.as_str() == text)
            .ok_or_else(|| UnknownKey(text.to_owned()))
    }
}

/// A key that names no data type (or source type) of the contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of the contract's keys")]
pub struct UnknownKey(pub String);

macro_rules! data_types {
    ($($source:ident { $($variant:ident = $key:literal),+ $(,)? })+) => {
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
        }
    };
}

data_types! {
    Accounting {
        AccountTransactions = "accountTransactions",
        BalanceSheet = "balanceSheet",
        BankAccounts = "bankAccounts",
        BankTransactions = "bankTransactions",
        BillCreditNotes = "billCreditNotes",
        BillPayments = "billPayments",
        Bills = "bills",
        CashFlowStatement = "cashFlowStatement",
        ChartOfAccounts = "chartOfAccounts",
        Company = "company",
        CreditNotes = "creditNotes",
        Customers = "customers",
        DirectCosts = "directCosts",
        DirectIncomes = "directIncomes",
        Invoices = "invoices",
        ItemReceipts = "itemReceipts",
        Items = "items",
        JournalEntries = "journalEntries",
        Journals = "journals",
        PaymentMethods = "paymentMethods",
        Payments = "payments",
        ProfitAndLoss = "profitAndLoss",
        PurchaseOrders = "purchaseOrders",
        SalesOrders = "salesOrders",
        Suppliers = "suppliers",
        TaxRates = "taxRates",
        TrackingCategories = "trackingCategories",
        Transfers = "transfers",
    }
    Banking {
        BankingAccountBalances = "banking-accountBalances",
        BankingAccounts = "banking-accounts",
        BankingTransactionCategories = "banking-transactionCategories",
        BankingTransactions = "banking-transactions",
    }
    Commerce {
        CommerceCompanyInfo = "commerce-companyInfo",
        CommerceCustomers = "commerce-customers",
        CommerceDisputes = "commerce-disputes",
        CommerceLocations = "commerce-locations",
        CommerceOrders = "commerce-orders",
        CommercePaymentMethods = "commerce-paymentMethods",
        CommercePayments = "commerce-payments",
        CommerceProductCategories = "commerce-productCategories",
        CommerceProducts = "commerce-products",
        CommerceTaxComponents = "commerce-taxComponents",
        CommerceTransactions = "commerce-transactions",
    }
}

impl DataType {
    /// True for the monthly statements, whose stored record is one month and which are composed on reading.
    pub const fn is_statement(self) -> bool {
        matches!(
            self,
            Self::BalanceSheet | Self::ProfitAndLoss | Self::CashFlowStatement
        )
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
            .ok_or_else(|| UnknownKey(key.to_owned()))
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
}
