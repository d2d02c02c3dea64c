//! Secret ⇄ Sealed: AES-256-GCM, each ciphertext bound to the row it belongs to.
//!
//! One of several sealing keys is active, and seals; those before it open what they have sealed until it was sealed again ([`rotation`]).
//! The first is derived from the installation's root key; the others are random, and stored wrapped by a root key ([`roots`]).

pub mod attending;
mod key;
mod kms;
pub mod openings;
mod ring;
pub mod roots;
pub mod rotation;
mod signing;
pub mod wrapped;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use egress::Secret;
use parking_lot::RwLock;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use self::key::{SealingKey, id_of};
use self::openings::{Openings, Purpose};
use self::ring::{OfRecord, Ring};
use self::roots::Roots;
use store::model::{ClientId, ConnectionId, FileId, WebhookId};
use store::{Db, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("{path}: {source}", path = path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{0} is not a Moorline key file (expected a line `moorline-key-1:<base64 of 32 bytes>`, or several)"
    )]
    NotAKey(String),
    #[error("{path} can be read by others (mode {mode:o}); run: chmod 600 {path}", path = path.display())]
    Exposed { path: PathBuf, mode: u32 },
    /// The key isn't the one this ciphertext was sealed with.
    #[error("sealed with another key")]
    OtherKey,
    /// Altered, or moved from another row.
    #[error("the sealed value was altered or belongs to another row")]
    Altered,
    /// The database has something under a root key that this process doesn't have.
    #[error("the root key {0}, which this database needs, is not among this installation's")]
    NoRoot(String),
    /// A root key, or what is under it, can't be used.
    #[error("{0}")]
    Root(String),
    /// The keys can't be read just now.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The name, among the facts about the installation, of a sealed word by which a wrong key is known.
pub(crate) const CHECK: &str = "vault.check";

/// A ciphertext as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// The row and field that a ciphertext is bound to: moved elsewhere it doesn't open.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub client: ClientId,
    pub row: Row<'a>,
    pub field: &'static str,
}

/// A row of the client's.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    Connection(ConnectionId),
    Integration(&'a str),
    Webhook(WebhookId),
    /// Of a connection's data of a type: by its key.
    Data(ConnectionId, &'a str, &'a str),
    /// Of a file that a business has uploaded: a part, by its number.
    File(FileId, i64),
    /// The installation's own.
    Installation,
}

impl Row<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Connection(id) => [b"connection:", id.0.as_bytes().as_slice()].concat(),
            Self::Integration(key) => [b"integration:", key.as_bytes()].concat(),
            Self::Webhook(id) => [b"webhook:", id.0.as_bytes().as_slice()].concat(),
            Self::Data(id, data_type, key) => {
                let length = (data_type.len() as u64).to_be_bytes();
                let parts: [&[u8]; 5] = [
                    b"data:",
                    id.0.as_bytes(),
                    &length,
                    data_type.as_bytes(),
                    key.as_bytes(),
                ];
                parts.concat()
            }
            Self::File(id, number) => {
                let number = number.to_be_bytes();
                [b"file:", id.0.as_bytes().as_slice(), &number].concat()
            }
            Self::Installation => b"installation".to_vec(),
        }
    }
}

/// Holds the keys. Everything secret goes through it; there is no mode without encryption.
pub struct Vault {
    roots: Roots,
    /// None for a vault that knows one key alone.
    db: Option<Db>,
    ring: RwLock<Arc<Ring>>,
    /// Held while the keys are read: what was read last is what stays.
    learning: tokio::sync::Mutex<()>,
    openings: Openings,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({})", self.key_id())
    }
}

impl Vault {
    /// A vault with one key, which neither learns nor forgets any.
    pub fn from_key(master: &[u8; 32]) -> Self {
        Self {
            roots: Roots::default(),
            db: None,
            ring: RwLock::new(Arc::new(Ring::of_one(SealingKey::of_root(master)))),
            learning: tokio::sync::Mutex::default(),
            openings: Openings::default(),
        }
    }

    /// Opens the keys of a database. The first, for a new database, is the root key itself.
    ///
    /// # Errors
    /// A key that something may be sealed with can't be unwrapped, or the database can't be read or written to.
    pub async fn load(db: &Db, roots: Roots, now: DateTime<Utc>) -> Result<Self, VaultError> {
        let ring = Ring::load(db, &roots, now).await?;
        Ok(Self {
            roots,
            db: Some(db.clone()),
            ring: RwLock::new(Arc::new(ring)),
            learning: tokio::sync::Mutex::default(),
            openings: Openings::default(),
        })
    }

