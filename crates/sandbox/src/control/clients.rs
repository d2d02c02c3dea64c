//! Clients registered while the sandbox runs.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::refused::{Refused, unknown, unprocessable};
use crate::config::{Client, Product};
use crate::platform::Shared;
use crate::state::Registered;

fn client_out(client: &Registered) -> Value {
    json!({
        "id": client.id,
        "name": client.name,
        "product": client.product,
        "redirect_uris": client.redirect_uris,
    })
}

pub(super) async fn list(State(platform): State<Shared>) -> Json<Vec<Value>> {
    Json(platform.state.clients().iter().map(client_out).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientIn {
    id: String,
    secret: String,
    name: Option<String>,
    product: Product,
    redirect_uris: Vec<Url>,
}

pub(super) async fn register(
    State(platform): State<Shared>,
    body: Result<Json<ClientIn>, JsonRejection>,
) -> Result<impl IntoResponse, Refused> {
    let Json(body) = body?;
    if body.id.is_empty() || body.secret.is_empty() {
        return Err(unprocessable("id and secret are empty; both are required"));
    }
    // RFC 6749, section 3.1.2; and a scheme that a browser would execute, such as `javascript`, is refused.
    let fits = |uri: &Url| matches!(uri.scheme(), "http" | "https") && uri.fragment().is_none();
    if body.redirect_uris.is_empty() || !body.redirect_uris.iter().all(fits) {
        return Err(unprocessable(
            "redirect_uris needs at least one http or https URL, without a fragment",
        ));
    }
    let client = Client {
        name: body.name.unwrap_or_else(|| body.id.clone()),
        id: body.id,
        secret: body.secret,
        product: body.product,
        redirect_uris: body.redirect_uris,
    };
    if !platform.state.register(&client).await? {
        return Err(Refused(
            StatusCode::CONFLICT,
            "a configured client has this id".into(),
        ));
    }
    let registered = Registered::from(&client);
    Ok((StatusCode::CREATED, Json(client_out(&registered))))
}

pub(super) async fn unregister(
    State(platform): State<Shared>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    if platform.state.unregister(&id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown("client registered at run time"))
    }
}
