//! A platform's answers, kept as they came, and mapped again by maps that were mended: without the platform being asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use connectors::{DataType, Integration, Lookups, MapError, MappedPage, Page};
use egress::Secret;
use records::Record;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::pull::Window;
use crate::app::App;
use crate::change::Change;
use crate::credentials::vault::openings::Purpose;
use crate::credentials::vault::{Place, Row, Sealed, VaultError};
use crate::data::configuration;
use store::StoreError;
use store::connections::Connection;
use store::datasets::Dataset;
use store::model::{Actor, DatasetId, DatasetStatus};
use store::raw_pages::RawPage;

#[derive(Debug, thiserror::Error)]
pub enum RemapError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a kept answer can't be opened: {0}")]
    Sealed(#[from] VaultError),
    #[error("a kept answer can't be read: {0}")]
    Text(#[from] serde_json::Error),
    #[error("{0}")]
    Map(#[from] MapError),
    #[error("a pull of {0} is in progress; try again when it has ended")]
    Running(DataType),
    #[error("mapping stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
    #[error(
        "{0} has supplemental data, which its answers alone don't hold; ask for a pull instead"
    )]
    Supplemental(DataType),
}

/// An answer with what was looked up for it, as it is sealed.
#[derive(Deserialize)]
struct Kept {
    lookups: Lookups,
    body: Box<RawValue>,
}

/// A page as the text that is sealed; none if there is nothing in it.
pub(super) fn as_text(page: &Page) -> Option<String> {
    let body = std::str::from_utf8(&page.body).ok()?;
    let lookups = serde_json::to_string(&page.lookups).ok()?;
    (!body.is_empty()).then(|| format!("{{\"lookups\":{lookups},\"body\":{body}}}"))
}

pub(super) fn sealed(
    app: &App,
    connection: &Connection,
    dataset: &Dataset,
    list: usize,
    text: &str,
    came: DateTime<Utc>,
) -> RawPage {
    let number = dataset.pages;
    let key = key(dataset.id, number);
    let place = place(connection, &dataset.data_type, &key);
    RawPage {
        data_type: dataset.data_type.clone(),
        dataset_id: dataset.id,
        number,
        list: i64::try_from(list).unwrap_or(i64::MAX),
        sealed: app.vault.seal(&Secret::new(text), place).0,
        came,
    }
}

/// The key that a kept answer is sealed to: its pull and its number there.
pub(crate) fn key(dataset: DatasetId, number: i64) -> String {
    format!("{dataset}/{number}")
}

const fn place<'a>(connection: &Connection, data_type: &'a str, key: &'a str) -> Place<'a> {
    Place {
        client: connection.client_id,
        row: Row::Data(connection.id, data_type, key),
        field: "raw_page",
    }
}

/// A record that would change.
#[derive(Debug)]
pub struct Changed {
    pub id: String,
    /// None if the record is new.
    pub members: Option<Vec<Member>>,
}

/// A member that would change, its values as JSON, to the last digit.
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    /// `lineItems[0].unitPrice`
    pub path: String,
    pub stored: Option<String>,
    pub now: Option<String>,
}

/// The parts of a value by their paths: of an object its members, of an array its elements, and the value itself if it has none.
fn parts(path: String, value: &RawValue, found: &mut BTreeMap<String, String>) {
    let text = value.get();
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text)
        && !members.is_empty()
    {
        for (name, member) in members {
            let separator = if path.is_empty() { "" } else { "." };
            parts(format!("{path}{separator}{name}"), member, found);
        }
    } else if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(text)
        && !elements.is_empty()
    {
        for (index, element) in elements.into_iter().enumerate() {
            parts(format!("{path}[{index}]"), element, found);
        }
    } else {
        found.insert(path, text.to_owned());
    }
}

fn compare(stored: &str, now: &str) -> Result<Vec<Member>, serde_json::Error> {
    let read = |text| -> Result<BTreeMap<String, String>, serde_json::Error> {
        let mut found = BTreeMap::new();
        parts(String::new(), serde_json::from_str(text)?, &mut found);
        Ok(found)
    };
    let (stored, now) = (read(stored)?, read(now)?);
    let paths: BTreeSet<&String> = stored.keys().chain(now.keys()).collect();
    Ok(paths
        .into_iter()
        .filter(|path| stored.get(*path) != now.get(*path))
        .map(|path| Member {
            path: path.clone(),
            stored: stored.get(path).cloned(),
            now: now.get(path).cloned(),
        })
        .collect())
}

