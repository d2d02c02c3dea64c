//! `/`: what answers at this address, for who opens it in a browser.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::pages::parts::page::{Forms, respond};
use crate::pages::parts::views::Brand;

#[derive(Template)]
#[template(path = "front.html")]
struct FrontPage {
    brand: Option<Brand>,
    version: &'static str,
}

pub(crate) async fn show() -> Response {
    let page = FrontPage {
        brand: None,
        version: env!("CARGO_PKG_VERSION"),
    };
    respond(StatusCode::OK, None, Forms::None, &page)
}
