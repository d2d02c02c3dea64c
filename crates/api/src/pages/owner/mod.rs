//! The owner's own door: everything that a business shares with a client, and how to stop it, whether or not the client shows
//! that anywhere.
//!
//! The link opens for one browser, and for that one as often as it likes until it is too old.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

mod views;

use super::browser::Browser;
use super::parts::fields::Fields;
use super::parts::markdown;
use super::parts::page::{Forms, respond, see_other};
use super::parts::reader::{self, carry, words};
use super::parts::shared::groups;
use super::parts::views::{Brand, Tone};
use super::trouble::Trouble;
use super::visit::{form, genuine, owner};
use crate::AppState;
use crate::wire::integration::asset_url;
use connectors::AssetRole;
use platform::access::links::passwords::{Genuine, Purpose};
use platform::app::App;
use platform::companies::requests;
use platform::connecting::{self, Holder, LinkError};
use platform::data::files::sources::source;
use platform::disclosure::language::OWN;
use platform::disclosure::{self, additional};
use store::clients::Client;
use store::companies::Company;
use store::connections::Connection;
use store::model::{Actor, CompanyId, ConnectionStatus, DataRequestKind, DataRequestStatus};
use words::Words;

use views::{ConfirmPage, DoorPage, Further, Request, SharingPage, SharingRow};

/// A question before a step, which is taken once the form comes back.
struct Question<'a> {
    heading: String,
    lines: Vec<String>,
    /// The path below the sharing page.
    step: &'static str,
    /// The field that says what the step is about.
    answer: (&'static str, &'a str),
    proceed: String,
}

/// A visit by a link to a company's sharing page.
struct Visit {
    client: Client,
    company: Company,
    brand: Brand,
    password: Genuine,
    browser: Browser,
    holder: Holder,
    hidden: Vec<(String, String)>,
}

impl Visit {
    async fn begin(
        app: &App,
        id: &str,
        fields: &Fields,
        headers: &HeaderMap,
    ) -> Result<Self, Trouble> {
        let id: CompanyId = id.parse().map_err(|_| Trouble::gone())?;
        let password = genuine(app, Purpose::Sharing, id.0, fields.get("otp"))?;
        let (client, company) = owner(app, id).await?.ok_or_else(Trouble::gone)?;
        let brand = Brand::of(&client);
        let browser = Browser::known_or_new(app, headers);
        let holder = connecting::holder(app, &password, Some(browser.id())).await?;
        if holder == Holder::Other {
            return Err(Trouble::spent(&brand));
        }
        let otp = fields.get("otp").unwrap_or_default().to_owned();
        let mut hidden = vec![("otp".to_owned(), otp)];
        hidden.extend(reader::chosen().map(|tag| (reader::LOCALE.to_owned(), tag)));
        Ok(Self {
            client,
            company,
            brand,
            password,
            browser,
            holder,
            hidden,
        })
    }

