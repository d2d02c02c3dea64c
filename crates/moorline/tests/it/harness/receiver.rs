//! A webhook consumer of the test's own: a real listener that keeps the messages and answers as a story sets it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::World;

/// A received message.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: Bytes,
    pub at: Instant,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub fn kind(&self) -> String {
        self.json()["eventType"].as_str().unwrap().to_owned()
    }
}

/// The answer to a message, and the delay before it.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub retry_after: Option<String>,
    /// The target of a redirect.
    pub location: Option<String>,
    pub body: String,
    pub after: Duration,
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self {
            status,
            retry_after: None,
            location: None,
            body: String::new(),
            after: Duration::ZERO,
        }
    }
}

type Answering = Box<dyn FnMut(&Received) -> Reply + Send>;

pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    answering: Arc<Mutex<Answering>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let answering: Arc<Mutex<Answering>> =
            Arc::new(Mutex::new(Box::new(|_| Reply::status(204))));
        let (kept, answers) = (Arc::clone(&received), Arc::clone(&answering));
        let router = Router::new().fallback(move |headers: HeaderMap, body: Bytes| {
            let (kept, answers) = (Arc::clone(&kept), Arc::clone(&answers));
            async move { take(&kept, &answers, headers, body).await }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            received,
            answering,
        }
    }

    pub fn answer(&self, answering: impl FnMut(&Received) -> Reply + Send + 'static) {
        *self.answering.lock().unwrap() = Box::new(answering);
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn kinds(&self) -> Vec<String> {
        self.received().iter().map(Received::kind).collect()
    }

    /// Waits until `number` messages came in.
    pub async fn has(&self, world: &World, number: usize) -> Vec<Received> {
        world
            .until(format!("{number} messages came in"), || async {
                let received = self.received();
                (received.len() >= number).then_some(received)
            })
            .await
    }

    /// Waits until a message of this event type came in, and returns it.
    pub async fn of_kind(&self, world: &World, kind: &str) -> Received {
        world
            .until(format!("{kind} came in"), || async {
                self.received()
                    .into_iter()
                    .find(|received| received.kind() == kind)
            })
            .await
    }
}

async fn take(
    kept: &Mutex<Vec<Received>>,
    answers: &Mutex<Answering>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let received = Received {
        headers,
        body,
        at: Instant::now(),
    };
    let reply = (answers.lock().unwrap())(&received);
    kept.lock().unwrap().push(received);
    tokio::time::sleep(reply.after).await;
    let mut response = (StatusCode::from_u16(reply.status).unwrap(), reply.body).into_response();
    for (name, value) in [
        ("retry-after", reply.retry_after),
        ("location", reply.location),
    ] {
        if let Some(value) = value {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
    }
    response
}

/// Creates a consumer of these events at this receiver, and returns its id.
pub async fn subscribe(world: &World, url: &str, event_types: &[&str]) -> String {
    let made = world
        .post(
            "/webhooks",
            json!({ "url": url, "eventTypes": event_types }),
        )
        .await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text());
    made.json()["id"].as_str().unwrap().to_owned()
}
