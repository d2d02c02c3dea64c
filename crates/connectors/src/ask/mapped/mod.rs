//! Standard records from a platform's page.

mod apart;

use std::collections::HashSet;

use records::{DataType, Record};

use super::json;
use super::page::{Cut, Page};
use super::presentable::presentable;
use crate::described::integration::Integration;
use crate::map::{self, Failure};
pub use apart::{Apart, Candidate};

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
    /// The platform's records that can't be read, in their order.
    pub set_aside: Vec<SetAside>,
}

impl MappedPage {
    /// The page, if all of it can be read.
    ///
    /// # Errors
    /// The first refusal.
    pub fn whole(self) -> Result<Self, MapError> {
        let mut refusals = self.set_aside.iter().flat_map(|one| &one.refusals);
        match refusals.next().cloned() {
            Some(refusal) => Err(refusal),
            None => Ok(self),
        }
    }
}

/// A record of the platform's that can't be read, or not all of it. Those beside it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Its number on the page, from 0.
    pub index: usize,
    /// The reasons, one for each standard record that it would have become; at least one.
    pub refusals: Vec<MapError>,
    /// The ids of the standard records that it would have become; none if they aren't known.
    pub ids: Vec<String>,
    /// The number that people know it by, such as an invoice's.
    pub number: Option<String>,
    /// The record as the platform sent it, as JSON. Empty if it didn't come whole.
    pub raw: String,
}

impl Cut {
    fn set_aside(&self, refused: impl FnOnce(Failure) -> MapError, index: usize) -> SetAside {
        let rows = self.rows;
        let failure = Failure::new(format!(
            "it has at least {rows} rows, more than can be read together"
        ));
        SetAside {
            index,
            refusals: vec![refused(failure)],
            ids: Vec::new(),
            number: map::value(&self.first).ok().as_ref().and_then(map::number),
            raw: String::new(),
        }
    }
}

/// A record, or a page, that the map or the model refused.
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
    /// Maps and validates a page, all of it or nothing: for trials of maps. A map makes no, one or several records of each of the
    /// platform's. This keeps a processor busy without a pause: call it off the async threads.
    ///
    /// # Errors
    /// The first record that can't be read, or the page.
    pub fn map_page(&self, data_type: DataType, page: &Page) -> Result<MappedPage, MapError> {
        self.map_readable(data_type, page)?.whole()
    }

    /// The same for a pull: records that can't be read are set aside, and those beside them are used.
    ///
    /// # Errors
    /// The page isn't the platform's form at all.
    pub fn map_readable(&self, data_type: DataType, page: &Page) -> Result<MappedPage, MapError> {
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

    /// The same for a page whose records stand apart, without those of these numbers.
    ///
    /// # Errors
    /// As of [`Self::map_readable`].
    pub fn map_apart(
        &self,
        data_type: DataType,
        page: &Page,
        apart: &Apart,
        but: &HashSet<usize>,
    ) -> Result<MappedPage, MapError> {
        let refused = |index, failure| refused(data_type, index, failure);
        let lists = self.data.get(&data_type);
        let Some(list) = lists.and_then(|lists| lists.get(page.list)) else {
            let failure = Failure::new("the integration does not offer this data type");
            return Err(refused(0, failure));
        };
        let lookup = map::object(&page.lookups).map_err(|f| refused(0, f))?;
        let mut mapped = MappedPage::default();
        // Records that became one standard record, and nothing else.
        let mut singles: Vec<(map::Val, String)> = Vec::new();
        let mut unread: Vec<Option<map::Val>> = Vec::new();
        for (index, item) in apart.items.iter().enumerate() {
            if but.contains(&index) {
                continue;
            }
            let value = match map::value(&item.raw) {
                Ok(value) => value,
                Err(failure) => {
                    mapped.set_aside.push(SetAside {
                        index,
                        ids: Vec::new(),
                        number: None,
                        raw: String::from_utf8_lossy(&item.raw).into_owned(),
                        refusals: vec![refused(index, failure)],
                    });
                    unread.push(None);
                    continue;
                }
            };
            let before = mapped.made();
            let mut refusals = Vec::new();
            for output in list.map.run_with(value.clone(), lookup.clone()) {
                match read(data_type, output) {
                    Ok(Output::Gone(id)) => mapped.gone.push(id),
                    Ok(Output::Record(record, warnings)) => {
                        mapped.add(index, *record, warnings);
                    }
                    Err(failure) => refusals.push(refused(index, failure)),
                }
            }
            if !refusals.is_empty() {
                mapped.set_aside.push(SetAside {
                    index,
                    ids: Vec::new(),
                    number: map::number(&value),
                    raw: value.to_string(),
                    refusals,
                });
                unread.push(Some(value));
            } else if mapped.made() == (before.0 + 1, before.1)
                && let Some(record) = mapped.records.last_mut()
            {
                // A warning belongs to each pull that meets its record.
                let quiet = mapped
                    .warnings
                    .last()
                    .is_none_or(|last| last.id != record.id);
                record.source = item.source.filter(|_| quiet);
                if singles.len() <= map::COMPARED {
                    singles.push((value, record.id.clone()));
                }
            }
        }
        let one_each = mapped.items.windows(2).all(|pair| pair[0] != pair[1]);
        let pairs: Vec<(&map::Val, &str)> = singles
            .iter()
            .map(|(value, id)| (value, id.as_str()))
            .collect();
        let found = || map::place_of_ids(&pairs).filter(|_| one_each);
        if pairs.len() > 1
            && list.place.get().is_none()
            && let Some(place) = found()
        {
            list.place.learn(place);
        }
        if let Some(cut) = &page.cut {
            let index = apart.items.len();
            mapped
                .set_aside
                .push(cut.set_aside(|failure| refused(index, failure), index));
            unread.push(map::value(&cut.first).ok());
        }
        if !mapped.set_aside.is_empty() {
            let known = || list.place.get().filter(|_| one_each).map(<[_]>::to_vec);
            let place = found().or_else(known);
            mapped.name_those_set_aside(&unread, place.as_deref());
        }
        Ok(mapped)
    }

    /// A page of records that were set aside, as the list would bring them. None if there is no such list any more.
    pub fn page_of(&self, data_type: DataType, list: usize, raw: &[&str]) -> Option<Page> {
        let path = &self.data.get(&data_type)?.get(list)?.items;
        let body = json::wrapped(path, format!("[{}]", raw.join(",")));
        Some(Page {
            body: body.into(),
            list,
            ..Page::default()
        })
    }

    /// The same for records at another path of the body, and absent or not.
    pub(crate) fn map_page_at(
        &self,
        data_type: DataType,
        page: &Page,
        (path, may_be_absent): (&str, bool),
    ) -> Result<MappedPage, MapError> {
        let refused = |failure| refused(data_type, 0, failure);
        let lists = self.data.get(&data_type);
        let Some(list) = lists.and_then(|lists| lists.get(page.list)) else {
            let failure = Failure::new("the integration does not offer this data type");
            return Err(refused(failure));
        };
        let records = match list.records_of(&page.body, path).map_err(refused)? {
            Some(records) => records,
            None if may_be_absent => Vec::new(),
            None => {
                let failure = Failure::new(format!("the page has nothing at `{path}`"));
                return Err(refused(failure));
            }
        };
        let apart = Apart::without_digests(records);
        self.map_apart(data_type, page, &apart, &HashSet::new())
    }
}

