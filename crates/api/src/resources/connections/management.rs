//! Everything that the component shows, in one read (ours, beyond the contract).

use axum::Json;
use axum::extract::State;
use connectors::AssetRole;
use serde::Serialize;

use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::tenancy::ForCompany;
use crate::wire::integration::asset_url;
use crate::wire::time;
use platform::connecting;
use store::model::{CompanyId, ConnectionId, ConnectionStatus, SourceType};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    company_id: CompanyId,
    company_name: String,
    provider: Provider,
    show_badge: bool,
    connections: Vec<Shown>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    name: String,
    logo_url: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    id: ConnectionId,
    platform_key: String,
    platform_name: String,
    source_type: SourceType,
    status: ConnectionStatus,
    link_url: String,
    logo_url: Option<String>,
    created: String,
    first_authorized: Option<String>,
    last_active: Option<String>,
    connected_company_name: Option<String>,
    attention: Option<Attention>,
    data_types: Vec<&'static str>,
    /// The newest entry of its history: another one means that there is something new to read.
    last_event: Option<String>,
}

#[derive(Serialize)]
struct Attention {
    code: String,
    message: String,
}

pub(crate) async fn view(
    State(app): State<AppState>,
    ForCompany(company): ForCompany,
) -> Result<Json<View>, ApiError> {
    let client = store::clients::get(&app.db, company.client_id)
        .await?
        .ok_or_else(ApiError::unauthorized)?;
    let connections = store::connections::of_companies(&app.db, &[company.id]).await?;
    let newest = store::events::newest_of_connections(&app.db, company.id).await?;
    let shown = connections
        .into_iter()
        .filter(|connection| connection.status != ConnectionStatus::PendingAuth)
        .map(|connection| {
            let manifest = app.catalogue.get(&connection.integration_key);
            Shown {
                link_url: connecting::link_url(&app, &connection),
                logo_url: manifest.map(|manifest| asset_url(&app, manifest, AssetRole::LogoSquare)),
                data_types: manifest.map_or_else(Vec::new, |manifest| {
                    manifest
                        .data()
                        .iter()
                        .map(|support| support.data_type.as_str())
                        .collect()
                }),
                last_event: newest
                    .iter()
                    .find(|newest| newest.connection_id == connection.id)
                    .map(|newest| newest.id.to_string()),
                attention: connection
                    .attention_code
                    .zip(connection.attention_message)
                    .map(|(code, message)| Attention { code, message }),
                id: connection.id,
                platform_key: connection.integration_key,
                platform_name: connection.platform_name,
                source_type: connection.source_type,
                status: connection.status,
                created: time(connection.created),
                first_authorized: connection.first_authorized.map(time),
                last_active: connection.last_sync.map(time),
                connected_company_name: connection.account_name,
            }
        })
        .collect();
    Ok(Json(View {
        company_id: company.id,
        company_name: company.name,
        provider: Provider {
            name: client.name,
            logo_url: client.logo_url,
        },
        show_badge: client.show_badge,
        connections: shown,
    }))
}
