//! A grant that several connections share, because one sign-in led to several businesses and all of them were chosen.
//!
//! One of them holds the credential, and is the only one that it is renewed for; the others read through it. The credential passes to
//! another when its holder goes, so that the grant is given back when the last one goes. If it can't be passed on, the others are told
//! that their access has ended: a token is never kept twice.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::revoking::{deauthorize, queue_one};
use super::super::sealing::{self, SealedTokens, owner_of};
use super::{Came, Taken, owner, same, variables_of};
use crate::app::App;
use crate::change::Change;
use crate::credentials::vault::openings::Purpose;
use connectors::TokenSet;
use serde_json::json;
use store::StoreError;
use store::clock::wall_now;
use store::connections::Connection;
use store::credentials::{self, Credential};
use store::held::{self, Answer, Use};
use store::model::{Actor, CompanyId, ConnectionId, ConnectionStatus, GrantId, GrantState};

/// The time for which a disconnection waits for a renewal that is under way, and the interval at which it looks.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The connection by whose credential another one reads; none if it is its own, or if it shares none any more: a job that has loaded it
/// may go on long after its consent was withdrawn.
pub(crate) async fn holder(
    app: &App,
    connection: &Connection,
) -> Result<Option<Connection>, StoreError> {
    if connection.shared_grant.is_none() {
        return Ok(None);
    }
    let now = store::connections::find(&app.db, connection.id).await?;
    let now = now.filter(|now| now.status == ConnectionStatus::Linked);
    let Some(grant) = now.and_then(|now| now.shared_grant) else {
        return Ok(None);
    };
    match credentials::holder(&app.db, grant).await? {
        Some(id) if id != connection.id => store::connections::find(&app.db, id).await,
        _ => Ok(None),
    }
}

/// Begins a change to a connection's company, and to those of the other connections that read by its credential: what it is told of
/// that, they are told too. Gives these others.
///
/// # Errors
/// The database can't be reached or written to.
pub(in crate::credentials) async fn change_for_all(
    app: &App,
    (company, connection): (CompanyId, ConnectionId),
    actor: Actor,
) -> Result<(Change<'_>, Vec<Connection>), StoreError> {
    let known = store::connections::find(&app.db, connection).await?;
    let Some(grant) = known.and_then(|known| known.shared_grant) else {
        let change = Change::of_company(app, company, actor).await?;
        return Ok((change, Vec::new()));
    };
    let mut seen = app.db.snapshot().await?;
    let sharing = store::connections::sharing(&mut seen, grant).await?;
    drop(seen);
    let mut companies: BTreeSet<CompanyId> = [company].into();
    companies.extend(sharing.iter().map(|other| other.company_id));
    let mut change = Change::begin(app, actor).await?;
    // In the order of their ids, as everything locks them that locks several.
    for company in &companies {
        change.lock(*company).await?;
    }
    let mut others = store::connections::sharing(&mut change, grant).await?;
    others.retain(|other| other.id != connection && companies.contains(&other.company_id));
    Ok((change, others))
}

