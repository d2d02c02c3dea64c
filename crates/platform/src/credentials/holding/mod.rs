//! Grants on record: each from the platform's answer with its tokens to a proven end.
//!
//! A grant is written down as soon as the platform has given it, before anything else is asked: a process that dies a moment
//! later leaves a row from which it is given back. While a connection uses it, the credential holds its tokens; once it is let
//! go, the row does, sealed, until the platform has said that it is over. Rows outlive connections and companies.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{RevocationReach, TokenSet};
use egress::Secret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

pub(crate) mod sharing;
mod telling;

pub use telling::{in_words, manage_access_url, remedy};

use super::sealing::{self, SealedTokens, owner};
use super::variables_of;
use crate::app::App;
use crate::change::Change;
use crate::consents;
use crate::credentials::vault::openings::Purpose;
use crate::events::Event;
use store::StoreError;
use store::clock::{new_id, wall_now};
use store::connections::Connection;
use store::credentials::{self, Credential};
use store::held::{self, Answer, Held, Tokens, Use};
use store::model::{
    Actor, ClientId, CompanyId, ConnectionId, GrantId, GrantOrigin, GrantReason, GrantState,
    JobKind,
};

/// The payload of the job that gives a grant back: the row has everything.
pub(super) const NOTHING_MORE: &str = "{}";

/// The reason why a grant isn't given back whose newest tokens stand in an answer that can't be read.
pub(super) const UNREAD: &str = "the answer to its last renewal could not be read, so that the tokens in it can't be given back";

/// Longer than a renewal can take, deadlines and commits included.
const RENEWAL: TimeDelta = TimeDelta::seconds(150);

/// The way in which a connection's grant came.
pub(crate) enum Came {
    /// From its customer: on record since the platform gave it.
    Received(GrantId),
    /// From the client, with an authenticator over its refresh token.
    Brought(Option<Vec<u8>>),
    /// With another connection's, which holds its tokens.
    Shared(GrantId),
}

/// A grant that a connection is to use.
pub(crate) struct Taken<'a> {
    pub(crate) tokens: &'a TokenSet,
    pub(crate) came: Came,
    /// The account that it leads to, by the platform's id, and its name.
    pub(crate) account: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    /// JSON object.
    pub(crate) variables: &'a str,
}

/// One of the accounts that a grant leads to, with the values by which requests name it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
    pub(crate) variables: BTreeMap<String, String>,
}

/// A row for a grant of a connection, without tokens.
fn row(connection: &Connection, state: GrantState, now: DateTime<Utc>) -> Held {
    Held {
        client_id: connection.client_id,
        company_id: connection.company_id,
        connection_id: connection.id,
        integration_key: connection.integration_key.clone(),
        platform_name: connection.platform_name.clone(),
        ..empty(now, state)
    }
}

/// A row that is of no connection yet.
pub(super) fn empty(now: DateTime<Utc>, state: GrantState) -> Held {
    Held {
        id: GrantId(new_id(now)),
        client_id: ClientId(Uuid::nil()),
        company_id: CompanyId(Uuid::nil()),
        connection_id: ConnectionId(Uuid::nil()),
        integration_key: String::new(),
        platform_name: String::new(),
        account_id: None,
        account_name: None,
        accounts: "[]".into(),
        origin: GrantOrigin::Authorised,
        scope: None,
        begun: now,
        state,
        reason: None,
        let_go: None,
        ended: None,
        answer_status: None,
        answer: None,
        attempts: 0,
        next_attempt: None,
        access_token: None,
        refresh_token: None,
        unread_answer: None,
        unread_at: None,
        token_expires: None,
        refresh_expires: None,
        variables: "{}".into(),
        fingerprint: None,
    }
}

/// An authenticator over a refresh token that a client brought for a connection.
pub(crate) fn fingerprint(app: &App, connection: ConnectionId, token: &Secret) -> Vec<u8> {
    let parts = [
        connection.0.as_bytes().as_slice(),
        token.expose().as_bytes(),
    ];
    app.vault.sign("an imported refresh token", &parts).to_vec()
}

/// A row with the tokens of its grant.
pub(super) fn with_tokens(held: Held, tokens: Tokens) -> Held {
    Held {
        access_token: Some(tokens.access_token),
        refresh_token: tokens.refresh_token,
        token_expires: tokens.expires,
        refresh_expires: tokens.refresh_expires,
        ..held
    }
}

