//! Standard records from a platform's page.

use records::{DataType, Record};

use super::page::Page;
use super::presentable::presentable;
use crate::described::integration::Integration;
use crate::map::{self, Failure};

/// Something suspicious in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub id: String,
    /// [`READ_IN_PART`], or the [rule](records::Breach::rule) of a sum that doesn't hold.
    pub rule: &'static str,
    pub message: String,
}

/// The rule of a warning of a record that could be read only in part, such as one with an unknown status.
pub const READ_IN_PART: &str = "mapping";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappedPage {
    pub records: Vec<Record>,
    /// For each of them, the number, from 0, of the platform's record on the page that it was made from.
    pub items: Vec<usize>,
    /// The ids of records that the platform reports as deleted, of which it sends no more.
    pub gone: Vec<String>,
    pub warnings: Vec<Warning>,
}

/// A record that the map or the model refused: no part of its page is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{data_type} record {index}{}: {message}", id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default())]
pub struct MapError {
    /// The data type's key, or the name of a client's own.
    pub data_type: String,
    /// The number of the platform's record on the page, from 0.
    pub index: usize,
    /// The record's id, if the map got as far as that.
    pub id: Option<String>,
    /// At most 300 characters.
    pub message: String,
}

impl Integration {
    /// Maps and validates a page. A map makes no, one or several records of each of the platform's. This keeps a processor
    /// busy without a pause: call it off the async threads.
    pub fn map_page(&self, data_type: DataType, page: &Page) -> Result<MappedPage, MapError> {
        if page.body.is_empty() && self.supports(data_type) {
            return Ok(MappedPage::default());
        }
        let lists = self.data.get(&data_type);
        let items = lists.and_then(|lists| lists.get(page.list)).map(|list| {
            let path = list.items.as_str();
            (path, list.may_be_absent)
        });
        self.map_page_at(data_type, page, items.unwrap_or_default())
    }

    /// The same for records at another path of the body, and absent or not.
    pub(crate) fn map_page_at(
        &self,
        data_type: DataType,
        page: &Page,
        (path, may_be_absent): (&str, bool),
    ) -> Result<MappedPage, MapError> {
        let refused = |index, failure: Failure| MapError {
            data_type: data_type.to_string(),
            index,
            id: failure.id,
            message: presentable(&failure.message, &[]),
        };
        let lists = self.data.get(&data_type);
        let Some(data) = lists.and_then(|lists| lists.get(page.list)) else {
            let failure = Failure::new("the integration does not offer this data type");
            return Err(refused(0, failure));
        };
        let items = map::items(&page.body, path).map_err(|f| refused(0, f))?;
        let items = match items {
            Some(items) => items,
            None if may_be_absent => Vec::new(),
            None => {
                let failure = Failure::new(format!("the page has nothing at `{path}`"));
                return Err(refused(0, failure));
            }
        };
        let lookup = map::object(&page.lookups).map_err(|f| refused(0, f))?;
        let mut mapped = MappedPage::default();
        for (index, item) in items.into_iter().enumerate() {
            for output in data.map.run_with(item, lookup.clone()) {
                let output = output.map_err(|failure| refused(index, failure))?;
                if let Some(id) = map::gone(&output) {
                    mapped.gone.push(id.to_owned());
                    continue;
                }
                let (record, warnings) =
                    map::record(data_type, &output).map_err(|failure| refused(index, failure))?;
                let warning = |rule, message| Warning {
                    id: record.id.clone(),
                    rule,
                    message,
                };
                let in_part = |message| warning(READ_IN_PART, message);
                mapped.warnings.extend(warnings.into_iter().map(in_part));
                let breaches = record.breaches.iter();
                mapped
                    .warnings
                    .extend(breaches.map(|breach| warning(breach.rule, breach.message.clone())));
                mapped.records.push(record);
                mapped.items.push(index);
            }
        }
        Ok(mapped)
    }
}
