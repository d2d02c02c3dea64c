//! A push operation's life: pending → success, failed or timed out.
//!
//! The wish is written first, with its job. Before the platform is asked, *that* it is asked is written too: after a crash
//! the request is repeated under the operation's own key where the platform knows keys, and else given up with the truth,
//! that it may have been done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use connectors::{
    Access, DataType, FetchError, Integration, Mapped, OptionSource, PushChoice, PushOption,
    Target, ValidationError, WriteError, WriteSupport,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::clock::{new_id, random_bytes};
use crate::events;
use crate::model::{Actor, ConnectionStatus, JobId, JobKind, PushId, PushStatus};
use crate::store::connections::Connection;
use crate::store::pushes::Push;
use crate::store::records::Scope;
use crate::store::{self, StoreError};
use crate::sync::{self, Cause, QueueError, Turn};
use crate::tokens::{self, TokenError};

/// What a pause is where a platform asks for one without saying how long.
const PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// As many records of a type are offered as choices.
const MOST_CHOICES: i64 = 1000;

#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Token(TokenError),
    #[error("mapping stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Why nothing is pushed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The platform, or its folder, has nothing to write such records with.
    #[error("Datatype {data_type} not supported by platform(s) {platform}")]
    NotSupported { data_type: String, platform: String },
    #[error("Only a Linked connection can be written to; this one is {0}.")]
    NotLinked(ConnectionStatus),
}

