//! `Idempotency-Key`: a request that is sent again is answered as it was the first time, and changes nothing again.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::auth::{Credentials, credentials};
use super::errors::{ApiError, CORRELATION, CORRELATION_HEADER, correlation_id, is_passing};
use super::rate_headers;
use crate::AppState;
use platform::access::caller;
use platform::access::company_tokens::{self, Audience};
use platform::access::idempotency::{self, Answer, Claim, Sender, Standing};
use platform::access::integration_keys;
use platform::app::App;

pub(crate) const HEADER: &str = "idempotency-key";
/// On an answer that was given before. Ours.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The most of an answer that is kept; answers to writes are far smaller.
const KEPT: usize = 4 << 20;

/// Around the operations that change something.
pub(crate) async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let writes = matches!(
        *request.method(),
        Method::POST | Method::PUT | Method::PATCH
    );
    if !writes || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    match once(&app, request, next).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn once(app: &AppState, request: Request, next: Next) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let Some(sender) = sender(app, &parts).await? else {
        // The operation refuses it.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let key = key(&parts.headers)?;
    let body = to_bytes(body, app.config.limits.body_bytes)
        .await
        .map_err(|_| ApiError::too_large())?;
    let fingerprint = fingerprint(&parts, &body);
    let claim = match idempotency::begin(app, sender, key, &fingerprint).await? {
        Standing::Taken(claim) => claim,
        other => {
            // The operation, which would count the request of an API key, isn't reached.
            if sender.id == sender.client.0 {
                rate_headers::admit(&parts, app, sender.client).await?;
            }
            return known(other);
        }
    };
    if let Some(caller) = caller::current() {
        caller.hold(claim.clone());
    }
    let request = Request::from_parts(parts, Body::from(body));
    let correlation = correlation_id();
    // Goes on if the caller hangs up: whoever repeats the request shall find its answer.
    let answered = app.detach(move |app| async move {
        let attempt = async {
            let response = idempotency::held(&app, &claim, next.run(request)).await;
            settle(&app, &claim, response).await
        };
        CORRELATION.scope(correlation, attempt).await
    });
    Ok(answered.await)
}

/// The answer to a request whose key is taken.
fn known(standing: Standing) -> Result<Response, ApiError> {
    match standing {
        Standing::Answered(answer) => Ok(replay(answer)),
        Standing::UnderWay | Standing::Taken(_) => Err(ApiError::passing_conflict(
            "A request with this Idempotency-Key is still under way. Repeat it in a few seconds.",
        )),
        Standing::AnswerLost => Err(ApiError::conflict(
            "A request with this Idempotency-Key took effect, and its answer was lost when the process ended. Read what it changed; to change something else, use a new key.",
        )),
        Standing::OtherRequest => Err(ApiError::unprocessable(
            HEADER,
            "This Idempotency-Key belongs to a request with another method, path or body. Use a new key for a new request.",
        )),
    }
}

/// The sender, if its credentials are good.
async fn sender(app: &App, parts: &Parts) -> Result<Option<Sender>, ApiError> {
    let Ok(credentials) = credentials(parts) else {
        return Ok(None);
    };
    let text = match &credentials {
        Credentials::Key(key) => key.as_str(),
        Credentials::Bearer(token) => token,
    };
    if let Some((client, service)) = integration_keys::authenticate(&app.db, text).await? {
        let id = id_of("service", &service);
        return Ok(Some(Sender { client, id }));
    }
    Ok(match credentials {
        Credentials::Key(key) => {
            let known = app.keys.authenticate(&key).await?;
            known.map(|(client, _)| Sender {
                client,
                id: client.0,
            })
        }
        Credentials::Bearer(token) => {
            let (origin, now) = (app.config.origin(), app.clock.now());
            let bearer = company_tokens::verify(&app.vault, origin, token, now);
            bearer.map(|bearer| Sender {
                client: bearer.client,
                // What one kind of token may do, the other may not ask for again.
                id: match bearer.audience {
                    Audience::Company => bearer.company.0,
                    Audience::ConnectionManagement => {
                        id_of("management", &bearer.company.to_string())
                    }
                },
            })
        }
    })
}

/// The id of a sender that has none.
fn id_of(kind: &str, name: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(format!("{kind} {name}")).into();
    Uuid::from_u128(u128::from_be_bytes(
        digest[..16].try_into().expect("sixteen of 32 bytes"),
    ))
}

fn key(headers: &HeaderMap) -> Result<Uuid, ApiError> {
    let mut given = headers.get_all(HEADER).iter();
    let (first, second) = (given.next(), given.next());
    if second.is_some() {
        return Err(ApiError::invalid(
            HEADER,
            "The request has more than one Idempotency-Key; send one.",
        ));
    }
    first
        .and_then(|value| value.to_str().ok())
        .and_then(|text| Uuid::try_parse(text.trim()).ok())
        .ok_or_else(|| {
            ApiError::invalid(
                HEADER,
                "Idempotency-Key must be a UUID, such as 4f3a1a4e-5a0b-4c59-9d6c-3a3c1d2e9f10.",
            )
        })
}

fn fingerprint(parts: &Parts, body: &Bytes) -> Vec<u8> {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut digest = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), path.as_bytes()] {
        digest.update(part);
        digest.update([0]);
    }
    digest.update(body);
    digest.finalize().to_vec()
}

/// Keeps an attempt's answer, or gives back its key if it failed for now.
async fn settle(app: &App, claim: &Claim, response: Response) -> Response {
    let status = response.status();
    if is_passing(status) {
        if let Err(error) = idempotency::release(app, claim).await {
            tracing::warn!(%error, "an Idempotency-Key can't be given back; it is free again in a minute");
        }
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, KEPT).await else {
        return ApiError::internal().into_response();
    };
    let kept = |name: &HeaderName| *name == CONTENT_TYPE || *name == http::header::LOCATION;
    let headers = parts.headers.iter().filter(|(name, _)| kept(name));
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    // The answer is in the log by the id that it had.
    let correlation = correlation_id();
    let headers = headers.chain([(CORRELATION_HEADER, correlation.as_str())]);
    let answer = Answer {
        status: status.as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    if let Err(error) = idempotency::keep(app, claim, &answer).await {
        tracing::error!(%error, "an answer can't be kept for requests that repeat its Idempotency-Key");
    }
    Response::from_parts(parts, Body::from(body))
}

fn replay(answer: Answer) -> Response {
    let response = Response::builder().status(answer.status);
    let Ok(mut response) = response.body(Body::from(answer.body)) else {
        return ApiError::internal().into_response();
    };
    let headers = response.headers_mut();
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