    /// Reads the keys again.
    ///
    /// # Errors
    /// As of [`Vault::load`]; the keys stay as they were.
    pub async fn learn(&self) -> Result<(), VaultError> {
        if let Some(db) = &self.db {
            self.read(db).await?;
        }
        Ok(())
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read())
    }

    fn openings(&self) -> &Openings {
        &self.openings
    }

    /// Names the key that seals, without giving it away.
    pub fn key_id(&self) -> String {
        self.ring().active().name()
    }

    /// The root keys of this process.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    pub fn seal(&self, secret: &Secret, place: Place<'_>) -> Sealed {
        self.ring().active().seal(secret, place)
    }

    /// Opens with the key that it was sealed with, and counts that for the record. A key that this process doesn't know yet is looked for in
    /// the database.
    ///
    /// # Errors
    /// The key isn't one of this installation's, the value was altered or belongs elsewhere, or the keys can't be read.
    pub async fn open_sealed(
        &self,
        sealed: &Sealed,
        place: Place<'_>,
        purpose: Purpose,
    ) -> Result<Secret, VaultError> {
        let secret = self.opener(sealed).await?.open(sealed, place)?;
        self.openings.count(place, purpose);
        Ok(secret)
    }

    /// Seals what isn't text.
    pub fn seal_bytes(&self, bytes: &[u8], place: Place<'_>) -> Sealed {
        self.ring().active().seal_bytes(bytes, place)
    }

    /// Opens what may not be text. Of something in parts, the first is counted for the record.
    ///
    /// # Errors
    /// As of [`Vault::open_sealed`].
    pub async fn open_bytes(
        &self,
        sealed: &Sealed,
        place: Place<'_>,
        purpose: Purpose,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let bytes = self.opener(sealed).await?.open_bytes(sealed, place)?;
        if !matches!(place.row, Row::File(_, number) if number > 0) {
            self.openings.count(place, purpose);
        }
        Ok(bytes)
    }

    async fn opener(&self, sealed: &Sealed) -> Result<Arc<SealingKey>, VaultError> {
        let id = id_of(sealed)?;
        if let Some(key) = self.ring().get(id) {
            return Ok(key);
        }
        let db = self.db.as_ref().ok_or(VaultError::OtherKey)?;
        self.read(db).await?.get(id).ok_or(VaultError::OtherKey)
    }

    async fn read(&self, db: &Db) -> Result<Arc<Ring>, VaultError> {
        let _learning = self.learning.lock().await;
        let ring = Arc::new(Ring::read(db, &self.roots, Some(&self.ring())).await?);
        *self.ring.write() = Arc::clone(&ring);
        Ok(ring)
    }

    /// Seals something for an entry of the record, which is never sealed again: its authenticator covers the ciphertext.
    pub fn seal_for_record(&self, secret: &Secret, place: Place<'_>) -> Sealed {
        let ring = self.ring();
        ring.newest_of_record().seal(secret, place)
    }

    /// Opens what an entry of the record has.
    ///
    /// # Errors
    /// It was altered, belongs elsewhere, or is of another installation.
    pub fn open_on_record(&self, sealed: &Sealed, place: Place<'_>) -> Result<Secret, VaultError> {
        let id = id_of(sealed)?;
        let ring = self.ring();
        let mut keys = ring.of_record().iter().map(|of_record| &of_record.key);
        let key = keys.find(|key| key.id() == id);
        key.ok_or(VaultError::OtherKey)?.open(sealed, place)
    }

    /// The keys by which the record's entries are authenticated.
    pub(crate) fn record_keys(&self) -> RecordKeys {
        RecordKeys(self.ring().of_record().to_vec())
    }

    /// The same, read again: another process may have made one.
    ///
    /// # Errors
    /// As of [`Vault::learn`].
    pub(crate) async fn learnt_record_keys(&self) -> Result<RecordKeys, StoreError> {
        match self.learn().await {
            Ok(()) => Ok(self.record_keys()),
            Err(VaultError::Store(error)) => Err(error),
            Err(error) => Err(StoreError::Corrupt(error.to_string())),
        }
    }

    /// A 32-byte authenticator over `parts` that stays the same for good: for values that are compared later.
    /// `purpose` keeps the uses apart.
    pub fn sign(&self, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        self.ring().record().sign(purpose, parts)
    }

    /// Compares in constant time.
    pub fn verify(&self, purpose: &'static str, parts: &[&[u8]], given: &[u8]) -> bool {
        is_equal(&self.sign(purpose, parts), given)
    }

    /// A 32-byte authenticator for what carries its own proof for a while, such as a link or a token: its key changes with the one
    /// that seals, as soon as every node knows it.
    pub fn vouch(&self, purpose: &'static str, parts: &[&[u8]], now: DateTime<Utc>) -> [u8; 32] {
        self.ring().signing(now).sign(purpose, parts)
    }

    /// True if one of the keys that aren't retired has made the authenticator. Compares in constant time.
    pub fn vouched(&self, purpose: &'static str, parts: &[&[u8]], given: &[u8]) -> bool {
        let ring = self.ring();
        let mut keys = ring.all();
        keys.any(|key| is_equal(&key.sign(purpose, parts), given))
    }
}

