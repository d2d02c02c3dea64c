//! Revocation jobs that the version before this one queued: they carry the grant's tokens themselves.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use uuid::Uuid;

use crate::app::App;
use crate::change::Change;
use crate::credentials::holding::{self, NOTHING_MORE};
use store::StoreError;
use store::clock::new_id;
use store::held::{self, Held, Tokens};
use store::jobs::Job;
use store::model::{
    Actor, ClientId, CompanyId, ConnectionId, GrantId, GrantOrigin, GrantReason, GrantState,
    JobKind,
};

/// A job of the previous version: the grant's tokens, still sealed to the connection they belonged to.
#[derive(Debug, Deserialize)]
struct Revoking {
    client: Uuid,
    integration: String,
    access_token: String,
    refresh_token: Option<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

/// The grant that a job is to give back. One of the previous version carries the tokens itself: its grant is put on record first, with
/// a job of its own.
///
/// # Errors
/// The job can't be read, or the database not be written to.
pub(crate) async fn grant_of(app: &App, job: &Job) -> Result<Option<GrantId>, StoreError> {
    if job.payload == NOTHING_MORE {
        return Ok(Some(GrantId(job.subject)));
    }
    let corrupt = |error: String| StoreError::Corrupt(format!("revocation: {error}"));
    let revoking: Revoking =
        serde_json::from_str(&job.payload).map_err(|error| corrupt(error.to_string()))?;
    let decode = |text: &String| {
        STANDARD
            .decode(text)
            .map_err(|error| corrupt(error.to_string()))
    };
    let tokens = Tokens {
        access_token: decode(&revoking.access_token)?,
        refresh_token: revoking.refresh_token.as_ref().map(decode).transpose()?,
        ..Tokens::default()
    };
    let connection = ConnectionId(job.subject);
    let integration = app.catalogue.get(&revoking.integration);
    let company = store::events::company_of(&app.db, connection).await?;
    let mut change = Change::begin(app, Actor::Moorline).await?;
    let now = change.now;
    // The previous version took the tokens, and left the row that this one had made.
    let known = held::in_use(&mut change, connection).await?;
    let credential = store::credentials::is_there(&mut change, connection).await?;
    if let (Some(known), false) = (known, credential) {
        holding::let_go(
            &mut change,
            known.id,
            GrantReason::Disconnected,
            Some(&tokens),
            now,
        )
        .await?;
        change.commit().await?;
        return Ok(None);
    }
    let held = Held {
        id: GrantId(new_id(now)),
        client_id: ClientId(revoking.client),
        company_id: company.unwrap_or(CompanyId(Uuid::nil())),
        connection_id: connection,
        platform_name: integration.map_or_else(
            || revoking.integration.clone(),
            |integration| integration.name().to_owned(),
        ),
        integration_key: revoking.integration,
        account_id: None,
        account_name: None,
        accounts: "[]".into(),
        origin: GrantOrigin::Authorised,
        scope: None,
        begun: now,
        state: GrantState::GivingBack,
        reason: Some(GrantReason::Disconnected),
        let_go: Some(now),
        ended: None,
        answer_status: None,
        answer: None,
        attempts: 0,
        next_attempt: Some(now),
        access_token: Some(tokens.access_token),
        refresh_token: tokens.refresh_token,
        unread_answer: None,
        unread_at: None,
        token_expires: None,
        refresh_expires: None,
        variables: serde_json::json!(revoking.variables).to_string(),
        fingerprint: None,
    };
    held::insert(&mut change, &held).await?;
    change
        .enqueue(JobKind::Revoke, held.id.0, NOTHING_MORE)
        .await?;
    change.commit().await?;
    Ok(None)
}