/// Stores a fresh grant as the connection's own, and lets go of the one that it takes the place of: the old one is given back once
/// the new one stands.
pub(crate) async fn keep(
    change: &mut Change<'_>,
    connection: &Connection,
    taken: Taken<'_>,
) -> Result<(), StoreError> {
    let (app, now) = (change.app, change.now);
    let tokens = taken.tokens;
    if let Came::Shared(grant) = taken.came {
        return store::connections::set_shared_grant(change, connection.id, Some(grant)).await;
    }
    if sharing::goes_on(change, connection, &taken).await? {
        return Ok(());
    }
    sharing::leave(change, connection).await?;
    if let Some(old) = credentials::get_in(change, connection.id).await? {
        let brought = matches!(taken.came, Came::Brought(_));
        supersede(change, connection, &old, tokens, brought).await?;
    }
    let id = match taken.came {
        Came::Received(id) | Came::Shared(id) => id,
        Came::Brought(fingerprint) => {
            let held = Held {
                origin: GrantOrigin::Imported,
                fingerprint,
                ..row(connection, GrantState::Pending, now)
            };
            held::insert(change, &held).await?;
            held.id
        }
    };
    let used = Use {
        connection_id: connection.id,
        account_id: taken.account,
        account_name: taken.name,
        variables: taken.variables,
        scope: tokens.scope.as_deref(),
    };
    if !held::take_into_use(change, id, &used).await? {
        // It was let go meanwhile, and may be on its way back already.
        return Err(StoreError::Conflict);
    }
    // The connection as it was loaded has the values of the grant before.
    let variables = serde_json::from_str(taken.variables).unwrap_or_default();
    let sealed = sealing::fresh(app, connection, tokens, &variables, now);
    credentials::replace(
        change,
        connection.id,
        connection.client_id,
        id,
        &sealed,
        now,
    )
    .await
}

/// Lets go of the grant that another one takes the place of. Some platforms answer a second authorization with the tokens of the
/// first: then nothing is given back, since that would end both. Tokens that a client brings in place of others that it brought,
/// which were not renewed here since, may be of the same grant, renewed elsewhere: if giving them back reaches further than the
/// tokens themselves, the old ones are given back only when the new ones are no longer in use.
async fn supersede(
    change: &mut Change<'_>,
    connection: &Connection,
    old: &Credential,
    new: &TokenSet,
    brought: bool,
) -> Result<(), StoreError> {
    let (app, now) = (change.app, change.now);
    let mut reason = GrantReason::Superseded;
    let opened = SealedTokens::of(old)
        .open(app, owner(connection), Purpose::Comparison)
        .await;
    if let Ok((access, refresh)) = opened {
        let held = in_use(change, connection, old).await?;
        if same(&access, refresh.as_ref(), new) {
            let answer = Answer {
                status: None,
                words: Some("the platform gave the same tokens again".into()),
            };
            held::end(change, held.id, GrantState::Superseded, &answer, now).await?;
            return Ok(());
        }
        let as_brought = refresh.map(|token| fingerprint(app, connection.id, &token));
        let integration = app.catalogue.get(&connection.integration_key);
        let only_its_own = integration
            .is_some_and(|integration| integration.revocation_reach() == RevocationReach::Token);
        if brought && !only_its_own && as_brought.is_some() && as_brought == held.fingerprint {
            reason = GrantReason::Replaced;
        }
    }
    let_go_of_credential(change, connection, old, reason).await
}

/// True if tokens are of a grant that goes on in `new`.
pub(super) fn same(access: &Secret, refresh: Option<&Secret>, new: &TokenSet) -> bool {
    match (refresh, &new.refresh_token) {
        (Some(old), Some(new)) => old.expose() == new.expose(),
        _ => access.expose() == new.access_token.expose(),
    }
}

/// The row of the grant that a connection uses; one is made for a grant that the version before stored.
async fn in_use(
    change: &mut Change<'_>,
    connection: &Connection,
    credential: &Credential,
) -> Result<Held, StoreError> {
    if let Some(held) = held::in_use(change, connection.id).await? {
        return Ok(held);
    }
    let held = Held {
        scope: credential.scope.clone(),
        begun: connection.last_authorized.unwrap_or(credential.updated),
        ..row(connection, GrantState::InUse, change.now)
    };
    held::insert(change, &held).await?;
    Ok(held)
}

