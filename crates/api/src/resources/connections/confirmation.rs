//! `/companies/{companyId}/connections/{connectionId}/confirmation`. Ours: the contract doesn't have it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::AppState;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::tenancy::OwnConnection;
use crate::pages::choose;
use crate::wire::connection::{Connection, shape_one};
use platform::connecting::{self, Arrived};

#[derive(Debug, Deserialize)]
pub(crate) struct Confirmation {
    confirmation: String,
}

/// The end of a link that was confirmed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Confirmed {
    /// As the redirect would have had it; none while the customer has to choose a business.
    status_code: Option<u16>,
    connection: Connection,
    /// The page to send the customer's browser to, if a business is to be chosen.
    continue_url: Option<String>,
}

pub(crate) async fn confirm(
    State(app): State<AppState>,
    OwnConnection(connection): OwnConnection,
    Body(body): Body<Confirmation>,
) -> Result<Json<Confirmed>, ApiError> {
    let arrived = connecting::confirm(&app, &connection, &body.confirmation).await?;
    let (status_code, connection, continue_url) = match arrived {
        Arrived::Ended(ended) | Arrived::Waits { ended, .. } => {
            (Some(ended.outcome.status_code()), ended.connection, None)
        }
        Arrived::Asks { connection, ticket } => {
            let path = choose::address(&connection, &ticket);
            let url = format!("{}{path}", app.config.origin());
            (None, *connection, Some(url))
        }
    };
    Ok(Json(Confirmed {
        status_code,
        connection: shape_one(&app, connection).await?,
        continue_url,
    }))
}
