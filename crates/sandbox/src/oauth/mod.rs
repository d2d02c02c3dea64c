//! The authorization server: RFC 6749 with PKCE, rotation, revocation, discovery and OpenID claims.

pub(crate) mod authorize;
pub(crate) mod bearer;
mod client_auth;
mod identity;
mod metadata;
pub(crate) mod params;
pub(crate) mod people;
pub(crate) mod scope;
pub(crate) mod signing;
mod token;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::platform::Shared;

/// Far above any ordinary request.
const BODY_LIMIT: usize = 64 * 1024;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/oauth/authorize", get(authorize::authorize))
        .route(
            "/oauth/consent",
            get(authorize::show_consent).post(authorize::decide),
        )
        .route("/oauth/token", post(token::token))
        .route("/oauth/revoke", post(token::revoke))
        .route(
            "/oauth/userinfo",
            get(identity::userinfo).post(identity::userinfo),
        )
        .route("/jwks", get(metadata::jwks))
        .route(
            "/.well-known/oauth-authorization-server",
            get(metadata::authorization_server),
        )
        .route(
            "/.well-known/openid-configuration",
            get(metadata::openid_configuration),
        )
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}
