//! Receipts: for the client's software, and as a page for the person who gave the consent.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use chrono::DateTime;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

use crate::AppState;
use crate::around::auth::Client;
use crate::around::errors::ApiError;
use crate::around::path_id;
use crate::pages::parts::fields::Fields;
use crate::pages::parts::markdown;
use crate::pages::parts::page::{Forms, respond};
use crate::pages::parts::reader::{carry, words};
use crate::pages::parts::views::{Brand, Fact, ReceiptPage};
use crate::pages::trouble::Trouble;
use platform::access::links;
use platform::access::links::passwords::{self, Purpose};
use platform::app::App;
use platform::consents::receipt;
use store::consents::{self, Consent};
use store::model::{CompanyId, ConsentId, ConsentState};
use words::{OWN, Words};

/// A receipt, in clear and signed.
#[derive(Debug, Serialize)]
pub(crate) struct Receipt {
    receipt: Value,
    jws: String,
}

impl From<receipt::Receipt> for Receipt {
    fn from(made: receipt::Receipt) -> Self {
        Self {
            receipt: made.content,
            jws: made.jws,
        }
    }
}

pub(crate) async fn get(
    State(app): State<AppState>,
    client: Client,
    Path((company, consent)): Path<(String, String)>,
) -> Result<Json<Receipt>, ApiError> {
    let company: CompanyId = path_id("companyId", &company)?;
    let id: ConsentId = path_id("consentId", &consent)?;
    let consent = consents::get(&app.db, client.id, company, id)
        .await?
        .ok_or_else(|| {
            ApiError::not_found(format!("No consent of this company was found with ID {id}"))
        })?;
    let made = receipt::receipt(&app, &consent).await?;
    let made = made.ok_or_else(|| {
        ApiError::not_found(format!(
            "The record of consent {id} was erased when its time was over."
        ))
    })?;
    Ok(Json(made.into()))
}

/// The keys that verify receipts (RFC 7517).
pub(crate) async fn keys(State(app): State<AppState>) -> Result<Response, ApiError> {
    let keys = receipt::published(&app).await?;
    let cached = [(CACHE_CONTROL, "public, max-age=300")];
    Ok((cached, Json(keys)).into_response())
}

