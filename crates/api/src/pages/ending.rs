//! The end of a link: the browser goes to the client's page, or to ours with the outcome.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use super::browser::Browser;
use super::parts::fields::{EMBEDDED, Fields, is_embedded};
use super::parts::page::{Forms, respond, see_other};
use super::parts::reader::{carry, words};
use super::parts::views::{Action, Brand, ResultPage, Tone};
use super::start::approval;
use super::trouble::Trouble;
use super::visit::owner;
use crate::AppState;
use crate::around::errors::correlation_id;
use crate::resources::companies::requested;
use platform::access::links;
use platform::access::links::passwords::{self, Purpose};
use platform::access::links::redirects;
use platform::app::App;
use platform::connecting::{self, NEEDS_APPROVAL, NOT_ALLOWED, Outcome};
use platform::consents::receipt;
use platform::credentials::CLIENT_REFUSED;
use platform::data::files::sources::source;
use platform::disclosure::{self, person::Claims};
use store::clients::Client;
use store::connections::Connection;
use store::events;
use store::model::{CompanyId, ConnectionId, ConnectionStatus, EventType};

/// The end of a link. There is no connection if the customer chose none.
pub(super) struct Ending<'a> {
    pub(super) client: &'a Client,
    pub(super) company: CompanyId,
    pub(super) connection: Option<&'a Connection>,
    pub(super) outcome: Outcome,
    pub(super) status_text: &'a str,
    pub(super) parameters: &'a BTreeMap<String, String>,
    /// The claims of the person, if they were requested.
    pub(super) person: Option<&'a Claims>,
    /// The word with which the client confirms that its own user finished this, if it has to.
    pub(super) confirmation: Option<&'a str>,
}

impl Ending<'_> {
    pub(super) fn send_on(&self, app: &App, browser: &Browser) -> Response {
        let template = self
            .client
            .redirect_url
            .as_deref()
            .filter(|template| !template.is_empty());
        let embedded = is_embedded(self.parameters);
        // The client's page is open already: it waits beside this window.
        let template = template.filter(|_| !embedded || self.confirmation.is_some());
        if let Some(template) = template {
            let person = self.open_id();
            let mut reserved: BTreeMap<&str, String> = self.reserved();
            let claims = person.iter();
            reserved.extend(claims.map(|(name, value)| (name.as_str(), value.clone())));
            match redirects::resolve(
                template,
                &reserved,
                self.parameters,
                &self.client.white_list(),
            ) {
                Ok(mut url) => {
                    if let Some(confirmation) = self.confirmation
                        && !template.contains("{confirmation}")
                    {
                        let mut query = url.query_pairs_mut();
                        query.append_pair("confirmation", confirmation);
                    }
                    return see_other(url.as_str(), Some(browser));
                }
                Err(error) => {
                    tracing::warn!(%error, client = %self.client.id, company = %self.company, "the client's redirect URL can't be used");
                }
            }
        }
        let (subject, path) = match self.connection {
            Some(connection) => (
                connection.id.0,
                format!(
                    "/companies/{}/connections/{}/result",
                    self.company, connection.id
                ),
            ),
            None => (self.company.0, format!("/company/{}/result", self.company)),
        };
        let status = self.outcome.status_code();
        let detail = vouched(status, browser);
        let ticket = passwords::issue(
            &app.vault,
            Purpose::Result,
            subject,
            &detail,
            app.clock.now(),
        );
        let embedded = if embedded {
            format!("&{EMBEDDED}=true")
        } else {
            String::new()
        };
        let address = format!("{path}?status={status}&ticket={ticket}{embedded}");
        see_other(&carry(address), Some(browser))
    }

    /// The contract's `openId_…`; a claim that isn't a text is JSON.
    fn open_id(&self) -> BTreeMap<String, String> {
        let claims = self.person.into_iter().flatten();
        let written = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        claims
            .map(|(name, value)| (format!("openId_{name}"), written(value)))
            .collect()
    }

    /// The contract's reserved parameters.
    fn reserved(&self) -> BTreeMap<&'static str, String> {
        let mut values = BTreeMap::from([
            ("clientId", self.client.id.to_string()),
            ("companyId", self.company.to_string()),
            ("statusCode", self.outcome.status_code().to_string()),
            ("errorMessage", self.outcome.error_message().to_owned()),
            ("statusText", self.status_text.to_owned()),
            (
                "confirmation",
                self.confirmation.unwrap_or_default().to_owned(),
            ),
        ]);
        if let Some(connection) = self.connection {
            values.extend([
                ("connectionId", connection.id.to_string()),
                ("integrationId", connection.integration_id.to_string()),
                ("sourceId", connection.source_id.to_string()),
                ("platform", connection.integration_key.clone()),
                ("platformName", connection.platform_name.clone()),
                ("sourceType", connection.source_type.to_string()),
                (
                    "data.company.companyName",
                    connection.account_name.clone().unwrap_or_default(),
                ),
            ]);
        }
        values
    }
}

