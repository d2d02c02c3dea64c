//! `Grant` (ours, beyond the contract).

use serde::Serialize;

use super::time;
use platform::app::App;
use platform::credentials::holding;
use store::held::Held;
use store::model::{ConnectionId, GrantId, GrantOrigin, GrantReason, GrantState};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Grant {
    id: GrantId,
    connection_id: ConnectionId,
    integration_key: String,
    platform_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_name: Option<String>,
    origin: GrantOrigin,
    scopes: Vec<String>,
    begun: String,
    state: GrantState,
    /// The state in a sentence, if there is anything to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<GrantReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    let_go: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
    attempts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manage_access_url: Option<String>,
}

/// The platform's last answer about it.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(crate) fn shape(app: &App, held: Held) -> Grant {
    let description = holding::in_words(app, &held);
    let answered = held.answer_status.is_some() || held.answer.is_some();
    Grant {
        description: (!description.is_empty()).then_some(description),
        remedy: holding::remedy(app, &held),
        manage_access_url: holding::manage_access_url(app, &held),
        id: held.id,
        connection_id: held.connection_id,
        integration_key: held.integration_key,
        platform_name: held.platform_name,
        account_id: held.account_id,
        account_name: held.account_name,
        origin: held.origin,
        scopes: held
            .scope
            .iter()
            .flat_map(|scope| scope.split_whitespace())
            .map(str::to_owned)
            .collect(),
        begun: time(held.begun),
        state: held.state,
        reason: held.reason,
        let_go: held.let_go.map(time),
        ended: held.ended.map(time),
        answer: answered.then_some(Answer {
            status: held.answer_status,
            error: held.answer,
        }),
        attempts: held.attempts,
        next_attempt: held.next_attempt.map(time),
    }
}
