//! The hosted overview of a company: what is connected, and what can be.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use connectors::AssetRole;
use http::{HeaderMap, StatusCode};

use super::browser::Browser;
use super::ending::Ending;
use super::parts::fields::Fields;
use super::parts::own::OwnTexts;
use super::parts::page::{Forms, respond, see_other};
use super::parts::reader::{carry, words};
use super::parts::shared::attention;
use super::parts::views::{Choice, ChoiceGroup, ConnectionRow, OverviewPage, Tone};
use super::start::upload::name_of;
use super::trouble::Trouble;
use super::visit::{CompanyVisit, form};
use crate::AppState;
use crate::wire::integration::picture_url;
use platform::access::links;
use platform::app::App;
use platform::companies::{funnel, link, missed};
use platform::connecting::{self, Chosen, CompanyStage, Outcome};
use platform::data::files::sources::{Kind, SOURCES, Source, source};
use store::connections::Connection;
use store::model::{ConnectionStatus, SourceType};
use words::Words;

/// The field in which a customer names the platform that isn't in the list.
const WANTED: &str = "link.wanted";

/// The kinds of platforms, with the keys of their name and of what is kept there.
const KINDS: [(connectors::SourceType, &str, &str); 3] = [
    (
        connectors::SourceType::Accounting,
        "kind-accounting",
        "kind-accounting-has",
    ),
    (
        connectors::SourceType::Banking,
        "kind-banking",
        "kind-banking-has",
    ),
    (
        connectors::SourceType::Commerce,
        "kind-commerce",
        "kind-commerce-has",
    ),
];

pub(crate) async fn show(
    State(app): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let browser = Browser::known_or_new(&app, &headers);
    let visit = CompanyVisit::open(&app, &id, &fields, &browser).await?;
    if !matches!(visit.stage, CompanyStage::Unused) {
        let again = links::company_url_with(&app, visit.company.id, &fields.passed_on());
        return Ok(see_other(&again, Some(&browser)));
    }
    funnel::opened(&app, &visit.company);
    let connections = store::connections::of_companies(&app.db, &[visit.company.id]).await?;
    let offered = connecting::offered(&app, visit.client.id).await?;
    let own = OwnTexts::of(&app, &visit.client, "").await?;
    let with_sandboxes = fields.get("link.showSandboxIntegrations") != Some("false");
    let linked = connecting::accounting_source(&connections);

    let w = words();
    let groups = KINDS.iter().filter_map(|(kind, title, has)| {
        let closed = linked
            .filter(|_| *kind == connectors::SourceType::Accounting)
            .map(|linked| {
                let closed = w
                    .say("overview-closed")
                    .with("platform", &linked.platform_name);
                closed.to_string()
            });
        let choices: Vec<Choice> = app
            .catalogue
            .iter()
            .filter(|integration| {
                integration.source_type() == *kind && offered.contains(integration.key())
            })
            .filter(|integration| closed.is_none() && own.settings.offers(integration))
            .filter(|integration| with_sandboxes || !integration.sandbox())
            .map(|integration| Choice {
                key: integration.key().to_owned(),
                name: integration.name().to_owned(),
                logo: picture_url(&app, integration, AssetRole::LogoSquare),
                beta: integration.beta(),
                sandbox: integration.sandbox(),
            })
            .chain(uploads(&w, &offered, &own.settings, |of| {
                of.source_type() == kind.as_str()
            }))
            .collect();
        let shown = !choices.is_empty() || closed.is_some();
        shown.then(|| ChoiceGroup {
            kind: kind.as_str(),
            title: w.say(title).to_string(),
            words: w.say(has).to_string(),
            closed,
            choices,
        })
    });
    let documents: Vec<Choice> =
        uploads(&w, &offered, &own.settings, |of| of == Kind::Documents).collect();
    let documents = (!documents.is_empty()).then(|| ChoiceGroup {
        kind: Kind::Documents.name(),
        title: w.say("kind-documents").to_string(),
        words: w.say("kind-documents-has").to_string(),
        closed: None,
        choices: documents,
    });
    let mut hidden: Vec<(String, String)> = fields.passed_on().into_iter().collect();
    hidden.insert(
        0,
        (
            "link.otp".into(),
            fields.get("link.otp").unwrap_or_default().to_owned(),
        ),
    );
    let brand = visit
        .brand
        .clone()
        .with_hero(own.settings.hero_image.as_ref());
    let page = OverviewPage {
        w: Arc::clone(&w),
        heading: own.plain("main.title"),
        lead: own.html("main.subtitle"),
        brand: Some(brand.clone()),
        client: visit.client.name.clone(),
        company: visit.company.name.clone(),
        path: format!("/company/{}", visit.company.id),
        hidden,
        connections: connections
            .iter()
            .filter(|connection| connection.status != ConnectionStatus::PendingAuth)
            .map(|connection| row(&app, &w, connection, linked))
            .collect(),
        groups: groups.chain(documents).collect(),
        returns: visit
            .client
            .redirect_url
            .as_deref()
            .is_some_and(|template| !template.is_empty()),
    };
    let forms = Forms::towards(&app, &visit.client);
    let mut page = respond(StatusCode::OK, Some(&brand), forms, &page);
    browser.set_on(page.headers_mut());
    Ok(page)
}

