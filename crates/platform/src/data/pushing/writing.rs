//! One run of a push operation: within the platform's limits, to its end or to a pause.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::{SecondsFormat, TimeDelta};
use connectors::{
    Access, DataType, FetchError, Integration, Lookups, Target, ValidationError, WriteError,
    WriteSupport,
};
use records::Record;
use serde_json::{Value, json};

use super::{PushError, deadline, named, support};
use crate::app::App;
use crate::change::Change;
use crate::credentials::{self, TokenError, until_stored};
use crate::data::pulling::{self, Batch, Cause, QueueError, settings};
use crate::events::{Event, Write};
use crate::limits::platforms::{Admission, Asking, Rest};
use crate::work::JobOutcome;
use store::StoreError;
use store::clock::{new_id, random_bytes, wall_now};
use store::connections::Connection;
use store::jobs::Lease;
use store::model::{Actor, ConnectionStatus, PushStatus};
use store::pushes::Push;

/// The pause for a rate limit if the platform names none.
const PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// No limit makes an operation wait longer than this without another look.
const LONGEST_REST: Duration = Duration::from_secs(24 * 3600);

/// A run has the operation in hand for so long at most: longer than any call through the door takes, and the storing of its answer.
const IN_HAND: TimeDelta = TimeDelta::seconds(150);
/// The pause until a run looks again if another still has the operation in hand.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(5);

/// The first word of the message of an operation that waits.
const PAUSED: &str = "Paused ";

/// One run of an operation.
pub(super) struct Writing<'a> {
    pub(super) app: &'a App,
    /// Counts the runs that came to nothing, from 1.
    pub(super) attempt: i64,
    pub(super) connection: Connection,
    pub(super) push: Push,
}