/// Lets go of the grant whose tokens were a credential's. A renewal that is under way is waited for: its answer may be the only
/// tokens by which the grant can be given back ([`unwanted`]).
pub(crate) async fn let_go_of_credential(
    change: &mut Change<'_>,
    connection: &Connection,
    credential: &Credential,
    reason: GrantReason,
) -> Result<(), StoreError> {
    let held = in_use(change, connection, credential).await?;
    if let Some(account) = &connection.account_id {
        let variables = json!(variables_of(connection)).to_string();
        let name = connection.account_name.as_deref();
        held::set_account(change, held.id, account, name, &variables).await?;
    }
    let tokens = Tokens {
        access_token: credential.access_token.clone(),
        refresh_token: credential.refresh_token.clone(),
        unread: credential.unread_answer.clone().zip(credential.unread_at),
        expires: credential.expires,
        refresh_expires: credential.refresh_expires,
    };
    let renewing = credential
        .lease_until
        .is_some_and(|until| until > wall_now());
    let at = if renewing {
        change.now + RENEWAL
    } else {
        change.now
    };
    let_go(change, held.id, reason, Some(&tokens), at).await?;
    if reason != GrantReason::Replaced {
        let now = change.now;
        held::hasten_with(change, connection.id, now).await?;
    }
    Ok(())
}

/// Lets a grant go, and leaves the job that gives it back. False if it has ended, or is being given back already.
pub(crate) async fn let_go(
    change: &mut Change<'_>,
    id: GrantId,
    reason: GrantReason,
    tokens: Option<&Tokens>,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let now = change.now;
    if !held::let_go(change, id, reason, tokens, now, at).await? {
        return Ok(false);
    }
    change
        .enqueue_at(at, JobKind::Revoke, id.0, NOTHING_MORE)
        .await?;
    Ok(true)
}

/// Lets go of a grant that was received and won't be used. If that can't be stored now, a chore does it later: the grant is on
/// record.
pub(crate) async fn let_go_of_received(app: &App, id: GrantId, reason: GrantReason) {
    let stored = async {
        let mut change = Change::begin(app, Actor::Platform).await?;
        let now = change.now;
        let_go(&mut change, id, reason, None, now).await?;
        change.commit().await
    };
    if let Err(error) = stored.await {
        tracing::error!(grant = %id, %error, "a grant that won't be used is given back later");
    }
}

/// Lets go of a grant that waits for its customer's choice.
pub(crate) async fn let_go_of_choice(
    change: &mut Change<'_>,
    connection: &Connection,
    choice: &store::choices::Choice,
    accounts: &[Account],
    reason: GrantReason,
) -> Result<(), StoreError> {
    let now = change.now;
    let id = match choice.grant_id {
        Some(id) => id,
        None => received_before(change, connection, choice).await?,
    };
    let list = json!(accounts).to_string();
    held::set_accounts(change, id, &list, &choice.variables).await?;
    if let [one] = accounts {
        let variables = json!(one.variables).to_string();
        held::set_account(change, id, &one.id, one.name.as_deref(), &variables).await?;
    }
    let_go(change, id, reason, None, now).await?;
    Ok(())
}

/// The row of a grant that the version before had a customer choose from.
pub(crate) async fn received_before(
    change: &mut Change<'_>,
    connection: &Connection,
    choice: &store::choices::Choice,
) -> Result<GrantId, StoreError> {
    let held = Held {
        scope: choice.scope.clone(),
        access_token: Some(choice.access_token.clone()),
        refresh_token: choice.refresh_token.clone(),
        token_expires: choice.token_expires,
        refresh_expires: choice.refresh_expires,
        variables: choice.variables.clone(),
        begun: choice.created,
        ..row(connection, GrantState::Pending, change.now)
    };
    held::insert(change, &held).await?;
    Ok(held.id)
}

