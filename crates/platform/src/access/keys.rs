//! API keys: made, found by their first characters, compared in constant time, kept only as a hash.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::random_text;
use store::clients::{self, ApiKey};
use store::clock::{Clock, new_id};
use store::model::{ApiKeyId, ClientId};
use store::{Db, StoreError, Tx};

/// Characters of a key, as many as the contract's examples have: the first are its lookup, the rest its secret.
const LENGTH: usize = 40;
const LOOKUP: usize = 12;

/// The most keys that the contract allows a client.
pub const MAX_KEYS: i64 = 10;
pub const MAX_NAME_CHARS: usize = 50;

/// The time for which a key is believed without asking the database again. A revoked key can still work on another node for as
/// long.
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

/// The API keys of all clients, those seen lately in memory.
pub struct ApiKeys {
    db: Db,
    clock: Clock,
    /// By the hash of the whole key.
    seen: moka::future::Cache<[u8; 32], Known>,
    /// The number of keys forgotten: a reader that began before the last one must not remember what it read.
    forgotten: AtomicU64,
}

#[derive(Clone, Copy)]
struct Known {
    id: ApiKeyId,
    client: ClientId,
}

impl ApiKeys {
    pub(crate) fn new(db: Db, clock: Clock) -> Self {
        Self {
            db,
            clock,
            seen: moka::future::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(BELIEVED)
                .build(),
            forgotten: AtomicU64::new(0),
        }
    }

    /// Makes a key for a client, unless it has [`MAX_KEYS`]. The text is shown once and never again.
    ///
    /// # Errors
    /// The name is too long, or the client has too many keys.
    pub async fn create(
        &self,
        tx: &mut Tx,
        client: ClientId,
        name: Option<&str>,
    ) -> Result<(ApiKey, String), KeyError> {
        if name.is_some_and(|name| name.chars().count() > MAX_NAME_CHARS) {
            return Err(KeyError::LongName);
        }
        // Locked, so that two requests at the same time can't both make the last key.
        clients::lock(tx, client).await?;
        if clients::count_keys(tx, client).await? >= MAX_KEYS {
            return Err(KeyError::TooMany);
        }
        let text = random_text(LENGTH);
        let now = self.clock.now();
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

    /// The client that a key belongs to, and the key's id. None for a wrong or revoked key.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn authenticate(
        &self,
        text: &str,
    ) -> Result<Option<(ClientId, ApiKeyId)>, StoreError> {
        if text.len() != LENGTH || !text.is_ascii() {
            return Ok(None);
        }
        let hash: [u8; 32] = Sha256::digest(text).into();
        if let Some(known) = self.seen.get(&hash).await {
            return Ok(Some((known.client, known.id)));
        }
        let as_of = self.forgotten.load(Ordering::SeqCst);
        let Some(key) = clients::key_by_lookup(&self.db, &text[..LOOKUP]).await? else {
            return Ok(None);
        };
        if !bool::from(key.hash.ct_eq(&hash)) {
            return Ok(None);
        }
        let known = Known {
            id: key.id,
            client: key.client_id,
        };
        self.remember(hash, known, as_of).await;
        Ok(Some((key.client_id, key.id)))
    }

    async fn remember(&self, hash: [u8; 32], key: Known, as_of: u64) {
        if self.forgotten.load(Ordering::SeqCst) != as_of {
            return;
        }
        self.seen.insert(hash, key).await;
        // One that was deleted between the look and the insert.
        if self.forgotten.load(Ordering::SeqCst) != as_of {
            self.seen.invalidate(&hash).await;
        }
    }

    /// Forgets a key that was deleted.
    pub(crate) async fn forget(&self, hash: &[u8]) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        if let Ok(hash) = <[u8; 32]>::try_from(hash) {
            self.seen.invalidate(&hash).await;
        }
    }
}
