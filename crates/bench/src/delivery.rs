//! Delivery of events: rate to a fast receiver, and time from the commit to the first attempt.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use egress::{Door, HeaderValue, Policy, Request, header};
use parking_lot::{Mutex, MutexGuard};
use platform::app::Shared;
use platform::change::Change;
use platform::events::Event;
use serde_json::{Value, json};
use store::companies;
use store::model::{Actor, ClientId, CompanyId, EventType};
use url::Url;
use uuid::Uuid;

/// Events that are already recorded when the sender starts.
pub(crate) const WAITING: usize = 10_000;
/// Events that are timed, one after the other.
const TIMED: usize = 200;
const PATIENCE: Duration = Duration::from_secs(120);

/// A webhook consumer that answers at once and keeps each message with its time of arrival.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<(Instant, Bytes)>>>,
}

impl Receiver {
    pub(crate) async fn start() -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let received: Arc<Mutex<Vec<(Instant, Bytes)>>> = Arc::default();
        let kept = Arc::clone(&received);
        let router = Router::new().fallback(move |body: Bytes| {
            kept.lock().push((Instant::now(), body));
            async { StatusCode::NO_CONTENT }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, received })
    }

    fn taken(&self) -> MutexGuard<'_, Vec<(Instant, Bytes)>> {
        self.received.lock()
    }

    /// Waits until `count` messages have come.
    async fn has(&self, count: usize) -> Result<()> {
        let began = Instant::now();
        while self.taken().len() < count {
            ensure!(
                began.elapsed() < PATIENCE,
                "only {} of {count} events came",
                self.taken().len()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// Messages a second, from the first to the last of `count`.
    pub(crate) async fn rate(&self, count: usize) -> Result<f64> {
        self.has(count).await?;
        let taken = self.taken();
        let spent = taken[count - 1].0.duration_since(taken[0].0);
        Ok((count - 1) as f64 / spent.as_secs_f64())
    }
}

/// The platform's API, called as by a client.
pub(crate) struct Api {
    door: Door,
    base: Url,
    authorization: HeaderValue,
}

impl Api {
    pub(crate) fn at(address: SocketAddr, authorization: &str) -> Result<Self> {
        let mut authorization = HeaderValue::try_from(authorization)?;
        authorization.set_sensitive(true);
        Ok(Self {
            door: Door::new(Policy {
                allow_private: [address.to_string()].into(),
                ..Policy::default()
            }),
            base: Url::parse(&format!("http://{address}"))?,
            authorization,
        })
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let mut request = Request::post(self.base.join(path)?, body.to_string());
        let headers = &mut request.headers;
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        let answer = self.door.send(request).await?;
        ensure!(
            answer.status.is_success(),
            "POST {path} answered {}",
            answer.status
        );
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// Subscribes the receiver to companies created and updated.
    pub(crate) async fn subscribe(&self, receiver: &Receiver) -> Result<()> {
        let body = json!({
            "url": format!("http://{}/hooks", receiver.address),
            "eventTypes": ["company.created", "company.updated"],
        });
        self.post("/webhooks", &body).await?;
        Ok(())
    }

    /// Time from the answer that a company was created to its event's arrival: the median of two hundred, one at a time.
    pub(crate) async fn latency(&self, receiver: &Receiver) -> Result<Duration> {
        let before = receiver.taken().len();
        let mut answered = HashMap::new();
        for number in 0..TIMED {
            let body = json!({ "name": format!("timed {number}") });
            let made = self.post("/companies", &body).await?;
            let id = made["id"]
                .as_str()
                .context("POST /companies answered without an id")?
                .to_owned();
            answered.insert(id, Instant::now());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        receiver.has(before + TIMED).await?;
        let mut waits = Vec::with_capacity(TIMED);
        for (at, body) in receiver.taken()[before..].iter() {
            let message: Value = serde_json::from_slice(body)?;
            let id = message["payload"]["id"].as_str().unwrap_or_default();
            if let Some(answered) = answered.get(id) {
                waits.push(at.saturating_duration_since(*answered));
            }
        }
        ensure!(
            waits.len() == TIMED,
            "{} of {TIMED} companies' events came; other events came in their place",
            waits.len()
        );
        waits.sort_unstable();
        Ok(waits[TIMED / 2])
    }
}

/// Records events about companies in turn, a hundred in a transaction.
pub(crate) async fn record(app: &Shared, client: ClientId, ids: &[Uuid]) -> Result<()> {
    let mut known = Vec::new();
    for id in ids.iter().take(500) {
        let company = companies::get(&app.db, client, CompanyId(*id)).await?;
        known.push(company.context("a company of the seed is missing")?);
    }
    let mut written = 0;
    while written < WAITING {
        let mut change = Change::begin(app, Actor::Client).await?;
        for company in known.iter().cycle().skip(written % known.len()).take(100) {
            change
                .event(Event::Company(company, EventType::CompanyUpdated))
                .await?;
        }
        change.commit().await?;
        written += 100;
    }
    Ok(())
}