impl Writing<'_> {
    pub(super) async fn run(&mut self) -> Result<JobOutcome, PushError> {
        let now = self.app.clock.now();
        if deadline(&self.push).is_some_and(|deadline| deadline <= now) {
            return self.time_out().await;
        }
        if self
            .push
            .in_hand_until
            .is_some_and(|until| until >= wall_now())
        {
            return Ok(in_another_hand(self.app));
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
        let client = self.connection.client_id;
        let oauth_client = self
            .app
            .platform_limits
            .oauth_client(client, &integration)
            .await?;
        let asking = Asking::new(&integration, self.connection.id, &oauth_client);
        let mut refused = false;
        loop {
            let token = match credentials::access(self.app, &self.connection).await {
                Ok(token) => token,
                Err(TokenError::NoGrant) => {
                    let message = "The connection is no longer authorised.";
                    return self.fail(401, message, Vec::new()).await;
                }
                Err(TokenError::Store(error)) => return Err(error.into()),
                Err(TokenError::Unavailable(error)) => {
                    return self.pause(None, 503, &error.to_string()).await;
                }
                Err(TokenError::Waiting { until, reason }) => {
                    let left = (until - self.app.clock.now()).to_std().unwrap_or_default();
                    return self.pause(Some(left), 503, &reason).await;
                }
                Err(error) => return self.fail(500, &error.to_string(), Vec::new()).await,
            };
            let variables = credentials::variables_of(&self.connection);
            let access = Access {
                token: &token.secret,
                variables: &variables,
            };
            let written = self.write(&integration, &asking, data_type, &access);
            match written.await? {
                Step::Done(written) => return self.succeed(written).await,
                Step::Rest(rest) => return self.rest(rest).await,
                Step::Stopped => return self.left_to_another().await,
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
                    error: WriteError::Failed(FetchError::Unauthorized { is_invalid }),
                    ..
                } => {
                    self.take_back().await?;
                    let newer = !refused
                        && credentials::refused(self.app, &self.connection, token.version).await?;
                    if !newer {
                        return self.not_accepted(is_invalid).await;
                    }
                    refused = true;
                }
                Step::Refused { error, asked } => {
                    let unsure = asked && error.may_have_been_done();
                    return self.refused(error, &asking, unsure, support).await;
                }
            }
        }
    }

    /// Asks the platform, once, when it may be asked.
    async fn write(
        &self,
        integration: &Arc<Integration>,
        asking: &Asking<'_>,
        data_type: DataType,
        access: &Access<'_>,
    ) -> Result<Step, PushError> {
        let (app, door) = (self.app, &self.app.door);
        let target = self.push.target.clone();
        let id = target.as_deref();
        let whole = Target { data_type, id };
        let mut lookups = Lookups::new();
        let requests = integration.lookups(data_type).count() + 1;
        let permit = match app.platform_limits.admit(asking, requests).await? {
            Admission::Go(permit) => permit,
            Admission::Rest(rest) => return Ok(Step::Rest(rest)),
        };
        for name in integration.lookups(data_type) {
            match integration.look_up(door, access, whole, name).await {
                Ok((value, remaining)) => {
                    if let Some(rest) = app.platform_limits.learn(asking, remaining).await? {
                        return Ok(Step::Rest(rest));
                    }
                    lookups.insert(name.to_owned(), value);
                }
                Err(error) => {
                    return Ok(Step::Refused {
                        error,
                        asked: false,
                    });
                }
            }
        }
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
        // From here on it may have been done.
        let mut change = Change::begin(app, Actor::Moorline).await?;
        let now = change.now;
        let (id, sent) = (self.push.id, self.push.sent.is_some());
        let lease = Lease::lasting(IN_HAND);
        let mine = store::pushes::take_in_hand(&mut change, id, lease, sent, now).await?;
        change.commit().await?;
        if !mine {
            return Ok(Step::Stopped);
        }
        let key = self.push.id.to_string();
        let began = Instant::now();
        let sent = integration.write(door, access, whole, &key, body).await;
        drop(permit);
        let failed = match &sent.outcome {
            Err(WriteError::Failed(error)) => Some(error),
            Ok(_) | Err(WriteError::NotAccepted { .. }) => None,
        };
        app.called(integration, failed, began.elapsed());
        if let Err(error) = app.platform_limits.learn(asking, sent.remaining).await {
            // What came of the record weighs more.
            tracing::error!(push = %self.push.id, %error, "the platform's word on its limits is not kept");
        }
        let answer = match sent.outcome {
            Ok(answer) => answer,
            Err(error) => return Ok(Step::Refused { error, asked: true }),
        };
        self.read(integration, data_type, answer).await
    }

    /// The outcome of a run that came second: its job stays until the operation has ended.
    async fn left_to_another(&self) -> Result<JobOutcome, PushError> {
        let now = store::pushes::find(&self.app.db, self.push.id).await?;
        Ok(match now.filter(|now| now.status == PushStatus::Pending) {
            Some(_) => in_another_hand(self.app),
            None => JobOutcome::Done,
        })
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
            // A body that breaks off: the same request brings it whole, if it may be repeated.
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
        asking: &Asking<'_>,
        unsure: bool,
        support: WriteSupport,
    ) -> Result<JobOutcome, PushError> {
        let message = error.to_string();
        if unsure && !support.repeatable {
            let platform = &self.connection.platform_name;
            let message = format!(
                "{message}. {platform} may have carried the request out: look there before you repeat it."
            );
            return self.fail(500, &message, Vec::new()).await;
        }
        if !unsure {
            self.take_back().await?;
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
            WriteError::Failed(FetchError::Unauthorized { is_invalid }) => {
                self.not_accepted(is_invalid).await
            }
            WriteError::Failed(FetchError::Forbidden(said)) => {
                let message = format!(
                    "The platform does not allow this: {said} If access was given before writing was asked for, the \
                     customer has to authorise again."
                );
                self.fail(403, &message, Vec::new()).await
            }
            WriteError::Failed(FetchError::RateLimited { retry_after, limit }) => {
                if let Some(rest) = self
                    .app
                    .platform_limits
                    .refused(asking, limit, retry_after)
                    .await?
                {
                    return self.rest(rest).await;
                }
                self.pause(Some(retry_after.unwrap_or(PAUSE)), 429, &message)
                    .await
            }
            WriteError::Failed(FetchError::Unavailable { retry_after, .. }) => {
                self.pause(retry_after, 503, &message).await
            }
            WriteError::Failed(
                FetchError::Egress(_) | FetchError::Malformed(_) | FetchError::Unidentified(_),
            ) => self.pause(None, 502, &message).await,
            WriteError::Failed(
                FetchError::NotSupported
                | FetchError::NotOffered(_)
                | FetchError::Refused { .. }
                | FetchError::NoSuchPlace(_)
                | FetchError::Cut(_),
            ) => self.fail(400, &message, Vec::new()).await,
        }
    }

    /// The platform refuses a token here that it has just renewed: the write waits, and fails in the end. The connection ends with
    /// it only if nothing else is answered either.
    async fn not_accepted(&mut self, is_invalid: bool) -> Result<JobOutcome, PushError> {
        let platform = &self.connection.platform_name;
        let message = format!("{platform} does not allow this, although access was renewed.");
        let outcome = self.pause(None, 401, &message).await?;
        if is_invalid && matches!(outcome, JobOutcome::Done) {
            credentials::end_if_refused_everywhere(self.app, &self.connection).await?;
        }
        Ok(outcome)
    }

    /// This run's request did nothing, certainly: it is as if it had never been sent.
    async fn take_back(&self) -> Result<(), StoreError> {
        let mut change = Change::begin(self.app, Actor::Moorline).await?;
        // What an earlier run sent is another matter.
        if self.push.sent.is_some() {
            store::pushes::put_down(&mut change, self.push.id).await?;
        } else {
            store::pushes::clear_sent(&mut change, self.push.id).await?;
        }
        change.commit().await
    }

    /// Waits until a limit allows requests again: that is not a failure, however often it happens.
    async fn rest(&self, rest: Rest) -> Result<JobOutcome, PushError> {
        let left = (rest.until - self.app.clock.now()).to_std();
        // A moment more, so that the limit is over by then.
        let after = left.unwrap_or_default() + Duration::from_millis(10);
        self.wait(after.min(LONGEST_REST), true, rest.why).await
    }

    /// Tries again after the pause that the platform asked for, or a growing one; fails with `code` after the configured number
    /// of attempts.
    async fn pause(
        &mut self,
        asked_for: Option<Duration>,
        code: i64,
        message: &str,
    ) -> Result<JobOutcome, PushError> {
        let sync = &self.app.config.sync;
        // A client that set a time limit wants it tried until then.
        if deadline(&self.push).is_none() && self.attempt >= i64::from(sync.attempts) {
            return self.fail(code, message, Vec::new()).await;
        }
        let doublings = u32::try_from(self.attempt - 1).unwrap_or(0).min(12);
        let first = Duration::from_millis(sync.backoff_ms).saturating_mul(1 << doublings);
        let jitter = 1.0 + f64::from(random_bytes::<1>()[0]) / 1024.0;
        let after = asked_for.unwrap_or_else(|| first.min(LONGEST_PAUSE).mul_f64(jitter));
        self.wait(after, false, message.to_owned()).await
    }

    /// Stays Pending, with the time of the next attempt and the reason in its message.
    async fn wait(
        &self,
        after: Duration,
        fresh: bool,
        reason: String,
    ) -> Result<JobOutcome, PushError> {
        let app = self.app;
        let until = app.clock.now() + TimeDelta::from_std(after).unwrap_or(TimeDelta::days(1));
        let shown = until.to_rfc3339_opts(SecondsFormat::Millis, true);
        let message = format!("{PAUSED}until {shown}: {reason}");
        let mut change = Change::begin(app, Actor::Moorline).await?;
        store::pushes::set_waiting(&mut change, self.push.id, &message).await?;
        change.commit().await?;
        Ok(JobOutcome::Again {
            at: until,
            fresh,
            reason,
        })
    }

    async fn succeed(&mut self, written: Record) -> Result<JobOutcome, PushError> {
        self.push.status = PushStatus::Success;
        self.push.status_code = 200;
        self.push.error_message = None;
        self.push.record_id = Some(written.id);
        self.end(None).await
    }

    pub(super) async fn fail(
        &mut self,
        code: i64,
        message: &str,
        errors: Vec<ValidationError>,
    ) -> Result<JobOutcome, PushError> {
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

    async fn time_out(&mut self) -> Result<JobOutcome, PushError> {
        let mut message = "The operation did not complete within its time limit.".to_owned();
        if self.push.sent.is_some() {
            message.push_str(" It had been handed to the platform, which may still carry it out.");
        }
        let waiting = self.push.error_message.as_deref();
        if let Some(wait) = waiting.and_then(|said| said.strip_prefix(PAUSED)) {
            message.push_str(&format!(" It was paused {wait}."));
        }
        self.push.status = PushStatus::TimedOut;
        self.push.status_code = 408;
        self.push.error_message = Some(message.clone());
        self.end(Some(&message)).await
    }

    /// Writes the end down, with its event and what follows from it. The platform doesn't say again what became of the record, so this
    /// tries until it is on disk.
    async fn end(&self, reason: Option<&str>) -> Result<JobOutcome, PushError> {
        let id = self.push.id;
        let stored = until_stored("the end of a write", id, || self.store_end(reason));
        Ok(stored.await?)
    }

    async fn store_end(&self, reason: Option<&str>) -> Result<JobOutcome, StoreError> {
        let app = self.app;
        let actor = match self.push.status {
            PushStatus::TimedOut => Actor::Moorline,
            _ => Actor::Platform,
        };
        let mut change = Change::of_company(app, self.push.company_id, actor).await?;
        let push = &Push {
            completed: Some(change.now),
            ..self.push.clone()
        };
        if !store::pushes::finish(&mut change, push).await? {
            tracing::info!(push = %push.id, status = %push.status, "the operation had ended before");
            return Ok(JobOutcome::Done);
        }
        let write = Write {
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
        let written = Event::Write(&self.connection, write, reason);
        change.event(written).await?;
        if push.status == PushStatus::Success && push.sync_after {
            self.pull_again(&mut change).await?;
        }
        change.commit().await?;
        let key = &self.connection.integration_key;
        app.metrics
            .count_outcome(&app.metrics.pushes, key, push.status.as_str());
        tracing::info!(push = %push.id, connection = %push.connection_id, data_type = push.data_type, status = %push.status, reason, "push ended");
        Ok(JobOutcome::Done)
    }

    /// Queues a pull of the type that was written.
    async fn pull_again(&self, change: &mut Change<'_>) -> Result<(), StoreError> {
        let connection = &self.connection;
        let (Some(data_type), Some(integration)) = (
            named(&self.push.data_type),
            self.app.catalogue.get(&connection.integration_key),
        ) else {
            return Ok(());
        };
        let (client, company) = (connection.client_id, connection.company_id);
        let settings = settings::of_company_in(change, client, company).await?;
        let batch = Batch {
            id: new_id(change.now),
            settings: &settings,
            cause: Cause::Written,
        };
        match pulling::queue(change, connection, integration, data_type, batch).await {
            Ok(_) | Err(QueueError::InProgress { .. }) => Ok(()),
            Err(QueueError::Store(error)) => Err(error),
        }
    }
}

/// The outcome of a run while another one has the operation in hand, of a node that has lost its job or has died.
fn in_another_hand(app: &App) -> JobOutcome {
    JobOutcome::Again {
        at: app.clock.now() + LOOK_AGAIN,
        fresh: true,
        reason: "another run waits for the platform's answer to it".to_owned(),
    }
}

/// The outcome of asking the platform.
enum Step {
    Done(Record),
    /// The platform may not be asked now.
    Rest(Rest),
    /// It ended while it was being prepared, or another run has it in hand.
    Stopped,
    /// The map refuses the record.
    Unmapped(String),
    /// It was done, and the answer is not a record that can be understood.
    Unreadable(String),
    /// `asked` if the record itself had left; what is read before changes nothing.
    Refused {
        error: WriteError,
        asked: bool,
    },
}
