//! A page's records apart from each other, as the platform wrote them. Each has a digest of all that its map reads: what is stored
//! from the same needn't be mapped again.

use std::collections::HashSet;

use bytes::Bytes;
use records::{DataType, Source};
use sha2::{Digest as _, Sha256};

use super::super::json;
use super::super::page::Page;
use crate::described::integration::Integration;
use crate::described::list::List;
use crate::map::{self, Failure};

/// A page's records, each with its digest.
#[derive(Debug, Default)]
pub struct Apart {
    pub(super) items: Vec<Item>,
}

/// One of the platform's records.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) raw: Bytes,
    pub(super) source: Option<Source>,
    /// The id of the standard record that it probably becomes; none if it isn't known where the platform's have it.
    id: Option<String>,
}

/// One of the platform's records that may be stored as it would become.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its number on the page, from 0.
    pub index: usize,
    pub id: &'a str,
    pub source: &'a Source,
}

impl Apart {
    /// The records whose ids are known before they are mapped. Of those that stand twice on the page none is.
    pub fn candidates(&self) -> Vec<Candidate<'_>> {
        let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
        for id in self.items.iter().filter_map(|item| item.id.as_deref()) {
            if !seen.insert(id) {
                twice.insert(id);
            }
        }
        self.items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                Some(Candidate {
                    index,
                    id: item.id.as_deref().filter(|id| !twice.contains(id))?,
                    source: item.source.as_ref()?,
                })
            })
            .collect()
    }

    /// Of records that nobody looks for.
    pub(super) fn without_digests(records: Vec<Bytes>) -> Self {
        let items = records.into_iter().map(|raw| Item {
            raw,
            source: None,
            id: None,
        });
        Self {
            items: items.collect(),
        }
    }
}

impl Integration {
    /// True if the platform leaves out of a list what hasn't changed, where that is asked for.
    pub fn lists_changes(&self, data_type: DataType, list: usize) -> bool {
        let lists = self.data.get(&data_type);
        let list = lists.and_then(|lists| lists.get(list));
        list.is_some_and(|list| list.since.is_some())
    }

    /// The records of a page apart. `reading` tells the program's own part of the mapping from that of other versions: a digest
    /// holds it, the map, what was looked up, and the record. This keeps a processor busy: call it off the async threads.
    ///
    /// None if the page isn't the platform's form: mapping it says what is wrong.
    pub fn apart(&self, data_type: DataType, page: &Page, reading: &str) -> Option<Apart> {
        let list = self.data.get(&data_type)?.get(page.list)?;
        if page.body.is_empty() {
            return None;
        }
        let records = list.records_of(&page.body, &list.items).ok()??;
        let mut common = Sha256::new();
        for part in [reading, data_type.as_str()] {
            common.update(part);
            common.update([0]);
        }
        common.update(list.map.digest());
        for (name, value) in &page.lookups {
            for part in [name.as_str(), value.get()] {
                common.update(part.len().to_le_bytes());
                common.update(part);
            }
        }
        let items = records.into_iter().map(|raw| {
            let mut digest = common.clone();
            digest.update(&raw);
            Item {
                source: Some(Source::from(<[u8; 32]>::from(digest.finalize()))),
                id: id_in(list, &raw),
                raw,
            }
        });
        Some(Apart {
            items: items.collect(),
        })
    }
}

impl List {
    /// The records of a body apart, at a path; rows that are one record together, in an array. None if there is nothing at the path.
    pub(super) fn records_of(
        &self,
        body: &Bytes,
        path: &str,
    ) -> Result<Option<Vec<Bytes>>, Failure> {
        map::check_length(body)?;
        let not_json = |json::NotJson| Failure::new("the page is not JSON");
        let Some(found) = json::at(body, path).map_err(not_json)? else {
            return Ok(None);
        };
        let rows = json::each(found);
        Ok(Some(if self.fold.is_empty() {
            let rows = rows.into_iter();
            rows.map(|row| body.slice_ref(row.get().as_bytes()))
                .collect()
        } else {
            let groups = json::groups(rows, &self.fold);
            let groups = groups.iter().map(|rows| Bytes::from(json::listed(rows)));
            groups.collect()
        }))
    }
}

/// The id that the standard record will probably have.
fn id_in(list: &List, raw: &[u8]) -> Option<String> {
    id_at(raw, list.place.get()?)
}

/// The text or number at a place of a record, which needn't be one that can be mapped.
pub(super) fn id_at(raw: &[u8], place: &[String]) -> Option<String> {
    json::scalar_below(raw, place).filter(|id| !id.is_empty())
}
