//! A platform's answers that can't be had again, kept until the database has them.
//!
//! An answer is stored at once. If that fails, it is put into the spool first ([`crate::app::spool`]), sealed, and then tried until it
//! is stored or the program stops; the next start, each round of chores, and whoever is about to send a refresh token store what was
//! left. What was stored is erased. If the process dies in between, it is stored twice: a version that has moved on, or a row that is
//! there, takes nothing then, but the tokens of a grant on its way back have no version, and replace those that are there.
//!
//! While an answer is in hand or left, this process sends no refresh token of its connection or grant: the one in the database is
//! spent.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connectors::TokenSet;
use egress::Secret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::holding::sharing;
use super::renewing::deciding::takes;
use super::vault::{Place, Row, Sealed};
use super::warnings::degradation;
use super::{holding, sealing};
use crate::app::App;
use crate::change::Change;
use crate::credentials::vault::openings::Purpose;
use crate::disclosure;
use store::StoreError;
use store::clock::new_id;
use store::connections::Connection;
use store::credentials::{self, Ending, NewTokens};
use store::held::{self, Held, Tokens};
use store::model::{Actor, ClientId, CompanyId, ConnectionId, GrantId, GrantState};

/// The tries at storing something that isn't in the spool.
const ATTEMPTS: u32 = 10;

/// Tokens as they are stored: each sealed to its connection.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptTokens {
    access_token: Vec<u8>,
    refresh_token: Option<Vec<u8>>,
    expires: Option<DateTime<Utc>>,
    scope: Option<String>,
    refresh_expires: Option<DateTime<Utc>>,
    refresh_warn_at: Option<DateTime<Utc>>,
    consent_expires: Option<DateTime<Utc>>,
    consent_warn_at: Option<DateTime<Utc>>,
}

impl From<NewTokens> for KeptTokens {
    fn from(new: NewTokens) -> Self {
        Self {
            access_token: new.access_token,
            refresh_token: new.refresh_token,
            expires: new.expires,
            scope: new.scope,
            refresh_expires: new.ending.refresh_expires,
            refresh_warn_at: new.ending.refresh_warn_at,
            consent_expires: new.ending.consent_expires,
            consent_warn_at: new.ending.consent_warn_at,
        }
    }
}

impl KeptTokens {
    fn new_tokens(&self) -> NewTokens {
        NewTokens {
            access_token: self.access_token.clone(),
            refresh_token: self.refresh_token.clone(),
            expires: self.expires,
            scope: self.scope.clone(),
            ending: Ending {
                refresh_expires: self.refresh_expires,
                refresh_warn_at: self.refresh_warn_at,
                consent_expires: self.consent_expires,
                consent_warn_at: self.consent_warn_at,
            },
        }
    }

    /// The tokens as the row of their grant takes them.
    fn of_grant(&self) -> Tokens {
        Tokens {
            access_token: self.access_token.clone(),
            refresh_token: self.refresh_token.clone(),
            unread: None,
            expires: self.expires,
            refresh_expires: self.refresh_expires,
        }
    }
}

/// The version of a connection's tokens that was renewed, and the claim by which that was done.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Renewed {
    pub(super) company: CompanyId,
    pub(super) connection: ConnectionId,
    pub(super) grant: Option<GrantId>,
    pub(super) version: i64,
    pub(super) holder: Uuid,
}

/// An answer in hand.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum InHand {
    /// To a renewal.
    Renewal(Renewed, KeptTokens),
    /// To a renewal, and can't be read.
    Unread {
        renewed: Renewed,
        /// Sealed to its connection.
        answer: Vec<u8>,
        at: DateTime<Utc>,
        why: String,
        may_hold_refresh_token: bool,
    },
    /// To the exchange of a code.
    Grant(Box<Received>, KeptTokens),
    /// To the renewal of a grant that is being given back.
    GivenBack(GrantId, KeptTokens),
}

