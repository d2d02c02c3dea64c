//! Tokens that a client got elsewhere become a connection's own, so that its customers need not consent anew.

use std::collections::BTreeMap;
use std::time::Duration;

use connectors::{Access, FetchError, Identity, Integration, TokenSet, WAY, typed_secrets};
use egress::Secret;

use super::LinkError;
use super::grant::{self, Granted};
use super::typed::Typed;
use crate::app::App;
use crate::change::Change;
use crate::consents;
use crate::credentials;
use crate::credentials::holding::{self, Came};
use crate::credentials::oauth_clients;
use crate::disclosure::agreed::Consent;
use store::connections::Connection;
use store::model::Actor;
use store::{StoreError, Tx};

/// The reason why tokens were not imported; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("the platform does not accept the access token")]
    TokenRefused,
    #[error("the platform did not say whose account this is: {0}")]
    NotUnderstood(String),
    #[error("the platform could not be asked whose account this is: {0}")]
    Unavailable(String),
    /// The connection was disconnected if that came out only after it was Linked.
    #[error("this connection belongs to {before}, but the tokens are of {now}")]
    OtherBusiness { before: String, now: String },
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Link(error.into())
    }
}

/// The tokens, and what the client knows of them.
pub struct Import {
    pub access_token: Secret,
    pub refresh_token: Option<Secret>,
    /// The rest of the access token's life; zero for one that has expired, which needs a refresh token.
    pub expires_in: Option<Duration>,
    pub scope: Option<String>,
    /// The connection's own values, by the names of [`Integration::callback_parameters`].
    pub variables: BTreeMap<String, String>,
}

impl Import {
    /// What a customer has typed elsewhere, in place of tokens.
    pub fn of_typed(typed: Typed) -> Self {
        Self {
            access_token: typed_secrets(&typed.secrets),
            refresh_token: None,
            expires_in: None,
            scope: None,
            variables: typed.open,
        }
    }
}

/// Makes the connection Linked with these tokens, and queues nothing. A living access token is tried first: the platform says
/// whose account it is, and nothing is changed if it refuses. With an expired one the connection is Linked at once and
/// renewed right after, as any other is. The same import sent again changes nothing. All of it goes on if the client leaves: a
/// renewal spends the refresh token.
///
/// # Errors
/// The tokens can't be used for this connection, or the platform can't be asked.
pub async fn import(
    app: &App,
    connection: &Connection,
    import: Import,
) -> Result<Connection, ImportError> {
    let connection = connection.clone();
    app.detach(async move |app| take_over(&app, &connection, import).await)
        .await
}

async fn take_over(
    app: &App,
    connection: &Connection,
    import: Import,
) -> Result<Connection, ImportError> {
    let key = &connection.integration_key;
    let integration = app
        .catalogue
        .get(key)
        .ok_or_else(|| LinkError::NoIntegration(key.clone()))?;
    let refresh_token = import.refresh_token.as_ref();
    let fingerprint = refresh_token.map(|token| holding::fingerprint(app, connection.id, token));
    if let Some(fingerprint) = &fingerprint {
        let mut seen = app.db.snapshot().await?;
        let repeated = came_before(&mut seen, connection, fingerprint).await?;
        drop(seen);
        if repeated {
            return again(app, integration, connection).await;
        }
    }
    if integration.machine().is_some() {
        let why = "it has no tokens, since its program calls";
        return Err(ImportError::NotUnderstood(why.into()));
    }
    if import.refresh_token.is_some() {
        // Only the client that they were given to can renew them.
        oauth_clients::credentials(app, connection.client_id, integration)
            .await?
            .ok_or_else(|| LinkError::NotConfigured(key.clone()))?;
    }
    let expired = import.expires_in.is_some_and(|left| left.is_zero());
    let mut variables = credentials::variables_of(connection);
    variables.remove(WAY);
    variables.extend(import.variables);
    let identity = if expired {
        None
    } else {
        let access = Access {
            token: &import.access_token,
            variables: &variables,
        };
        Some(ask(app, integration, connection, &access).await?)
    };
    if let Some(identity) = &identity {
        same_business(connection, identity)?;
        variables.extend(identity.variables.clone());
    }
    let tokens = TokenSet {
        access_token: import.access_token,
        refresh_token: import.refresh_token,
        expires_in: import.expires_in,
        expires_at: None,
        refresh_expires_in: None,
        refresh_expires_at: None,
        scope: import.scope,
        id_token: None,
        extra: serde_json::Map::new(),
    };
    let granted = Granted {
        tokens: &tokens,
        account: identity
            .as_ref()
            .map_or(connection.account_id.as_deref(), |identity| {
                Some(identity.id.as_str())
            }),
        name: identity
            .as_ref()
            .map_or(connection.account_name.as_deref(), |identity| {
                identity.company_name.as_deref()
            }),
        variables: &variables,
        came: Came::Brought(fingerprint.clone()),
        // What the customer was told elsewhere isn't known here.
        consent: Consent::default(),
    };
    let reason = match granted.name {
        Some(name) => format!("{name} was connected by tokens that it had given before."),
        None => "Connected by tokens that had been given before.".to_owned(),
    };
    let mut change = Change::of_company(app, connection.company_id, Actor::Client).await?;
    // Two requests with the same tokens at once: the second must not put a refresh token back that the first has spent.
    if let Some(fingerprint) = &fingerprint
        && came_before(&mut change, connection, fingerprint).await?
    {
        drop(change);
        return again(app, integration, connection).await;
    }
    let linked = grant::write(&mut change, connection.id, granted, Some(&reason)).await?;
    change.commit().await?;
    tracing::info!(connection = %connection.id, integration = key, "tokens imported");
    if expired {
        learn_identity(app, integration, &linked, variables).await?;
    }
    let stored = store::connections::find(&app.db, connection.id).await?;
    Ok(stored.ok_or(LinkError::NoConnection)?)
}

