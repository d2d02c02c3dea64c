//! API keys: made, found by their first characters, compared in constant time, kept only as a hash.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::app::App;
use store::clients::{self, ApiKey};
use store::clock::{new_id, random_bytes};
use store::model::{ApiKeyId, ClientId};
use store::{StoreError, Tx};

/// Characters of a key, as long as the contract's examples: the first are its lookup, the rest its secret.
const LENGTH: usize = 40;
const LOOKUP: usize = 12;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What the contract allows a client.
pub const MAX_KEYS: i64 = 10;
pub const MAX_NAME_CHARS: usize = 50;

/// How long a key is believed without asking the database again: also how long a revoked one can still work on another
/// node.
const BELIEVED: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a key's name has at most {MAX_NAME_CHARS} characters")]
    LongName,
    #[error("a client can have {MAX_KEYS} keys, and this one has them")]
    TooMany,
}

/// Keys seen lately, by the hash of the whole key.
pub struct Cache {
    seen: moka::future::Cache<[u8; 32], ApiKeyOf>,
    /// How often a key was forgotten: who read the database before that must not remember what it read.
    forgotten: AtomicU64,
}

#[derive(Clone, Copy)]
struct ApiKeyOf {
    id: ApiKeyId,
    client: ClientId,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            seen: moka::future::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(BELIEVED)
                .build(),
            forgotten: AtomicU64::new(0),
        }
    }
}

impl Cache {
    async fn remember(&self, hash: [u8; 32], key: ApiKeyOf, as_of: u64) {
        if self.forgotten.load(Ordering::SeqCst) != as_of {
            return;
        }
        self.seen.insert(hash, key).await;
        // One that was deleted between the look and the insert.
        if self.forgotten.load(Ordering::SeqCst) != as_of {
            self.seen.invalidate(&hash).await;
        }
    }

    async fn forget(&self, hash: &[u8]) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        if let Ok(hash) = <[u8; 32]>::try_from(hash) {
            self.seen.invalidate(&hash).await;
        }
    }
}

/// Letters and digits, each equally likely.
pub fn random_text(length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // 248 is the largest multiple of 62 in a byte: dropping the rest keeps every character equally likely.
        text.extend(
            random_bytes::<64>()
                .iter()
                .filter(|byte| **byte < 248)
                .map(|byte| ALPHABET[usize::from(*byte) % 62] as char)
                .take(length - text.len()),
        );
    }
    text
}

/// Makes a key for a client, its eleventh excepted. The text is shown once and never again.
pub async fn create(
    app: &App,
    tx: &mut Tx,
    client: ClientId,
    name: Option<&str>,
) -> Result<(ApiKey, String), KeyError> {
    if name.is_some_and(|name| name.chars().count() > MAX_NAME_CHARS) {
        return Err(KeyError::LongName);
    }
    // Two that race for the last place take turns.
    clients::lock(tx, client).await?;
    if clients::count_keys(tx, client).await? >= MAX_KEYS {
        return Err(KeyError::TooMany);
    }
    let text = random_text(LENGTH);
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

/// Makes a key for a client, in a transaction of its own.
///
/// # Errors
/// As [`create`]'s.
pub async fn issue(
    app: &App,
    client: ClientId,
    name: Option<&str>,
) -> Result<(ApiKey, String), KeyError> {
    let mut tx = app.db.write().await?;
    let made = create(app, &mut tx, client, name).await?;
    tx.commit().await?;
    Ok(made)
}

/// Deletes a key, which stops working at once on this node and within [`BELIEVED`] on others. Whether there was such a one.
pub async fn delete(app: &App, client: ClientId, id: ApiKeyId) -> Result<bool, StoreError> {
    let mut tx = app.db.write().await?;
    let Some(key) = clients::delete_key(&mut tx, client, id).await? else {
        return Ok(false);
    };
    tx.commit().await?;
    app.keys.forget(&key.hash).await;
    Ok(true)
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
    if let Some(known) = app.keys.seen.get(&hash).await {
        return Ok(Some((known.client, known.id)));
    }
    let as_of = app.keys.forgotten.load(Ordering::SeqCst);
    let Some(key) = clients::key_by_lookup(&app.db, &text[..LOOKUP]).await? else {
        return Ok(None);
    };
    if !bool::from(key.hash.ct_eq(&hash)) {
        return Ok(None);
    }
    let known = ApiKeyOf {
        id: key.id,
        client: key.client_id,
    };
    app.keys.remember(hash, known, as_of).await;
    Ok(Some((key.client_id, key.id)))
}
