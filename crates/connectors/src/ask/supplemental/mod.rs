//! Supplemental data: further fields of standard records, and data types of a client's own.
//!
//! Both name an address below the platform's API and members of its records by paths: `$.Header.Time`, `$.Lines[*].Id`,
//! `$[*].id` (the record itself), or plainly `Header.Time`. Values are taken as the platform wrote them, to the last digit.

pub(crate) mod custom;
mod paths;

use std::collections::BTreeMap;

use bytes::Bytes;
use egress::{Door, HeaderMap};
use records::DataType;
use serde::{Deserialize, Serialize};
use url::Url;

use self::paths::{fields, nothing, records};
use super::errors::FetchError;
use super::json;
use super::mapped::MappedPage;
use super::page::{Page, Remaining};
use super::send::{Access, fill_url};
use crate::described::integration::Integration;

/// Further fields of a standard data type's records, by the names that a client gives to groups of them.
pub type SupplementalData = BTreeMap<String, Supplement>;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Supplement {
    /// An address below the platform's API. If it is the one that the data type is read from, or absent, the fields are those
    /// of the record that comes anyway; else `<dataSource>/<id>` is requested for each record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<String>,
    /// The client's names, and the paths in the platform's record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_data: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_data: Option<BTreeMap<String, String>>,
}

impl Integration {
    /// True if the fields to add stand in the platform's records as they come.
    pub fn comes_with(
        &self,
        variables: &BTreeMap<String, String>,
        data_type: DataType,
        added: &Supplement,
    ) -> bool {
        let Some(source) = added
            .data_source
            .as_deref()
            .filter(|source| !source.trim().is_empty())
        else {
            return true;
        };
        let Ok(place) = self.address_below(variables, source) else {
            return false;
        };
        let lists = self.data.get(&data_type).into_iter().flatten();
        lists
            .filter_map(|list| fill_url(&list.url, variables).ok())
            .any(|own| own.path() == place.path())
    }

    /// Fetches the source of supplemental data, or below it the record `id`: None if the platform has nothing there. Also
    /// gives the number of requests left.
    pub async fn fetch_supplement(
        &self,
        door: &Door,
        access: &Access<'_>,
        source: &str,
        id: Option<&str>,
    ) -> Result<(Option<Bytes>, Remaining), FetchError> {
        let nothing = (None, Remaining::default());
        let mut url = match self.address_below(access.variables, source) {
            Ok(url) => url,
            Err(_) => return Ok(nothing),
        };
        if let (Some(id), Ok(mut segments)) = (id, url.path_segments_mut()) {
            segments.pop_if_empty().push(id);
        }
        match self.get(door, access, url, HeaderMap::new()).await {
            Ok((body, remaining)) => Ok((Some(body), remaining)),
            Err(
                FetchError::Refused { .. }
                | FetchError::Forbidden(_)
                | FetchError::NotOffered(_)
                | FetchError::Malformed(_),
            ) => Ok(nothing),
            Err(error) => Err(error),
        }
    }

    /// Adds `supplementalData` to the records of a page. `fetched` holds the answers by source and record id; a value that
    /// isn't there is null. Deleted records stay as they are.
    pub fn supplement(
        &self,
        access: &Access<'_>,
        data_type: DataType,
        page: &Page,
        mapped: &mut MappedPage,
        config: &SupplementalData,
        fetched: &BTreeMap<(String, String), Bytes>,
    ) {
        let lists = self.data.get(&data_type);
        let list = lists.and_then(|lists| lists.get(page.list));
        let items = list.map_or("", |list| &list.items);
        let mut sources = records(&page.body, items).unwrap_or_default();
        if let Some(list) = list
            && !list.fold.is_empty()
        {
            // The first row stands for its record.
            let groups = json::groups(sources, &list.fold);
            sources = groups
                .iter()
                .filter_map(|rows| rows.first().copied())
                .collect();
        }
        let answer = self.custom.as_ref().map_or("", |list| &list.items);
        let with_items = mapped.records.iter_mut().zip(&mapped.items);
        for (record, item) in with_items.filter(|(record, _)| !record.deleted) {
            let groups: Vec<String> = config
                .iter()
                .filter_map(|(group, added)| {
                    let pulled = added.pull_data.as_ref()?;
                    let own = self.comes_with(access.variables, data_type, added);
                    let found = if own {
                        sources.get(*item).map(|source| fields(source, pulled))
                    } else {
                        let source = added.data_source.clone().unwrap_or_default();
                        let body = fetched.get(&(source, record.id.clone()));
                        body.and_then(|body| records(body, answer))
                            .and_then(|found| found.first().map(|source| fields(source, pulled)))
                    };
                    let found = found.unwrap_or_else(|| nothing(pulled));
                    Some(format!(
                        "{}:{found}",
                        serde_json::Value::from(group.as_str())
                    ))
                })
                .collect();
            if !groups.is_empty() {
                let content = format!("{{\"content\":{{{}}}}}", groups.join(","));
                record.document.add("supplementalData", &content);
            }
        }
    }

    /// The address that a client names, which must stay below the platform's API.
    pub(super) fn address_below(
        &self,
        variables: &BTreeMap<String, String>,
        source: &str,
    ) -> Result<Url, FetchError> {
        let refused = || FetchError::NoSuchPlace(source.chars().take(100).collect());
        let base = fill_url(&self.api.base, variables)?;
        let root = base.path().trim_end_matches('/').to_owned();
        let source = source.trim();
        if source.contains("://") || source.starts_with("//") || source.contains(['\\', '#']) {
            return Err(refused());
        }
        let below = source.trim_start_matches('/');
        // A source may repeat the API's own path, as the platform's documentation writes it.
        let below = below
            .strip_prefix(root.trim_start_matches('/'))
            .filter(|rest| !root.is_empty() && rest.starts_with('/'))
            .unwrap_or(below)
            .trim_start_matches('/');
        let text = format!("{}/{below}", base.as_str().trim_end_matches('/'));
        let url = Url::parse(&text).map_err(|_| refused())?;
        let within = url.origin() == base.origin() && url.path().starts_with(&format!("{root}/"));
        if within { Ok(url) } else { Err(refused()) }
    }
}