/// Stores an answer, however long that takes.
///
/// # Errors
/// The database refuses it, or the program stops before the database takes writes: the next start stores it if it could be put into
/// the spool.
pub(super) async fn keep(app: &App, answer: &InHand) -> Result<(), StoreError> {
    let Err(error) = answer.store(app).await else {
        return Ok(());
    };
    // The lease on what it is about can't be kept now, and may be another caller's before this is stored.
    let _in_hand = app.in_hand.note(answer.spent());
    let id = answer.id();
    tracing::error!(%id, %error, "a platform's answer could not be stored; it is kept beside the database");
    let text =
        serde_json::to_string(answer).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let sealed = app.vault.seal(&Secret::new(text), PLACE).0;
    let taken = match app.spool.keep(sealed) {
        Ok(taken) => Some(taken),
        Err(error) => {
            tracing::error!(%id, %error, "a platform's answer could not be kept beside the database either");
            None
        }
    };
    let mut attempt = 0;
    loop {
        attempt += 1;
        tokio::time::sleep(pause_before(attempt)).await;
        match answer.store(app).await {
            Ok(()) => {
                tracing::info!(%id, "a platform's answer that was kept is stored");
                if let Some(taken) = taken {
                    taken.erase();
                }
                return Ok(());
            }
            // It is read again at the next start.
            Err(error) if taken.is_some() && app.is_stopping() => return Err(error),
            Err(error) if !error.is_passing() && attempt >= ATTEMPTS => return Err(error),
            Err(error) => {
                tracing::error!(%id, %error, attempt, "a platform's answer is not stored yet; trying again");
            }
        }
    }
}

/// Opens the spool, and stores what the last run left in it.
pub async fn take_up(app: &App) {
    let folder = app.config.data_folder();
    let database = app.config.database_url.strip_prefix("sqlite:");
    let stem = database
        .and_then(|file| Path::new(file).file_stem())
        .and_then(|stem| stem.to_str())
        .unwrap_or("moorline");
    if let Err(error) = app.spool.open(&folder, stem) {
        tracing::warn!(
            folder = %folder.display(), %error,
            "platforms' answers can't be kept beside the database: if it can't be written to when one comes, a restart would lose it"
        );
    }
    store_left(app).await;
}

/// Stores the answers that were left in the spool, by this process or by one that has died.
pub(crate) async fn store_left(app: &App) {
    app.spool.adopt();
    store_waiting(app).await;
}

/// Stores the answers in the spool that no caller is at. Returns the connections and grants that a refresh token was spent for and
/// whose newest tokens are still not stored.
pub(super) async fn store_waiting(app: &App) -> BTreeSet<Uuid> {
    let mut spent = BTreeSet::new();
    if app.spool.len() == 0 {
        return spent;
    }
    let _storing = app.in_hand.storing.lock().await;
    let mut last = None;
    let mut is_away = false;
    while let Some(taken) = app.spool.take_after(last) {
        last = Some(taken.id());
        let opened = app
            .vault
            .open_sealed(&Sealed(taken.sealed.clone()), PLACE, Purpose::Renewal)
            .await;
        let answer = opened
            .ok()
            .and_then(|text| serde_json::from_str::<InHand>(text.expose()).ok());
        let Some(answer) = answer else {
            if taken.cannot_be_opened() {
                tracing::error!(
                    "an answer that was kept beside the database can't be opened: it was cut off, or sealed with another key"
                );
            }
            continue;
        };
        if is_away {
            spent.extend(answer.spent());
            continue;
        }
        match answer.store(app).await {
            Ok(()) => {
                tracing::info!(id = %answer.id(), "a platform's answer that was kept is stored");
                taken.erase();
            }
            Err(error) => {
                tracing::error!(id = %answer.id(), %error, "a platform's answer that was kept is not stored yet");
                is_away = error.is_passing();
                spent.extend(answer.spent());
            }
        }
    }
    spent
}