/// True if the connection has tokens, and was given these before: they are its own, renewed since, or others have taken their
/// place. Whichever it is, the refresh token that comes again may be spent.
async fn came_before(
    tx: &mut Tx,
    connection: &Connection,
    fingerprint: &[u8],
) -> Result<bool, StoreError> {
    Ok(store::credentials::is_there(tx, connection.id).await?
        && store::held::was_brought(tx, connection.id, fingerprint).await?)
}

/// The answer to an import that was made before, as by a client that did not get the first answer. Nothing is stored.
async fn again(
    app: &App,
    integration: &Integration,
    connection: &Connection,
) -> Result<Connection, ImportError> {
    let stored = store::connections::find(&app.db, connection.id).await?;
    let stored = stored.ok_or(LinkError::NoConnection)?;
    if stored.account_id.is_none() {
        let variables = credentials::variables_of(&stored);
        learn_identity(app, integration, &stored, variables).await?;
    }
    let stored = store::connections::find(&app.db, connection.id).await?;
    Ok(stored.ok_or(LinkError::NoConnection)?)
}

async fn ask(
    app: &App,
    integration: &Integration,
    connection: &Connection,
    access: &Access<'_>,
) -> Result<Identity, ImportError> {
    match integration.identities(&app.door, access).await {
        Ok(identities) => which(connection, access.variables, identities),
        Err(FetchError::Unauthorized { .. } | FetchError::Forbidden(_)) => {
            Err(ImportError::TokenRefused)
        }
        Err(FetchError::Malformed(message) | FetchError::Unidentified(message)) => {
            Err(ImportError::NotUnderstood(message))
        }
        Err(error) => Err(ImportError::Unavailable(error.to_string())),
    }
}

/// Of several businesses that the tokens lead to, the one that is meant: the connection's own, or the one whose values were
/// given with the tokens.
fn which(
    connection: &Connection,
    given: &BTreeMap<String, String>,
    mut identities: Vec<Identity>,
) -> Result<Identity, ImportError> {
    if identities.len() == 1 {
        return Ok(identities.remove(0));
    }
    let is_own = |identity: &Identity| connection.account_id.as_deref() == Some(&identity.id);
    let is_given = |identity: &Identity| {
        let mut values = identity.variables.iter();
        !identity.variables.is_empty() && values.all(|(name, value)| given.get(name) == Some(value))
    };
    let meant = identities.iter().position(is_own);
    match meant.or_else(|| identities.iter().position(is_given)) {
        Some(at) => Ok(identities.swap_remove(at)),
        None => Err(ImportError::NotUnderstood(
            "the tokens lead to several businesses: give the variables of one of them".to_owned(),
        )),
    }
}

/// A connection stays with the business that it was first made for.
fn same_business(connection: &Connection, identity: &Identity) -> Result<(), ImportError> {
    match connection.account_id.as_deref() {
        Some(before) if before != identity.id => Err(ImportError::OtherBusiness {
            before: named(connection.account_name.as_deref(), "another business"),
            now: named(identity.company_name.as_deref(), "a different business"),
        }),
        _ => Ok(()),
    }
}

/// Renews an expired token, and asks whose account it is. The tokens are kept whatever comes of it: a refresh that fails is
/// recorded and tried again like any other's, and another business's is let go as one that was never wanted.
async fn learn_identity(
    app: &App,
    integration: &Integration,
    connection: &Connection,
    mut variables: BTreeMap<String, String>,
) -> Result<(), ImportError> {
    let Ok(token) = credentials::access(app, connection).await else {
        return Ok(());
    };
    let access = Access {
        token: &token.secret,
        variables: &variables,
    };
    let Ok(identity) = ask(app, integration, connection, &access).await else {
        return Ok(());
    };
    if let Err(other) = same_business(connection, &identity) {
        super::unlink(
            app,
            connection,
            Actor::Client,
            Some("The tokens are another business's."),
        )
        .await?;
        return Err(other);
    }
    variables.extend(identity.variables.clone());
    let mut change = Change::of_company(app, connection.company_id, Actor::Client).await?;
    let now = change.now;
    store::connections::set_authorized(
        &mut change,
        connection.id,
        Some(identity.id.as_str()),
        identity.company_name.as_deref(),
        &serde_json::json!(variables).to_string(),
        now,
    )
    .await?;
    consents::business_learnt(&mut change, connection).await?;
    Ok(change.commit().await?)
}

fn named(name: Option<&str>, otherwise: &str) -> String {
    name.unwrap_or(otherwise).to_owned()
}
