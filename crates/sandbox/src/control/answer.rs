//! Answers an authorization request in a person's place.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::refused::{Refused, unprocessable};
use crate::oauth::authorize::{Problem, read_request};
use crate::oauth::people;
use crate::platform::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerIn {
    authorization_url: Url,
    #[serde(default)]
    decision: Decision,
    business: Option<String>,
    /// Email address; the first of the practised people if absent.
    person: Option<String>,
}

#[derive(Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decision {
    #[default]
    Allow,
    Deny,
}

/// Plays the person: reads the request as the pages would, and decides.
pub(super) async fn answer(
    State(platform): State<Shared>,
    body: Result<Json<AnswerIn>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let Json(body) = body?;
    let query = body.authorization_url.query().unwrap_or_default();
    let authorization = match read_request(&platform, query) {
        Ok(authorization) => authorization,
        Err(Problem::Untrusted(text)) => return Err(unprocessable(text)),
        Err(Problem::Refused { location, .. }) => {
            return Ok(Json(json!({ "redirect_to": location })));
        }
    };
    let location = if let Some((_, location)) = authorization.struck(&platform) {
        location
    } else if body.decision == Decision::Deny {
        authorization.deny(&platform)
    } else {
        let [first, ..] = people::practised();
        let email = body.person.unwrap_or(first.email);
        let person = people::with_email(&email)
            .ok_or_else(|| unprocessable("person isn't an email address"))?;
        let business = body
            .business
            .as_deref()
            .and_then(|id| platform.business(id))
            .ok_or_else(|| unprocessable("unknown business; the ids are in GET /control/api"))?;
        authorization.agree(&platform, &person, platform.state.now(), business.id)
    };
    Ok(Json(json!({ "redirect_to": location })))
}
