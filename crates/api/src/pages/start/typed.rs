//! A way of giving access that isn't a sign-in: what the customer typed is read and tried, and the certificate is made and handed out.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use connectors::{Integration, NotTaken, Way};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use url::form_urlencoded;

use super::{chosen, ready};
use crate::AppState;
use crate::pages::browser::Browser;
use crate::pages::parts::fields::{Fields, STEP};
use crate::pages::parts::markdown;
use crate::pages::parts::page::see_other;
use crate::pages::parts::reader::words;
use crate::pages::parts::views::{CertificateView, Problem, TypedField, WayView};
use crate::pages::trouble::Trouble;
use crate::pages::visit::{Visit, form};
use platform::app::App;
use platform::connecting::{self, Offer, Refusal, Typed};
use store::StoreError;
use store::connections::Connection;

/// The name of a way's field on the page, and the id of its control.
fn control(name: &str) -> String {
    format!("{STEP}typed.{name}")
}

/// The id of the sentence that says what there is to check.
const TO_CHECK: &str = "problem.way";

/// The field of the page that names the way.
pub(super) const WAY: &str = "link.way";

/// The values that were typed, or what is wrong with them.
pub(super) fn read(way: &Way, fields: &Fields) -> Result<Typed, Vec<Problem>> {
    let w = words();
    let (mut values, mut problems) = (BTreeMap::new(), Vec::new());
    for field in way.fields() {
        let name = control(&field.name);
        let label = &field.label;
        let key = match field.read(fields.get(&name).unwrap_or_default()) {
            Ok(value) => {
                values.insert(field.name.clone(), value);
                continue;
            }
            Err(NotTaken::Missing) => "typed-missing",
            Err(NotTaken::OtherForm) => "typed-form",
            Err(NotTaken::Unusable) => "typed-unusable",
        };
        problems.push(Problem {
            field: name,
            message: w.say(key).with("label", label).to_string(),
        });
    }
    if problems.is_empty() {
        Ok(Typed::new(way, values))
    } else {
        Err(problems)
    }
}

/// The problem of a try that the platform refused. It is of no one field: what there is to check stands above them all.
pub(super) fn refused(platform: &str, refusal: &Refusal) -> Vec<Problem> {
    let w = words();
    let key = match refusal {
        Refusal::NotAccepted | Refusal::NoBusiness(_) => "typed-refused",
        Refusal::NotReached => "typed-not-reached",
    };
    let message = w.say(key).with("platform", platform).to_string();
    vec![Problem {
        field: TO_CHECK.to_owned(),
        message,
    }]
}

/// The way as the page shows it, with what was typed so far. A secret is never put back.
pub(super) async fn shown(
    app: &App,
    connection: &Connection,
    way: &Way,
    fields: &Fields,
    problems: &[Problem],
    refusal: Option<&Refusal>,
) -> Result<WayView, StoreError> {
    let w = words();
    let certificate = if way.has_certificate() {
        let made = connecting::certificate(app, connection).await?;
        Some(made.map(|made| {
            let ends = w.say("certificate-ends");
            CertificateView {
                href: with_query(&path(connection, "certificate"), fields, way.key()),
                ends: ends
                    .with("date", w.date(made.expires.date_naive()))
                    .to_string(),
            }
        }))
    } else {
        None
    };
    let all = way.fields().iter().map(|field| {
        let name = control(&field.name);
        let typed = fields.get(&name).unwrap_or_default();
        let problem = problems.iter().find(|problem| problem.field == name);
        TypedField {
            label: field.label.clone(),
            help: field.help.clone(),
            example: field.example.clone(),
            rule: problem.and(field.rule.clone()),
            is_secret: field.is_secret,
            value: if field.is_secret { "" } else { typed }.to_owned(),
            problem: problem.map(|problem| problem.message.clone()),
            name,
        }
    });
    Ok(WayView {
        title: way.title().to_owned(),
        body: markdown::to_html(way.body()),
        to_check: refusal.map(|refusal| match refusal {
            Refusal::NoBusiness(why) => why.clone(),
            Refusal::NotAccepted | Refusal::NotReached => way.refused().to_owned(),
        }),
        waits: matches!(certificate, Some(None)),
        certificate: certificate.flatten(),
        // The values come with the certificate's registration.
        fields: all.collect(),
    })
}

/// The titles of the other ways, with their addresses.
pub(super) fn others(
    integration: &Integration,
    connection: &Connection,
    offers: &[Offer],
    chosen: &Offer,
    fields: &Fields,
) -> Vec<(String, String)> {
    let others = offers.iter().filter(|offer| *offer != chosen);
    let titled = others.filter_map(|offer| {
        let title = match offer {
            Offer::SignIn => {
                let w = words();
                let title = w.say("way-sign-in");
                title.with("platform", integration.name()).to_string()
            }
            Offer::Way(key) => integration.way(key)?.title().to_owned(),
        };
        let href = with_query(&path(connection, "start"), fields, offer.key());
        Some((title, href))
    });
    titled.collect()
}

fn path(connection: &Connection, page: &str) -> String {
    format!(
        "/companies/{}/connections/{}/{page}",
        connection.company_id, connection.id
    )
}

/// An address of this journey: with its password, its way and the client's own parameters.
fn with_query(path: &str, fields: &Fields, way: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("otp", fields.get("otp").unwrap_or_default());
    query.extend_pairs(fields.passed_on());
    query.append_pair(WAY, way);
    format!("{path}?{}", query.finish())
}

/// Makes the certificate, and goes back to the page, which hands it out.
pub(crate) async fn make_certificate(
    State(app): State<AppState>,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    let fields = form(&app, &headers, body)?;
    let browser = Browser::known_or_new(&app, &headers);
    let visit = Visit::open(&app, &ids, &fields, &browser).await?;
    let (integration, offers) = ready(&app, &visit).await?;
    let offer = chosen(&offers, &visit.connection, &fields);
    if let Offer::Way(key) = &offer
        && let Some(way) = integration.way(key)
    {
        connecting::make_certificate(&app, &visit.connection, way).await?;
    }
    let back = with_query(&path(&visit.connection, "start"), &fields, offer.key());
    Ok(see_other(&back, Some(&browser)))
}

/// The certificate as a file.
pub(crate) async fn certificate(
    State(app): State<AppState>,
    Path(ids): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let browser = Browser::known_or_new(&app, &headers);
    let visit = Visit::open(&app, &ids, &fields, &browser).await?;
    let made = connecting::certificate(&app, &visit.connection).await?;
    let made = made.ok_or_else(Trouble::gone)?;
    let mut response = made.pem.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/x-pem-file");
    headers.insert(CONTENT_TYPE, kind);
    let name = HeaderValue::from_static("attachment; filename=\"moorline-certificate.pem\"");
    headers.insert(CONTENT_DISPOSITION, name);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
