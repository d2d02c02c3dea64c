//! A platform's APIs refuse an access token that its token endpoint has just renewed.
//!
//! A refusal by one address says something about that address: a scope, a subscription, a fault. The grant is over only if the
//! platform says of the token itself that it isn't valid (RFC 6750 § 3.1), and says so everywhere.

use connectors::{Access, FetchError};

use super::revoking::version_lost;
use super::{TokenError, access, variables_of};
use crate::app::App;
use store::StoreError;
use store::connections::Connection;
use store::model::DatasetStatus;

/// Deauthorizes a connection whose token is refused everywhere: the newest pull of each data type ended so, and the platform doesn't
/// say any more whose account it is. To be called when a token that was renewed has been refused as invalid.
///
/// # Errors
/// The database can't be read or written to.
pub(crate) async fn end_if_refused_everywhere(
    app: &App,
    connection: &Connection,
) -> Result<(), StoreError> {
    let newest = store::datasets::newest_statuses(&app.db, connection.id).await?;
    if newest
        .iter()
        .any(|status| *status != DatasetStatus::AuthError)
    {
        return Ok(());
    }
    let Some(integration) = app.catalogue.get(&connection.integration_key) else {
        return Ok(());
    };
    let token = match access(app, connection).await {
        Ok(token) => token,
        Err(TokenError::Store(error)) => return Err(error),
        Err(_) => return Ok(()),
    };
    let variables = variables_of(connection);
    let asked = Access {
        token: &token.secret,
        variables: &variables,
    };
    let identities = integration.identities(&app.door, &asked).await;
    if !matches!(
        identities,
        Err(FetchError::Unauthorized { is_invalid: true })
    ) {
        return Ok(());
    }
    let platform = &connection.platform_name;
    let message = format!(
        "{platform} refuses everywhere the access that it has just renewed: it was withdrawn there."
    );
    version_lost(app, connection, token.version, "revoked", &message).await
}

/// Deauthorizes a connection that was made with what its customer typed, if the platform refuses that to its simplest question, too: nothing
/// renews it, and there is nothing newer to try. True if the connection has ended so.
///
/// # Errors
/// The database can't be read or written to.
pub(crate) async fn end_if_typed_and_refused(
    app: &App,
    connection: &Connection,
) -> Result<bool, StoreError> {
    let token = match access(app, connection).await {
        Ok(token) => token,
        Err(TokenError::Store(error)) => return Err(error),
        Err(_) => return Ok(false),
    };
    // After the token: its customer may have connected again since, with other values, which then aren't those of this version.
    let Some(connection) = &store::connections::find(&app.db, connection.id).await? else {
        return Ok(false);
    };
    let variables = variables_of(connection);
    let integration = app.catalogue.get(&connection.integration_key);
    let Some(integration) = integration.filter(|one| one.is_typed(&variables)) else {
        return Ok(false);
    };
    let asked = Access {
        token: &token.secret,
        variables: &variables,
    };
    let identities = integration.identities(&app.door, &asked).await;
    if !matches!(identities, Err(FetchError::Unauthorized { .. })) {
        return Ok(false);
    }
    let platform = &connection.platform_name;
    let message = format!(
        "{platform} no longer accepts what was entered when it was connected: it was deleted or changed there."
    );
    version_lost(app, connection, token.version, "revoked", &message).await?;
    Ok(true)
}