const PLACE: Place<'static> = Place {
    client: ClientId(Uuid::nil()),
    row: Row::Installation,
    field: "answer in hand",
};

impl InHand {
    /// The connection or grant that it is about.
    fn id(&self) -> Uuid {
        match self {
            Self::Renewal(renewed, _) | Self::Unread { renewed, .. } => renewed.connection.0,
            Self::Grant(received, _) => received.connection.0,
            Self::GivenBack(grant, _) => grant.0,
        }
    }

    /// The connection and grants whose refresh token in the database is spent.
    fn spent(&self) -> Vec<Uuid> {
        match self {
            Self::Renewal(renewed, _) | Self::Unread { renewed, .. } => {
                // The grant is given back on its own once the connection has let it go.
                let grant = renewed.grant.map(|grant| grant.0);
                grant.into_iter().chain([renewed.connection.0]).collect()
            }
            // The connection's present tokens are of another.
            Self::Grant(received, _) => vec![received.id.0],
            Self::GivenBack(grant, _) => vec![grant.0],
        }
    }

    async fn store(&self, app: &App) -> Result<(), StoreError> {
        match self {
            Self::Renewal(renewed, tokens) => rotate(app, renewed, tokens).await,
            Self::Unread {
                renewed,
                answer,
                at,
                why,
                may_hold_refresh_token,
            } => {
                let unread = credentials::Unread {
                    answer,
                    at: *at,
                    why,
                };
                keep_unread(app, renewed, unread, *may_hold_refresh_token).await
            }
            Self::Grant(received, tokens) => {
                match put_on_record(app, received, tokens.of_grant()).await {
                    // It is there.
                    Err(StoreError::Conflict) => Ok(()),
                    stored => stored,
                }
            }
            Self::GivenBack(grant, tokens) => {
                let mut change = Change::begin(app, Actor::Platform).await?;
                held::renewed(&mut change, *grant, &tokens.of_grant()).await?;
                change.commit().await
            }
        }
    }
}

/// Puts renewed tokens in the place of those before. If the connection has others by now, or none, they are given back.
async fn rotate(app: &App, renewed: &Renewed, tokens: &KeptTokens) -> Result<(), StoreError> {
    let id = renewed.connection;
    let sealed = tokens.new_tokens();
    let of = (renewed.company, id);
    let (mut change, others) = sharing::change_for_all(app, of, Actor::Platform).await?;
    let now = change.now;
    let failing = credentials::failing(&mut change, id).await?;
    let before = credentials::get_in(&mut change, id).await?;
    let standing = credentials::standing(&mut change, id).await?;
    let connection = store::connections::find_in(&mut change, id).await?;
    let by = credentials::By {
        connection: id,
        version: renewed.version,
        owner: renewed.holder,
        grant: renewed.grant,
    };
    let stored = standing.is_some_and(|standing| takes(&standing, &by))
        && credentials::rotate(&mut change, by, &sealed, now).await?;
    if stored
        && let Some(failing) = failing
        && let Some(connection) = &connection
    {
        degradation::over(&mut change, connection, &others, failing).await?;
    }
    if stored && before.is_some_and(|before| before.restored_at.is_some()) {
        store::connections::resolve_errors(&mut change, id, now).await?;
    }
    change.commit().await?;
    app.moved.note();
    if !stored {
        // The row was replaced or taken away meanwhile: these tokens won't be used.
        tracing::info!(connection = %id, "refreshed tokens are no longer wanted");
        return holding::unwanted(app, connection.as_ref(), renewed.grant, &tokens.of_grant())
            .await;
    }
    if let Some(connection) = &connection {
        // The tokens are good, and a difference that isn't noted now is found with the next renewal.
        let (grant, scope) = (renewed.grant, tokens.scope.as_deref());
        if let Err(error) = disclosure::note_renewed_scopes(app, connection, grant, scope).await {
            tracing::error!(connection = %id, %error, "the scopes of a renewal were not compared");
        }
    }
    Ok(())
}

