//! Everything that the Link component shows, in one read (ours, beyond the contract).

use axum::Json;
use axum::extract::State;
use connectors::{AssetRole, Integration};
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use serde::Serialize;
use uuid::Uuid;

use super::management::Provider;
use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::tenancy::ForLink;
use crate::wire::integration::picture_url;
use platform::access::links;
use platform::app::App;
use platform::companies::funnel;
use platform::companies::link::{self as settings, Shown};
use platform::connecting::{self, Seen};
use platform::data::files::sources::SOURCES;
use platform::disclosure::additional::{self, Additional, Asked, Wording};
use platform::disclosure::language::Languages;
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
    /// The platforms that can be connected, by name.
    platforms: Vec<Platform>,
    /// The kinds of files that can be uploaded.
    uploads: Vec<Files>,
    /// Those that wait for their customer, too.
    connections: Vec<Begun>,
    settings: Settings,
}

/// The client's own, in the reader's language.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    /// Of its pages: `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    colour: Option<String>,
    #[serde(flatten)]
    own: Shown,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Platform {
    key: String,
    name: String,
    integration_id: Uuid,
    source_id: Uuid,
    source_type: String,
    logo_url: Option<String>,
    /// The platform's own picture of a button that leads to it.
    button_url: Option<String>,
    is_sandbox: bool,
    is_beta: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Files {
    key: &'static str,
    name: &'static str,
    kind: &'static str,
    integration_id: Uuid,
    source_id: Uuid,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Begun {
    id: ConnectionId,
    integration_id: Uuid,
    integration_key: String,
    source_id: Uuid,
    source_type: SourceType,
    platform_name: String,
    status: ConnectionStatus,
    link_url: String,
    connected_company_name: Option<String>,
    /// Of a further business behind the same sign-in: its company, and the connection beside which it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<CompanyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beside: Option<ConnectionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_consent: Option<Further>,
}

/// The further purpose that is to be asked for, and what was answered before.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Further {
    /// In the client's own words, unless they were answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<Asked>,
    /// The words that were agreed to or refused: a page that has words of its own doesn't ask by them again.
    answered: Vec<Wording>,
}

impl Further {
    /// None if there is nothing to ask by the client's words, and nothing was answered.
    fn of(asked: Option<Asked>, answers: &[Additional]) -> Option<Self> {
        // An answer that ended with its consent is asked for again.
        let in_force = answers.iter().filter(|answer| answer.ended.is_none());
        let in_force: Vec<&Additional> = in_force.collect();
        let asked = asked.filter(|asked| {
            !in_force
                .iter()
                .any(|answer| answer.version == asked.version)
        });
        let answered = in_force.iter().map(|answer| answer.wording.clone());
        let answered: Vec<Wording> = answered.collect();
        (asked.is_some() || !answered.is_empty()).then_some(Self { asked, answered })
    }
}

pub(crate) async fn view(
    State(app): State<AppState>,
    ForLink { company, .. }: ForLink,
    headers: HeaderMap,
) -> Result<Json<View>, ApiError> {
    let client = store::clients::get(&app.db, company.client_id)
        .await?
        .ok_or_else(ApiError::unauthorized)?;
    funnel::opened(&app, &company);
    let last_event = store::events::newest(&app.db, company.id).await?;
    let offered = connecting::offered(&app, company.client_id).await?;
    let mut platforms: Vec<Platform> = app
        .catalogue
        .iter()
        .filter(|integration| offered.contains(integration.key()))
        .map(|integration| shown(&app, integration))
        .collect();
    platforms.sort_by_cached_key(|platform| platform.name.to_lowercase());
    let uploads = SOURCES.iter().filter(|source| offered.contains(source.key));
    let uploads = uploads.map(|source| Files {
        key: source.key,
        name: source.name,
        kind: source.kind.name(),
        integration_id: source.integration_id,
        source_id: source.source_id,
    });
    let languages = headers.get(ACCEPT_LANGUAGE);
    let languages = languages.and_then(|value| value.to_str().ok());
    let languages = Languages::read(languages.unwrap_or_default());
    let own = settings::of_client(&app, company.client_id).await?;
    let seen = connecting::seen_by(&app, company.id).await?;
    let linked = seen.iter().map(|seen| &seen.connection);
    let linked = linked.filter(|connection| connection.status == ConnectionStatus::Linked);
    let linked: Vec<ConnectionId> = linked.map(|connection| connection.id).collect();
    let answers = additional::answers(&app, company.client_id, &linked).await?;
    let connections = seen
        .into_iter()
        .map(|Seen { connection, beside }| Begun {
            additional_consent: linked
                .contains(&connection.id)
                .then(|| {
                    let asked = additional::asked_of(&own, &client.name, &connection, &languages);
                    let answers = answers.get(&connection.id).map_or(&[][..], Vec::as_slice);
                    Further::of(asked, answers)
                })
                .flatten(),
            company_id: beside.map(|_| connection.company_id),
            beside,
            link_url: links::link_url(&app, &connection),
            id: connection.id,
            integration_id: connection.integration_id,
            integration_key: connection.integration_key,
            source_id: connection.source_id,
            source_type: connection.source_type,
            platform_name: connection.platform_name,
            status: connection.status,
            connected_company_name: connection.account_name,
        })
        .collect();
    let settings = Settings {
        colour: client.colour,
        own: own.shown(&languages),
    };
    Ok(Json(View {
        settings,
        company_id: company.id,
        company_name: company.name,
        provider: Provider {
            name: client.name,
            logo_url: client.logo_url,
        },
        show_badge: client.show_badge,
        last_event_id: last_event.to_string(),
        platforms,
        uploads: uploads.collect(),
        connections,
    }))
}

fn shown(app: &App, integration: &Integration) -> Platform {
    Platform {
        key: integration.key().to_owned(),
        name: integration.name().to_owned(),
        integration_id: integration.integration_id(),
        source_id: integration.source_id(),
        source_type: integration.source_type().to_string(),
        logo_url: picture_url(app, integration, AssetRole::LogoSquare),
        button_url: picture_url(app, integration, AssetRole::ButtonDefault),
        is_sandbox: integration.sandbox(),
        is_beta: integration.beta(),
    }
}
