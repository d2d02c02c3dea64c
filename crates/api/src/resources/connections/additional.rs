//! Consent to a further purpose, which Link asks for what is connected already (ours, beyond the contract).

use axum::Json;
use axum::extract::State;
use http::header::ACCEPT_LANGUAGE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::AppState;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::tenancy::{ForConnection, ForLinkConnection};
use platform::disclosure::additional::{self, Additional, Answer, Shown, Wording};
use platform::disclosure::language::{Languages, is_tag};

/// The answer, and what it is an answer to: the version of the client's own words, or the words as a page has shown them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnswerIn {
    answer: Option<String>,
    version: Option<String>,
    language: Option<String>,
    #[serde(flatten)]
    wording: Wording,
}

/// Every answer of the connection's customer, oldest first.
pub(crate) async fn list(
    State(app): State<AppState>,
    ForConnection { connection, .. }: ForConnection,
) -> Result<Json<Vec<Additional>>, ApiError> {
    let mut all = additional::answers(&app, connection.client_id, &[connection.id]).await?;
    Ok(Json(all.remove(&connection.id).unwrap_or_default()))
}

pub(crate) async fn answer(
    State(app): State<AppState>,
    ForLinkConnection { connection, actor }: ForLinkConnection,
    headers: HeaderMap,
    Body(body): Body<AnswerIn>,
) -> Result<(StatusCode, Json<Additional>), ApiError> {
    let answer = match body.answer.as_deref() {
        Some("given") => Answer::Given,
        Some("refused") => Answer::Refused,
        _ => {
            let message = "answer is required. Valid values: given, refused.";
            return Err(ApiError::invalid("answer", message));
        }
    };
    if let Some(language) = body.language.as_deref().filter(|tag| !is_tag(tag)) {
        let tag: String = language.chars().take(40).collect();
        let message = format!("language: '{tag}' is not a language tag. Give one such as en.");
        return Err(ApiError::invalid("language", message));
    }
    let languages = headers.get(ACCEPT_LANGUAGE);
    let languages = languages.and_then(|value| value.to_str().ok());
    let languages = Languages::read(languages.unwrap_or_default());
    let shown = match body.version {
        Some(version) => Shown::Settings(version),
        None => Shown::Page {
            wording: body.wording,
            language: body.language,
        },
    };
    let kept = additional::answer(&app, &connection, actor, shown, answer, &languages).await?;
    Ok((StatusCode::CREATED, Json(kept)))
}
