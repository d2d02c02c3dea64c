//! An administrator's approval of the application: the link to pass on, and the page that the administrator comes back to.

use std::collections::BTreeMap;

use axum::response::Response;
use connectors::Integration;
use http::StatusCode;

use crate::pages::parts::fields::Fields;
use crate::pages::parts::page::{Forms, respond};
use crate::pages::parts::reader::words;
use crate::pages::parts::views::{Brand, ResultPage, Tone};
use crate::pages::trouble::Trouble;
use platform::access::links::{self, Approval};
use platform::app::App;
use platform::connecting::CallbackError;
use store::StoreError;
use store::model::ClientId;

/// The link for an administrator; none where no approval is known of.
pub(crate) async fn link(
    app: &App,
    client: ClientId,
    integration: &Integration,
) -> Result<Option<String>, StoreError> {
    let url = links::approval_url(app, client, integration).await?;
    Ok(url.map(String::from))
}

/// The page for an administrator who comes back; none if the browser comes from somewhere else. It knows of no connection: the link may
/// have been opened by anybody.
pub(crate) async fn answered(
    app: &App,
    key: &str,
    fields: &Fields,
) -> Result<Option<Response>, Trouble> {
    let answer: BTreeMap<String, String> = fields
        .iter()
        .filter(|(name, _)| !fields.has_twice(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let integration = app.catalogue.get(key);
    let read = integration.and_then(|known| links::read_approval(app, known, &answer));
    let (Some(integration), Some((client, approval))) = (integration, read) else {
        return Ok(None);
    };
    let client = store::clients::get(&app.db, client)
        .await?
        .ok_or(CallbackError::UnknownState)?;
    let w = words();
    let brand = Brand::of(&client);
    let said = |key| w.say(key).with("platform", integration.name()).to_string();
    let (tone, heading, line, reason) = match approval {
        Approval::Given => (Tone::Good, "approval-given", "approval-given-then", None),
        Approval::Refused(reason) => (
            Tone::Bad,
            "approval-refused",
            "approval-refused-then",
            reason,
        ),
    };
    let page = ResultPage {
        brand: Some(brand.clone()),
        tone,
        heading: said(heading),
        lines: vec![said(line)],
        reason,
        approval: None,
        first: None,
        second: None,
        third: None,
        closing: Some(said("close-simply")),
        correlation: None,
        w: w.clone(),
    };
    Ok(Some(respond(
        StatusCode::OK,
        Some(&brand),
        Forms::None,
        &page,
    )))
}