    /// The same for a form, which nothing but an open page can send.
    async fn of_form(
        app: &App,
        id: &str,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<(Self, Fields), Trouble> {
        let fields = form(app, headers, body)?;
        let visit = Self::begin(app, id, &fields, headers).await?;
        if visit.holder == Holder::Own {
            Ok((visit, fields))
        } else {
            Err(Trouble::elsewhere(visit.address()))
        }
    }

    fn path(&self) -> String {
        format!("/company/{}/sharing", self.company.id)
    }

    fn address(&self) -> String {
        carry(format!("{}?otp={}", self.path(), self.hidden[0].1))
    }

    /// Asks once more before a step that can't be undone.
    fn confirm(&self, question: Question<'_>) -> Response {
        let (name, value) = question.answer;
        let mut hidden = self.hidden.clone();
        hidden.push((name.to_owned(), value.to_owned()));
        let page = ConfirmPage {
            w: words(),
            brand: Some(self.brand.clone()),
            heading: question.heading,
            lines: question.lines,
            action: format!("{}/{}", self.path(), question.step),
            hidden,
            proceed: question.proceed,
            back: self.address(),
        };
        respond(StatusCode::OK, Some(&self.brand), Forms::Secure, &page)
    }

    fn back(&self) -> Response {
        see_other(&self.address(), Some(&self.browser))
    }

    /// The connections that were ever authorised, with those of further businesses behind the same sign-in.
    async fn connections(&self, app: &App) -> Result<Vec<Connection>, Trouble> {
        let all = connecting::seen_by(app, self.company.id).await?;
        let all = all.into_iter().map(|seen| seen.connection);
        let shown = |connection: &Connection| connection.status != ConnectionStatus::PendingAuth;
        Ok(all.filter(shown).collect())
    }
}

pub(crate) async fn show(
    State(app): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let visit = Visit::begin(&app, &id, &fields, &headers).await?;
    if visit.holder == Holder::Unknown {
        let page = DoorPage {
            w: words(),
            brand: Some(visit.brand.clone()),
            client: visit.client.name.clone(),
            company: visit.company.name.clone(),
            path: visit.path(),
            hidden: visit.hidden.clone(),
        };
        let mut page = respond(StatusCode::OK, Some(&visit.brand), Forms::Secure, &page);
        visit.browser.set_on(page.headers_mut());
        return Ok(page);
    }
    let connections = visit.connections(&app).await?;
    let requests =
        store::data_requests::of_company(&app.db, visit.client.id, visit.company.id).await?;
    let is_open = |kind| {
        let open = |request: &&store::data_requests::DataRequest| {
            request.kind == kind && request.status == DataRequestStatus::Open
        };
        requests.iter().any(|request| open(&request))
    };
    let w = words();
    let mut rows = Vec::new();
    for connection in &connections {
        rows.push(described(&app, &w, connection).await?);
    }
    let page = SharingPage {
        requests: requests.iter().map(|own| Request::of(own, &w)).collect(),
        w,
        brand: Some(visit.brand.clone()),
        client: visit.client.name.clone(),
        company: visit.company.name.clone(),
        path: visit.path(),
        hidden: visit.hidden.clone(),
        connections: rows,
        can_ask_for_copy: !is_open(DataRequestKind::Copy),
        can_ask_for_deletion: !is_open(DataRequestKind::Deletion),
    };
    let mut page = respond(StatusCode::OK, Some(&visit.brand), Forms::Secure, &page);
    visit.browser.set_on(page.headers_mut());
    Ok(page)
}

fn day(w: &Words, at: chrono::DateTime<chrono::Utc>) -> String {
    w.date(at.date_naive())
}

/// A connection with what its customer agreed to, while there is access.
async fn described(app: &App, w: &Words, connection: &Connection) -> Result<SharingRow, Trouble> {
    let row = row(app, w, connection);
    if !row.ends || app.catalogue.get(&connection.integration_key).is_none() {
        return Ok(row);
    }
    let mut told = disclosure::in_force(app, connection).await?;
    // As it was agreed to; its names for the reader of today.
    disclosure::rename(&mut told, w);
    let writes = told.writes.iter().map(|write| write.name.clone());
    let given = additional::given(app, connection).await?;
    let further = given.into_iter().map(|given| Further {
        day: day(w, given.answered),
        title: given.wording.title.as_deref().map(markdown::to_text),
        text: given.wording.subtitle.as_deref().map(markdown::to_html),
        language: given.language.unwrap_or_else(|| OWN.to_owned()),
    });
    Ok(SharingRow {
        further: further.collect(),
        reads: groups(&told),
        writes: writes.collect(),
        purpose: Some(told.purpose),
        ..row
    })
}

fn row(app: &App, w: &Words, connection: &Connection) -> SharingRow {
    let integration = app.catalogue.get(&connection.integration_key);
    let logo = integration
        .filter(|integration| integration.asset(AssetRole::LogoSquare).is_some())
        .map(|integration| asset_url(app, integration, AssetRole::LogoSquare));
    let (state, tone) = match connection.status {
        ConnectionStatus::Linked => ("sharing-shared", Tone::Good),
        ConnectionStatus::Deauthorized => ("attention", Tone::Bad),
        ConnectionStatus::Unlinked | ConnectionStatus::PendingAuth => {
            ("sharing-disconnected", Tone::Neutral)
        }
    };
    SharingRow {
        id: connection.id.to_string(),
        platform: connection.platform_name.clone(),
        logo,
        account: connection.account_name.clone(),
        state: w.say(state).to_string(),
        tone,
        since: connection.first_authorized.map(|at| day(w, at)),
        last_read: connection.last_sync.map(|at| day(w, at)),
        reads: Vec::new(),
        writes: Vec::new(),
        purpose: None,
        further: Vec::new(),
        ends: matches!(
            connection.status,
            ConnectionStatus::Linked | ConnectionStatus::Deauthorized
        ),
    }
}

/// Opens the door for this browser.
pub(crate) async fn open(
    State(app): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    let fields = form(&app, &headers, body)?;
    let visit = Visit::begin(&app, &id, &fields, &headers).await?;
    match connecting::hold(&app, &visit.password, visit.browser.id()).await? {
        Holder::Own => Ok(visit.back()),
        Holder::Unknown | Holder::Other => Err(Trouble::spent(&visit.brand)),
    }
}

/// Ends a connection, after asking once more.
pub(crate) async fn disconnect(
    State(app): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    let (visit, fields) = Visit::of_form(&app, &id, &headers, body).await?;
    let chosen = fields.get("connectionId").unwrap_or_default();
    let connections = visit.connections(&app).await?;
    let found = connections
        .iter()
        .find(|connection| connection.id.to_string() == chosen)
        .ok_or_else(|| Trouble::no_choice(&visit.brand))?;
    let w = words();
    if !row(&app, &w, found).ends {
        return Ok(visit.back());
    }
    if fields.get("confirmed") != Some("yes") {
        let said = |key| {
            let said = w.say(key).with("platform", &found.platform_name);
            said.with("client", &visit.client.name).to_string()
        };
        let integration = app.catalogue.get(&found.integration_key);
        let lines = if source(&found.integration_key).is_some() {
            // Unlike what is read from a platform, they go with the connection.
            vec![said("confirm-files")]
        } else if let Some(integration) = integration.filter(|own| own.can_revoke()) {
            let goes_on = connecting::is_shared(&app, found).await?;
            let ends = match goes_on && !integration.ends_one_account() {
                true => "confirm-shared",
                false => "confirm-given-back",
            };
            vec![said(ends), said("confirm-stays")]
        } else {
            vec![said("confirm-stays-listed"), said("confirm-stays")]
        };
        let question = Question {
            heading: said("confirm-disconnect"),
            lines,
            step: "disconnect",
            answer: ("connectionId", chosen),
            proceed: said("confirm-disconnect-go"),
        };
        return Ok(visit.confirm(question));
    }
    let reason = format!("{} was disconnected by its owner.", found.platform_name);
    match connecting::unlink(&app, found, Actor::Customer, Some(&reason)).await {
        // Another click was first.
        Ok(_) | Err(LinkError::NotAllowed(_) | LinkError::Raced) => Ok(visit.back()),
        Err(error) => Err(Trouble::of_link(error, &visit.brand, &found.platform_name)),
    }
}

/// Asks the client for a copy of the data or for its deletion.
pub(crate) async fn request(
    State(app): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    let (visit, fields) = Visit::of_form(&app, &id, &headers, body).await?;
    let kind = DataRequestKind::from_word(fields.get("kind").unwrap_or_default())
        .ok_or_else(|| Trouble::no_choice(&visit.brand))?;
    if kind == DataRequestKind::Deletion && fields.get("confirmed") != Some("yes") {
        let w = words();
        let asks = w.say("confirm-deletion-asks");
        let asks = asks.with("client", &visit.client.name);
        let question = Question {
            heading: w.say("confirm-deletion").to_string(),
            lines: vec![
                asks.with("company", &visit.company.name).to_string(),
                w.say("confirm-deletion-stays").to_string(),
            ],
            step: "requests",
            answer: ("kind", kind.as_str()),
            proceed: w.say("confirm-deletion-go").to_string(),
        };
        return Ok(visit.confirm(question));
    }
    requests::ask(&app, &visit.company, kind).await?;
    Ok(visit.back())
}
