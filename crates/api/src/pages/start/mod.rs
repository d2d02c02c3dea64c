//! The start page of a connection, and leaving it: for the platform, with what was typed, or without a change.

pub(crate) mod approval;
pub(crate) mod typed;
pub(crate) mod upload;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use connectors::{AssetRole, Integration, Step, Way};
use http::{HeaderMap, StatusCode};

use crate::AppState;
use crate::around::errors::ErrorKind;
use crate::machines::setup;
use crate::pages::browser::Browser;
use crate::pages::ending::Ending;
use crate::pages::parts::fields::{DISCLOSURE, Fields, is_embedded};
use crate::pages::parts::own::OwnTexts;
use crate::pages::parts::page::{Forms, respond, see_other};
use crate::pages::parts::reader::{languages, words};
use crate::pages::parts::views::{Problem, StartPage};
use crate::pages::parts::{shared, steps};
use crate::pages::trouble::Trouble;
use crate::pages::visit::{Visit, form};
use crate::wire::integration::picture_url;
use platform::app::App;
use platform::companies::funnel;
use platform::connecting::{self, Departure, Left, Offer, Presented, Refusal};
use platform::disclosure::{self, Disclosure, Wish};
use store::StoreError;
use store::connections::Connection;
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
    funnel::opened_for(&app, &visit.connection);
    if let Some(page) = upload::show(&app, &visit, &fields).await {
        let mut page = page?;
        browser.set_on(page.headers_mut());
        return Ok(page);
    }
    let (integration, offers) = ready(&app, &visit).await?;
    let offer = chosen(&offers, &visit.connection, &fields);
    let told = disclosed(&app, &visit, &fields, &offer).await?;
    let offered = Offered { offers, offer };
    let asked = Asked::default();
    let mut page = page(&app, &visit, &integration, &offered, &fields, told, asked).await?;
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
    /// The platform did not accept what was typed.
    refusal: Option<Refusal>,
}

/// The ways of giving access, and the one that the page is about.
struct Offered {
    offers: Vec<Offer>,
    offer: Offer,
}

/// The way that the customer chose, or the one by which access was given before, or the usual one.
fn chosen(offers: &[Offer], connection: &Connection, fields: &Fields) -> Offer {
    let before = platform::credentials::variables_of(connection);
    let before = before.get(connectors::WAY).map(String::as_str);
    let wanted = fields.get(typed::WAY).or(before);
    let found = offers.iter().find(|offer| Some(offer.key()) == wanted);
    let usual = || offers.first().cloned().unwrap_or(Offer::SignIn);
    found.cloned().unwrap_or_else(usual)
}

/// The steps before the last one. A way has its own words; the platform's instructions are those of a sign-in, if there is one.
fn steps_of(integration: &Integration, way: Option<&Way>) -> Vec<Step> {
    let instructs = way.is_none() || !integration.signs_in();
    let steps = integration.steps().iter();
    let kept = steps.filter(|step| instructs || !matches!(step, Step::Instructions { .. }));
    kept.cloned().collect()
}