/// What is to be written.
pub struct Wish {
    /// As it stands in the path; the contract calls `chartOfAccounts` `accounts` there.
    pub data_type: String,
    /// The platform's id of the record to change; none makes a new one.
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

/// Writes the wish down and queues its work.
pub async fn request(app: &App, connection: &Connection, wish: Wish) -> Result<Push, Refusal> {
    let found = support(app, connection, &wish.data_type);
    let fits = |(_, _, support): &(_, _, WriteSupport)| match wish.target {
        None => support.create,
        Some(_) => support.update,
    };
    let (_, data_type, _) = found
        .filter(fits)
        .ok_or_else(|| not_supported(connection, &wish.data_type))?;
    if connection.status != ConnectionStatus::Linked {
        return Err(Refusal::NotLinked(connection.status));
    }
    let now = app.clock.now();
    let push = Push {
        id: PushId(new_id(now)),
        client_id: connection.client_id,
        company_id: connection.company_id,
        connection_id: connection.id,
        data_type: data_type.as_str().to_owned(),
        target: wish.target,
        request: wish.record,
        requested: now,
        timeout_minutes: wish.timeout_minutes,
        sync_after: wish.sync_after,
        status: PushStatus::Pending,
        status_code: 202,
        error_message: None,
        validation: None,
        sent: None,
        completed: None,
        record_id: None,
    };
    let mut tx = app.db.write().await?;
    store::pushes::insert(&mut tx, &push).await?;
    let job = || JobId(new_id(now));
    store::jobs::insert(&mut tx, job(), JobKind::Push, push.id.0, "{}", now, now).await?;
    if let Some(deadline) = deadline(&push) {
        // A turn of its own, since the other may be waiting for the platform just then.
        store::jobs::insert(
            &mut tx,
            job(),
            JobKind::Push,
            push.id.0,
            "{}",
            deadline,
            now,
        )
        .await?;
    }
    tx.commit().await?;
    app.work.notify_one();
    Ok(push)
}

fn deadline(push: &Push) -> Option<chrono::DateTime<chrono::Utc>> {
    let minutes = TimeDelta::try_minutes(push.timeout_minutes?)?;
    push.requested.checked_add_signed(minutes)
}

/// What a record of the type may say, with this connection's own accounts, customers and so on as choices.
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

/// Takes an operation one step on: to its end, or to a pause. `attempt` counts the turns so far, from 1.
pub async fn run(app: &App, id: PushId, attempt: i64) -> Result<Turn, PushError> {
    let Some(push) = store::pushes::find(&app.db, id).await? else {
        return Ok(Turn::Done);
    };
    if push.status != PushStatus::Pending {
        return Ok(Turn::Done);
    }
    let Some(connection) = store::connections::find(&app.db, push.connection_id).await? else {
        return Ok(Turn::Done);
    };
    let mut writing = Writing {
        app,
        attempt,
        connection,
        push,
    };
    writing.run().await
}

/// Gives an operation up whose job failed in a way that nobody foresaw.
pub async fn give_up(app: &App, id: PushId, message: &str) -> Result<(), PushError> {
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

/// One turn at an operation.
struct Writing<'a> {
    app: &'a App,
    attempt: i64,
    connection: Connection,
    push: Push,
}

impl Writing<'_> {
    async fn run(&mut self) -> Result<Turn, PushError> {
        let now = self.app.clock.now();
        if deadline(&self.push).is_some_and(|deadline| deadline <= now) {
            return self.time_out().await;
        }
        if self.connection.status != ConnectionStatus::Linked {
            let status = self.connection.status;
            let message = format!("The connection is no longer authorised: it is {status}.");
            return self.fail(401, &message, Vec::new()).await;
        }
        let data_type = self.push.data_type.clone();
        let Some((integration, data_type, support)) =
            support(self.app, &self.connection, &data_type)
        else {
            let message = "The integration that could write this is no longer installed.";
            return self.fail(500, message, Vec::new()).await;
        };
        let integration = Arc::clone(integration);
        if self.push.sent.is_some() && !support.repeatable {
            let platform = &self.connection.platform_name;
            let message = format!(
                "The request was interrupted, and {platform} may have carried it out: look there before you repeat it."
            );
            return self.fail(500, &message, Vec::new()).await;
        }
        let mut refused = false;
        loop {
            let token = match tokens::access(self.app, &self.connection).await {
                Ok(token) => token,
                Err(TokenError::NoGrant) => {
                    let message = "The connection is no longer authorised.";
                    return self.fail(401, message, Vec::new()).await;
                }
                Err(TokenError::Store(error)) => return Err(error.into()),
                Err(TokenError::Unavailable(error)) => {
                    return self.pause(None, 503, &error.to_string()).await;
                }
                Err(error) => return self.fail(500, &error.to_string(), Vec::new()).await,
            };
            let variables = tokens::variables_of(&self.connection);
            let access = Access {
                token: &token.secret,
                variables: &variables,
            };
            match self.write(&integration, data_type, &access).await? {
                Step::Done(written) => return self.succeed(written).await,
                Step::Stopped => return Ok(Turn::Done),
                Step::Unmapped(message) => {
                    let error = ValidationError {
                        field: None,
                        message,
                    };
                    let message = "The record could not be put into the platform's form.";
                    return self.fail(400, message, vec![error]).await;
                }
                Step::Unreadable(message) => {
                    let message =
                        format!("It was written, but the answer can't be read: {message}");
                    return self.fail(502, &message, Vec::new()).await;
                }
                Step::Refused {
                    error: WriteError::Failed(FetchError::Unauthorized),
                    ..
                } if !refused => {
                    refused = true;
                    tokens::refused(self.app, &self.connection, token.version).await?;
                }
                Step::Refused { error, asked } => {
                    let unsure = asked && error.may_have_been_done();
                    return self.refused(error, unsure, support).await;
                }
            }
        }
    }