/// The words that a result's ticket vouches for: the status, and the browser that may see it and get further links.
fn vouched(status: u16, browser: &Browser) -> String {
    format!("{status} {}", browser.id())
}

fn outcome_of(
    app: &App,
    headers: &HeaderMap,
    subject: Uuid,
    query: Option<String>,
) -> Result<Outcome, Trouble> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let outcome = fields
        .get("status")
        .and_then(|status| status.parse().ok())
        .and_then(Outcome::from_status_code);
    let (Some(outcome), Some(browser)) = (outcome, Browser::of(app, headers)) else {
        return Err(Trouble::no_result());
    };
    let detail = vouched(outcome.status_code(), &browser);
    let ticket = fields.get("ticket").unwrap_or_default();
    passwords::check(
        &app.vault,
        Purpose::Result,
        subject,
        &detail,
        ticket,
        app.clock.now(),
    )
    .map(|_| outcome)
    .ok_or_else(Trouble::no_result)
}

pub(crate) async fn of_connection(
    State(app): State<AppState>,
    Path((company, connection)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let (Ok(company), Ok(connection)) = (
        company.parse::<CompanyId>(),
        connection.parse::<ConnectionId>(),
    ) else {
        return Err(Trouble::no_result());
    };
    let embedded =
        is_embedded(&Fields::read(query.as_deref().unwrap_or_default().as_bytes()).custom());
    let outcome = outcome_of(&app, &headers, connection.0, query)?;
    let (client, company) = owner(&app, company).await?.ok_or_else(Trouble::no_result)?;
    let connection = store::connections::get(&app.db, client.id, company.id, connection)
        .await?
        .ok_or_else(Trouble::no_result)?;

    let w = words();
    let platform = &connection.platform_name;
    let name = &client.name;
    let said = |key| {
        w.say(key)
            .with("platform", platform)
            .with("client", name)
            .to_string()
    };
    let brand = Brand::of(&client);
    let mut page = ResultPage {
        w: Arc::clone(&w),
        brand: Some(brand.clone()),
        tone: Tone::Neutral,
        heading: String::new(),
        lines: Vec::new(),
        reason: None,
        approval: None,
        first: Some(Action {
            label: said("try-again"),
            href: carry(links::link_url(&app, &connection)),
        }),
        second: Some(Action {
            label: said("end-overview"),
            href: carry(links::company_url(&app, company.id)),
        }),
        third: None,
        closing: Some(said("close-simply")),
        correlation: None,
    };
    match outcome {
        Outcome::Linked => {
            let business = connection.account_name.as_ref().unwrap_or(&company.name);
            page.tone = Tone::Good;
            page.heading = said("end-linked");
            let mut businesses = vec![business.clone()];
            businesses.extend(beside(&app, &connection).await?);
            let shares = match businesses.as_slice() {
                [one] => w.say("end-shares").with("business", one),
                all => w.say("end-shares-several").with("businesses", w.list(all)),
            };
            let shares = shares.with("platform", platform).with("client", name);
            page.lines = vec![shares.to_string()];
            let files = source(&connection.integration_key).is_some();
            if files {
                page.heading = said("upload-done");
                page.lines = vec![said("upload-done-then")];
                page.second = Some(Action {
                    label: said("upload-more"),
                    href: carry(links::link_url(&app, &connection)),
                });
            }
            page.first = Some(Action {
                label: said("end-sharing"),
                href: carry(links::sharing_url(&app, company.id)),
            });
            let consent = store::consents::of_connection(&app.db, connection.id).await?;
            page.third = consent.map(|consent| Action {
                label: said("end-receipt"),
                href: carry(receipt::url(&app, consent.id)),
            });
            page.closing = Some(said("end-done"));
            if let Some(missing) = disclosure::missing_of(&app, &connection).await? {
                let left_out = w.say("end-left-out").with("platform", platform);
                let left_out = left_out.with("client", name);
                page.lines
                    .push(left_out.with("parts", missing.in_words(&w)).to_string());
            }
        }
        Outcome::Held => {
            page.heading = said("end-held");
            page.lines = vec![said("end-held-until")];
            page.first = None;
        }
        Outcome::Unchanged => {
            let stays = connection.status == ConnectionStatus::Linked;
            page.heading = said("end-unchanged");
            page.lines = vec![said(if stays {
                "end-stays"
            } else {
                "end-not-connected"
            })];
            page.first = page.first.filter(|_| !stays).map(|action| Action {
                label: said("end-after-all"),
                ..action
            });
        }
        Outcome::Cancelled => {
            page.heading = said("end-cancelled");
            page.lines = vec![said("end-not-allowed")];
        }
        Outcome::Failed => {
            page.tone = Tone::Bad;
            page.heading = said("end-failed");
            page.lines = vec![said("end-failed-again")];
            let errors = store::connections::errors(&app.db, &[connection.id]).await?;
            let newest = errors.into_iter().next();
            if let Some(error) = &newest
                && error.status_text == CLIENT_REFUSED
            {
                page.lines = vec![said("end-not-yours"), said("end-tell-client")];
                page.first = None;
            }
            if let Some(error) = &newest
                && error.status_text == NEEDS_APPROVAL
                && let Some(integration) = app.catalogue.get(&connection.integration_key)
            {
                let link = approval::link(&app, client.id, integration).await?;
                page.approval = link.map(|link| (link, platform.clone()));
            }
            // The client has the platform's own words, by the connection's errors; so has who can mend it at the platform.
            if let Some(error) = newest {
                let (code, reason) = (&error.status_code, &error.error_message);
                tracing::info!(connection = %connection.id, code, reason, correlation_id = correlation_id(), "a customer is shown that a link failed");
                page.reason = match error.status_text.as_str() {
                    CLIENT_REFUSED => None,
                    NEEDS_APPROVAL => Some(said("end-why-approval")),
                    NOT_ALLOWED if !reason.is_empty() => Some(reason.clone()),
                    _ => Some(said(why(code))),
                };
            }
            page.correlation = Some(correlation_id());
        }
        Outcome::NotSupported => not_supported(&mut page, name),
    }
    if embedded {
        // The way on is in the component, which knows the outcome.
        if outcome != Outcome::Linked {
            page.first = None;
        }
        page.second = None;
        page.closing = Some(said("end-go-on"));
    }
    Ok(respond(StatusCode::OK, Some(&brand), Forms::None, &page))
}

/// The further businesses that were connected by the same sign-in, and still are.
async fn beside(app: &App, connection: &Connection) -> Result<Vec<String>, Trouble> {
    let seen = connecting::seen_by(app, connection.company_id).await?;
    let beside = seen
        .into_iter()
        .filter(|seen| seen.beside == Some(connection.id))
        .map(|seen| seen.connection)
        .filter(|other| other.status == ConnectionStatus::Linked);
    let mut names: Vec<String> = beside
        .filter_map(|other| other.account_name.or(other.account_id))
        .collect();
    // They were made in one moment, and have no order of their own.
    names.sort();
    Ok(names)
}

/// The reason of a failure in the words of a business's owner, by the status of the connection's error.
fn why(code: &str) -> &'static str {
    match code {
        "400" | "401" | "403" => "end-why-refused",
        "404" | "409" => "end-why-changed",
        "408" => "end-why-late",
        "412" => "end-why-unconfirmed",
        "502" | "503" => "end-why-unreachable",
        _ => "end-why-other",
    }
}

