//! A client's own settings: its name and pictures, the redirect after a link, the origins that browsers may call from.

use crate::app::App;
use crate::change::Change;
use store::StoreError;
use store::clients::Client;
use store::model::Actor;

/// Stores a client's settings as they are in the row.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn save(app: &App, client: &Client) -> Result<(), StoreError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    store::clients::update(&mut change, client).await?;
    change.commit().await
}