/// The disclosure of the visit's connection, in the reader's languages.
async fn disclosed(
    app: &App,
    visit: &Visit,
    fields: &Fields,
    offer: &Offer,
) -> Result<Disclosure, StoreError> {
    let wish = Wish {
        languages: &languages(),
        person: fields.open_id(),
        way: Some(offer.key()),
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
    let (integration, offers) = ready(&app, &visit).await?;
    let offer = chosen(&offers, &visit.connection, &fields);
    let told = disclosed(&app, &visit, &fields, &offer).await?;
    let way = match &offer {
        Offer::Way(key) => integration.way(key),
        Offer::SignIn => None,
    };
    let answers = steps::read(&steps_of(&integration, way), &fields);
    let mut problems = answers.problems;
    let mut entered = None;
    if let Some(way) = way {
        match typed::read(way, &fields) {
            Ok(values) => entered = Some((way, values)),
            Err(wrong) => problems.extend(wrong),
        }
    }
    // What was not on the page is not agreed to: settings may have changed since it was opened.
    let read = fields.get(DISCLOSURE);
    let mut asked = Asked {
        problems,
        changed: read.is_some_and(|read| read != told.version),
        refusal: None,
    };
    let offered = Offered { offers, offer };
    if asked.changed || !asked.problems.is_empty() {
        return page(&app, &visit, &integration, &offered, &fields, told, asked).await;
    }
    let departure = Departure {
        connection: &visit.connection,
        password: &visit.password,
        browser: browser.id(),
        parameters: &fields.custom(),
        confirmed_name: answers.confirmed_name.as_deref(),
        disclosure: Some(&told),
    };
    let trouble = |error| Trouble::of_link(error, &visit.brand, integration.name());
    if let Some((way, values)) = entered {
        let presented = connecting::present(&app, &departure, &integration, way, values).await;
        let refusal = match presented.map_err(trouble)? {
            Presented::Ended(address) => return Ok(see_other(&address, Some(&browser))),
            Presented::Refused(refusal) => refusal,
        };
        asked.problems = typed::refused(integration.name(), &refusal);
        asked.refusal = Some(refusal);
        let mut page = page(&app, &visit, &integration, &offered, &fields, told, asked).await?;
        browser.set_on(page.headers_mut());
        return Ok(page);
    }
    if integration.machine().is_some() {
        return setup::begin(&app, &visit, &integration, &browser, &departure).await;
    }
    match connecting::authorize(&app, &departure).await {
        Ok(url) => Ok(see_other(url.as_str(), Some(&browser))),
        Err(error) => Err(trouble(error)),
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

/// The platform and the ways to it, unless it is plain already that they end in a refusal.
async fn ready(app: &App, visit: &Visit) -> Result<(Arc<Integration>, Vec<Offer>), Trouble> {
    let connection = &visit.connection;
    let not_ready = || Trouble::not_ready(&visit.brand, &connection.platform_name);
    let integration = app
        .catalogue
        .get(&connection.integration_key)
        .ok_or_else(not_ready)?;
    let offers = connecting::offers(app, connection.client_id, integration).await?;
    if offers.is_empty() && integration.machine().is_none() {
        return Err(not_ready());
    }
    connecting::may_link(app, connection)
        .await
        .map_err(|error| Trouble::of_link(error, &visit.brand, &connection.platform_name))?;
    Ok((Arc::clone(integration), offers))
}

async fn page(
    app: &App,
    visit: &Visit,
    integration: &Integration,
    offered: &Offered,
    fields: &Fields,
    told: Disclosure,
    asked: Asked,
) -> Result<Response, Trouble> {
    let Asked {
        problems,
        changed,
        refusal,
    } = asked;
    let own = OwnTexts::of(app, &visit.client, integration.name()).await?;
    let kind = integration.source_type().as_str().to_ascii_lowercase();
    let name = |text: &str| format!("{kind}.consents.{text}");
    let (connection, client) = (&visit.connection, &visit.client);
    let platform = connection.platform_name.clone();
    let w = words();
    let way = match &offered.offer {
        Offer::Way(key) => integration.way(key),
        Offer::SignIn => None,
    };
    let steps = steps_of(integration, way);
    let way = match way {
        Some(way) => {
            Some(typed::shown(app, connection, way, fields, &problems, refusal.as_ref()).await?)
        }
        None => None,
    };
    let program = integration.machine().map(|machine| machine.program());
    let of_way =
        |signed_in: &'static str, entered: &'static str, set_up: &'static str| match program {
            Some(program) => w.say(set_up).with("program", program),
            None if way.is_some() => w.say(entered),
            None => w.say(signed_in),
        };
    let again = |why: String| match &connection.account_name {
        None => why,
        Some(name) => {
            let same = of_way(
                "start-same-business",
                "typed-same-business",
                "machine-same-business",
            );
            let same = same.with("business", name);
            format!("{why} {}", same.with("platform", &platform))
        }
    };
    let (heading, notice) = match connection.status {
        ConnectionStatus::PendingAuth => (
            w.say("start-connect").with("client", &client.name),
            (visit.under_way && way.is_none()).then(|| {
                let under_way = match program {
                    Some(_) => w.say("machine-under-way"),
                    None => w.say("start-under-way").with("platform", &platform),
                };
                under_way.to_string()
            }),
        ),
        ConnectionStatus::Linked => (
            w.say("start-connected"),
            Some(of_way("start-works", "typed-works", "machine-works").to_string()),
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
    let heading = match connection.status {
        ConnectionStatus::PendingAuth => own.plain(&name("title")),
        _ => None,
    }
    .unwrap_or_else(|| heading.with("platform", &platform).to_string());
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
    hidden.push((typed::WAY.into(), offered.offer.key().to_owned()));
    let status = if problems.is_empty() && !changed {
        StatusCode::OK
    } else {
        ErrorKind::Unprocessable.status()
    };
    // Another version is to be read here.
    let read = is_embedded(&fields.custom()) && fields.get(DISCLOSURE) == Some(&told.version);
    let approval = match (&offered.offer, integration.machine()) {
        (Offer::SignIn, None) => approval::link(app, client.id, integration).await?,
        _ => None,
    };
    let page = StartPage {
        read,
        approval,
        brand: Some(visit.brand.clone()),
        brand_icon: visit.brand.icon.clone(),
        client: client.name.clone(),
        company: visit.company.name.clone(),
        platform_logo: picture_url(app, integration, AssetRole::LogoSquare),
        beta: integration.beta(),
        heading,
        lead: own.html(&name("subtitle")),
        terms: own.html(&name("termsAndConditions")),
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
        steps: steps::shown(&steps, fields, &visit.company.name, &problems),
        problems,
        proceed: match &way {
            Some(way) if way.waits => w.say("certificate-make").to_string(),
            Some(_) => w
                .say("typed-proceed")
                .with("platform", &platform)
                .to_string(),
            None => own.plain(&name("nextButton")).unwrap_or_else(|| {
                let proceed = match program {
                    Some(_) => w.say("machine-proceed"),
                    None => w.say("start-proceed").with("platform", &platform),
                };
                proceed.to_string()
            }),
        },
        others: typed::others(
            integration,
            connection,
            &offered.offers,
            &offered.offer,
            fields,
        ),
        way,
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
    Ok(respond(status, Some(&visit.brand), forms, &page))
}
