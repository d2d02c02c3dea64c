//! Data that a client wants of a platform in addition to the standard models: supplemental data, and custom data types.

use std::collections::BTreeMap;

use ::records::DataType;
use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use connectors::{CustomData, SupplementalData};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::resources;
use crate::AppState;
use crate::around::auth::Client;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::paging::Paging;
use crate::around::tenancy::OwnConnection;
use crate::resources::integrations;
use crate::wire::dataset::PullOperation;
use platform::data::{configuration, pulling};
use store::datasets;
use store::model::ClientId;
use store::query::{Condition, Expression};
use store::records::{self, Scope};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SupplementalDataConfiguration {
    supplemental_data_config: SupplementalData,
}

/// The groups, in the member that the schema has for them or, as each published example has them, alone.
#[derive(Debug)]
pub(crate) struct Wanted(SupplementalData);

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const MEMBER: &str = "supplementalDataConfig";

        let mut groups = BTreeMap::<String, Value>::deserialize(deserializer)?;
        let inner = match groups.remove(MEMBER) {
            Some(_) if !groups.is_empty() => {
                let others: Vec<&str> = groups.keys().map(String::as_str).collect();
                let others = others.join(", ");
                return Err(D::Error::custom(format!(
                    "{others}: groups of fields stand in {MEMBER}, or all of them alone"
                )));
            }
            Some(inner) => inner,
            None => {
                if let Some((name, _)) = groups.iter().find(|(_, group)| !is_group(group)) {
                    return Err(D::Error::custom(format!(
                        "{name} is neither {MEMBER} nor a group of fields, which has dataSource and pullData"
                    )));
                }
                groups.into_iter().collect()
            }
        };
        let groups = SupplementalData::deserialize(inner).map_err(D::Error::custom)?;
        Ok(Self(groups))
    }
}

fn is_group(value: &Value) -> bool {
    let members = ["dataSource", "pullData", "pushData"];
    members.iter().any(|member| value.get(member).is_some())
}

impl From<Wanted> for SupplementalDataConfiguration {
    fn from(wanted: Wanted) -> Self {
        Self {
            supplemental_data_config: wanted.0,
        }
    }
}

impl SupplementalDataConfiguration {
    /// A group of fields that is meant for writing, which would be stored and never used.
    fn writes(&self) -> Option<&str> {
        let mut groups = self.supplemental_data_config.iter();
        let found =
            groups.find(|(_, group)| group.push_data.as_ref().is_some_and(|all| !all.is_empty()));
        found.map(|(name, _)| name.as_str())
    }
}

fn supplemented(text: &str) -> Result<DataType, ApiError> {
    let mut known = resources::supplemented();
    known.find(|known| known.as_str() == text).ok_or_else(|| {
        let valid = resources::supplemented().map(DataType::as_str);
        ApiError::unknown("dataType", "data type with supplemental data", text, valid)
    })
}

pub(crate) async fn get(
    State(app): State<AppState>,
    client: Client,
    Path((platform, data_type)): Path<(String, String)>,
) -> Result<Json<SupplementalDataConfiguration>, ApiError> {
    integrations::find(&app, &platform)?;
    let data_type = supplemented(&data_type)?;
    let found = configuration::supplemental(&app, client.id, &platform, data_type).await?;
    Ok(Json(SupplementalDataConfiguration {
        supplemental_data_config: found,
    }))
}

/// An empty configuration takes the fields away again, with the next sync.
pub(crate) async fn configure(
    State(app): State<AppState>,
    client: Client,
    Path((platform, data_type)): Path<(String, String)>,
    Body(wanted): Body<Wanted>,
) -> Result<StatusCode, ApiError> {
    let wanted = SupplementalDataConfiguration::from(wanted);
    integrations::find(&app, &platform)?;
    let data_type = supplemented(&data_type)?;
    let config = &wanted.supplemental_data_config;
    if config.keys().any(|group| group.trim().is_empty()) {
        return Err(ApiError::invalid(
            "supplementalDataConfig",
            "Each group of fields needs a name.",
        ));
    }
    if let Some(group) = wanted.writes() {
        return Err(ApiError::invalid(
            "pushData",
            format!(
                "{group} has pushData: what is written to platforms has no supplemental data yet; leave it out."
            ),
        ));
    }
    configuration::set_supplemental(&app, client.id, &platform, data_type, config).await?;
    Ok(StatusCode::OK)
}

