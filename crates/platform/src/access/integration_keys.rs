//! Keys for automation services, which reach the webhook operations alone, and the consumers that they made themselves.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::random_text;
use crate::app::App;
use crate::change::Change;
use crate::consents::Entry;
use store::model::{Actor, ClientId, RecordKind};
use store::webhooks::{self, IntegrationKey};
use store::{Db, StoreError};

const PREFIX: &str = "sk_integ_";
const LENGTH: usize = 40;
const LOOKUP: usize = 12;

/// Gives a service a new key, which replaces the one it had. The text is shown once and never again.
///
/// # Errors
/// The database can't be written to.
pub async fn rotate(app: &App, client: ClientId, service: &str) -> Result<String, StoreError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    let text = random_text(LENGTH);
    let key = IntegrationKey {
        client_id: client,
        service: service.to_owned(),
        lookup: text[..LOOKUP].to_owned(),
        hash: Sha256::digest(&text).to_vec(),
        created: change.now,
    };
    webhooks::set_integration_key(&mut change, &key).await?;
    let replaced = Entry::new(client, RecordKind::ServiceKeyReplaced);
    change.record(replaced.with("target", serde_json::json!({ "service": service })));
    change.commit().await?;
    Ok(format!("{PREFIX}{text}"))
}

/// The client and the service that a key belongs to. None for a wrong or replaced key, and for text of another form.
///
/// # Errors
/// The database can't be read.
pub async fn authenticate(db: &Db, text: &str) -> Result<Option<(ClientId, String)>, StoreError> {
    let Some(text) = text.strip_prefix(PREFIX) else {
        return Ok(None);
    };
    if text.len() != LENGTH || !text.is_ascii() {
        return Ok(None);
    }
    let hash = Sha256::digest(text);
    let known = webhooks::integration_key(db, &text[..LOOKUP]).await?;
    Ok(known
        .filter(|key| bool::from(key.hash.ct_eq(hash.as_slice())))
        .map(|key| (key.client_id, key.service)))
}