/// The end of a link to a company from which no platform was chosen.
pub(crate) async fn of_company(
    State(app): State<AppState>,
    Path(company): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let company: CompanyId = company.parse().map_err(|_| Trouble::no_result())?;
    let outcome = outcome_of(&app, &headers, company.0, query)?;
    let (client, company) = owner(&app, company).await?.ok_or_else(Trouble::gone)?;
    let brand = Brand::of(&client);
    let w = words();
    let nothing = w.say("end-nothing-new").with("client", &client.name);
    let mut page = ResultPage {
        brand: Some(brand.clone()),
        tone: Tone::Neutral,
        heading: w.say("end-unchanged").to_string(),
        lines: vec![nothing.to_string()],
        reason: None,
        approval: None,
        first: None,
        second: Some(Action {
            label: w.say("end-to-list").to_string(),
            href: carry(links::company_url(&app, company.id)),
        }),
        third: None,
        closing: Some(w.say("close-simply").to_string()),
        correlation: None,
        w,
    };
    if outcome == Outcome::NotSupported {
        not_supported(&mut page, &client.name);
        let told = events::of_kind(&app.db, company.id, EventType::PlatformRequested, 1).await?;
        let recently = app.clock.now() - passwords::RESULT_LIFETIME;
        let told = told.into_iter().find(|event| event.occurred >= recently);
        if let Some(name) = told.and_then(|event| requested(&event).platform_name) {
            let told = page.w.say("end-told-platform").with("platform", name);
            page.lines = vec![told.with("client", &client.name).to_string()];
        }
    }
    Ok(respond(StatusCode::OK, Some(&brand), Forms::None, &page))
}

fn not_supported(page: &mut ResultPage, client: &str) {
    let tell = page.w.say("end-tell-platform").with("client", client);
    page.lines = vec![tell.to_string()];
    page.heading = page.w.say("end-not-supported").to_string();
    page.first = None;
}
