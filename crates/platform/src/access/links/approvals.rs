//! The link by which an administrator approves the application at a platform, and the answer that comes back.
//!
//! It is no part of any connection: its state names the client and nothing else, so that the link may be passed on, opened late and more
//! than once, and tells the administrator nothing about who is about to connect.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connectors::{Integration, presentable_to_customers};
use url::Url;

use super::redirect_uri;
use crate::app::App;
use crate::credentials::oauth_clients;
use store::StoreError;
use store::model::ClientId;

/// The beginning of the state of such a link, which no sign-in's has.
const BEGIN: &str = "approval.";
const PURPOSE: &str = "an administrator's approval";

/// An administrator's answer, by the platform's redirect back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    Given,
    /// With the platform's own words, if there are any.
    Refused(Option<String>),
}

/// The address for an administrator, for a client's application at the platform; none if the platform has no such page, or the client
/// no OAuth client there.
///
/// # Errors
/// The database can't be read.
pub async fn approval_url(
    app: &App,
    client: ClientId,
    integration: &Integration,
) -> Result<Option<Url>, StoreError> {
    let credentials = oauth_clients::credentials(app, client, integration).await?;
    let key = integration.key();
    Ok(credentials.and_then(|credentials| {
        let id = client.to_string();
        let proof = app.vault.sign(PURPOSE, &[key.as_bytes(), id.as_bytes()]);
        let state = format!("{BEGIN}{id}.{}", URL_SAFE_NO_PAD.encode(proof));
        integration.approval_url(&credentials.client_id, &redirect_uri(app, key), &state)
    }))
}

/// Reads the parameters of a redirect back from such a page: the client whose link it was, and the answer. None if they are of something else.
pub fn read_approval(
    app: &App,
    integration: &Integration,
    answer: &BTreeMap<String, String>,
) -> Option<(ClientId, Approval)> {
    let (id, proof) = answer.get("state")?.strip_prefix(BEGIN)?.split_once('.')?;
    let proof = URL_SAFE_NO_PAD.decode(proof).ok()?;
    let parts = [integration.key().as_bytes(), id.as_bytes()];
    if !app.vault.verify(PURPOSE, &parts, &proof) {
        return None;
    }
    let client = id.parse().ok()?;
    let approval = match answer.get("error") {
        None if integration.is_approved(answer) => Approval::Given,
        None => Approval::Refused(None),
        Some(error) if integration.means_cancelled(error) => Approval::Refused(None),
        Some(error) => {
            let words = answer
                .get("error_description")
                .filter(|words| !words.is_empty());
            let words = presentable_to_customers(words.unwrap_or(error));
            Approval::Refused(Some(words).filter(|words| !words.is_empty()))
        }
    };
    Some((client, approval))
}