fn refused(data_type: DataType, index: usize, failure: Failure) -> MapError {
    MapError {
        data_type: data_type.to_string(),
        index,
        id: failure.id,
        message: presentable(&failure.message, &[]),
    }
}

/// One output of a map.
enum Output {
    Gone(String),
    Record(Box<Record>, Vec<String>),
}

fn read(data_type: DataType, output: Result<map::Val, Failure>) -> Result<Output, Failure> {
    let output = output?;
    if let Some(id) = map::gone(&output) {
        return Ok(Output::Gone(id.to_owned()));
    }
    let (record, warnings) = map::record(data_type, &output)?;
    Ok(Output::Record(Box::new(record), warnings))
}

impl MappedPage {
    fn add(&mut self, index: usize, record: Record, warnings: Vec<String>) {
        let warning = |rule, message| Warning {
            id: record.id.clone(),
            rule,
            message,
        };
        let in_part = |message| warning(READ_IN_PART, message);
        self.warnings.extend(warnings.into_iter().map(in_part));
        let breaches = record.breaches.iter();
        self.warnings
            .extend(breaches.map(|breach| warning(breach.rule, breach.message.clone())));
        self.records.push(record);
        self.items.push(index);
    }

    /// The numbers of the records and of the deletions so far.
    fn made(&self) -> (usize, usize) {
        (self.records.len(), self.gone.len())
    }

    /// Finds the ids of those set aside: the map's own if it got as far, else the value at the place where the records beside
    /// it, each of which became one standard record, have theirs.
    fn name_those_set_aside(&mut self, unread: &[Option<map::Val>], place: Option<&[String]>) {
        for (one, value) in self.set_aside.iter_mut().zip(unread) {
            let own: Option<Vec<String>> = one
                .refusals
                .iter()
                .map(|refusal| refusal.id.clone())
                .collect();
            if let Some(mut ids) = own {
                ids.dedup();
                one.ids = ids;
                continue;
            }
            let found = place.and_then(|place| match value {
                Some(value) => map::scalar_at(value, place),
                None => apart::id_at(one.raw.as_bytes(), place),
            });
            if let Some(id) = found {
                for refusal in &mut one.refusals {
                    refusal.id.get_or_insert_with(|| id.clone());
                }
                one.ids = vec![id];
            }
        }
    }
}
