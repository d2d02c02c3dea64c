//! The ways of giving access that a client's customers may choose among.

use connectors::Integration;

use crate::app::App;
use crate::credentials::oauth_clients;
use store::StoreError;
use store::model::ClientId;

/// The word by which settings and pages name a sign-in at the platform.
pub const SIGN_IN: &str = "sign-in";

/// A way of giving access, as it is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    SignIn,
    /// [`connectors::Way::key`]
    Way(String),
}

impl Offer {
    /// The word by which settings and pages name it.
    pub fn key(&self) -> &str {
        match self {
            Self::SignIn => SIGN_IN,
            Self::Way(key) => key,
        }
    }
}

/// The ways that are offered for an integration, the usual one first: those of the settings, or a sign-in if there is an OAuth client, and
/// everything that needs none. Empty if there is none that could work.
///
/// # Errors
/// The database can't be read.
pub async fn offers(
    app: &App,
    client: ClientId,
    integration: &Integration,
) -> Result<Vec<Offer>, StoreError> {
    let mut all = Vec::new();
    if integration.signs_in()
        && oauth_clients::credentials(app, client, integration)
            .await?
            .is_some()
    {
        all.push(Offer::SignIn);
    }
    let ways = integration.ways().iter();
    all.extend(ways.map(|way| Offer::Way(way.key().to_owned())));
    let Some(chosen) = app.config.integrations.ways.get(integration.key()) else {
        return Ok(all);
    };
    let mut offered = Vec::new();
    for key in chosen {
        if let Some(at) = all.iter().position(|offer| offer.key() == key) {
            offered.push(all.swap_remove(at));
        }
    }
    Ok(offered)
}
