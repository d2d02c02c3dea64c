//! The token and revocation endpoints: codes and refresh tokens in, tokens out (RFC 6749 section 5, RFC 7009).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, PRAGMA, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use super::client_auth::{self, Unauthenticated};
use super::identity;
use super::scope::{Scope, Scopes};
use crate::control::calls::{Counter, Recent};
use crate::control::faults::{Kind, Stage, Target, TokenError};
use crate::oauth::params::Params;
use crate::platform::{Platform, Shared};
use crate::server::Lost;
use crate::state::{Issued, Refused, Registered};

/// An error answer (section 5.2).
#[derive(Debug)]
struct Problem {
    status: StatusCode,
    error: &'static str,
    description: String,
}

/// The caller, for the list of recent calls.
type Caller = Option<String>;

pub(super) async fn token(
    State(platform): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let params = Params::of_form(&headers, &body);
    let grant_type = match params.as_ref().and_then(|params| params.get("grant_type")) {
        Some(known @ ("authorization_code" | "refresh_token")) => known.to_owned(),
        Some(_) => "other".into(),
        None => "missing".into(),
    };
    let counter = Counter::Token(grant_type.clone());
    platform.calls.received(&counter);
    let mut caller = None;
    let outcome = match params {
        None => Err(not_a_form()),
        Some(params) => grant(&platform, &headers, &params, &mut caller).await,
    };
    let (answer, response) = match outcome {
        Ok((tokens, false)) => ("200".to_owned(), no_store(Json(tokens).into_response())),
        Ok((_, true)) => {
            let mut response = StatusCode::OK.into_response();
            response.extensions_mut().insert(Lost);
            ("lost".into(), response)
        }
        Err(problem) => (problem.error.into(), problem.into_response()),
    };
    let path = format!("/oauth/token ({grant_type})");
    record(&platform, &counter, path, answer, caller);
    response
}

/// Tokens, and true if their answer is to be lost.
async fn grant(
    platform: &Platform,
    headers: &HeaderMap,
    params: &Params,
    caller: &mut Caller,
) -> Result<(Value, bool), Problem> {
    if let Some(name) = params.repeated() {
        return Err(invalid_request(format!(
            "{name} is given twice; give it once"
        )));
    }
    let client = authenticate(platform, headers, params)?;
    *caller = Some(client.id.clone());
    let lost = suffer(platform, &client, params).await?;
    let required = |name: &str| {
        params
            .get(name)
            .ok_or_else(|| invalid_request(format!("{name} is missing")))
    };
    let issued = match required("grant_type")? {
        "authorization_code" => {
            let code = required("code")?;
            let redirect_uri = required("redirect_uri")?;
            let verifier = required("code_verifier")?;
            let exchanged = platform
                .state
                .exchange(&client.id, code, redirect_uri, verifier);
            exchanged.await?
        }
        "refresh_token" => {
            let narrower = match params.get("scope").map(Scopes::parse) {
                None => None,
                Some(Ok(scopes)) => Some(scopes),
                Some(Err(error)) => {
                    return Err(bad_request("invalid_scope", error.to_string()));
                }
            };
            let token = required("refresh_token")?;
            let refreshed = platform.state.refresh(&client.id, token, narrower.as_ref());
            refreshed.await?
        }
        other => {
            return Err(bad_request(
                "unsupported_grant_type",
                format!("{other} isn't supported; use authorization_code or refresh_token"),
            ));
        }
    };
    Ok((tokens(platform, &issued)?, lost))
}

/// Lets armed faults strike; `true` if the answer is to be lost.
async fn suffer(
    platform: &Platform,
    client: &Registered,
    params: &Params,
) -> Result<bool, Problem> {
    let business = params
        .get("refresh_token")
        .or_else(|| params.get("code"))
        .and_then(|presented| platform.state.business_behind(presented));
    let target = Target {
        product: Some(client.product),
        business: business.as_deref(),
        path: "/oauth/token",
    };
    let mut lost = false;
    for kind in platform.faults.strike(Stage::Token, target) {
        match kind {
            Kind::TokenDelay { delay_ms } => {
                platform.faults.hold(delay_ms).await;
            }
            Kind::TokenError { error } => return Err(Problem::from(error)),
            Kind::TokenAnswerLost => lost = true,
            _ => {}
        }
    }
    Ok(lost)
}

