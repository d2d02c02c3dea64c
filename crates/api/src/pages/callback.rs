//! The platform sends the customer's browser back.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use egress::Secret;
use http::HeaderMap;

use super::browser::Browser;
use super::choose;
use super::ending::Ending;
use super::parts::fields::Fields;
use super::parts::page::see_other;
use super::parts::reader;
use super::start::approval;
use super::trouble::Trouble;
use crate::AppState;
use platform::app::App;
use platform::connecting::{self, Arrived, Callback, CallbackError, Ended, Outcome};
use platform::disclosure::person;

/// RFC 6749 § 4.1.2 and RFC 9207.
const PARAMETERS: [&str; 5] = ["state", "code", "error", "error_description", "iss"];

pub(crate) async fn receive(
    State(app): State<AppState>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    // RFC 6749 § 3.1: none of them more than once; there is no telling which one counts.
    if PARAMETERS.iter().any(|name| fields.has_twice(name)) {
        return Err(CallbackError::UnknownState.into());
    }
    if let Some(page) = approval::answered(&app, &key, &fields).await? {
        return Ok(page);
    }
    let given = |name: &str| {
        fields
            .get(name)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    };
    let callback = Callback {
        state: given("state"),
        code: given("code").map(Secret::new),
        error: given("error"),
        error_description: given("error_description"),
        iss: given("iss"),
        query: fields
            .iter()
            .filter(|(name, _)| !PARAMETERS.contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    };
    let browser = Browser::of(&app, &headers).ok_or(CallbackError::OtherBrowser);
    let arrived =
        connecting::finish(&app, &key, browser.as_ref().ok().map(Browser::id), callback).await?;
    let browser = browser?;
    let ended = match arrived {
        Arrived::Ended(ended) => ended,
        Arrived::Waits {
            ended,
            confirmation,
        } => return end(&app, &browser, &ended, Some(&confirmation)).await,
        Arrived::Asks { connection, ticket } => {
            return Ok(see_other(
                &choose::address(&connection, &ticket),
                Some(&browser),
            ));
        }
    };
    end(&app, &browser, &ended, None).await
}

/// Sends the browser on to the page that shows the link's outcome.
pub(super) async fn end(
    app: &App,
    browser: &Browser,
    ended: &Ended,
    confirmation: Option<&str>,
) -> Result<Response, Trouble> {
    let client = store::clients::get(&app.db, ended.connection.client_id)
        .await?
        .ok_or(CallbackError::UnknownState)?;
    reader::prefer(ended.parameters.get(reader::LOCALE).map(String::as_str));
    let person = match ended.outcome {
        Outcome::Linked => person::of(app, &ended.connection).await?,
        _ => None,
    };
    let ending = Ending {
        client: &client,
        company: ended.connection.company_id,
        connection: Some(&ended.connection),
        outcome: ended.outcome,
        status_text: &ended.status_text,
        parameters: &ended.parameters,
        person: person.as_ref(),
        confirmation,
    };
    Ok(ending.send_on(app, browser))
}