/// All that maps, as they are now, make of a connection's kept answers of a data type.
#[derive(Debug)]
pub struct Plan {
    pub data_type: DataType,
    pub pages: usize,
    /// Records that would be as they are.
    pub unchanged: usize,
    pub changed: Vec<Changed>,
    /// Records that can't be read.
    pub refused: Vec<MapError>,
    /// The records to write, each with the pull that it came with.
    records: Vec<(DatasetId, Record)>,
    /// The ids of stored records that the maps report as deleted, or make no more.
    gone: Vec<String>,
}

/// All that kept answers become, by the maps as they are now.
#[derive(Default)]
struct Made {
    /// The last form of each record.
    newest: BTreeMap<String, (DatasetId, Record)>,
    gone: BTreeSet<String>,
    /// Records that can't be read stay as they are stored.
    unread: BTreeSet<String>,
    /// It isn't known of one of those which it is.
    is_one_unknown: bool,
    /// The pulls, each with the number of its pages that are kept.
    pulls: Vec<(Dataset, i64)>,
}

impl Made {
    fn add(&mut self, dataset: &Dataset, mapped: MappedPage) {
        let window = Window::of(dataset);
        match self.pulls.last_mut() {
            Some((last, pages)) if last.id == dataset.id => *pages += 1,
            _ => self.pulls.push((dataset.clone(), 1)),
        }
        for id in mapped.gone {
            self.newest.remove(&id);
            self.gone.insert(id);
        }
        for record in mapped.records {
            if window.keeps(&record.id, record.source_modified) {
                self.gone.remove(&record.id);
                self.newest.insert(record.id.clone(), (dataset.id, record));
            }
        }
        for one in mapped.set_aside {
            self.is_one_unknown |= one.ids.is_empty();
            self.unread.extend(one.ids);
        }
    }

    /// True if all that is stored has come with these answers: they begin with a whole pull, and no page is missing. A pull of
    /// everything would find no record then that isn't among them.
    fn is_everything(&self) -> bool {
        let begins_whole = self.pulls.first().is_some_and(|(first, _)| {
            first.since.is_none() && first.status == DatasetStatus::Complete
        });
        begins_whole
            && self.pulls.iter().all(|(pull, pages)| pull.pages == *pages)
            && !self.is_one_unknown
    }
}

/// Maps again what is kept of a connection's answers of a data type.
///
/// # Errors
/// An answer can't be opened or isn't the form that the maps read, or the type has supplemental data.
pub async fn plan(
    app: &App,
    integration: &Arc<Integration>,
    connection: &Connection,
    data_type: DataType,
) -> Result<Plan, RemapError> {
    let (client, platform) = (connection.client_id, connection.integration_key.as_str());
    let supplemental = configuration::supplemental(app, client, platform, data_type).await?;
    if !supplemental.is_empty() {
        return Err(RemapError::Supplemental(data_type));
    }
    let kept = store::raw_pages::of_type(&app.db, connection.id, data_type.as_str()).await?;
    let mut plan = Plan {
        data_type,
        pages: kept.len(),
        unchanged: 0,
        changed: Vec::new(),
        refused: Vec::new(),
        records: Vec::new(),
        gone: Vec::new(),
    };
    let mut made = Made::default();
    for raw in kept {
        let Some(dataset) = store::datasets::find(&app.db, raw.dataset_id).await? else {
            continue;
        };
        let key = key(raw.dataset_id, raw.number);
        let place = place(connection, data_type.as_str(), &key);
        let text = app
            .vault
            .open_sealed(&Sealed(raw.sealed), place, Purpose::Mapping)
            .await?;
        let kept: Kept = serde_json::from_str(text.expose())?;
        let page = Page {
            body: kept.body.get().to_owned().into(),
            list: usize::try_from(raw.list).unwrap_or_default(),
            lookups: kept.lookups,
            ..Page::default()
        };
        let integration = Arc::clone(integration);
        let mapping = move || integration.map_readable(data_type, &page);
        let mapped = tokio::task::spawn_blocking(mapping).await??;
        let refusals = mapped.set_aside.iter().flat_map(|one| &one.refusals);
        plan.refused.extend(refusals.cloned());
        made.add(&dataset, mapped);
    }
    plan.gone = gone(app, connection, data_type, &made).await?;
    for id in &plan.gone {
        let members = vec![deletion(false, true)];
        plan.changed.push(Changed {
            id: id.clone(),
            members: Some(members),
        });
    }
    for (id, (dataset, record)) in made.newest {
        let (company, key) = (connection.company_id, data_type.as_str());
        let stored = store::records::get(&app.db, company, connection.id, key, &id).await?;
        let members = match stored {
            Some(stored) => {
                let mut members = compare(&stored.document, record.document.as_str())?;
                if stored.deleted != record.deleted {
                    members.push(deletion(stored.deleted, record.deleted));
                }
                Some(members)
            }
            None => None,
        };
        if members.as_ref().is_some_and(Vec::is_empty) {
            plan.unchanged += 1;
            continue;
        }
        plan.changed.push(Changed { id, members });
        plan.records.push((dataset, record));
    }
    Ok(plan)
}

