//! A push operation's life: pending → success, failed or timed out.
//!
//! The operation is written first, with its job. Before the platform is asked, *that* it is asked is written too: after a
//! crash the request is repeated under the operation's own key if the platform knows such keys, and else given up with the
//! truth, that it may have been done. A run that asks the platform has the operation in hand until its answer is stored, also if
//! its job has gone to another node meanwhile: that one waits.

mod writing;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use connectors::{DataType, Integration, OptionSource, PushChoice, PushOption, WriteSupport};
use serde_json::Value;

use crate::app::App;
use crate::change::Change;
use crate::consents::Entry;
use crate::data::pulling;
use crate::disclosure;
use crate::disclosure::agreed::Bounds;
use crate::work::JobOutcome;
use store::StoreError;
use store::clock::new_id;
use store::connections::Connection;
use store::model::{Actor, ConnectionStatus, JobKind, PushId, PushStatus, RecordKind};
use store::pushes::Push;
use store::records::Scope;
use store::turns::Class;
use writing::Writing;

/// The most records of a type that are offered as choices.
const MOST_CHOICES: i64 = 1000;

#[derive(Debug, thiserror::Error)]
pub(crate) enum PushError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("mapping stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

/// The reason why nothing is pushed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The platform, or its folder, has nothing to write such records with.
    #[error("Datatype {data_type} not supported by platform(s) {platform}")]
    NotSupported { data_type: String, platform: String },
    #[error("Only a Linked connection can be written to; this one is {0}.")]
    NotLinked(ConnectionStatus),
    /// The client's own disclosure settings.
    #[error(
        "Writing {data_type} to {platform} is switched off in your disclosure settings: add it to writes (PUT /profile/disclosure), and let the customer agree."
    )]
    SwitchedOff {
        data_type: DataType,
        platform: String,
    },
    /// The customer wasn't told of it, or the platform didn't allow it.
    #[error("{0}")]
    NotAgreed(String),
}

/// A record to be written.
pub struct NewPush {
    /// As the path has it; the contract calls `chartOfAccounts` `accounts` there.
    pub data_type: String,
    /// The platform's id of the record to change; none for a new one.
    pub target: Option<String>,
    /// A standard record: a JSON object.
    pub record: String,
    pub timeout_minutes: Option<i64>,
    /// Read the type again afterwards.
    pub sync_after: bool,
}

/// The contract's word for a record that the connection's platform can't take.
pub fn not_supported(connection: &Connection, data_type: &str) -> Refusal {
    Refusal::NotSupported {
        data_type: data_type.to_owned(),
        platform: connection.platform_name.clone(),
    }
}

fn named(data_type: &str) -> Option<DataType> {
    match data_type {
        "accounts" => Some(DataType::ChartOfAccounts),
        other => other.parse().ok(),
    }
}

fn support<'a>(
    app: &'a App,
    connection: &Connection,
    data_type: &str,
) -> Option<(&'a Arc<Integration>, DataType, WriteSupport)> {
    let integration = app.catalogue.get(&connection.integration_key)?;
    let data_type = named(data_type)?;
    Some((integration, data_type, integration.writes(data_type)?))
}

