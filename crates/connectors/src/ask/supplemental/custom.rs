//! Data types of a client's own, beside the standard ones.

use std::collections::BTreeMap;

use egress::{Door, HeaderMap};
use records::{Document, Record};
use serde::{Deserialize, Serialize};
use url::Url;

use super::paths::{fields, records, select, time};
use crate::ask::errors::FetchError;
use crate::ask::fetch::PageContext;
use crate::ask::json::{self, plain};
use crate::ask::mapped::{MapError, MappedPage, SetAside};
use crate::ask::page::{Cursor, Page};
use crate::ask::send::{Access, fill_url, same_origin};
use crate::described::integration::Integration;
use crate::described::manifest::{Paging, ReadMethod};

/// A data type of a client's own, as the client configures it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomData {
    /// An address below the platform's API, with or without a query: `/reports/CashFlow?year=2026`.
    pub data_source: String,
    /// The paths of values, by the client's names.
    #[serde(default)]
    pub required_data: BTreeMap<String, String>,
    /// The paths whose values make a record's id.
    pub key_by: Vec<String>,
    /// Paths of the time at which the platform last changed a record; the first that holds one counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_modified_date: Option<Vec<String>>,
}

/// The reading of an address's answers.
struct List<'a> {
    paging: &'a Paging,
    items: &'a str,
}

const WHOLE: List<'static> = List {
    paging: &Paging::None { full: None },
    items: "",
};

impl Integration {
    /// Fetches a page of a client's own data type.
    pub async fn fetch_custom(
        &self,
        door: &Door,
        access: &Access<'_>,
        config: &CustomData,
        cursor: Option<&Cursor>,
    ) -> Result<Page, FetchError> {
        let mut url = self.address_below(access.variables, &config.data_source)?;
        let list = self.list_read_at(access.variables, &url);
        if let (Paging::Link { .. }, Some(Cursor(link))) = (list.paging, cursor) {
            url = same_origin(&url, link)?;
        } else {
            // A parameter that the client gives itself isn't sent twice.
            let given: Vec<String> = url.query_pairs().map(|pair| pair.0.into_owned()).collect();
            let pairs: Vec<_> = list
                .paging
                .pairs(cursor.map(|Cursor(page)| page.as_str()))
                .into_iter()
                .filter(|(name, _)| !given.iter().any(|given| given == name))
                .map(|(name, value)| (name, plain(&value)))
                .collect();
            if !pairs.is_empty() {
                url.query_pairs_mut().extend_pairs(pairs);
            }
        }
        let (body, remaining) = self
            .get(door, access, url.clone(), HeaderMap::new())
            .await?;
        let found = json::at(&body, list.items)
            .map_err(|_| FetchError::Malformed("it is not JSON".to_owned()))?;
        if found.is_none() {
            // Not a list as the platform's usually are: the answer is one record.
            return Ok(Page {
                body,
                remaining,
                ..Page::default()
            });
        }
        let found = PageContext {
            paging: list.paging,
            items: list.items,
            may_be_absent: false,
            earliest: None,
            fold: &[],
            url,
            page: cursor.map(|Cursor(page)| page.as_str()),
            known: access.variables,
        }
        .read(&body)?;
        Ok(Page {
            body,
            next: found.next.map(Cursor),
            total: found.total,
            remaining,
            ..Page::default()
        })
    }

    /// The records of such a page; those without an id are set aside. This keeps a processor busy: call it off the async threads.
    pub fn map_custom(
        &self,
        variables: &BTreeMap<String, String>,
        name: &str,
        config: &CustomData,
        page: &Page,
    ) -> Result<MappedPage, MapError> {
        let refused = |index, message: &str| MapError {
            data_type: name.to_owned(),
            index,
            id: None,
            message: message.to_owned(),
        };
        let url = self.address_below(variables, &config.data_source);
        let url = url.map_err(|error| refused(0, &error.to_string()))?;
        let items = self.list_read_at(variables, &url).items;
        let mut mapped = MappedPage::default();
        for (index, record) in records(&page.body, items)
            .ok_or_else(|| refused(0, "the page is not JSON"))?
            .into_iter()
            .enumerate()
        {
            let parts: Option<Vec<String>> = config
                .key_by
                .iter()
                .map(|path| {
                    select(record, path)
                        .first()
                        .and_then(|value| json::scalar(value))
                })
                .collect();
            let id = parts.map(|parts| parts.join(":")).unwrap_or_default();
            if id.is_empty() {
                let message = format!(
                    "the record has nothing at keyBy {}",
                    config.key_by.join(", ")
                );
                mapped.set_aside.push(SetAside {
                    index,
                    refusals: vec![refused(index, &message)],
                    ids: Vec::new(),
                    number: None,
                    raw: record.get().to_owned(),
                });
                continue;
            }
            let dates = config.source_modified_date.iter().flatten();
            let modified = dates
                .filter_map(|path| select(record, path).first().and_then(|value| time(value)))
                .next();
            let mut document = Document::default();
            document.add("id", &serde_json::Value::from(id.as_str()).to_string());
            document.add("content", &fields(record, &config.required_data));
            mapped.records.push(Record::custom(&id, document, modified));
            mapped.items.push(index);
        }
        Ok(mapped)
    }

    /// The reading of an address: that of the data type which is read from it, if there is exactly one, or else that of the
    /// manifest's `[custom]`.
    fn list_read_at(&self, variables: &BTreeMap<String, String>, url: &Url) -> List<'_> {
        let mut known = self.data.values().flatten().filter(|data| {
            data.method == ReadMethod::Get
                && data.paging.needed_name().is_none()
                && fill_url(&data.url, variables).is_ok_and(|known| known.path() == url.path())
        });
        if let Some(data) = known.next()
            && known.all(|other| other.paging == data.paging && other.items == data.items)
        {
            return List {
                paging: &data.paging,
                items: &data.items,
            };
        }
        match &self.custom {
            Some(list) => List {
                paging: &list.paging,
                items: &list.items,
            },
            None => WHOLE,
        }
    }
}
