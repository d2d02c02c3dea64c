//! API keys: made, found by their first characters, compared in constant time, kept only as a hash.

use std::time::Duration;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::clock::{new_id, random_bytes};
use crate::model::{ApiKeyId, ClientId};
use crate::store::clients::{self, ApiKey};
use crate::store::{StoreError, Tx};

/// Characters of a key, as long as the contract's examples: the first are its lookup, the rest its secret.
const LENGTH: usize = 40;
const LOOKUP: usize = 12;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// How long a key is believed without asking the database again: also how long a revoked one can still work on another
/// node.
const BELIEVED: Duration = Duration::from_secs(2);

/// Keys seen lately, by the hash of the whole key.
pub struct Cache(moka::future::Cache<[u8; 32], ApiKeyOf>);

#[derive(Clone, Copy)]
struct ApiKeyOf {
    id: ApiKeyId,
    client: ClientId,
}

impl Default for Cache {
    fn default() -> Self {
        Self(
            moka::future::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(BELIEVED)
                .build(),
        )
    }
}

impl Cache {
    /// After a key was deleted. The cache is small and short-lived: clearing it all is simpler than finding one.
    pub fn forget_all(&self) {
        self.0.invalidate_all();
    }
}

/// Makes a key for a client. The text is shown once and never again.
pub async fn create(
    app: &App,
    tx: &mut Tx,
    client: ClientId,
    name: Option<&str>,
) -> Result<(ApiKey, String), StoreError> {
    let mut text = String::with_capacity(LENGTH);
    while text.len() < LENGTH {
        // 248 is the largest multiple of 62 in a byte: dropping the rest keeps every character equally likely.
        text.extend(
            random_bytes::<64>()
                .iter()
                .filter(|byte| **byte < 248)
                .map(|byte| ALPHABET[usize::from(*byte) % 62] as char)
                .take(LENGTH - text.len()),
        );
    }
    let now = app.clock.now();
    let key = ApiKey {
        id: ApiKeyId(new_id(now)),
        client_id: client,
        name: name.map(str::to_owned),
        lookup: text[..LOOKUP].to_owned(),
        hash: Sha256::digest(&text).to_vec(),
        created: now,
    };
    clients::insert_key(tx, &key).await?;
    Ok((key, text))
}

/// Whose key this is. `None` for a wrong or revoked one.
pub async fn authenticate(
    app: &App,
    text: &str,
) -> Result<Option<(ClientId, ApiKeyId)>, StoreError> {
    if text.len() != LENGTH || !text.is_ascii() {
        return Ok(None);
    }
    let hash: [u8; 32] = Sha256::digest(text).into();
    if let Some(known) = app.keys.0.get(&hash).await {
        return Ok(Some((known.client, known.id)));
    }
    let Some(key) = clients::key_by_lookup(&app.db, &text[..LOOKUP]).await? else {
        return Ok(None);
    };
    if !bool::from(key.hash.ct_eq(&hash)) {
        return Ok(None);
    }
    app.keys
        .0
        .insert(
            hash,
            ApiKeyOf {
                id: key.id,
                client: key.client_id,
            },
        )
        .await;
    Ok(Some((key.client_id, key.id)))
}