/// Uploads of some kinds, as choices beside the platforms.
fn uploads(
    w: &Words,
    offered: &BTreeSet<String>,
    settings: &link::Settings,
    wanted: impl Fn(Kind) -> bool,
) -> impl Iterator<Item = Choice> {
    SOURCES
        .iter()
        .filter(move |source| wanted(source.kind) && is_offered(source, offered, settings))
        .map(|source| Choice {
            key: source.key.to_owned(),
            name: name_of(source, w),
            logo: None,
            beta: false,
            sandbox: false,
        })
}

fn is_offered(source: &Source, offered: &BTreeSet<String>, settings: &link::Settings) -> bool {
    offered.contains(source.key) && settings.offers_files(source.kind)
}

fn is_reconnectable(connection: &Connection, linked: Option<&Connection>) -> bool {
    let blocked = connection.source_type == SourceType::Accounting && linked.is_some();
    matches!(
        connection.status,
        ConnectionStatus::Unlinked | ConnectionStatus::Deauthorized
    ) && !blocked
}

fn row(
    app: &App,
    w: &Words,
    connection: &Connection,
    linked: Option<&Connection>,
) -> ConnectionRow {
    let date = connection
        .first_authorized
        .map(|at| w.date(at.date_naive()));
    let (state, tone) = match connection.status {
        ConnectionStatus::Linked => (
            match date {
                None => w.say("overview-connected"),
                Some(date) => w.say("overview-connected-since").with("date", date),
            },
            Tone::Good,
        ),
        ConnectionStatus::Deauthorized => (w.say("attention"), Tone::Bad),
        ConnectionStatus::Unlinked | ConnectionStatus::PendingAuth => {
            (w.say("overview-disconnected"), Tone::Neutral)
        }
    };
    let reconnects = is_reconnectable(connection, linked);
    let note = match connection.status {
        ConnectionStatus::Deauthorized => Some(attention(connection, w)),
        ConnectionStatus::Unlinked => Some(w.say("overview-nothing-new").to_string()),
        ConnectionStatus::Linked | ConnectionStatus::PendingAuth => None,
    };
    ConnectionRow {
        id: connection.id.to_string(),
        platform: source(&connection.integration_key).map_or_else(
            || connection.platform_name.clone(),
            |source| name_of(source, w),
        ),
        logo: app
            .catalogue
            .get(&connection.integration_key)
            .and_then(|integration| picture_url(app, integration, AssetRole::LogoSquare)),
        account: connection.account_name.clone(),
        state: state.to_string(),
        tone,
        note,
        reconnects,
    }
}