/// Writes the operation down and queues its work.
pub async fn request(app: &App, connection: &Connection, new: NewPush) -> Result<Push, Refusal> {
    let found = support(app, connection, &new.data_type);
    let fits = |(_, _, support): &(_, _, WriteSupport)| match new.target {
        None => support.create,
        Some(_) => support.update,
    };
    let (integration, data_type, _) = found
        .filter(fits)
        .ok_or_else(|| not_supported(connection, &new.data_type))?;
    if connection.status != ConnectionStatus::Linked {
        return Err(Refusal::NotLinked(connection.status));
    }
    let settings = disclosure::settings::of_client(app, connection.client_id).await?;
    let chosen = settings.writes.get(&connection.integration_key);
    if chosen.is_some_and(|chosen| !chosen.contains(&data_type)) {
        return Err(Refusal::SwitchedOff {
            data_type,
            platform: connection.platform_name.clone(),
        });
    }
    let bounds = Bounds::read(app, connection.id).await?;
    if let Some(beyond) = bounds.forbid_writing(integration, data_type) {
        return Err(Refusal::NotAgreed(beyond.sentence));
    }
    let mut change = Change::begin(app, Actor::Client).await?;
    let now = change.now;
    let push = Push {
        id: PushId(new_id(now)),
        client_id: connection.client_id,
        company_id: connection.company_id,
        connection_id: connection.id,
        data_type: data_type.as_str().to_owned(),
        target: new.target,
        request: new.record,
        requested: now,
        timeout_minutes: new.timeout_minutes,
        sync_after: new.sync_after,
        status: PushStatus::Pending,
        status_code: 202,
        error_message: None,
        validation: None,
        sent: None,
        in_hand_until: None,
        completed: None,
        record_id: None,
    };
    store::pushes::insert(&mut change, &push).await?;
    let subject = push.id.0;
    let place = pulling::place(connection, Class::Write);
    change
        .enqueue_placed(now, JobKind::Push, subject, &place)
        .await?;
    if let Some(deadline) = deadline(&push) {
        // A job of its own, since the other may be waiting for the platform just then.
        change
            .enqueue_at(deadline, JobKind::Push, subject, "{}")
            .await?;
    }
    let method = if push.target.is_some() {
        "update"
    } else {
        "create"
    };
    let target = serde_json::json!({
        "pushOperationKey": push.id, "dataType": push.data_type, "change": method, "recordId": push.target,
    });
    let entry = Entry::new(push.client_id, RecordKind::PushRequested)
        .of_company(push.company_id)
        .of_connection(push.connection_id);
    change.record(entry.with("target", target));
    change.commit().await?;
    Ok(push)
}

fn deadline(push: &Push) -> Option<chrono::DateTime<chrono::Utc>> {
    let minutes = TimeDelta::try_minutes(push.timeout_minutes?)?;
    push.requested.checked_add_signed(minutes)
}

/// The members that a record of the type may have, with this connection's own accounts, customers and so on as choices.
pub async fn options(
    app: &App,
    connection: &Connection,
    data_type: &str,
) -> Result<PushOption, Refusal> {
    let (integration, data_type, _) =
        support(app, connection, data_type).ok_or_else(|| not_supported(connection, data_type))?;
    let mut options = integration
        .push_options(data_type)
        .cloned()
        .ok_or_else(|| not_supported(connection, data_type.as_str()))?;
    let mut records: BTreeMap<DataType, Vec<Value>> = BTreeMap::new();
    let scope = Scope {
        company: connection.company_id,
        connections: vec![connection.id],
    };
    let sources: Vec<DataType> = options
        .sources()
        .iter()
        .map(|from| from.data_type)
        .collect();
    for source in sources {
        if records.contains_key(&source) {
            continue;
        }
        let found = store::records::list(
            &app.db,
            &scope,
            source.as_str(),
            None,
            None,
            MOST_CHOICES,
            0,
        )
        .await?;
        let documents = found.into_iter().filter(|record| !record.deleted);
        let documents = documents.filter_map(|record| serde_json::from_str(&record.document).ok());
        records.insert(source, documents.collect());
    }
    options.fill(&|source: &OptionSource| -> Vec<PushChoice> {
        let of_type = records.get(&source.data_type).into_iter().flatten();
        of_type.filter_map(|record| source.choice(record)).collect()
    });
    Ok(options)
}

/// Takes an operation one step on: to its end, or to a pause. `attempt` counts the runs so far, from 1. Not to be run in a future that
/// may be dropped: the platform's answer says what became of the record.
pub(crate) async fn run(app: &App, id: PushId, attempt: i64) -> Result<JobOutcome, PushError> {
    let Some(push) = store::pushes::find(&app.db, id).await? else {
        return Ok(JobOutcome::Done);
    };
    if push.status != PushStatus::Pending {
        return Ok(JobOutcome::Done);
    }
    let Some(connection) = store::connections::find(&app.db, push.connection_id).await? else {
        return Ok(JobOutcome::Done);
    };
    let mut writing = Writing {
        app,
        attempt,
        connection,
        push,
    };
    writing.run().await
}

/// Fails an operation whose job failed, again and again, in a way that the program doesn't handle.
pub(crate) async fn give_up(app: &App, id: PushId, message: &str) -> Result<(), PushError> {
    let Some(push) = store::pushes::find(&app.db, id).await? else {
        return Ok(());
    };
    let Some(connection) = store::connections::find(&app.db, push.connection_id).await? else {
        return Ok(());
    };
    let mut writing = Writing {
        app,
        attempt: 0,
        connection,
        push,
    };
    writing.fail(500, message, Vec::new()).await?;
    Ok(())
}