    /// Asks the platform, once.
    async fn write(
        &self,
        integration: &Arc<Integration>,
        data_type: DataType,
        access: &Access<'_>,
    ) -> Result<Step, PushError> {
        let door = &self.app.door;
        let target = self.push.target.clone();
        let id = target.as_deref();
        let whole = Target { data_type, id };
        let lookups = match integration.look_up(door, access, whole).await {
            Ok(lookups) => lookups,
            Err(error) => {
                return Ok(Step::Refused {
                    error,
                    asked: false,
                });
            }
        };
        let (mapping, record) = (Arc::clone(integration), self.push.request.clone());
        let named = target.clone();
        let composed = tokio::task::spawn_blocking(move || {
            let id = named.as_deref();
            mapping.compose(Target { data_type, id }, &record, &lookups)
        });
        let body = match composed.await? {
            Ok(body) => body,
            Err(message) => return Ok(Step::Unmapped(message)),
        };
        let mut tx = self.app.db.write().await?;
        let mine = store::pushes::set_sent(&mut tx, self.push.id, self.app.clock.now()).await?;
        tx.commit().await?;
        if !mine {
            return Ok(Step::Stopped);
        }
        let key = self.push.id.to_string();
        let answer = match integration.write(door, access, whole, &key, body).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Step::Refused { error, asked: true }),
        };
        self.read(integration, data_type, answer).await
    }

    async fn read(
        &self,
        integration: &Arc<Integration>,
        data_type: DataType,
        answer: Bytes,
    ) -> Result<Step, PushError> {
        let mapping = Arc::clone(integration);
        let read = tokio::task::spawn_blocking(move || mapping.written(data_type, answer));
        Ok(match read.await? {
            Ok(written) => Step::Done(written),
            // A body that breaks off: the same request brings it whole, where it may be repeated.
            Err(error) if error.id.is_none() => Step::Refused {
                error: FetchError::Malformed(error.message).into(),
                asked: true,
            },
            Err(error) => Step::Unreadable(error.message),
        })
    }

    async fn refused(
        &mut self,
        error: WriteError,
        unsure: bool,
        support: WriteSupport,
    ) -> Result<Turn, PushError> {
        let message = error.to_string();
        if unsure && !support.repeatable {
            let platform = &self.connection.platform_name;
            let message = format!(
                "{message}. {platform} may have carried the request out: look there before you repeat it."
            );
            return self.fail(500, &message, Vec::new()).await;
        }
        if !unsure && self.push.sent.is_none() {
            let mut tx = self.app.db.write().await?;
            store::pushes::clear_sent(&mut tx, self.push.id).await?;
            tx.commit().await?;
        }
        match error {
            WriteError::NotAccepted {
                status,
                message,
                errors,
            } => {
                let errors = if errors.is_empty() {
                    vec![ValidationError {
                        field: None,
                        message: message.clone(),
                    }]
                } else {
                    errors
                };
                let code = if status == 422 { 400 } else { status };
                let platform = &self.connection.platform_name;
                let message = format!("{platform} did not accept the record: {message}");
                self.fail(i64::from(code), &message, errors).await
            }
            WriteError::Failed(FetchError::Unauthorized) => {
                let message = "The platform refuses the access that it has just renewed: it was withdrawn there.";
                tokens::grant_lost(self.app, &self.connection, "revoked", message).await?;
                self.fail(401, message, Vec::new()).await
            }
            WriteError::Failed(FetchError::Forbidden(said)) => {
                let message = format!(
                    "The platform does not allow this: {said} If access was given before writing was asked for, the \
                     customer has to authorise again."
                );
                self.fail(403, &message, Vec::new()).await
            }
            WriteError::Failed(FetchError::RateLimited { retry_after, .. }) => {
                self.pause(Some(retry_after.unwrap_or(PAUSE)), 429, &message)
                    .await
            }
            WriteError::Failed(FetchError::Unavailable { retry_after, .. }) => {
                self.pause(retry_after, 503, &message).await
            }
            WriteError::Failed(FetchError::Egress(_) | FetchError::Malformed(_)) => {
                self.pause(None, 502, &message).await
            }
            WriteError::Failed(
                FetchError::NotSupported | FetchError::Refused { .. } | FetchError::NoSuchPlace(_),
            ) => self.fail(400, &message, Vec::new()).await,
        }
    }

    /// Tries again later; or fails with `code` when it was tried often enough.
    async fn pause(
        &mut self,
        wanted: Option<Duration>,
        code: i64,
        message: &str,
    ) -> Result<Turn, PushError> {
        let sync = &self.app.config.sync;
        // Whoever set a time limit wants it tried until then.
        if deadline(&self.push).is_none() && self.attempt >= i64::from(sync.attempts) {
            return self.fail(code, message, Vec::new()).await;
        }
        let doublings = u32::try_from(self.attempt - 1).unwrap_or(0).min(12);
        let first = Duration::from_millis(sync.backoff_ms).saturating_mul(1 << doublings);
        let jitter = 1.0 + f64::from(random_bytes::<1>()[0]) / 1024.0;
        let after = wanted.unwrap_or_else(|| first.min(LONGEST_PAUSE).mul_f64(jitter));
        Ok(Turn::Again {
            after,
            fresh: false,
            reason: message.to_owned(),
        })
    }

    async fn succeed(&mut self, written: Mapped) -> Result<Turn, PushError> {
        self.push.status = PushStatus::Success;
        self.push.status_code = 200;
        self.push.record_id = Some(written.id);
        self.end(None).await
    }

    async fn fail(
        &mut self,
        code: i64,
        message: &str,
        errors: Vec<ValidationError>,
    ) -> Result<Turn, PushError> {
        let items: Vec<Value> = errors
            .into_iter()
            .map(|error| {
                let mut item = json!({
                    "message": error.message,
                    "validatorName": self.push.data_type,
                });
                if let Some(field) = error.field {
                    item["itemId"] = json!(field);
                }
                item
            })
            .collect();
        self.push.status = PushStatus::Failed;
        self.push.status_code = code;
        self.push.error_message = Some(message.to_owned());
        self.push.validation = (!items.is_empty()).then(|| Value::from(items).to_string());
        self.end(Some(message)).await
    }

    async fn time_out(&mut self) -> Result<Turn, PushError> {
        let mut message = "The operation did not complete within its time limit.".to_owned();
        if self.push.sent.is_some() {
            message.push_str(" It had been handed to the platform, which may still carry it out.");
        }
        self.push.status = PushStatus::TimedOut;
        self.push.status_code = 408;
        self.push.error_message = Some(message.clone());
        self.end(Some(&message)).await
    }

    /// Writes the end down, with its event and what follows from it.
    async fn end(&mut self, reason: Option<&str>) -> Result<Turn, PushError> {
        let app = self.app;
        let now = app.clock.now();
        self.push.completed = Some(now);
        let push = &self.push;
        let mut tx = app.db.write().await?;
        store::connections::lock_company(&mut tx, push.company_id).await?;
        if !store::pushes::finish(&mut tx, push).await? {
            tracing::info!(push = %push.id, status = %push.status, "the operation had ended before");
            return Ok(Turn::Done);
        }
        let write = events::Write {
            id: push.id.0,
            change: if push.target.is_some() {
                "Update"
            } else {
                "Create"
            },
            data_type: &push.data_type,
            requested: push.requested,
            completed: push.completed,
            status: push.status.as_str(),
            record: push.record_id.as_deref(),
            attachment: None,
        };
        let actor = match push.status {
            PushStatus::TimedOut => Actor::Moorline,
            _ => Actor::Platform,
        };
        events::of_write(&mut tx, &self.connection, &write, actor, reason, now).await?;
        let wants_sync = push.status == PushStatus::Success && push.sync_after;
        if let (true, Some(data_type), Some(integration)) = (
            wants_sync,
            named(&push.data_type),
            app.catalogue.get(&self.connection.integration_key),
        ) {
            let batch = new_id(now);
            let queued = sync::queue(
                app,
                &mut tx,
                &self.connection,
                integration,
                data_type,
                Cause::Schedule,
                batch,
            );
            match queued.await {
                Ok(_) | Err(QueueError::InProgress { .. }) => {}
                Err(QueueError::Store(error)) => return Err(error.into()),
            }
        }
        tx.commit().await?;
        app.live.wake(push.company_id);
        app.work.notify_one();
        let key = &self.connection.integration_key;
        app.metrics
            .count_outcome(&app.metrics.pushes, key, push.status.as_str());
        tracing::info!(push = %push.id, connection = %push.connection_id, data_type = push.data_type, status = %push.status, reason, "push ended");
        Ok(Turn::Done)
    }
}

/// What came of asking the platform.
enum Step {
    Done(Mapped),
    /// It ended while it was being prepared.
    Stopped,
    /// The map has something against the record.
    Unmapped(String),
    /// It was done, and what came back is no record that can be understood.
    Unreadable(String),
    /// `asked` where the record itself had left; what is read before changes nothing.
    Refused {
        error: WriteError,
        asked: bool,
    },
}
