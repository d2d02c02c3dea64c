//! From a platform's page to standard records.

use chrono::{DateTime, Utc};
use records::DataType;

use crate::fetch::Page;
use crate::integration::Integration;

/// One standard record, ready to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// Unique within its connection and data type; the same each time the same record comes.
    pub id: String,
    /// The record as the contract shows it, without `modifiedDate`, which the store knows.
    pub json: String,
    /// When the platform last changed it.
    pub source_modified: Option<DateTime<Utc>>,
    /// The platform says that it is gone.
    pub deleted: bool,
}

/// Something in a record that could be read only in part, such as an unknown status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub id: String,
    pub message: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappedPage {
    pub records: Vec<Mapped>,
    pub warnings: Vec<Warning>,
}

/// A record that the map or the model refused: no part of its page is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{data_type} record {index}{}: {message}", id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default())]
pub struct MapError {
    pub data_type: DataType,
    /// The place in the page, from 0.
    pub index: usize,
    /// The record's id, where it has come to one.
    pub id: Option<String>,
    pub message: String,
}

impl Integration {
    /// Maps and validates a page. This is work for a processor, without a pause: call it off the async threads.
    pub fn map_page(&self, data_type: DataType, page: &Page) -> Result<MappedPage, MapError> {
        let _ = (data_type, page);
        todo!()
    }
}
