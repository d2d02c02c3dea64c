//! `/`: what answers at this address, for who opens it in a browser.

use std::sync::Arc;

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use words::Words;

use crate::pages::parts::page::{Forms, respond};
use crate::pages::parts::reader::{Reader, read_by, words};
use crate::pages::parts::views::Brand;

#[derive(Template)]
#[template(path = "front.html")]
struct FrontPage {
    w: Arc<Words>,
    brand: Option<Brand>,
    version: &'static str,
}

pub(crate) async fn show(RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let reader = Reader::of(query.as_deref(), &headers);
    read_by(reader, async { page() }).await
}

fn page() -> Response {
    let page = FrontPage {
        w: words(),
        brand: None,
        version: env!("CARGO_PKG_VERSION"),
    };
    respond(StatusCode::OK, None, Forms::None, &page)
}
