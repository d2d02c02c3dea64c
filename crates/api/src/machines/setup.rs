//! The page on which a customer sets up the program on their machine, and waits for its first call.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use connectors::{AssetRole, Integration};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, REFRESH};
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::AppState;
use crate::pages::browser::Browser;
use crate::pages::parts::fields::Fields;
use crate::pages::parts::page::{Forms, respond, see_other};
use crate::pages::parts::reader::{carry, words};
use crate::pages::parts::views::{Brand, SetupPage};
use crate::pages::trouble::Trouble;
use crate::pages::visit::{Visit, owner};
use crate::wire::integration::picture_url;
use platform::app::App;
use platform::connecting::machines::{self, Waiting};
use platform::connecting::{CallbackError, Departure};
use store::clients::Client;
use store::companies::Company;
use store::connections::Connection;
use store::model::{CompanyId, ConnectionId};

/// The page looks again by itself after this many seconds.
const LOOK_AGAIN: &str = "10";

/// Gives the program its password, and shows it on the page: the only time.
pub(crate) async fn begin(
    app: &App,
    visit: &Visit,
    integration: &Integration,
    browser: &Browser,
    departure: &Departure<'_>,
) -> Result<Response, Trouble> {
    let prepared = machines::prepare(app, departure).await;
    let prepared =
        prepared.map_err(|error| Trouble::of_link(error, &visit.brand, integration.name()))?;
    let shown = Shown {
        client: &visit.client,
        company: &visit.company,
        connection: &visit.connection,
        state: &prepared.state,
        password: Some(prepared.password.expose()),
        trouble: None,
    };
    let mut page = page(app, integration, &shown);
    browser.set_on(page.headers_mut());
    Ok(page)
}

/// The same page while the customer waits, without the password.
pub(crate) async fn show(
    State(app): State<AppState>,
    Path(ids): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let (client, company, connection) = of_ids(&app, &ids).await?;
    let browser = Browser::of(&app, &headers).ok_or(CallbackError::OtherBrowser)?;
    let state = fields.get("state").unwrap_or_default();
    let waiting = machines::waiting(&app, &connection, state, Some(browser.id())).await?;
    let trouble = match waiting {
        Waiting::Ended(address) => return Ok(see_other(&address, Some(&browser))),
        Waiting::FirstCall { trouble } => trouble,
    };
    let integration = app
        .catalogue
        .get(&connection.integration_key)
        .ok_or(CallbackError::UnknownState)?;
    let shown = Shown {
        client: &client,
        company: &company,
        connection: &connection,
        state,
        password: None,
        trouble,
    };
    let mut page = page(&app, integration, &shown);
    let soon = HeaderValue::from_static(LOOK_AGAIN);
    page.headers_mut().insert(REFRESH, soon);
    Ok(page)
}

/// The file that the program is set up by.
pub(crate) async fn file(
    State(app): State<AppState>,
    Path(ids): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let (client, _, connection) = of_ids(&app, &ids).await?;
    let browser = Browser::of(&app, &headers).ok_or(CallbackError::OtherBrowser)?;
    let state = fields.get("state").unwrap_or_default();
    machines::waiting(&app, &connection, state, Some(browser.id())).await?;
    let integration = app.catalogue.get(&connection.integration_key);
    let machine = integration.and_then(|known| Some((known, known.machine()?)));
    let (integration, machine) = machine.ok_or(CallbackError::UnknownState)?;
    let text = machines::file(&app, integration, machine, &connection, &client.name).await?;
    let text = text.ok_or(CallbackError::UnknownState)?;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = utf8_percent_encode(machine.setup_name(), NON_ALPHANUMERIC);
    let named = format!("attachment; filename*=UTF-8''{name}");
    if let Ok(named) = HeaderValue::from_str(&named) {
        headers.insert(CONTENT_DISPOSITION, named);
    }
    Ok(response)
}

async fn of_ids(
    app: &App,
    ids: &(String, String),
) -> Result<(Client, Company, Connection), Trouble> {
    let (Ok(company), Ok(connection)) = (ids.0.parse::<CompanyId>(), ids.1.parse::<ConnectionId>())
    else {
        return Err(Trouble::gone());
    };
    let (client, company) = owner(app, company).await?.ok_or_else(Trouble::gone)?;
    let connection = store::connections::get(&app.db, client.id, company.id, connection)
        .await?
        .ok_or_else(Trouble::gone)?;
    Ok((client, company, connection))
}

struct Shown<'a> {
    client: &'a Client,
    company: &'a Company,
    connection: &'a Connection,
    state: &'a str,
    password: Option<&'a str>,
    trouble: Option<String>,
}

fn page(app: &App, integration: &Integration, shown: &Shown<'_>) -> Response {
    let connection = shown.connection;
    let path = format!(
        "/companies/{}/connections/{}/setup",
        connection.company_id, connection.id
    );
    let state = utf8_percent_encode(shown.state, NON_ALPHANUMERIC);
    let machine = integration.machine();
    let brand = Brand::of(shown.client);
    let page = SetupPage {
        w: words(),
        brand: Some(brand.clone()),
        client: shown.client.name.clone(),
        company: shown.company.name.clone(),
        platform: connection.platform_name.clone(),
        platform_logo: picture_url(app, integration, AssetRole::LogoSquare),
        program: machine
            .map(|machine| machine.program().to_owned())
            .unwrap_or_default(),
        program_url: machine
            .map(|machine| machine.program_url().to_owned())
            .unwrap_or_default(),
        file: format!("{path}/file?state={state}"),
        wait: carry(format!("{path}?state={state}")),
        user: connection.id.to_string(),
        password: shown.password.map(str::to_owned),
        trouble: shown.trouble.clone(),
    };
    respond(StatusCode::OK, Some(&brand), Forms::None, &page)
}
