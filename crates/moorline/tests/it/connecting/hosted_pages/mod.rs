//! The hosted pages on the way to a platform and back, as a browser sees them.

mod links;
mod overview;
mod safety;
mod start;

use chrono::TimeDelta;
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use crate::harness::{Answer, Customer, World, story};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");

/// A new company, its connection, and that one's link URL.
pub(super) async fn new_link(world: &World, key: &str) -> (String, String, Url) {
    let company = world.company("merchant-42").await;
    let connection = world.connection(&company, key).await;
    let url = connection["linkUrl"].as_str().unwrap().parse().unwrap();
    (company, connection["id"].as_str().unwrap().to_owned(), url)
}

pub(super) async fn overview_url(world: &World, company: &str) -> Url {
    let company = world.get(&format!("/companies/{company}")).await.ok();
    company["redirect"].as_str().unwrap().parse().unwrap()
}

pub(super) fn password(link: &Url) -> String {
    let (_, value) = link
        .query_pairs()
        .find(|(name, _)| name.ends_with("otp"))
        .unwrap();
    value.into_owned()
}

pub(super) async fn set_profile(world: &World, more: Value) {
    let mut profile = json!({ "name": "Harbour Lending", "redirectUrl": "" });
    profile
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    world
        .client(Method::PUT, "/profile", Some(profile))
        .await
        .ok();
}

/// The page's text without the error reference, which differs each time.
fn without_reference(page: &Answer) -> String {
    let text = page.text();
    match text.split_once("<code>") {
        Some((before, after)) => format!("{before}{}", after.split_once("</code>").unwrap().1),
        None => text,
    }
}

/// Asserts the headers of every hosted page, and that it has nothing that a policy without scripts would block.
#[track_caller]
fn is_a_safe_page(page: &Answer) {
    let policy = page.header("content-security-policy").expect("a policy");
    for part in [
        "default-src 'none'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action '",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{policy}"
    );
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(
        page.text().starts_with("<!doctype html>")
            && page.text().contains("<html lang=\"en\" dir=\"ltr\">")
    );
    for bad in ["<script", " style=\"", " onclick", "javascript:"] {
        assert!(!page.text().contains(bad), "{bad} in {}", page.text());
    }
    is_private(page);
}

#[track_caller]
fn is_private(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

/// Declines the consent at the platform, and returns the answer to the callback.
async fn decline_consent(customer: &mut Customer<'_>, link: &Url) -> Answer {
    let authorization = customer.set_out(link.as_str()).await;
    let callback = customer
        .consent(&authorization, json!({ "decision": "deny" }))
        .await;
    customer.open(&callback).await
}
