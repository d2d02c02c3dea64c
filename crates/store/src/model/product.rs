//! Products: what a client uses a company's data for, and which data types that takes.

use ::records::{DataType, SourceType};

use super::sync_setting::types_of;

/// A product that a company can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Lower-case letters, digits and hyphens.
    pub id: String,
    pub name: String,
    /// The data types that refreshing it pulls; none if it cannot be refreshed.
    pub data_types: Vec<DataType>,
}

/// The products of every installation: identifier, name and the kinds of platforms that they read.
const STANDARD: &[(&str, &str, &[SourceType])] = &[
    ("accounting", "Accounting", &[SourceType::Accounting]),
    ("banking", "Banking", &[SourceType::Banking]),
    ("bank-feeds", "Bank Feeds", &[]),
    ("commerce", "Commerce", &[SourceType::Commerce]),
    ("expenses", "Expenses", &[]),
    ("expenses-v1", "Expenses V1", &[]),
    (
        "lending",
        "Lending",
        &[
            SourceType::Accounting,
            SourceType::Banking,
            SourceType::Commerce,
        ],
    ),
    ("payables", "Payables", &[]),
    ("payables-v2", "Payables V2", &[]),
    ("spend-insights", "Spend Insights", &[]),
];

impl Product {
    pub fn standard() -> impl Iterator<Item = Self> {
        STANDARD.iter().map(|(id, name, sources)| Self {
            id: (*id).to_owned(),
            name: (*name).to_owned(),
            data_types: sources.iter().copied().flat_map(types_of).collect(),
        })
    }

    /// True if text can be a product's identifier.
    pub fn is_id(text: &str) -> bool {
        (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    }
}
