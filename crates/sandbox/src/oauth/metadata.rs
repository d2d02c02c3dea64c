//! The server's metadata: RFC 8414 and OpenID Connect Discovery.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::scope::Scope;
use crate::platform::{Platform, Shared};

pub(super) async fn authorization_server(State(platform): State<Shared>) -> Json<Value> {
    Json(oauth(&platform))
}

pub(super) async fn openid_configuration(State(platform): State<Shared>) -> Json<Value> {
    let mut document = oauth(&platform);
    let issuer = platform.config.issuer();
    document["userinfo_endpoint"] = json!(format!("{issuer}/oauth/userinfo"));
    document["subject_types_supported"] = json!(["public"]);
    document["id_token_signing_alg_values_supported"] = json!(["ES256"]);
    document["claim_types_supported"] = json!(["normal"]);
    document["claims_supported"] = json!([
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "at_hash",
        "name",
        "given_name",
        "middle_name",
        "family_name",
        "nickname",
        "preferred_username",
        "gender",
        "birthdate",
        "profile",
        "picture",
        "website",
        "locale",
        "zoneinfo",
        "updated_at",
        "email",
        "email_verified",
        "phone_number",
        "phone_number_verified",
        "address",
    ]);
    document["request_parameter_supported"] = json!(false);
    document["request_uri_parameter_supported"] = json!(false);
    document["claims_parameter_supported"] = json!(false);
    Json(document)
}

fn oauth(platform: &Platform) -> Value {
    let issuer = platform.config.issuer();
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "revocation_endpoint": format!("{issuer}/oauth/revoke"),
        "jwks_uri": format!("{issuer}/jwks"),
        "scopes_supported": Scope::ALL.map(Scope::name),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": true,
        "ui_locales_supported": ["en"],
        "service_documentation": format!("{issuer}/"),
    })
}

pub(super) async fn jwks(State(platform): State<Shared>) -> Json<Value> {
    Json(platform.state.signing().jwks())
}
