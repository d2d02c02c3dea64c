//! Knowledge of what has been pulled: a difference between data types proves nothing if one of them is older or in part.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use connectors::{DataType, Integration, Reconciling};
use store::StoreError;
use store::connections::Connection;
use store::datasets::Dataset;
use store::list::Wanted;
use store::model::{DatasetId, DatasetStatus};

use crate::app::App;

/// Pulls of one sync may take this long; those further apart are of different times.
const ONE_SYNC: TimeDelta = TimeDelta::hours(1);

/// The most records that couldn't be read that are named.
const MOST_NAMED: i64 = 3;

/// The state of a connection's data types.
pub(super) struct Pulled {
    integration: Option<Arc<Integration>>,
    types: BTreeMap<String, State>,
}

struct State {
    newest: DatasetStatus,
    is_running: bool,
    success: Option<Dataset>,
    /// The first ids of records that couldn't be read.
    unread: Vec<String>,
}

/// The datasets that records are of, and the number of all there were. The same ones: the same records. Two pulls of one
/// moment have no order among themselves, so that the newest alone could still be those from before; their number tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Basis {
    newest: Vec<(DatasetId, DatasetStatus)>,
    all: i64,
}

impl Pulled {
    /// Reads the state of every type of a connection, and what it rests on: none while a pull is under way.
    pub(super) async fn read(
        app: &App,
        connection: &Connection,
    ) -> Result<(Self, Option<Basis>), StoreError> {
        let datasets = store::datasets::newest_of_connection(&app.db, connection.id).await?;
        let one = Wanted {
            limit: 1,
            ..Wanted::default()
        };
        let all = store::datasets::list(&app.db, connection.company_id, one).await?;
        let newest = datasets
            .iter()
            .map(|dataset| dataset.completed.map(|_| (dataset.id, dataset.status)))
            .collect::<Option<Vec<_>>>();
        let mut types: BTreeMap<String, State> = BTreeMap::new();
        // The newest of a type comes first.
        for dataset in datasets {
            let state = types
                .entry(dataset.data_type.clone())
                .or_insert_with(|| State {
                    newest: dataset.status,
                    is_running: dataset.completed.is_none(),
                    success: None,
                    unread: Vec::new(),
                });
            if dataset.status == DatasetStatus::Complete && state.success.is_none() {
                state.success = Some(dataset);
            }
        }
        for (data_type, state) in &mut types {
            let success = state.success.as_ref();
            if success.is_some_and(|success| success.set_aside > 0) {
                let (db, id) = (&app.db, connection.id);
                state.unread = store::quarantine::first_ids(db, id, data_type, MOST_NAMED).await?;
            }
        }
        let pulled = Self {
            integration: app.catalogue.get(&connection.integration_key).cloned(),
            types,
        };
        let basis = newest.map(|newest| Basis {
            newest,
            all: all.total,
        });
        Ok((pulled, basis))
    }

    fn success(&self, data_type: DataType) -> Option<&Dataset> {
        self.types.get(data_type.as_str())?.success.as_ref()
    }

    /// True if the type was ever pulled to its end.
    pub(super) fn has(&self, data_type: DataType) -> bool {
        self.success(data_type).is_some()
    }

    /// The day of the newest successful pull.
    pub(super) fn day(&self, data_type: DataType) -> Option<NaiveDate> {
        Some(self.success(data_type)?.requested.date_naive())
    }

    /// The reason why a test that needs all of these types can't be made.
    pub(super) fn missing(&self, needed: &[DataType]) -> Option<String> {
        let data_type = needed.iter().find(|data_type| !self.has(**data_type))?;
        let why_not = (self.integration.as_ref())
            .filter(|integration| !integration.supports(*data_type))
            .map(|integration| integration.why_not(*data_type));
        Some(match why_not {
            Some(Some(reason)) => format!("The platform doesn't give {data_type}: {reason}"),
            Some(None) => format!("The platform doesn't give {data_type}."),
            None => format!("{data_type} hasn't been pulled yet, or no pull has succeeded."),
        })
    }

    /// Types of these that the platform has and that were never pulled: the sums lack them.
    pub(super) fn not_pulled(&self, wanted: &[DataType]) -> Vec<String> {
        let offered = |data_type: &&DataType| {
            let integration = self.integration.as_ref();
            integration.is_some_and(|integration| integration.supports(**data_type))
        };
        wanted
            .iter()
            .filter(offered)
            .filter(|data_type| !self.has(**data_type))
            .map(|data_type| format!("{data_type} hasn't been pulled."))
            .collect()
    }

    /// Knowledge of the platform's lists, from its folder.
    pub(super) fn of_platform(&self) -> Option<&Reconciling> {
        Some(self.integration.as_ref()?.reconciliation())
    }

    /// The types of these of which records couldn't be read, as sentences: not even equal sums prove anything.
    pub(super) fn unread(&self, types: &[DataType]) -> Vec<String> {
        let each = types.iter().filter_map(|data_type| {
            let state = self.types.get(data_type.as_str())?;
            let count = state.success.as_ref()?.set_aside;
            if count == 0 {
                return None;
            }
            let mut ids = state.unread.clone();
            if !ids.is_empty() && usize::try_from(count).is_ok_and(|count| count > ids.len()) {
                ids.push("…".to_owned());
            }
            let named = match ids.as_slice() {
                [] => String::new(),
                ids => format!(" ({})", ids.join(", ")),
            };
            let records = if count == 1 { "record" } else { "records" };
            Some(format!(
                "{count} {records} of {data_type}{named} couldn't be read."
            ))
        });
        each.collect()
    }

    /// The reasons why a difference between these types would prove nothing, as sentences. Types that weren't pulled are
    /// left out.
    pub(super) fn doubts(&self, types: &[DataType]) -> Vec<String> {
        let mut doubts = Vec::new();
        let mut times: Vec<(DateTime<Utc>, DataType)> = Vec::new();
        for data_type in types {
            let Some(state) = self.types.get(data_type.as_str()) else {
                continue;
            };
            if state.is_running {
                doubts.push(format!("A pull of {data_type} is under way."));
            } else if state.newest != DatasetStatus::Complete {
                doubts.push(format!(
                    "The newest pull of {data_type} ended as {}.",
                    state.newest
                ));
            }
            let Some(success) = &state.success else {
                continue;
            };
            times.push((success.requested, *data_type));
            if let Some(from) = success.window_from {
                doubts.push(format!(
                    "Of {data_type}, only what changed since {} is kept.",
                    from.format("%Y-%m-%d")
                ));
            }
        }
        if let (Some((first, older)), Some((last, newer))) =
            (times.iter().min(), times.iter().max())
            && *last - *first > ONE_SYNC
        {
            let at = |time: &DateTime<Utc>| time.format("%Y-%m-%d %H:%M").to_string();
            doubts.push(format!(
                "{older} is of {} and {newer} of {}: pull them together.",
                at(first),
                at(last)
            ));
        }
        doubts
    }
}
