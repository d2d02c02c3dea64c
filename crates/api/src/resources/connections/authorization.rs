//! `/companies/{companyId}/connections/{connectionId}/authorization`: tokens that another system obtained.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use connectors::{Integration, NotTaken, Way};
use egress::Secret;
use serde_json::Value;

use crate::AppState;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::tenancy::OwnConnection;
use crate::wire::connection::{Connection, shape_one};
use platform::connecting::{self, Import, Typed};
use store::query::read_time;

pub(crate) async fn import(
    State(app): State<AppState>,
    OwnConnection(connection): OwnConnection,
    Body(body): Body<Value>,
) -> Result<Json<Connection>, ApiError> {
    let integration = app.catalogue.get(&connection.integration_key);
    if let Some(given) = body.get("way") {
        let typed = typed(integration.map(|one| &**one), given, &body)?;
        let import = Import::of_typed(typed);
        let linked = connecting::import(&app, &connection, import).await?;
        return Ok(Json(shape_one(&app, linked).await?));
    }
    let names = integration
        .map(|integration| integration.callback_parameters().to_vec())
        .unwrap_or_default();
    let import = read(body, &names, app.clock.now())?;
    let linked = connecting::import(&app, &connection, import).await?;
    Ok(Json(shape_one(&app, linked).await?))
}

/// Values that were typed elsewhere, by the names of the way's fields. No message repeats one.
fn typed(
    integration: Option<&Integration>,
    given: &Value,
    body: &Value,
) -> Result<Typed, ApiError> {
    let ways = integration.map_or(&[][..], Integration::ways);
    let importable = || ways.iter().filter(|way| !way.has_certificate());
    let found = importable().find(|way| Some(way.key()) == given.as_str());
    let Some(way) = found else {
        let known: Vec<&str> = importable().map(Way::key).collect();
        let message = match known.is_empty() {
            true => "Access to this platform is given by tokens alone: leave way out.".to_owned(),
            false => format!("way must be one of: {}.", known.join(", ")),
        };
        return Err(ApiError::invalid("way", message));
    };
    let mut values = BTreeMap::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let field = way.fields().iter().find(|field| field.name == *name);
        let Some(field) = field else {
            if name == "way" {
                continue;
            }
            let known: Vec<&str> = way.fields().iter().map(|one| one.name.as_str()).collect();
            let message = format!(
                "This way has no such value. There are: {}.",
                known.join(", ")
            );
            return Err(ApiError::invalid(name, message));
        };
        let Some(text) = value.as_str() else {
            return Err(ApiError::invalid(name, format!("{name} must be a text.")));
        };
        let value = field.read(text).map_err(|why| {
            let message = match why {
                NotTaken::Missing => format!("{name} is empty."),
                NotTaken::Unusable => format!("{name} is too long, or can't be sent."),
                NotTaken::OtherForm => field.rule.clone().unwrap_or_default(),
            };
            ApiError::invalid(name, message)
        })?;
        values.insert(name.clone(), value);
    }
    let lacking = way
        .fields()
        .iter()
        .find(|field| !values.contains_key(&field.name));
    if let Some(field) = lacking {
        let name = &field.name;
        return Err(ApiError::invalid(name, format!("{name} is required.")));
    }
    Ok(Typed::new(way, values))
}

/// Reads the map by hand: no message may repeat a value of it.
fn read(body: Value, variables: &[String], now: DateTime<Utc>) -> Result<Import, ApiError> {
    let Value::Object(given) = body else {
        return Err(ApiError::invalid(
            "body",
            "The body must be an object of texts, such as {\"accessToken\": \"…\", \"refreshToken\": \"…\"}.",
        ));
    };
    let mut import = Import {
        access_token: Secret::new(String::new()),
        refresh_token: None,
        expires_in: None,
        scope: None,
        variables: BTreeMap::new(),
    };
    let mut has_token = false;
    for (name, value) in given {
        let Value::String(value) = value else {
            return Err(ApiError::invalid(&name, format!("{name} must be a text.")));
        };
        if value.is_empty() {
            return Err(ApiError::invalid(&name, format!("{name} is empty.")));
        }
        // As the contract spells its members, and as OAuth's token responses do.
        match name.as_str() {
            "accessToken" | "access_token" => {
                import.access_token = Secret::new(value);
                has_token = true;
            }
            "refreshToken" | "refresh_token" => import.refresh_token = Some(Secret::new(value)),
            "expiresIn" | "expires_in" => {
                let seconds = value.parse().map_err(|_| {
                    ApiError::invalid(&name, format!("{name} must be a whole number of seconds."))
                })?;
                import.expires_in = Some(Duration::from_secs(seconds));
            }
            "expiresAt" | "expires_at" => {
                let at = read_time(&value).ok_or_else(|| {
                    ApiError::invalid(
                        &name,
                        format!("{name} must be a time such as 2026-06-15T09:30:00Z."),
                    )
                })?;
                import.expires_in = Some((at - now).to_std().unwrap_or_default());
            }
            "scope" => import.scope = Some(value),
            "tokenType" | "token_type" => {}
            _ if variables.contains(&name) => {
                import.variables.insert(name, value);
            }
            _ => return Err(ApiError::invalid(&name, unknown(variables))),
        }
    }
    if !has_token {
        return Err(ApiError::invalid("accessToken", "accessToken is required."));
    }
    let expired = import.expires_in.is_some_and(|left| left.is_zero());
    if expired && import.refresh_token.is_none() {
        return Err(ApiError::invalid(
            "refreshToken",
            "The access token has expired, so a refreshToken is required.",
        ));
    }
    Ok(import)
}

fn unknown(variables: &[String]) -> String {
    let mut known = vec![
        "accessToken",
        "refreshToken",
        "expiresIn",
        "expiresAt",
        "scope",
    ];
    known.extend(variables.iter().map(String::as_str));
    format!(
        "This platform's connections have no such value. There are: {}.",
        known.join(", ")
    )
}
