//! The disclosure of a connection, and the person who authorised it (ours, beyond the contract).

use axum::Json;
use axum::extract::{Query, State};
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::tenancy::{ForConnection, OwnConnection};
use platform::disclosure::language::Languages;
use platform::disclosure::{self, Disclosure, Wish, person};

/// Query parameters of reading a disclosure.
#[derive(Deserialize)]
pub(crate) struct Terms {
    #[serde(rename = "openId")]
    open_id: Option<String>,
}

/// The disclosure as the connection's start page would show it now.
pub(crate) async fn get(
    State(app): State<AppState>,
    ForConnection { connection, .. }: ForConnection,
    Query(terms): Query<Terms>,
    headers: HeaderMap,
) -> Result<Json<Disclosure>, ApiError> {
    let person = match terms.open_id.as_deref() {
        None => false,
        Some(word) if word.eq_ignore_ascii_case("true") => true,
        Some(word) if word.eq_ignore_ascii_case("false") => false,
        Some(_) => return Err(ApiError::invalid("openId", "openId must be true or false.")),
    };
    let languages = headers.get(ACCEPT_LANGUAGE);
    let languages = languages.and_then(|value| value.to_str().ok());
    let wish = Wish {
        languages: &Languages::read(languages.unwrap_or_default()),
        person,
        way: None,
    };
    Ok(Json(disclosure::with(&app, &connection, &wish).await?))
}

/// The claims of the person who authorised, for the client alone.
pub(crate) async fn person_of(
    State(app): State<AppState>,
    OwnConnection(connection): OwnConnection,
) -> Result<Json<Map<String, Value>>, ApiError> {
    let claims = person::of(&app, &connection).await?;
    claims.map(Json).ok_or_else(|| {
        ApiError::not_found(format!(
            "Nothing is known of the person who authorised connection {}: it is asked for links with openId=true, and forgotten when the connection is disconnected.",
            connection.id
        ))
    })
}