/// The keys of the record, the oldest first. Each chain goes from one to a later one, never back: entries under a later key vouch for
/// those before them, also against who has had an earlier one.
#[derive(Clone)]
pub(crate) struct RecordKeys(Vec<OfRecord>);

impl RecordKeys {
    /// The number of the newest.
    pub(crate) fn newest(&self) -> usize {
        self.0.len() - 1
    }

    /// An authenticator by the key of a number.
    pub(crate) fn sign(&self, number: usize, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        self.0[number].key.sign(purpose, parts)
    }

    /// The number of the key that has made an authenticator, from one number on. Compares in constant time.
    pub(crate) fn signer(
        &self,
        from: usize,
        purpose: &'static str,
        parts: &[&[u8]],
        given: &[u8],
    ) -> Option<usize> {
        (from..self.0.len()).find(|number| is_equal(&self.sign(*number, purpose, parts), given))
    }

    /// The time at which every chain went on under the newest. None if that is the first.
    pub(crate) fn newest_since(&self) -> Option<DateTime<Utc>> {
        self.0[self.newest()].since
    }

    fn with(mut self, key: SealingKey, since: DateTime<Utc>) -> Self {
        self.0.push(OfRecord {
            key: Arc::new(key),
            since: Some(since),
        });
        self
    }
}

fn is_equal(expected: &[u8; 32], given: &[u8]) -> bool {
    expected[..given.len().min(32)].ct_eq(given).into() && given.len() >= 16
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            use std::fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(row: &str) -> Place<'_> {
        Place {
            client: ClientId(uuid::Uuid::from_u128(1)),
            row: Row::Integration(row),
            field: "access_token",
        }
    }

    #[tokio::test]
    async fn what_was_sealed_opens_in_its_place_and_nowhere_else() {
        let vault = Vault::from_key(&[7; 32]);
        let sealed = vault.seal(&Secret::new("token"), place("a"));
        let opened = vault
            .open_sealed(&sealed, place("a"), Purpose::Check)
            .await
            .unwrap();
        assert_eq!(opened.expose(), "token");
        let elsewhere = Place {
            field: "refresh_token",
            ..place("a")
        };
        let other_client = Place {
            client: ClientId(uuid::Uuid::from_u128(2)),
            ..place("a")
        };
        for wrong in [place("b"), elsewhere, other_client] {
            assert!(matches!(
                vault.open_sealed(&sealed, wrong, Purpose::Check).await,
                Err(VaultError::Altered)
            ));
        }
        let other = Vault::from_key(&[8; 32]);
        assert!(matches!(
            other.open_sealed(&sealed, place("a"), Purpose::Check).await,
            Err(VaultError::OtherKey)
        ));
    }

    #[tokio::test]
    async fn no_byte_of_a_sealed_value_can_be_flipped() {
        let vault = Vault::from_key(&[7; 32]);
        let sealed = vault.seal(&Secret::new("token"), place("a"));
        for at in 0..sealed.0.len() {
            let mut altered = sealed.clone();
            altered.0[at] ^= 1;
            let opened = vault
                .open_sealed(&altered, place("a"), Purpose::Check)
                .await;
            assert!(opened.is_err(), "byte {at}");
        }
    }
}
