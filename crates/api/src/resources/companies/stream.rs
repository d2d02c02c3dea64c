//! A company's events as they happen, for the component and for clients (ours, beyond the contract).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::unfold;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::tenancy::ForCompany;
use platform::access::caller::{self, Who};
use platform::events::live::{Listener, Seat};
use store::companies::Company;
use store::events;

/// A stream's longest life. Its listener reconnects with `Last-Event-ID`, and its token is checked again.
const STREAM: Duration = Duration::from_secs(15 * 60);
/// A stream reads the record at least this often, woken or not.
const READ_EVERY: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(15);

struct Listening {
    app: AppState,
    company: Company,
    notify: Arc<Notify>,
    stop: watch::Receiver<bool>,
    until: Instant,
    /// The number of the last event that was sent. One company's events appear in the order of their numbers, so none can
    /// appear behind it.
    sent: i64,
    waiting: VecDeque<Event>,
    _seat: Seat,
}

pub(crate) async fn events(
    State(app): State<AppState>,
    ForCompany(company): ForCompany,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let seat = sit(&app, &headers)?;
    let notify = app.live.subscribe(company.id);
    let newest = store::events::newest(&app.db, company.id).await?;
    let last = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<i64>().ok());
    // A number that isn't there yet is another database's.
    let sent = last.filter(|last| *last <= newest).unwrap_or(newest);
    // It carries a number, so that even a stream that is cut before its first event can be resumed.
    let ready = Event::default()
        .event("ready")
        .id(sent.to_string())
        .data(json!({ "companyId": company.id }).to_string());
    let listening = Listening {
        stop: app.stop.subscribe(),
        app,
        company,
        notify,
        until: Instant::now() + STREAM,
        sent,
        waiting: VecDeque::from([ready]),
        _seat: seat,
    };
    let stream = unfold(listening, |mut listening| async move {
        let event = listening.next().await?;
        Some((Ok::<_, Infallible>(event), listening))
    });
    let stream = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT).text(""));
    Ok(([(CACHE_CONTROL, "no-store")], stream))
}

/// A place among the streams that the caller may have open at a time. Those with an API key are bounded by its address alone: a
/// client's software may listen to all of its companies.
fn sit(app: &AppState, headers: &HeaderMap) -> Result<Seat, ApiError> {
    let limits = &app.config.limits;
    let caller = caller::current();
    let address = caller.as_ref().and_then(|caller| caller.address);
    let address = address.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    let address = (Listener::Address(address), limits.streams_per_address);
    let has_token = caller.is_some_and(|caller| matches!(caller.who(), Some(Who::Token(_))));
    let seat = if has_token {
        let token = headers
            .get(AUTHORIZATION)
            .map_or(&[][..], |value| value.as_bytes());
        let token = Listener::Token(Sha256::digest(token).into());
        app.live.sit([address, (token, limits.streams_per_token)])
    } else {
        app.live.sit([address])
    };
    // Another stream ends, or is given up, within that time at the latest.
    seat.ok_or_else(|| ApiError::too_many(STREAM.as_secs().cast_signed()))
}

impl Listening {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if *self.stop.borrow() {
                return None;
            }
            let notify = Arc::clone(&self.notify);
            // Registered before reading, so that no event can be written in between unnoticed.
            let notified = notify.notified();
            if let Err(error) = self.read().await {
                tracing::error!(%error, "a company's events can't be read");
            }
            if !self.waiting.is_empty() {
                continue;
            }
            tokio::select! {
                () = notified => {}
                () = tokio::time::sleep(READ_EVERY) => {}
                () = tokio::time::sleep_until(self.until) => return None,
                _ = self.stop.changed() => return None,
            }
        }
    }

    async fn read(&mut self) -> Result<(), store::StoreError> {
        let (client, company) = (self.company.client_id, self.company.id);
        for row in events::of_company_after(&self.app.db, client, company, self.sent).await? {
            self.sent = row.id;
            let data = json!({
                "type": row.name(),
                "connectionId": row.connection_id,
                "status": row.to_status,
            });
            self.waiting.push_back(
                Event::default()
                    .event("connection")
                    .id(row.id.to_string())
                    .data(data.to_string()),
            );
        }
        Ok(())
    }
}
