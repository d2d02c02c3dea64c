//! The person who agreed: the userinfo endpoint and the id_token (OpenID Connect Core, sections 2 and 5.3).

use std::io;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::HeaderMap;
use serde_json::{Value, json};

use super::bearer::{self, Insufficient};
use super::people;
use super::scope::Scope;
use super::signing::at_hash;
use crate::control::calls::{Counter, Recent};
use crate::platform::{Platform, Shared};
use crate::state::Issued;

/// Short, because the id_token is read once, right after it was made.
const ID_TOKEN_TTL_SECONDS: i64 = 3600;

pub(super) async fn userinfo(State(platform): State<Shared>, headers: HeaderMap) -> Response {
    platform.calls.received(&Counter::UserInfo);
    let (response, who) = match bearer::present(&platform, None, &headers) {
        Err(refused) => (*refused, None),
        Ok(bearer) if !bearer.scopes.contains(Scope::OpenId) => (
            bearer::insufficient(Insufficient::Scope(None, "openid")),
            Some(bearer.access.business),
        ),
        Ok(bearer) => {
            let claims = people::with_email(&bearer.email)
                .map(|person| person.claims(&bearer.scopes, platform.config.issuer()));
            (Json(claims).into_response(), Some(bearer.access.business))
        }
    };
    platform.calls.answered(
        &Counter::UserInfo,
        Recent {
            at: platform.state.now(),
            method: "GET".into(),
            path: "/oauth/userinfo".into(),
            answer: response.status().as_str().into(),
            who,
        },
    );
    response
}

/// Signed with the key under `/jwks`; carries every claim that the scopes open.
pub(super) fn id_token(platform: &Platform, issued: &Issued) -> io::Result<String> {
    let now = platform.state.now().timestamp();
    let issuer = platform.config.issuer();
    let mut claims = people::with_email(&issued.email)
        .map(|person| person.claims(&issued.scopes, issuer))
        .unwrap_or_default();
    let mut add = |name: &str, value: Value| {
        claims.insert(name.into(), value);
    };
    add("iss", json!(issuer));
    add("aud", json!(issued.client_id));
    add("iat", json!(now));
    add("exp", json!(now + ID_TOKEN_TTL_SECONDS));
    add("auth_time", json!(issued.signed_in.timestamp()));
    add("at_hash", json!(at_hash(&issued.access_token)));
    if let Some(nonce) = &issued.nonce {
        add("nonce", json!(nonce));
    }
    platform.state.signing().sign(&Value::Object(claims))
}