/// Keeps an answer until it is understood, with the connection's tokens or, if they were let go meanwhile, with their grant.
async fn keep_unread(
    app: &App,
    renewed: &Renewed,
    unread: credentials::Unread<'_>,
    may_hold_refresh_token: bool,
) -> Result<(), StoreError> {
    let mut change = Change::begin(app, Actor::Platform).await?;
    let by = credentials::By {
        connection: renewed.connection,
        version: renewed.version,
        owner: renewed.holder,
        grant: renewed.grant,
    };
    let answer = unread.answer;
    let kept = credentials::keep_unread(&mut change, by, unread).await?;
    // The grant was let go meanwhile, and its newest tokens are in this answer.
    if let (false, true, Some(grant)) = (kept, may_hold_refresh_token, renewed.grant) {
        holding::unwanted_unread(&mut change, grant, answer).await?;
    }
    change.commit().await
}

/// A grant that a platform has just given for a connection, but for its tokens.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Received {
    id: GrantId,
    client: ClientId,
    company: CompanyId,
    connection: ConnectionId,
    integration_key: String,
    platform_name: String,
    scope: Option<String>,
    /// JSON object.
    variables: String,
    begun: DateTime<Utc>,
}

/// Writes a grant down that the platform has just given, with its tokens.
///
/// # Errors
/// The database can't be written to. If the answer could be kept beside it, the grant is put on record later, and given back then.
pub(crate) async fn receive(
    app: &App,
    connection: &Connection,
    tokens: &TokenSet,
    variables: &BTreeMap<String, String>,
) -> Result<GrantId, StoreError> {
    let now = app.clock.now();
    let received = Received {
        id: GrantId(new_id(now)),
        client: connection.client_id,
        company: connection.company_id,
        connection: connection.id,
        integration_key: connection.integration_key.clone(),
        platform_name: connection.platform_name.clone(),
        scope: tokens.scope.clone(),
        variables: json!(variables).to_string(),
        begun: now,
    };
    let id = received.id;
    let sealed = sealing::new_tokens(app, connection, tokens, variables, now);
    keep(app, &InHand::Grant(Box::new(received), sealed.into())).await?;
    Ok(id)
}

/// The same, from an answer in hand.
async fn put_on_record(app: &App, received: &Received, tokens: Tokens) -> Result<(), StoreError> {
    let mut change = Change::begin(app, Actor::Platform).await?;
    let held = Held {
        id: received.id,
        client_id: received.client,
        company_id: received.company,
        connection_id: received.connection,
        integration_key: received.integration_key.clone(),
        platform_name: received.platform_name.clone(),
        scope: received.scope.clone(),
        variables: received.variables.clone(),
        ..holding::with_tokens(holding::empty(received.begun, GrantState::Pending), tokens)
    };
    held::insert(&mut change, &held).await?;
    change.commit().await
}

/// Tries to store what can't be had again until it is on disk. The last of its tries fails as it did.
pub(crate) async fn until_stored<T, F: Future<Output = Result<T, StoreError>>>(
    what: &str,
    id: impl Display,
    store: impl Fn() -> F,
) -> Result<T, StoreError> {
    let mut attempt = 0;
    loop {
        match store().await {
            Err(error) if attempt < ATTEMPTS => {
                attempt += 1;
                tracing::error!(%id, %error, attempt, what, "not stored yet; trying again");
                tokio::time::sleep(pause_before(attempt)).await;
            }
            stored => return stored,
        }
    }
}

/// Doubles from a twentieth of a second to five seconds.
fn pause_before(attempt: u32) -> Duration {
    let doubled = Duration::from_millis(50).saturating_mul(1 << attempt.saturating_sub(1).min(10));
    doubled.min(Duration::from_secs(5))
}
