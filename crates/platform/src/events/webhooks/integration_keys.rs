//! Keys for automation services, which reach the webhook operations alone, and the consumers that they made themselves.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::access::keys::random_text;
use crate::app::App;
use store::StoreError;
use store::model::ClientId;
use store::webhooks::{self, IntegrationKey};

const PREFIX: &str = "sk_integ_";
const LENGTH: usize = 40;
const LOOKUP: usize = 12;

/// Gives a service a new key; the one it had is worth nothing from then on. The text is shown once and never again.
pub async fn rotate(app: &App, client: ClientId, service: &str) -> Result<String, StoreError> {
    let text = random_text(LENGTH);
    let key = IntegrationKey {
        client_id: client,
        service: service.to_owned(),
        lookup: text[..LOOKUP].to_owned(),
        hash: Sha256::digest(&text).to_vec(),
        created: app.clock.now(),
    };
    let mut tx = app.db.write().await?;
    webhooks::set_integration_key(&mut tx, &key).await?;
    tx.commit().await?;
    Ok(format!("{PREFIX}{text}"))
}

/// Whose key this is, and which service's. None for a wrong or replaced one, or one that is no integration key at all.
pub async fn authenticate(app: &App, text: &str) -> Result<Option<(ClientId, String)>, StoreError> {
    let Some(text) = text.strip_prefix(PREFIX) else {
        return Ok(None);
    };
    if text.len() != LENGTH || !text.is_ascii() {
        return Ok(None);
    }
    let hash = Sha256::digest(text);
    let known = webhooks::integration_key(&app.db, &text[..LOOKUP]).await?;
    Ok(known
        .filter(|key| bool::from(key.hash.ct_eq(hash.as_slice())))
        .map(|key| (key.client_id, key.service)))
}
