//! What the component shows, in one read, and the stream that tells it to read again (ours, beyond the contract).

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use connectors::AssetRole;
use futures_util::Stream;
use futures_util::stream::unfold;
use http::HeaderMap;
use serde::Serialize;
use serde_json::json;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::auth::ForCompany;
use super::error::ApiError;
use super::wire::integration::asset_url;
use super::wire::time;
use super::{AppState, companies};
use crate::linking;
use crate::model::{CompanyId, ConnectionId, ConnectionStatus, SourceType};
use crate::store;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
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
}

#[derive(Serialize)]
struct Attention {
    code: String,
    message: String,
}

pub(super) async fn view(
    State(app): State<AppState>,
    caller: ForCompany,
) -> Result<Json<View>, ApiError> {
    let company = companies::find(&app, caller.client, caller.company).await?;
    let client = store::clients::get(&app.db, caller.client)
        .await?
        .ok_or_else(ApiError::unauthorized)?;
    let connections = store::connections::of_companies(&app.db, &[company.id]).await?;
    let shown = connections
        .into_iter()
        .filter(|connection| connection.status != ConnectionStatus::PendingAuth)
        .map(|connection| {
            let manifest = app.catalogue.get(&connection.integration_key);
            Shown {
                link_url: linking::link_url(&app, &connection),
                logo_url: manifest.map(|manifest| asset_url(&app, manifest, AssetRole::LogoSquare)),
                data_types: manifest.map_or_else(Vec::new, |manifest| {
                    manifest
                        .data()
                        .iter()
                        .map(|support| support.data_type.as_str())
                        .collect()
                }),
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

/// A stream ends after this long; its listener comes back with `Last-Event-ID` and its token is checked again.
const STREAM: Duration = Duration::from_secs(15 * 60);
/// How often the record is looked at unasked: what other nodes wrote.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Writers may commit out of their numbers' order: so far back it is looked for latecomers.
const BACK: i64 = 64;

struct Listening {
    app: AppState,
    caller: ForCompany,
    notify: Arc<Notify>,
    stop: watch::Receiver<bool>,
    until: Instant,
    newest: i64,
    seen: HashSet<i64>,
    waiting: Vec<Event>,
}

pub(super) async fn events(
    State(app): State<AppState>,
    caller: ForCompany,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    companies::find(&app, caller.client, caller.company).await?;
    let notify = app.live.subscribe(caller.company);
    let last = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let newest = match last {
        Some(last) => last,
        None => store::events::newest(&app.db, caller.company).await?,
    };
    // What lies within the look-back and was there before isn't news.
    let before =
        store::events::of_company_after(&app.db, caller.client, caller.company, newest - BACK)
            .await?;
    let seen = before
        .iter()
        .map(|event| event.id)
        .filter(|id| *id <= newest)
        .collect();
    let ready = Event::default()
        .event("ready")
        .data(json!({ "companyId": caller.company }).to_string());
    let listening = Listening {
        stop: app.stop.subscribe(),
        app,
        caller,
        notify,
        until: Instant::now() + STREAM,
        newest,
        seen,
        waiting: vec![ready],
    };
    let stream = unfold(listening, |mut listening| async move {
        let event = listening.next().await?;
        Some((Ok(event), listening))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)).text("")))
}

impl Listening {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop() {
                return Some(event);
            }
            let notify = Arc::clone(&self.notify);
            // Registered before looking, so that nothing can be written in between unnoticed.
            let notified = notify.notified();
            self.look().await;
            if !self.waiting.is_empty() {
                continue;
            }
            tokio::select! {
                () = notified => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = tokio::time::sleep_until(self.until) => return None,
                _ = self.stop.changed() => return None,
            }
            if *self.stop.borrow() {
                return None;
            }
        }
    }

    async fn look(&mut self) {
        let (client, company) = (self.caller.client, self.caller.company);
        let after = self.newest - BACK;
        let rows = match store::events::of_company_after(&self.app.db, client, company, after).await
        {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, "events can't be read");
                return;
            }
        };
        for row in rows {
            if !self.seen.insert(row.id) {
                continue;
            }
            self.newest = self.newest.max(row.id);
            let data = json!({ "connectionId": row.connection_id, "status": row.to_status });
            self.waiting.push(
                Event::default()
                    .event("connection")
                    .id(row.id.to_string())
                    .data(data.to_string()),
            );
        }
        self.waiting.reverse();
        let oldest = self.newest - 4 * BACK;
        self.seen.retain(|id| *id > oldest);
    }
}