/// Begins a connection to the platform that was chosen, or goes on with one that was disconnected.
pub(crate) async fn connect(
    State(app): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    let fields = form(&app, &headers, body)?;
    let browser = Browser::known_or_new(&app, &headers);
    let visit = CompanyVisit::open(&app, &id, &fields, &browser).await?;
    let owner = (visit.client.id, visit.company.id);
    if let CompanyStage::Chose(before) = visit.stage
        && let Some(before) =
            store::connections::get(&app.db, visit.client.id, visit.company.id, before).await?
    {
        let next = links::link_url_with(&app, &before, &fields.passed_on());
        return Ok(see_other(&next, Some(&browser)));
    }
    if !matches!(visit.stage, CompanyStage::Unused) {
        let again = links::company_url_with(&app, visit.company.id, &fields.passed_on());
        return Ok(see_other(&again, Some(&browser)));
    }
    let connections = store::connections::of_companies(&app.db, &[visit.company.id]).await?;
    let linked = connecting::accounting_source(&connections);
    let connection = match fields.get("connectionId") {
        Some(chosen) => {
            let found = connections
                .iter()
                .find(|connection| {
                    connection.id.to_string() == chosen && is_reconnectable(connection, linked)
                })
                .ok_or_else(|| Trouble::no_choice(&visit.brand))?;
            let chosen = Chosen::Connection(found);
            connecting::choose_platform(&app, owner, &visit.password, browser.id(), chosen)
                .await
                .map_err(|error| Trouble::of_link(error, &visit.brand, &found.platform_name))?
        }
        None => {
            let key = fields.get("platformKey").unwrap_or_default();
            let offered = connecting::offered(&app, visit.client.id).await?;
            let settings = link::of_client(&app, visit.client.id).await?;
            let integration = app
                .catalogue
                .get(key)
                .filter(|integration| offered.contains(key) && settings.offers(integration));
            let files = source(key).filter(|files| is_offered(files, &offered, &settings));
            let name = match (integration, files) {
                (Some(integration), _) => integration.name(),
                (None, Some(files)) => files.name,
                (None, None) => return Err(Trouble::no_choice(&visit.brand)),
            };
            let kind = integration.map(|integration| integration.source_type());
            if let (Some(connectors::SourceType::Accounting), Some(linked)) = (kind, linked) {
                return Err(Trouble::second_accounting(
                    &visit.brand,
                    &linked.platform_name,
                ));
            }
            let chosen = Chosen::Platform(key);
            connecting::choose_platform(&app, owner, &visit.password, browser.id(), chosen)
                .await
                .map_err(|error| {
                    Trouble::of_link(error, &visit.brand, name).with(
                        &words().say("end-to-list").to_string(),
                        carry(links::company_url(&app, visit.company.id)),
                    )
                })?
        }
    };
    let next = links::link_url_with(&app, &connection, &fields.passed_on());
    Ok(see_other(&next, Some(&browser)))
}

pub(crate) async fn not_listed(
    app: State<AppState>,
    id: Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    end(&app, &id, &headers, body, Outcome::NotSupported).await
}

pub(crate) async fn leave(
    app: State<AppState>,
    id: Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    end(&app, &id, &headers, body, Outcome::Unchanged).await
}

/// Ends the visit without a connection.
async fn end(
    app: &App,
    id: &str,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    outcome: Outcome,
) -> Result<Response, Trouble> {
    let fields = form(app, headers, body)?;
    let browser = Browser::known_or_new(app, headers);
    let visit = CompanyVisit::open(app, id, &fields, &browser).await?;
    let outcome = match visit.stage {
        CompanyStage::Unused => {
            let wanted = fields.get(WANTED).and_then(missed::one_line);
            let wanted = wanted.filter(|_| outcome == Outcome::NotSupported);
            let end = (outcome, wanted.as_deref());
            let password = &visit.password;
            if !connecting::choose_nothing(app, &visit.company, password, browser.id(), end).await?
            {
                return Err(Trouble::spent(&visit.brand));
            }
            outcome
        }
        CompanyStage::Ended(before) => before,
        CompanyStage::Chose(_) | CompanyStage::Taken => {
            let again = links::company_url_with(app, visit.company.id, &fields.passed_on());
            return Ok(see_other(&again, Some(&browser)));
        }
    };
    let ending = Ending {
        client: &visit.client,
        company: visit.company.id,
        connection: None,
        outcome,
        status_text: "",
        parameters: &fields.custom(),
        person: None,
        confirmation: None,
    };
    Ok(ending.send_on(app, &browser))
}