/// Waits until no renewal of a shared grant is under way, so that its credential can be passed on. Not for ever: the caller goes on.
///
/// # Errors
/// The database can't be read.
pub(crate) async fn quiet(app: &App, connection: &Connection) -> Result<(), StoreError> {
    if connection.shared_grant.is_none() {
        return Ok(());
    }
    let began = tokio::time::Instant::now();
    while began.elapsed() < PATIENCE {
        let credential = credentials::get(&app.db, connection.id).await?;
        if credential.is_none_or(|credential| !is_renewed(&credential)) {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

fn is_renewed(credential: &Credential) -> bool {
    credential
        .lease_until
        .is_some_and(|until| until > wall_now())
}

/// True if a grant has come with the tokens of the one that the connection shares: some platforms answer a second authorization with
/// those of the first. Then it goes on sharing that one.
pub(super) async fn goes_on(
    change: &mut Change<'_>,
    connection: &Connection,
    taken: &Taken<'_>,
) -> Result<bool, StoreError> {
    let Some(grant) = connection.shared_grant else {
        return Ok(false);
    };
    held::lock(change, grant).await?;
    let Some(credential) = credentials::of_grant_in(change, grant).await? else {
        return Ok(false);
    };
    let opened = SealedTokens::of(&credential)
        .open(change.app, owner_of(&credential), Purpose::Comparison)
        .await;
    let is_same =
        opened.is_ok_and(|(access, refresh)| same(&access, refresh.as_ref(), taken.tokens));
    if let (true, Came::Received(received)) = (is_same, &taken.came) {
        let answer = Answer {
            status: None,
            words: Some("the platform gave the tokens that are in use again".into()),
        };
        let now = change.now;
        held::end(change, *received, GrantState::Superseded, &answer, now).await?;
        renew_of(change, &credential, grant, taken.tokens).await?;
    }
    Ok(is_same)
}

/// Stores what an authorization has given anew of a grant that goes on, with its new times: with the connection that holds it. While that
/// is being renewed, the newest tokens are on their way.
async fn renew_of(
    change: &mut Change<'_>,
    credential: &Credential,
    grant: GrantId,
    tokens: &TokenSet,
) -> Result<(), StoreError> {
    if is_renewed(credential) {
        return Ok(());
    }
    let holder = store::connections::find_in(change, credential.connection_id).await?;
    let Some(holder) = holder else {
        return Ok(());
    };
    let (app, now) = (change.app, change.now);
    let sealed = sealing::fresh(app, &holder, tokens, &variables_of(&holder), now);
    credentials::replace(change, holder.id, holder.client_id, grant, &sealed, now).await
}

/// Takes a connection out of a grant that it shares. If it holds the credential, that passes to another one, as it is: from then on the
/// connection has none. The caller holds the company's lock.
///
/// # Errors
/// The database can't be reached or written to.
pub(crate) async fn leave(
    change: &mut Change<'_>,
    connection: &Connection,
) -> Result<(), StoreError> {
    let Some(grant) = connection.shared_grant else {
        return Ok(());
    };
    // Before anything of the credential is read: the holder before may just be passing it on to this connection.
    held::lock(change, grant).await?;
    store::connections::set_shared_grant(change, connection.id, None).await?;
    let others = store::connections::sharing(change, grant).await?;
    if others.iter().any(|other| other.id != connection.id) {
        queue_one(change, grant, connection).await?;
    }
    let credential = credentials::get_in(change, connection.id).await?;
    let Some(credential) = credential.filter(|credential| credential.grant_id == Some(grant))
    else {
        return Ok(());
    };
    let Some(next) = others.iter().find(|other| other.id != connection.id) else {
        return Ok(());
    };
    // An answer that is on its way, was lost or can't be read yet belongs to this connection.
    let in_doubt = is_renewed(&credential)
        || credential.refresh_began.is_some()
        || credential.unread_answer.is_some();
    let opened = SealedTokens::of(&credential)
        .open(change.app, owner(connection), Purpose::Passing)
        .await;
    let (false, Ok((access, refresh))) = (in_doubt, opened) else {
        tracing::warn!(%grant, connection = %connection.id, "a shared grant can't be passed on, and ends with the connection that holds it");
        return Ok(());
    };
    let sealed = SealedTokens::seal(change.app, owner(next), &access, refresh.as_ref());
    let moved = credentials::move_to(
        change,
        &credential,
        next.id,
        &sealed.access_token,
        sealed.refresh_token.as_deref(),
        wall_now(),
    );
    if !moved.await? {
        tracing::warn!(%grant, connection = %connection.id, "a shared grant is just being renewed, and ends with the connection that holds it");
        return Ok(());
    }
    let variables = json!(variables_of(next)).to_string();
    let used = Use {
        connection_id: next.id,
        account_id: next.account_id.as_deref(),
        account_name: next.account_name.as_deref(),
        variables: &variables,
        scope: None,
    };
    held::pass_to(change, grant, next.company_id, &used).await?;
    crate::consents::follow_passing(change, grant, connection, next);
    tracing::info!(%grant, from = %connection.id, to = %next.id, "a shared grant is held by another connection");
    Ok(())
}

/// Deauthorizes the connections that read by a shared grant which has ended.
///
/// # Errors
/// The database can't be reached or written to.
pub(crate) async fn end_stranded(app: &App) -> Result<(), StoreError> {
    for stranded in store::connections::stranded(&app.db).await? {
        let end = end_of(app, &stranded).await?;
        let mut change = Change::of_company(app, stranded.company_id, end.actor).await?;
        let id = stranded.id;
        let Some(connection) = store::connections::find_in(&mut change, id).await? else {
            continue;
        };
        let Some(grant) = connection.shared_grant else {
            continue;
        };
        held::lock(&mut change, grant).await?;
        let own = credentials::get_in(&mut change, id).await?;
        let shared = credentials::of_grant_in(&mut change, grant).await?;
        if own.is_some() || shared.is_some() {
            continue;
        }
        let platform = &connection.platform_name;
        let message = format!(
            "The access at {platform} that this business shared with others {}. Please connect again.",
            end.words
        );
        change.told.expired = end.code == EXPIRED;
        store::connections::set_shared_grant(&mut change, id, None).await?;
        if deauthorize(&mut change, connection, end.code, &message).await? {
            change.commit().await?;
        }
    }
    Ok(())
}

/// The codes of a grant that the platform took back, of one that was over by its time, and of one that Moorline lost.
const REVOKED: &str = "revoked";
const EXPIRED: &str = "expired";
const LOST: &str = super::super::revoking::LOST;

/// The end of a shared grant as a connection that read by it is told of it.
struct End {
    code: &'static str,
    actor: Actor,
    /// The fate of the access, as the sentence about it goes on.
    words: &'static str,
}

/// The end of the grant that a connection read by, as it was for the one that held it.
async fn end_of(app: &App, stranded: &Connection) -> Result<End, StoreError> {
    let held = match stranded.shared_grant {
        Some(grant) => held::find(&app.db, grant).await?,
        None => None,
    };
    let ended = |code, actor, words| End { code, actor, words };
    let revoked = ended(REVOKED, Actor::Platform, "has ended");
    let Some(held) = held else {
        return Ok(revoked);
    };
    Ok(match held.state {
        GrantState::Expired => ended(EXPIRED, Actor::Platform, "has expired"),
        GrantState::Lost => {
            // The row doesn't say who lost it, and the holder's connection does.
            let holder = store::connections::find(&app.db, held.connection_id).await?;
            match holder.and_then(|holder| holder.attention_code).as_deref() {
                Some(LOST) => ended(
                    LOST,
                    Actor::Platform,
                    "can't be renewed after an interruption",
                ),
                _ => revoked,
            }
        }
        // Given back with the business that held it, since it couldn't be passed on.
        _ if held.reason.is_some() => ended(
            LOST,
            Actor::Moorline,
            "could not be kept without the business that held it",
        ),
        _ => revoked,
    })
}
