//! A client of the three APIs: it pages through lists and keeps their records.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use chrono::{DateTime, Utc};
use sandbox::{Access, Library, Product};
use serde_json::Value;
use tower::ServiceExt;

pub struct Platform {
    pub library: Arc<Library>,
    router: Router,
    now: Arc<AtomicI64>,
}

/// The evening of a working day: the shops are shut and the day is in the ledger.
pub const EVENING: &str = "2026-11-18T23:30:00Z";

impl Platform {
    pub fn at(now: &str) -> Self {
        Self::seeded(7, now)
    }

    pub fn seeded(seed: u64, now: &str) -> Self {
        let now = Arc::new(AtomicI64::new(moment(now).timestamp_millis()));
        let clock = {
            let now = now.clone();
            Arc::new(move || {
                DateTime::from_timestamp_millis(now.load(Ordering::SeqCst)).expect("a time")
            })
        };
        let library = Arc::new(Library::with_clock(seed, clock));
        let router = sandbox::api_router(library.clone());
        Self {
            library,
            router,
            now,
        }
    }

    pub fn set_clock(&self, now: &str) {
        self.now
            .store(moment(now).timestamp_millis(), Ordering::SeqCst);
    }

    pub fn businesses(&self) -> Vec<&'static str> {
        self.library
            .businesses()
            .iter()
            .map(|business| business.id)
            .collect()
    }

    pub async fn send(&self, business: &str, product: Product, uri: &str) -> (StatusCode, Value) {
        let access = Access {
            business: business.to_owned(),
            product,
            subject: "the reader".to_owned(),
        };
        let request = Request::get(uri)
            .header("host", "127.0.0.1:7410")
            .extension(access)
            .body(Body::empty())
            .expect("a request");
        self.answer(request).await
    }

    /// Sends a record to the accounting API.
    pub async fn write(
        &self,
        business: &str,
        method: Method,
        path: &str,
        key: Option<&str>,
        record: &Value,
    ) -> (StatusCode, Value) {
        let access = Access {
            business: business.to_owned(),
            product: Product::Accounting,
            subject: "the reader".to_owned(),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/accounting/v2{path}"))
            .header("host", "127.0.0.1:7410")
            .header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request
            .extension(access)
            .body(Body::from(record.to_string()))
            .expect("a request");
        self.answer(request).await
    }

    pub async fn answer(&self, request: Request<Body>) -> (StatusCode, Value) {
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), usize::MAX)
            .await
            .expect("a body");
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        (status, body)
    }

    async fn get(&self, business: &str, product: Product, uri: &str) -> Value {
        let (status, body) = self.send(business, product, uri).await;
        assert_eq!(status, StatusCode::OK, "{uri}: {body}");
        body
    }

    /// The `data` of one accounting resource.
    pub async fn accounting(&self, business: &str, path: &str) -> Value {
        let uri = format!("/accounting/v2{path}");
        self.get(business, Product::Accounting, &uri).await["data"].take()
    }

    /// Every page of an accounting list.
    pub async fn ledger(&self, business: &str, path: &str) -> Vec<Value> {
        let join = if path.contains('?') { '&' } else { '?' };
        let mut all = Vec::new();
        for page in 1.. {
            let uri = format!("/accounting/v2{path}{join}per_page=250&page={page}");
            let mut body = self.get(business, Product::Accounting, &uri).await;
            all.append(&mut take_array(&mut body["data"]));
            if page >= body["total_pages"].as_u64().expect("a count") {
                assert_eq!(all.len() as u64, body["total_records"], "{path}");
                break;
            }
        }
        all
    }

    /// Every page of a commerce list.
    pub async fn shop(&self, business: &str, path: &str, limit: usize) -> Vec<Value> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let uri = format!("/commerce/api{path}?limit={limit}{after}");
            let mut body = self.get(business, Product::Commerce, &uri).await;
            all.append(&mut take_array(&mut body["items"]));
            let Some(cursor) = body["pageInfo"]["nextCursor"].as_str() else {
                assert_eq!(body["pageInfo"]["hasMore"], false);
                return all;
            };
            after = format!("&after={cursor}");
        }
    }

    /// Every page of a banking list, by its links.
    pub async fn bank(&self, business: &str, path: &str) -> Vec<Value> {
        let key = path
            .trim_start_matches('/')
            .split('?')
            .next()
            .expect("a name");
        let origin = "http://127.0.0.1:7410";
        let mut uri = format!("/banking/v1{path}");
        let mut all = Vec::new();
        loop {
            let mut body = self.get(business, Product::Banking, &uri).await;
            all.append(&mut take_array(&mut body[key]));
            let Some(next) = body["links"]["next"].as_str() else {
                return all;
            };
            uri = next
                .strip_prefix(origin)
                .expect("the same origin")
                .to_owned();
        }
    }
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn take_array(value: &mut Value) -> Vec<Value> {
    match value.take() {
        Value::Array(values) => values,
        other => panic!("not a list: {other}"),
    }
}

pub fn int(value: &Value) -> i64 {
    value
        .as_i64()
        .unwrap_or_else(|| panic!("not a whole number: {value}"))
}

pub fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not text: {value}"))
}

/// A decimal string in minor units; it must have exactly the currency's decimals.
pub fn minor(value: &Value, exponent: usize) -> i64 {
    let text = text(value);
    let decimals = text
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(decimals, exponent, "decimals of {text}");
    text.replace('.', "").parse().expect("digits")
}