/// The page for the person, to be read or printed.
pub(crate) async fn show(
    State(app): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Trouble> {
    let (consent, ticket) = open(&app, &id, query).await?;
    let client = store::clients::get(&app.db, consent.client_id)
        .await?
        .ok_or_else(Trouble::gone)?;
    let made = receipt::receipt(&app, &consent)
        .await?
        .ok_or_else(Trouble::gone)?;
    let company = store::companies::get(&app.db, consent.client_id, consent.company_id).await?;
    let brand = Brand::of(&client);
    let w = words();
    let page = ReceiptPage {
        facts: facts(&w, &consent, &made.content),
        w,
        brand: Some(brand.clone()),
        client: client.name.clone(),
        platform: consent.platform_name.clone(),
        signed: format!("/receipt/{}/signed?ticket={ticket}", consent.id),
        sharing: company.map(|company| carry(links::sharing_url(&app, company.id))),
        receipt: consent.id.to_string(),
    };
    Ok(respond(StatusCode::OK, Some(&brand), Forms::None, &page))
}

/// The signed receipt as a file for the person.
pub(crate) async fn signed(
    State(app): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Trouble> {
    let (consent, _) = open(&app, &id, query).await?;
    let made = receipt::receipt(&app, &consent)
        .await?
        .ok_or_else(Trouble::gone)?;
    let mut response = Json(Receipt::from(made)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"consent-receipt.json\""),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The consent that a ticket opens, and the ticket.
async fn open(app: &App, id: &str, query: Option<String>) -> Result<(Consent, String), Trouble> {
    let id: ConsentId = id.parse().map_err(|_| Trouble::gone())?;
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let ticket = fields.get("ticket").unwrap_or_default();
    let now = app.clock.now();
    passwords::check(&app.vault, Purpose::Receipt, id.0, "", ticket, now)
        .ok_or_else(Trouble::gone)?;
    let consent = consents::find(&app.db, id).await?;
    Ok((consent.ok_or_else(Trouble::gone)?, ticket.to_owned()))
}

/// The receipt in plain words, in the order in which a person would ask.
fn facts(w: &Words, consent: &Consent, content: &Value) -> Vec<Fact> {
    let shown = &content["disclosure"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |values: &Value| {
        let words: Vec<&str> = values
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_str().or_else(|| value["name"].as_str()))
            .collect();
        words.join(", ")
    };
    let sentences = |values: &Value| {
        let all = values.as_array().into_iter().flatten();
        let all: Vec<&str> = all.filter_map(Value::as_str).collect();
        all.join(" ")
    };
    let day = |time: chrono::DateTime<chrono::Utc>| {
        let day = w
            .say("receipt-time")
            .with("date", w.date(time.date_naive()));
        day.with("time", time.format("%H:%M").to_string())
            .to_string()
    };
    let purposes = &content["services"][0]["purposes"][0];
    let principal = &content["piiPrincipal"];
    let person = &principal["person"];
    let known = ["name", "email"].map(|claim| text(&person[claim]));
    let known: Vec<&str> = known
        .iter()
        .map(String::as_str)
        .filter(|claim| !claim.is_empty())
        .collect();
    let reads = match list(&purposes["piiCategory"]) {
        listed if listed.is_empty() => list(&shown["dataTypes"]),
        listed => listed,
    };
    let ended = consent.ended.map(|time| {
        let by = match consent.ended_by.as_deref() {
            Some("customer") => "receipt-ended-customer",
            Some("client") => "receipt-ended-client",
            Some("platform") => "receipt-ended-platform",
            _ => "receipt-ended-service",
        };
        w.say(by).with("time", day(time)).to_string()
    });
    let state = match consent.state {
        ConsentState::Given => "receipt-in-force",
        ConsentState::Withdrawn => "receipt-withdrawn",
        ConsentState::Revoked => "receipt-revoked",
        ConsentState::Expired => "receipt-expired",
    };
    let how = match content["collectionMethod"].as_str() {
        Some("hosted page") => w.say("receipt-hosted-page").to_string(),
        other => other.unwrap_or_default().to_owned(),
    };
    let controller = text(&content["piiControllers"][0]["piiController"]);
    let facts = [
        ("receipt-state", w.say(state).to_string()),
        ("receipt-given", day(consent.given)),
        (
            "receipt-given-again",
            consent.renewed.map(day).unwrap_or_default(),
        ),
        ("receipt-ended", ended.unwrap_or_default()),
        ("receipt-given-to", controller),
        ("receipt-company", text(&principal["company"]["name"])),
        ("receipt-business", text(&principal["business"]["name"])),
        ("receipt-given-by", known.join(", ")),
        ("receipt-platform", consent.platform_name.clone()),
    ];
    let last = [
        (
            "receipt-ends-on",
            consent.valid_until.map(day).unwrap_or_default(),
        ),
        ("receipt-how", how),
        ("receipt-privacy-notice", text(&content["policyUrl"])),
    ];
    // In the words that were shown.
    let recorded = [
        ("receipt-purpose", text(&purposes["purpose"])),
        ("receipt-read", reads),
        ("receipt-written", list(&purposes["written"])),
        ("receipt-how-long", text(&purposes["termination"])),
        ("receipt-what-ends", sentences(&content["withdrawalMethod"])),
        ("receipt-what-stays", text(&content["retention"])),
    ];
    let language = content["language"].as_str().unwrap_or(OWN);
    let fact = |(title, words): (&'static str, String), language: Option<&str>| Fact {
        title: w.say(title).to_string(),
        words,
        language: language.map(str::to_owned),
    };
    let mut all = Vec::from(facts.map(|own| fact(own, None)));
    all.extend(recorded.map(|own| fact(own, Some(language))));
    let further = content["services"][0]["purposes"].as_array();
    let further = further.into_iter().flatten().skip(1);
    all.extend(further.map(|purpose| {
        let given =
            DateTime::from_timestamp(purpose["consentTimestamp"].as_i64().unwrap_or_default(), 0);
        let when = given.map(day).unwrap_or_default();
        let words = format!("{} ({when})", markdown::to_text(&text(&purpose["purpose"])));
        fact(("receipt-further", words), purpose["language"].as_str())
    }));
    all.extend(last.map(|own| fact(own, None)));
    all.retain(|fact| !fact.words.is_empty());
    all
}
