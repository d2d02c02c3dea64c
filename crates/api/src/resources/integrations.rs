//! `/integrations`.

use axum::Json;
use axum::extract::{Path, State};
use connectors::Integration as Manifest;

use crate::AppState;
use crate::around::auth::Client;
use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::wire::integration::{Branding, Integration};
use platform::data::files::sources::{SOURCES, Source, source};
use store::StoreError;
use store::model::{ClientId, ConnectionStatus, SourceType};
use store::query::{Kind, Schema};

const SCHEMA: Schema = Schema {
    name: "Integration",
    fields: &[
        ("key", Kind::Text),
        ("name", Kind::Text),
        ("enabled", Kind::Bool),
        ("sourceId", Kind::Id),
        ("sourceType", Kind::Word(SourceType::WORDS)),
        ("integrationId", Kind::Id),
        ("isOfflineConnector", Kind::Bool),
        ("isBeta", Kind::Bool),
        ("dataProvidedBy", Kind::Text),
        ("linkedConnectionsCount", Kind::Number),
        ("totalConnectionsCount", Kind::Number),
    ],
    open: false,
};

pub(crate) async fn list(
    State(app): State<AppState>,
    client: Client,
    paging: Paging,
) -> Result<Json<Envelope<serde_json::Value>>, ApiError> {
    let filter = paging.filter(&SCHEMA)?;
    let order = paging.order(&SCHEMA)?;
    let mut found = Vec::new();
    let manifests = app
        .catalogue
        .iter()
        .map(|manifest| Found::Platform(manifest));
    let all = manifests.chain(SOURCES.iter().map(Found::Files));
    for integration in shape(&app, client.id, all).await? {
        let value = serde_json::to_value(integration)
            .map_err(|error| StoreError::Corrupt(format!("integration: {error}")))?;
        if filter.as_ref().is_none_or(|filter| filter.matches(&value)) {
            found.push(value);
        }
    }
    if let Some(order) = &order {
        found.sort_by(|a, b| {
            let ordering = compare(&a[&order.field], &b[&order.field]);
            if order.descending {
                ordering.reverse()
            } else {
                ordering
            }
        });
    }
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let skip = usize::try_from(paging.offset()).unwrap_or(usize::MAX);
    let take = usize::try_from(paging.page_size).unwrap_or(usize::MAX);
    Ok(Json(paging.envelope(
        found.into_iter().skip(skip).take(take).collect(),
        total,
    )))
}

fn compare(a: &serde_json::Value, b: &serde_json::Value) -> std::cmp::Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a
            .to_string()
            .to_lowercase()
            .cmp(&b.to_string().to_lowercase()),
    }
}

pub(crate) async fn get(
    State(app): State<AppState>,
    client: Client,
    Path(key): Path<String>,
) -> Result<Json<Integration>, ApiError> {
    let found = match source(&key) {
        Some(source) if app.catalogue.get(&key).is_none() => Found::Files(source),
        _ => Found::Platform(find(&app, &key)?),
    };
    let mut shaped = shape(&app, client.id, std::iter::once(found)).await?;
    Ok(Json(shaped.remove(0)))
}

pub(crate) async fn branding(
    State(app): State<AppState>,
    _: Client,
    Path(key): Path<String>,
) -> Result<Json<Branding>, ApiError> {
    match source(&key) {
        Some(source) if app.catalogue.get(&key).is_none() => {
            Ok(Json(Branding::of_files(&app, source)))
        }
        _ => Ok(Json(Branding::new(&app, find(&app, &key)?))),
    }
}

pub(crate) fn find<'a>(app: &'a AppState, key: &str) -> Result<&'a Manifest, ApiError> {
    app.catalogue.get(key).map(AsRef::as_ref).ok_or_else(|| {
        ApiError::not_found(format!(
            "No integration has the key {}",
            key.chars().take(20).collect::<String>()
        ))
    })
}

/// An integration of the catalogue, or one to upload files by.
enum Found<'a> {
    Platform(&'a Manifest),
    Files(&'static Source),
}

impl Found<'_> {
    fn key(&self) -> &str {
        match self {
            Self::Platform(manifest) => manifest.key(),
            Self::Files(source) => source.key,
        }
    }
}

async fn shape<'a>(
    app: &AppState,
    client: ClientId,
    all: impl Iterator<Item = Found<'a>>,
) -> Result<Vec<Integration>, StoreError> {
    let settings = store::integrations::list(&app.db, client).await?;
    let tally = store::counts::connections(&app.db, client).await?;
    Ok(all
        .map(|found| {
            let setting = settings.iter().find(|setting| setting.key == found.key());
            let enabled = setting.is_some_and(|setting| setting.enabled);
            let mut shaped = match &found {
                Found::Platform(manifest) => Integration::new(app, manifest, enabled),
                Found::Files(source) => Integration::of_files(app, source, enabled),
            };
            for count in tally
                .iter()
                .filter(|count| count.integration_key == found.key())
            {
                shaped.total_connections_count += count.number;
                if count.status == ConnectionStatus::Linked {
                    shaped.linked_connections_count += count.number;
                }
            }
            shaped
        })
        .collect())
}