/// Keeps tokens that a platform gave for a grant which was let go while it was being renewed, so that it is given back by them:
/// those before are spent. The connection may be gone.
pub(super) async fn unwanted(
    app: &App,
    connection: Option<&Connection>,
    grant: Option<GrantId>,
    tokens: &Tokens,
) -> Result<(), StoreError> {
    let mut change = Change::begin(app, Actor::Platform).await?;
    let now = change.now;
    let id = match (grant, connection) {
        (Some(id), _) if held::let_go_anew(&mut change, id, tokens, now).await? => id,
        (Some(id), _) => {
            if let Some(held) = held::find_in(&mut change, id).await? {
                // Another caller renewed it in between: it goes on, and giving these tokens back would end it.
                tracing::warn!(connection = %held.connection_id, state = %held.state, "renewed tokens came too late");
                return Ok(());
            }
            return Err(StoreError::Corrupt(format!("no grant {id}")));
        }
        (None, Some(connection)) => {
            let held = Held {
                reason: Some(GrantReason::Unwanted),
                let_go: Some(now),
                next_attempt: Some(now),
                account_id: connection.account_id.clone(),
                account_name: connection.account_name.clone(),
                variables: json!(variables_of(connection)).to_string(),
                ..with_tokens(row(connection, GrantState::GivingBack, now), tokens.clone())
            };
            held::insert(&mut change, &held).await?;
            held.id
        }
        (None, None) => {
            tracing::error!("renewed tokens of a connection that is gone can't be given back");
            return Ok(());
        }
    };
    change.enqueue(JobKind::Revoke, id.0, NOTHING_MORE).await?;
    change.commit().await
}

/// Keeps the answer to the renewal of a grant that was let go meanwhile, whose tokens can't be read: the grant is given back by
/// them once they can.
pub(super) async fn unwanted_unread(
    change: &mut Change<'_>,
    grant: GrantId,
    sealed: &[u8],
) -> Result<(), StoreError> {
    let now = change.now;
    if held::let_go_unread(change, grant, sealed, now).await? {
        change
            .enqueue(JobKind::Revoke, grant.0, NOTHING_MORE)
            .await?;
    }
    Ok(())
}

/// Ends the grant that a connection used without giving it back: the platform no longer honours it, or its time is over.
pub(super) async fn lost(
    change: &mut Change<'_>,
    connection: ConnectionId,
    end: GrantState,
    words: &str,
) -> Result<(), StoreError> {
    let Some(held) = held::in_use(change, connection).await? else {
        return Ok(());
    };
    let answer = Answer {
        status: None,
        words: Some(words.to_owned()),
    };
    let now = change.now;
    if held::end(change, held.id, end, &answer, now).await? {
        let ended = Held {
            state: end,
            ended: Some(now),
            answer: answer.words,
            ..held
        };
        consents::follow_grant(change, &ended).await?;
    }
    Ok(())
}

/// Writes down the end of a grant that was being given back, and reports it: to the client as an event, to the company's people in
/// the connection's history.
pub(super) async fn end(
    app: &App,
    held: &Held,
    actor: Actor,
    end: GrantState,
    answer: Answer,
) -> Result<(), StoreError> {
    let mut change = Change::of_company(app, held.company_id, actor).await?;
    let now = change.now;
    if !held::end(&mut change, held.id, end, &answer, now).await? {
        return Ok(());
    }
    let ended = Held {
        state: end,
        ended: Some(now),
        answer_status: answer.status,
        answer: answer.words,
        ..held.clone()
    };
    let (words, remedy) = (in_words(app, &ended), remedy(app, &ended));
    let event = Event::GrantEnded {
        grant: &ended,
        remedy: remedy.as_deref(),
        reason: &words,
    };
    change.event(event).await?;
    change.commit().await?;
    match end {
        GrantState::Refused => {
            tracing::error!(grant = %ended.id, connection = %ended.connection_id, integration = ended.integration_key,
                reason = words, "a grant was not given back, and is no longer tried");
        }
        _ => {
            tracing::info!(grant = %ended.id, connection = %ended.connection_id, state = %end, "a grant has ended");
        }
    }
    Ok(())
}

/// Gives back every grant that was received before a time and has come to nothing, since the process died in between, and leaves a
/// job again for each whose job is gone. Returns their number.
pub(crate) async fn let_go_of_abandoned(
    app: &App,
    before: DateTime<Utc>,
) -> Result<usize, StoreError> {
    /// A job that is due so long ago, and isn't there, was buried or is the previous version's loss.
    const LEFT: TimeDelta = TimeDelta::minutes(2);
    let abandoned = held::abandoned(&app.db, before).await?;
    for held in &abandoned {
        let_go_of_received(app, held.id, GrantReason::Interrupted).await;
    }
    let left = held::left_lying(&app.db, app.clock.now() - LEFT).await?;
    for held in &left {
        let mut change = Change::begin(app, Actor::Moorline).await?;
        // Another node may have found it too.
        if held::lies_idle(&mut change, held.id).await? {
            change
                .enqueue(JobKind::Revoke, held.id.0, NOTHING_MORE)
                .await?;
        }
        change.commit().await?;
    }
    Ok(abandoned.len() + left.len())
}
