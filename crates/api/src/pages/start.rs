//! The start page of a connection, and leaving it: for the platform, or without a change.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use connectors::{AssetRole, Integration};
use http::{HeaderMap, StatusCode};

use super::browser::Browser;
use super::ending::Ending;
use super::parts::fields::{DISCLOSURE, Fields, is_embedded};
use super::parts::page::{Forms, respond, see_other};
use super::parts::reader::{languages, words};
use super::parts::views::{Problem, StartPage};
use super::parts::{shared, steps};
use super::trouble::Trouble;
use super::visit::{Visit, form};
use crate::AppState;
use crate::around::errors::ErrorKind;
use crate::wire::integration::picture_url;
use platform::app::App;
use platform::connecting::{self, Departure, Left};
use platform::credentials::oauth_clients;
use platform::disclosure::{self, Disclosure, Wish};
use store::StoreError;
use store::model::ConnectionStatus;

pub(crate) async fn show(
    State(app): State<AppState>,
    Path(ids): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let browser = Browser::known_or_new(&app, &headers);
    let visit = Visit::open(&app, &ids, &fields, &browser).await?;
    let integration = ready(&app, &visit).await?;
    let told = disclosed(&app, &visit, &fields).await?;
    let asked = Asked::default();
    let mut page = page(&app, &visit, &integration, &fields, told, asked);
    // Known before the form is sent: a form that is sent twice then comes twice from the same browser.
    browser.set_on(page.headers_mut());
    Ok(page)
}

/// The page's further words, beyond the disclosure.
#[derive(Default)]
struct Asked {
    problems: Vec<Problem>,
    /// The customer has read something else before.
    changed: bool,
}

/// The disclosure of the visit's connection, in the reader's languages.
async fn disclosed(app: &App, visit: &Visit, fields: &Fields) -> Result<Disclosure, StoreError> {
    let wish = Wish {
        languages: &languages(),
        person: fields.open_id(),
    };
    disclosure::with(app, &visit.connection, &wish).await
}

/// Off to the platform. Answers that aren't right spend nothing.
pub(crate) async fn depart(
    State(app): State<AppState>,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    let fields = form(&app, &headers, body)?;
    let browser = Browser::known_or_new(&app, &headers);
    let visit = Visit::open(&app, &ids, &fields, &browser).await?;
    let integration = ready(&app, &visit).await?;
    let told = disclosed(&app, &visit, &fields).await?;
    let answers = steps::read(integration.steps(), &fields);
    // What was not on the page is not agreed to: settings may have changed since it was opened.
    let read = fields.get(DISCLOSURE);
    let asked = Asked {
        problems: answers.problems,
        changed: read.is_some_and(|read| read != told.version),
    };
    if asked.changed || !asked.problems.is_empty() {
        return Ok(page(&app, &visit, &integration, &fields, told, asked));
    }
    let departure = Departure {
        connection: &visit.connection,
        password: &visit.password,
        browser: browser.id(),
        parameters: &fields.custom(),
        confirmed_name: answers.confirmed_name.as_deref(),
        disclosure: Some(&told),
    };
    match connecting::authorize(&app, &departure).await {
        Ok(url) => Ok(see_other(url.as_str(), Some(&browser))),
        Err(error) => Err(Trouble::of_link(error, &visit.brand, integration.name())),
    }
}

/// Back to the client, with nothing shared.
pub(crate) async fn leave(
    State(app): State<AppState>,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    let fields = form(&app, &headers, body)?;
    let browser = Browser::known_or_new(&app, &headers);
    let visit = Visit::open(&app, &ids, &fields, &browser).await?;
    let departure = Departure {
        connection: &visit.connection,
        password: &visit.password,
        browser: browser.id(),
        parameters: &fields.custom(),
        confirmed_name: None,
        disclosure: None,
    };
    let left = connecting::decline(&app, &departure)
        .await
        .map_err(|error| Trouble::of_link(error, &visit.brand, &visit.connection.platform_name))?;
    let (outcome, status_text) = match left {
        Left::Now {
            outcome,
            status_text,
        } => (outcome, status_text),
        Left::Before(address) => return Ok(see_other(&address, Some(&browser))),
    };
    let ending = Ending {
        client: &visit.client,
        company: visit.company.id,
        connection: Some(&visit.connection),
        outcome,
        status_text: &status_text,
        parameters: &fields.custom(),
        person: None,
        confirmation: None,
    };
    let status = ending.outcome.status_code().to_string();
    app.metrics.count_outcome(
        &app.metrics.links,
        &visit.connection.integration_key,
        &status,
    );
    Ok(ending.send_on(&app, &browser))
}

