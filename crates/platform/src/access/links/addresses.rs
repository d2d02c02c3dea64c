//! The addresses that customers and platforms are sent to; nothing else makes one.

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::passwords::{self, Purpose};
use crate::app::App;
use store::connections::Connection;
use store::model::{CompanyId, ConnectionId};

/// The page on which a customer begins to connect, with a fresh one-time password.
pub fn link_url(app: &App, connection: &Connection) -> String {
    link_url_of(app, connection.company_id, connection.id)
}

/// The same with custom parameters, which come back in the redirect at the end.
pub fn link_url_with(
    app: &App,
    connection: &Connection,
    parameters: &BTreeMap<String, String>,
) -> String {
    with(link_url(app, connection), parameters)
}

fn with(url: String, parameters: &BTreeMap<String, String>) -> String {
    if parameters.is_empty() {
        return url;
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("{url}&{}", query.finish())
}

/// The same by the connection's ids: for events of a connection that is gone.
pub fn link_url_of(app: &App, company: CompanyId, connection: ConnectionId) -> String {
    let password = passwords::issue(
        &app.vault,
        Purpose::Connection,
        connection.0,
        "",
        app.clock.now(),
    );
    format!(
        "{}/companies/{company}/connections/{connection}/start?otp={password}",
        app.config.origin()
    )
}

/// The hosted overview of a company, with a fresh one-time password.
pub fn company_url(app: &App, company: CompanyId) -> String {
    let password = passwords::issue(&app.vault, Purpose::Company, company.0, "", app.clock.now());
    format!(
        "{}/company/{company}?link.otp={password}",
        app.config.origin()
    )
}

/// The same with custom parameters, which come back in the redirect at the end.
pub fn company_url_with(
    app: &App,
    company: CompanyId,
    parameters: &BTreeMap<String, String>,
) -> String {
    with(company_url(app, company), parameters)
}

/// The page on which a company's people see what they share, stop it, and ask about their data, with a fresh one-time password.
pub fn sharing_url(app: &App, company: CompanyId) -> String {
    let password = passwords::issue(&app.vault, Purpose::Sharing, company.0, "", app.clock.now());
    format!(
        "{}/company/{company}/sharing?otp={password}",
        app.config.origin()
    )
}

/// The exact redirect URI of an integration: one each, so that no platform can pass another's code off as its own.
pub fn redirect_uri(app: &App, key: &str) -> String {
    format!("{}/oauth/{key}/callback", app.config.origin())
}
