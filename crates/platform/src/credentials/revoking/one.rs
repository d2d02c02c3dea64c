//! One business taken out of a grant that others go on sharing, at platforms that can end the access to one alone.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Grant, Revocation, RevocationError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::accounts::{LINKING, LONGEST_LINK};
use super::{Attempt, LACK, PATIENCE, pause};
use crate::app::App;
use crate::change::Change;
use crate::consents;
use crate::credentials::{access, oauth_clients, variables_of};
use store::connections::Connection;
use store::jobs::Job;
use store::model::{Actor, CompanyId, ConnectionId, GrantId, GrantState, JobKind};
use store::{StoreError, credentials, held};

/// The business to take out, as its job has it: its connection may be gone by then, or be connected again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part {
    pub(crate) company: CompanyId,
    pub(crate) connection: ConnectionId,
    pub(crate) platform_name: String,
    pub(crate) account: String,
    pub(crate) name: Option<String>,
    variables: BTreeMap<String, String>,
    since: DateTime<Utc>,
}

/// Leaves the job that ends the access to a connection's business at the platform, where the platform can end it alone. The grant stays,
/// for the connections that go on sharing it.
pub(in crate::credentials) async fn queue(
    change: &mut Change<'_>,
    grant: GrantId,
    connection: &Connection,
) -> Result<(), StoreError> {
    let integration = change.app.catalogue.get(&connection.integration_key);
    let can = integration.is_some_and(|integration| integration.ends_one_account());
    let (true, Some(account)) = (can, &connection.account_id) else {
        return Ok(());
    };
    let part = Part {
        company: connection.company_id,
        connection: connection.id,
        platform_name: connection.platform_name.clone(),
        account: account.clone(),
        name: connection.account_name.clone(),
        variables: variables_of(connection),
        since: change.now,
    };
    let payload = json!(part).to_string();
    change.enqueue(JobKind::TakeOut, grant.0, &payload).await
}

/// Makes an attempt. Not to be run in a future that may be dropped: the access may be renewed for it.
///
/// # Errors
/// The database can't be read or written to; the attempt is made again.
pub(crate) async fn take_out(app: &App, job: &Job) -> Result<Attempt, StoreError> {
    let corrupt = |error| StoreError::Corrupt(format!("a job's payload: {error}"));
    let part: Part = serde_json::from_str(&job.payload).map_err(corrupt)?;
    let grant = GrantId(job.subject);
    let now = app.clock.now();
    let again = |pause: TimeDelta, reason: &str| {
        Ok(Attempt::Again {
            at: now + pause,
            reason: reason.to_owned(),
        })
    };
    let held = held::find(&app.db, grant).await?;
    // Once the last has gone, the grant is given back for every business that it led to.
    let Some(held) = held.filter(|held| held.state == GrantState::InUse) else {
        return Ok(Attempt::Over);
    };
    let (client, key) = (held.client_id, held.integration_key.as_str());
    let Some(integration) = app.catalogue.get(key) else {
        return again(LACK, "the integration is no longer installed");
    };
    // Connected again meanwhile, by whichever sign-in: at the platform, that is the same access.
    let is_used = held::account_is_in_use(&app.db, client, key, Some(&part.account)).await?;
    if is_used || !integration.ends_one_account() {
        return Ok(Attempt::Over);
    }
    let since = now - LONGEST_LINK;
    let own = (grant, held.connection_id);
    if held::link_is_under_way(&app.db, client, key, since, own).await? {
        return again(LINKING, "a customer is just being linked to the platform");
    }
    let holder = match credentials::holder(&app.db, grant).await? {
        Some(holder) => store::connections::find(&app.db, holder).await?,
        None => None,
    };
    let Some(holder) = holder else {
        return again(LINKING, "the grant is just passing to another connection");
    };
    let Some(oauth_client) = oauth_clients::credentials(app, client, integration).await? else {
        return again(LACK, "the integration has no OAuth client any more");
    };
    let token = match access(app, &holder).await {
        Ok(token) => token.secret,
        Err(error) => return put_off(app, &part, job, &error.to_string(), None).await,
    };
    let ended = integration.end_account(
        &app.door,
        &oauth_client,
        Grant {
            access_token: &token,
            refresh_token: None,
            variables: &part.variables,
        },
    );
    match ended.await {
        Ok(Revocation::Done(said) | Revocation::OverAlready(said)) => {
            let mut change = Change::begin(app, Actor::Platform).await?;
            let status = i64::from(said.status);
            consents::taken_out(&mut change, &held, &part, status);
            change.commit().await?;
            Ok(Attempt::Over)
        }
        Ok(Revocation::NotOffered) => Ok(Attempt::Over),
        Ok(Revocation::Stale) => {
            let reason = "the platform does not accept the access token";
            put_off(app, &part, job, reason, None).await
        }
        Err(error) => {
            let wait = match &error {
                RevocationError::Refused { retry_after, .. } => *retry_after,
                RevocationError::Unreachable(_) => None,
            };
            put_off(app, &part, job, &error.to_string(), wait).await
        }
    }
}

/// Puts the next attempt off, unless it was tried for long enough: the access goes with the grant then.
async fn put_off(
    app: &App,
    part: &Part,
    job: &Job,
    reason: &str,
    wait: Option<std::time::Duration>,
) -> Result<Attempt, StoreError> {
    let now = app.clock.now();
    if now - part.since >= PATIENCE {
        tracing::error!(connection = %part.connection, reason, "a business could not be taken out of a shared grant at its platform; it goes with the grant");
        return Ok(Attempt::Over);
    }
    tracing::warn!(connection = %part.connection, reason, "a business could not be taken out of a shared grant yet");
    Ok(Attempt::Again {
        at: now + pause(job.attempt, wait),
        reason: reason.to_owned(),
    })
}