/// The platform, unless it is plain already that the way there ends in a refusal.
async fn ready(app: &App, visit: &Visit) -> Result<Arc<Integration>, Trouble> {
    let connection = &visit.connection;
    let not_ready = || Trouble::not_ready(&visit.brand, &connection.platform_name);
    let integration = app
        .catalogue
        .get(&connection.integration_key)
        .ok_or_else(not_ready)?;
    if oauth_clients::credentials(app, connection.client_id, integration)
        .await?
        .is_none()
    {
        return Err(not_ready());
    }
    connecting::may_link(app, connection)
        .await
        .map_err(|error| Trouble::of_link(error, &visit.brand, &connection.platform_name))?;
    Ok(Arc::clone(integration))
}

fn page(
    app: &App,
    visit: &Visit,
    integration: &Integration,
    fields: &Fields,
    told: Disclosure,
    asked: Asked,
) -> Response {
    let Asked { problems, changed } = asked;
    let (connection, client) = (&visit.connection, &visit.client);
    let platform = connection.platform_name.clone();
    let w = words();
    let again = |why: String| match &connection.account_name {
        None => why,
        Some(name) => {
            let same = w.say("start-same-business").with("business", name);
            format!("{why} {}", same.with("platform", &platform))
        }
    };
    let (heading, notice) = match connection.status {
        ConnectionStatus::PendingAuth => (
            w.say("start-connect").with("client", &client.name),
            visit.under_way.then(|| {
                let under_way = w.say("start-under-way").with("platform", &platform);
                under_way.to_string()
            }),
        ),
        ConnectionStatus::Linked => (
            w.say("start-connected"),
            Some(w.say("start-works").to_string()),
        ),
        ConnectionStatus::Unlinked => (
            w.say("start-reconnect"),
            Some(again(w.say("start-disconnected").to_string())),
        ),
        ConnectionStatus::Deauthorized => (
            w.say("start-reconnect"),
            Some(again(shared::attention(connection, &w))),
        ),
    };
    let heading = heading.with("platform", &platform).to_string();
    let notice = if changed {
        let changed = w.say("start-changed").with("client", &client.name);
        Some(changed.to_string())
    } else {
        notice
    };
    let mut hidden: Vec<(String, String)> = fields.passed_on().into_iter().collect();
    let otp = fields.get("otp").unwrap_or_default();
    hidden.insert(0, ("otp".into(), otp.to_owned()));
    hidden.push((DISCLOSURE.into(), told.version.clone()));
    let status = if problems.is_empty() && !changed {
        StatusCode::OK
    } else {
        ErrorKind::Unprocessable.status()
    };
    // Another version is to be read here.
    let read = is_embedded(&fields.custom()) && fields.get(DISCLOSURE) == Some(&told.version);
    let page = StartPage {
        read,
        brand: Some(visit.brand.clone()),
        brand_icon: visit.brand.icon.clone(),
        client: client.name.clone(),
        company: visit.company.name.clone(),
        platform_logo: picture_url(app, integration, AssetRole::LogoSquare),
        beta: integration.beta(),
        heading,
        notice,
        path: format!(
            "/companies/{}/connections/{}",
            connection.company_id, connection.id
        ),
        hidden,
        groups: shared::groups(&told),
        histories: shared::histories(&told, &w),
        rhythm: shared::rhythm(&told, &w),
        told,
        steps: steps::shown(integration.steps(), fields, &visit.company.name, &problems),
        problems,
        proceed: w
            .say("start-proceed")
            .with("platform", &platform)
            .to_string(),
        decline: match connection.status {
            ConnectionStatus::Linked => w.say("start-leave-as-is"),
            _ => w.say("not-now"),
        }
        .to_string(),
        platform,
        w,
    };
    let forms = if integration.sandbox() {
        Forms::Plain
    } else {
        Forms::towards(app, client)
    };
    respond(status, Some(&visit.brand), forms, &page)
}
