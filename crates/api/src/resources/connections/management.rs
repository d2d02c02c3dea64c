//! Everything that the component shows, in one read (ours, beyond the contract).

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::State;
use connectors::AssetRole;
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use serde::Serialize;

use super::machine::Machine;
use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::tenancy::ForCompany;
use crate::wire::integration::asset_url;
use crate::wire::time;
use platform::access::links;
use platform::connecting::{self, Seen, machines};
use platform::disclosure::additional::{self, Additional, Wording};
use platform::disclosure::language::Languages;
use platform::disclosure::{Basis, Disclosure, Missing, Wish};
use store::model::{CompanyId, ConnectionId, ConnectionStatus, SourceType};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    company_id: CompanyId,
    company_name: String,
    provider: Provider,
    show_badge: bool,
    /// The number of the newest event before this was read: a live stream that resumes there misses none.
    last_event_id: String,
    connections: Vec<Shown>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) logo_url: Option<String>,
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
    /// The data types that are read through it, by their keys.
    data_types: Vec<String>,
    /// The disclosure to its customer on connecting it now.
    disclosure: Disclosure,
    requires_reconsent: bool,
    /// The newest entry of its history: another one means that there is something new to read.
    last_event: Option<String>,
    /// Of a further business behind the same sign-in: its company.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<CompanyId>,
    /// The further purposes that its customer has agreed to.
    additional_consents: Vec<Agreed>,
    /// Of a platform that calls.
    machine: Option<Machine>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Agreed {
    answered: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(flatten)]
    wording: Wording,
}

#[derive(Serialize)]
struct Attention {
    code: String,
    message: String,
}

pub(crate) async fn view(
    State(app): State<AppState>,
    ForCompany(company): ForCompany,
    headers: HeaderMap,
) -> Result<Json<View>, ApiError> {
    let client = store::clients::get(&app.db, company.client_id)
        .await?
        .ok_or_else(ApiError::unauthorized)?;
    let last_event = store::events::newest(&app.db, company.id).await?;
    let mut seen = connecting::seen_by(&app, company.id).await?;
    seen.retain(|seen| seen.connection.status != ConnectionStatus::PendingAuth);
    let languages = headers.get(ACCEPT_LANGUAGE);
    let languages = languages.and_then(|value| value.to_str().ok());
    let wish = Wish {
        languages: &Languages::read(languages.unwrap_or_default()),
        person: false,
        way: None,
    };
    let mut companies: Vec<CompanyId> =
        seen.iter().map(|seen| seen.connection.company_id).collect();
    companies.sort();
    companies.dedup();
    let mut bases = BTreeMap::new();
    let mut newest = Vec::new();
    for id in companies {
        bases.insert(id, Basis::of(&app, company.client_id, id).await?);
        newest.extend(store::events::newest_of_connections(&app.db, id).await?);
    }
    let ids: Vec<ConnectionId> = seen.iter().map(|seen| seen.connection.id).collect();
    let agreements = store::agreements::of_connections(&app.db, &ids).await?;
    let mut answers = additional::answers(&app, company.client_id, &ids).await?;
    let mut calling = HashMap::new();
    for Seen { connection, .. } in &seen {
        if let Some(known) = machines::known(&app, connection).await? {
            calling.insert(connection.id, Machine::from(known));
        }
    }
    let shown = seen
        .into_iter()
        .filter_map(|Seen { connection, beside }| {
            let manifest = app.catalogue.get(&connection.integration_key);
            let disclosure = bases
                .get(&connection.company_id)?
                .disclose(&app, &connection, &wish);
            let mut own = agreements.iter();
            let missing = own
                .find(|agreement| agreement.connection_id == connection.id)
                .and_then(|agreement| agreement.missing.as_deref())
                .and_then(|text| serde_json::from_str::<Missing>(text).ok());
            let is_read = |data_type: &String| {
                missing
                    .as_ref()
                    .is_none_or(|missing| !missing.data_types.contains(data_type))
            };
            let read = disclosure.reads.iter().map(|read| read.data_type.clone());
            let custom = disclosure.custom.iter();
            let custom = custom.map(|custom| format!("custom/{}", custom.name));
            let additional = answers.remove(&connection.id).unwrap_or_default();
            let additional = additional.into_iter().filter(Additional::is_given);
            let additional = additional.map(|given| Agreed {
                answered: time(given.answered),
                language: given.language,
                wording: given.wording,
            });
            Some(Shown {
                company_id: beside.map(|_| connection.company_id),
                additional_consents: additional.collect(),
                link_url: links::link_url(&app, &connection),
                logo_url: manifest.map(|manifest| asset_url(&app, manifest, AssetRole::LogoSquare)),
                data_types: read.chain(custom).filter(is_read).collect(),
                requires_reconsent: connection.needs_consent,
                last_event: newest
                    .iter()
                    .find(|newest| newest.connection_id == connection.id)
                    .map(|newest| newest.id.to_string()),
                machine: calling.remove(&connection.id),
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
                disclosure,
            })
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
        last_event_id: last_event.to_string(),
        connections: shown,
    }))
}