fn deletion(stored: bool, now: bool) -> Member {
    Member {
        path: "metadata.isDeleted".to_owned(),
        stored: Some(stored.to_string()),
        now: Some(now.to_string()),
    }
}

/// The stored records that the next pull of everything would mark as deleted: those that a map reports so, and, if the kept
/// answers are everything that is stored, those that no map makes.
async fn gone(
    app: &App,
    connection: &Connection,
    data_type: DataType,
    made: &Made,
) -> Result<Vec<String>, StoreError> {
    /// Records a page.
    const PAGE: i64 = 500;

    let is_everything = made.is_everything();
    let mut gone = Vec::new();
    let mut after = String::new();
    loop {
        let (company, key) = (connection.company_id, data_type.as_str());
        let page =
            store::records::present_after(&app.db, company, connection.id, key, &after, PAGE);
        let page = page.await?;
        let Some(last) = page.last() else {
            return Ok(gone);
        };
        after.clone_from(&last.id);
        let is_gone = |id: &String| {
            let is_made = made.newest.contains_key(id) || made.unread.contains(id);
            made.gone.contains(id) || is_everything && !is_made
        };
        gone.extend(page.into_iter().map(|record| record.id).filter(is_gone));
    }
}

/// Writes what the maps make now.
///
/// # Errors
/// A pull of the type is in progress, or the database can't be written to.
pub async fn apply(app: &App, connection: &Connection, plan: Plan) -> Result<(), RemapError> {
    let mut change = Change::of_company(app, connection.company_id, Actor::Moorline).await?;
    let (now, data_type) = (change.now, plan.data_type.as_str());
    let running = store::datasets::running(&mut change, connection.id, data_type).await?;
    if running.is_some() {
        return Err(RemapError::Running(plan.data_type));
    }
    for (dataset, record) in plan.records {
        let id = record.id.clone();
        let (connection, company) = (connection.id, connection.company_id);
        store::records::upsert_page(
            &mut change,
            connection,
            company,
            data_type,
            dataset,
            &[record],
            now,
        )
        .await?;
        store::quarantine::forget(&mut change, connection, data_type, &id).await?;
    }
    store::records::mark_deleted(&mut change, connection.id, data_type, &plan.gone, now).await?;
    for id in &plan.gone {
        store::quarantine::forget(&mut change, connection.id, data_type, id).await?;
    }
    change.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_that_differs_is_named_with_both_values() {
        let stored = r#"{"id":"1","total":2.50,"lines":[{"amount":1},{"amount":2}],"note":"x"}"#;
        let now = r#"{"total":2.5,"id":"1","lines":[{"amount":1}],"tags":[]}"#;
        let found: Vec<String> = compare(stored, now)
            .unwrap()
            .into_iter()
            .map(|member| {
                let shown = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
                format!(
                    "{} {} {}",
                    member.path,
                    shown(member.stored),
                    shown(member.now)
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "lines[1].amount 2 -",
                "note \"x\" -",
                "tags - []",
                "total 2.50 2.5"
            ]
        );
    }
}