fn tokens(platform: &Platform, issued: &Issued) -> Result<Value, Problem> {
    let mut tokens = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scopes.to_string(),
    });
    if let Some(refresh_token) = &issued.refresh_token {
        tokens["refresh_token"] = json!(refresh_token);
    }
    if issued.scopes.contains(Scope::OpenId) {
        let id_token = identity::id_token(platform, issued).map_err(|error| {
            tracing::error!(%error, "signing an id_token failed");
            server_error()
        })?;
        tokens["id_token"] = json!(id_token);
    }
    Ok(tokens)
}

/// RFC 7009: 200 for a token revoked or unknown.
pub(super) async fn revoke(
    State(platform): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    platform.calls.received(&Counter::Revoke);
    let mut caller = None;
    let outcome = match Params::of_form(&headers, &body) {
        None => Err(not_a_form()),
        Some(params) => revoke_one(&platform, &headers, &params, &mut caller).await,
    };
    let (answer, response) = match outcome {
        Ok(()) => ("200", no_store(StatusCode::OK.into_response())),
        Err(problem) => (problem.error, problem.into_response()),
    };
    record(
        &platform,
        &Counter::Revoke,
        "/oauth/revoke".into(),
        answer.into(),
        caller,
    );
    response
}

async fn revoke_one(
    platform: &Platform,
    headers: &HeaderMap,
    params: &Params,
    caller: &mut Caller,
) -> Result<(), Problem> {
    if let Some(name) = params.repeated() {
        return Err(invalid_request(format!(
            "{name} is given twice; give it once"
        )));
    }
    let client = authenticate(platform, headers, params)?;
    *caller = Some(client.id.clone());
    let token = params
        .get("token")
        .ok_or_else(|| invalid_request("token is missing".into()))?;
    Ok(platform.state.revoke_token(&client.id, token).await?)
}

fn authenticate(
    platform: &Platform,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Registered, Problem> {
    client_auth::authenticate(&platform.state, headers, params).map_err(|reason| match reason {
        Unauthenticated::TwoMethods => invalid_request(
            "the client authenticates in two ways at once; use either HTTP Basic or the body"
                .into(),
        ),
        Unauthenticated::InvalidClient => Problem {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description: "the client's id or secret is wrong".into(),
        },
    })
}

fn record(platform: &Platform, counter: &Counter, path: String, answer: String, who: Caller) {
    let call = Recent {
        at: platform.state.now(),
        method: "POST".into(),
        path,
        answer,
        who,
    };
    platform.calls.answered(counter, call);
}

fn bad_request(error: &'static str, description: String) -> Problem {
    Problem {
        status: StatusCode::BAD_REQUEST,
        error,
        description,
    }
}

fn invalid_request(description: String) -> Problem {
    bad_request("invalid_request", description)
}

fn not_a_form() -> Problem {
    invalid_request("the body must be application/x-www-form-urlencoded".into())
}

fn server_error() -> Problem {
    Problem {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        error: "server_error",
        description: "an error of the server; a retry may succeed".into(),
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let error = match &refused {
            Refused::InvalidGrant(_) => "invalid_grant",
            Refused::InvalidScope => "invalid_scope",
            Refused::NotSaved(error) => {
                tracing::error!(%error, "saving the state failed");
                return server_error();
            }
        };
        bad_request(error, refused.to_string())
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let (status, error) = match error {
            TokenError::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
            TokenError::TemporarilyUnavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
            }
            TokenError::InvalidGrant => (StatusCode::BAD_REQUEST, "invalid_grant"),
            TokenError::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
        };
        Self {
            status,
            error,
            description: "a fault armed on the control page".into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.error, "error_description": self.description }));
        let mut response = (self.status, body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"practice\""),
            );
        }
        no_store(response)
    }
}

/// Section 5.1: no cache on the way may keep tokens.
fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
