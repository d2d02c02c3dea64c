//! `/profile` and the CORS settings.

use axum::Json;
use axum::extract::State;
use url::Url;

use crate::AppState;
use crate::around::auth::Client;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::wire::profile::{CorsSettings, Profile, ProfileIn};
use platform::access::links::redirects;
use platform::companies::clients;
use store::clients::Client as Row;
use store::model::company::MAX_NAME_CHARS;

/// Characters of a URL.
const LONGEST_URL: usize = 2_048;
/// Entries of a list of URLs.
const MOST_URLS: usize = 100;

async fn row(app: &AppState, client: Client) -> Result<Row, ApiError> {
    store::clients::get(&app.db, client.id)
        .await?
        .ok_or_else(ApiError::unauthorized)
}

pub(crate) async fn get(
    State(app): State<AppState>,
    client: Client,
) -> Result<Json<Profile>, ApiError> {
    Ok(Json(Profile::from(&row(&app, client).await?)))
}

/// Members that aren't given stay as they are; an empty text or list takes one away.
pub(crate) async fn replace(
    State(app): State<AppState>,
    client: Client,
    Body(body): Body<ProfileIn>,
) -> Result<Json<Profile>, ApiError> {
    if body.name.trim().is_empty() {
        return Err(ApiError::invalid(
            "name",
            "A name is required: customers see it on the link pages.",
        ));
    }
    ApiError::check_length("name", &body.name, MAX_NAME_CHARS)?;
    let given = |url: &Option<String>| url.clone().filter(|url| !url.is_empty());
    if let Some(template) = &given(&body.redirect_url) {
        ApiError::check_length("redirectUrl", template, LONGEST_URL)?;
        redirects::check_template(template)
            .map_err(|error| ApiError::invalid("redirectUrl", format!("{error}.")))?;
    }
    check_count("whiteListUrls", body.white_list_urls.iter().flatten())?;
    for entry in body.white_list_urls.iter().flatten() {
        http_url("whiteListUrls", entry)?;
    }
    for (name, url) in [("logoUrl", &body.logo_url), ("iconUrl", &body.icon_url)] {
        if let Some(url) = url.as_deref().filter(|url| !url.is_empty()) {
            http_url(name, url)?;
        }
    }
    let changed = clients::change(&app, client.id, |row| {
        row.name = body.name;
        for (kept, wanted) in [
            (&mut row.logo_url, &body.logo_url),
            (&mut row.icon_url, &body.icon_url),
            (&mut row.redirect_url, &body.redirect_url),
        ] {
            if wanted.is_some() {
                *kept = given(wanted);
            }
        }
        if let Some(white_list) = &body.white_list_urls {
            row.white_list_urls = serde_json::json!(white_list).to_string();
        }
        row.show_badge = body.show_badge.unwrap_or(row.show_badge);
    });
    Ok(Json(Profile::from(&changed.await?)))
}

fn check_count<'a>(name: &str, entries: impl Iterator<Item = &'a String>) -> Result<(), ApiError> {
    match entries.count() {
        0..=MOST_URLS => Ok(()),
        count => Err(ApiError::invalid(
            name,
            format!("{name} has at most {MOST_URLS} entries; {count} were given."),
        )),
    }
}

fn http_url(name: &str, text: &str) -> Result<Url, ApiError> {
    ApiError::check_length(name, text, LONGEST_URL)?;
    Url::parse(text)
        .ok()
        .filter(|url| {
            matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty()
        })
        .ok_or_else(|| {
            ApiError::invalid(
                name,
                format!("{name} must hold absolute http(s) URLs such as https://app.example."),
            )
        })
}

pub(crate) async fn cors(
    State(app): State<AppState>,
    client: Client,
) -> Result<Json<CorsSettings>, ApiError> {
    Ok(Json(CorsSettings {
        allowed_origins: row(&app, client).await?.origins(),
    }))
}

/// POST sets the whole list.
pub(crate) async fn set_cors(
    State(app): State<AppState>,
    client: Client,
    Body(body): Body<CorsSettings>,
) -> Result<Json<CorsSettings>, ApiError> {
    check_count("allowedOrigins", body.allowed_origins.iter())?;
    let mut origins = Vec::new();
    for entry in &body.allowed_origins {
        let url = http_url("allowedOrigins", entry)?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(ApiError::invalid(
                "allowedOrigins",
                "An origin is a scheme, a host and a port, without a path: https://app.example.",
            ));
        }
        // As browsers spell it: lower case, no default port, no closing slash.
        let origin = url.origin().ascii_serialization();
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    let changed = clients::change(&app, client.id, |row| {
        row.allowed_origins = serde_json::json!(origins).to_string();
    });
    changed.await?;
    Ok(Json(CorsSettings {
        allowed_origins: origins,
    }))
}