pub(crate) async fn get_custom(
    State(app): State<AppState>,
    client: Client,
    Path((platform, name)): Path<(String, String)>,
) -> Result<Json<CustomData>, ApiError> {
    integrations::find(&app, &platform)?;
    Ok(Json(find(&app, client.id, &platform, &name).await?))
}

pub(crate) async fn configure_custom(
    State(app): State<AppState>,
    client: Client,
    Path((platform, name)): Path<(String, String)>,
    Body(wanted): Body<CustomData>,
) -> Result<Json<CustomData>, ApiError> {
    const LONGEST: usize = 100;

    integrations::find(&app, &platform)?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if name.len() > LONGEST || !name.chars().all(plain) {
        return Err(ApiError::invalid(
            "customDataIdentifier",
            format!(
                "A custom data type's name has up to {LONGEST} letters, digits, dashes, underscores and dots."
            ),
        ));
    }
    if wanted.data_source.trim().is_empty() {
        let message = "dataSource must name an address of the platform's API.";
        return Err(ApiError::invalid("dataSource", message));
    }
    let none = |path: &String| path.trim().is_empty();
    if wanted.key_by.is_empty() || wanted.key_by.iter().any(none) {
        let message = "keyBy must name what tells the platform's records apart.";
        return Err(ApiError::invalid("keyBy", message));
    }
    configuration::set_custom(&app, client.id, &platform, &name, &wanted).await?;
    Ok(Json(wanted))
}

pub(crate) async fn refresh(
    State(app): State<AppState>,
    OwnConnection(connection): OwnConnection,
    Path((_, _, name)): Path<(String, String, String)>,
) -> Result<Json<PullOperation>, ApiError> {
    find(
        &app,
        connection.client_id,
        &connection.integration_key,
        &name,
    )
    .await?;
    let dataset = pulling::refresh_custom(&app, &connection, &name).await?;
    Ok(Json(dataset.into()))
}

/// By page and page size alone: the contract has no queries here.
pub(crate) async fn list(
    State(app): State<AppState>,
    OwnConnection(connection): OwnConnection,
    Path((_, _, name)): Path<(String, String, String)>,
    paging: Paging,
) -> Result<Response, ApiError> {
    find(
        &app,
        connection.client_id,
        &connection.integration_key,
        &name,
    )
    .await?;
    let key = configuration::custom_key(&name);
    let pulled = datasets::pulled_types(&app.db, connection.id).await?;
    if !pulled.contains(&key) {
        return Err(ApiError::not_pulled(&key));
    }
    let scope = Scope {
        company: connection.company_id,
        connections: vec![connection.id],
    };
    let present = Expression::Condition(Condition::not_deleted());
    let total = records::count(&app.db, &scope, &key, Some(&present)).await?;
    let (limit, offset) = (paging.page_size, paging.offset());
    let rows = records::list(&app.db, &scope, &key, Some(&present), None, limit, offset).await?;
    let mut body = b"{\"results\":[".to_vec();
    for (position, row) in rows.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        // The contract puts the date into an object of its own here, and its client insists on that.
        let modified = crate::wire::time(row.modified);
        let modified = format!("{{\"modifiedDate\":\"{modified}\"}}");
        row.write_with(&[("modifiedDate", modified)], &mut body);
    }
    let tail = json!({
        "pageNumber": paging.page,
        "pageSize": paging.page_size,
        "totalResults": total,
        "_links": paging.links(total),
    })
    .to_string();
    body.extend_from_slice(b"],");
    body.extend_from_slice(&tail.as_bytes()[1..]);
    Ok(([(CONTENT_TYPE, "application/json")], Bytes::from(body)).into_response())
}

async fn find(
    app: &AppState,
    client: ClientId,
    platform: &str,
    name: &str,
) -> Result<CustomData, ApiError> {
    let found = configuration::custom(app, client, platform, name).await?;
    found.ok_or_else(|| {
        let name: String = name.chars().take(100).collect();
        ApiError::not_found(format!(
            "No custom data type {name} is configured for {platform}."
        ))
        .of("PullApi")
    })
}
