//! The sealing keys of an installation, unwrapped.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use zeroize::Zeroizing;

use super::key::{KeyId, SealingKey, id_of};
use super::roots::Roots;
use super::{Sealed, VaultError, hex};
use store::clock::random_bytes;
use store::sealing_keys::{self as rows, ACTIVE, ADDED, OF_RECORD, RETIRED, SealingKey as Row};
use store::{Db, meta};

/// The id of the row with the record's first key.
pub(super) const RECORD: &str = "record";
/// A key signs links and tokens from this long after it became active: every node has read it then.
pub(super) const KNOWN_TO_ALL: TimeDelta = TimeDelta::seconds(60);

pub(super) struct Ring {
    active: Arc<SealingKey>,
    /// The one before the active one, and the time at which that became active.
    before: Option<(Arc<SealingKey>, DateTime<Utc>)>,
    /// All that aren't retired.
    known: BTreeMap<KeyId, Arc<SealingKey>>,
    /// The keys of the record, the oldest first: that one is the first of the installation.
    record: Vec<OfRecord>,
}

/// A key of the record.
#[derive(Clone)]
pub(super) struct OfRecord {
    pub(super) key: Arc<SealingKey>,
    /// The time at which it was made, and every chain went on under it. None for the first.
    pub(super) since: Option<DateTime<Utc>>,
}

impl OfRecord {
    fn first(key: Arc<SealingKey>) -> Self {
        Self { key, since: None }
    }
}

impl Ring {
    pub(super) fn of_one(key: SealingKey) -> Self {
        let key = Arc::new(key);
        Self {
            known: [(key.id(), Arc::clone(&key))].into(),
            before: None,
            record: vec![OfRecord::first(Arc::clone(&key))],
            active: key,
        }
    }

    /// Reads the keys; a database without any gets its first, which is the root key that it was made with.
    pub(super) async fn load(
        db: &Db,
        roots: &Roots,
        now: DateTime<Utc>,
    ) -> Result<Self, VaultError> {
        if rows::list(db).await?.is_empty() {
            let begun = begin(db, roots, now).await?;
            let mut tx = db.write().await?;
            rows::lock(&mut tx).await?;
            if rows::list_in(&mut tx).await?.is_empty() {
                for row in &begun {
                    rows::insert(&mut tx, row).await?;
                }
            }
            tx.commit().await?;
        }
        Self::read(db, roots, None).await
    }

    /// Reads the keys. Those that are `known` aren't unwrapped again.
    pub(super) async fn read(
        db: &Db,
        roots: &Roots,
        known_before: Option<&Self>,
    ) -> Result<Self, VaultError> {
        let rows = rows::list(db).await?;
        let mut known = BTreeMap::new();
        let (mut active, mut record, mut first_key) = (None, None, None);
        let mut later = Vec::new();
        let mut latest: Option<(DateTime<Utc>, Arc<SealingKey>)> = None;
        for row in rows.iter().filter(|row| row.state != RETIRED) {
            let before = known_before.and_then(|ring| ring.named(&row.id));
            let unwrapped = match before {
                Some(key) => Ok(key),
                None => unwrap(roots, row).await.map(Arc::new),
            };
            let key = match unwrapped {
                Ok(key) => key,
                // Nothing is sealed with it, and nothing will be until this node knows it.
                Err(error) if row.state == ADDED => {
                    tracing::error!(key = row.id, %error, "a sealing key that was added can't be used by this node");
                    continue;
                }
                Err(error) => return Err(error),
            };
            if row.id == RECORD {
                record = Some(key);
                continue;
            }
            if row.state == OF_RECORD {
                later.push(OfRecord {
                    key,
                    since: Some(row.created),
                });
                continue;
            }
            if row.wrapped.is_none() {
                first_key = Some(Arc::clone(&key));
            }
            known.insert(key.id(), Arc::clone(&key));
            match (row.state.as_str(), row.activated) {
                (ACTIVE, activated) => active = Some((key, activated)),
                (ADDED, _) => {}
                (_, Some(at)) if latest.as_ref().is_none_or(|(known, _)| *known < at) => {
                    latest = Some((at, key));
                }
                _ => {}
            }
        }
        let (active, since) = active.ok_or_else(|| {
            VaultError::Root("no sealing key of this database is active".to_owned())
        })?;
        let record = record.or(first_key).ok_or_else(|| {
            VaultError::Root("this database lacks the key of its record".to_owned())
        })?;
        Ok(Self {
            active,
            before: latest.map(|(_, key)| key).zip(since),
            known,
            record: std::iter::once(OfRecord::first(record))
                .chain(later)
                .collect(),
        })
    }

    pub(super) fn active(&self) -> &SealingKey {
        &self.active
    }

    /// The record's first key.
    pub(super) fn record(&self) -> &SealingKey {
        &self.record[0].key
    }

    pub(super) fn newest_of_record(&self) -> &SealingKey {
        &self.record[self.record.len() - 1].key
    }

    /// All keys of the record, the oldest first.
    pub(super) fn of_record(&self) -> &[OfRecord] {
        &self.record
    }

    /// The key that signs what is verified by every node.
    pub(super) fn signing(&self, now: DateTime<Utc>) -> &SealingKey {
        match &self.before {
            Some((before, since)) if now < *since + KNOWN_TO_ALL => before,
            _ => &self.active,
        }
    }

    pub(super) fn get(&self, id: KeyId) -> Option<Arc<SealingKey>> {
        self.known.get(&id).map(Arc::clone)
    }

    /// The key of a row.
    fn named(&self, id: &str) -> Option<Arc<SealingKey>> {
        if id == RECORD {
            return self.record.first().map(|first| Arc::clone(&first.key));
        }
        let later = self.record[1..].iter().map(|later| &later.key);
        let mut keys = self.known.values().chain(later);
        keys.find(|key| key.name() == id).map(Arc::clone)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<SealingKey>> {
        self.known.values()
    }

    /// The ids of the keys that values can be opened with, in order.
    pub(super) fn names(&self) -> Vec<String> {
        self.known.values().map(|key| key.name()).collect()
    }
}

/// A row with a key under the newest root key.
pub(super) async fn wrapped_row(
    roots: &Roots,
    id: String,
    key: &SealingKey,
    state: &str,
    now: DateTime<Utc>,
) -> Result<Row, VaultError> {
    let (root, wrapped) = roots.wrap(&id, &key.to_bytes()).await?;
    Ok(Row {
        id,
        root,
        wrapped: Some(wrapped),
        activated: (state == ACTIVE).then_some(now),
        state: state.to_owned(),
        created: now,
        emptied: None,
        retired: None,
    })
}

/// The row of the record's key, under a root key.
pub(super) async fn record_row(
    roots: &Roots,
    key: &SealingKey,
    root: &str,
    now: DateTime<Utc>,
) -> Result<Row, VaultError> {
    let wrapped = roots.wrap_under(root, RECORD, &key.to_bytes()).await?;
    Ok(Row {
        id: RECORD.to_owned(),
        root: root.to_owned(),
        wrapped: Some(wrapped),
        state: ACTIVE.to_owned(),
        created: now,
        activated: Some(now),
        emptied: None,
        retired: None,
    })
}

/// The rows of a database without any: its first key is the root key itself, or, if that never leaves its keeper, one of its own.
async fn begin(db: &Db, roots: &Roots, now: DateTime<Utc>) -> Result<Vec<Row>, VaultError> {
    let made_with = match meta::get(db, super::CHECK).await? {
        Some(text) => STANDARD.decode(text).ok().map(Sealed),
        None => None,
    };
    let name = match made_with {
        Some(sealed) => hex(&id_of(&sealed)?),
        None => roots.newest()?.name().to_owned(),
    };
    if roots.newest()?.master().is_none() && name == roots.newest()?.name() {
        let key = SealingKey::of_root(&random_bytes::<32>());
        let record = wrapped_row(roots, RECORD.to_owned(), &key, ACTIVE, now).await?;
        return Ok(vec![
            wrapped_row(roots, key.name(), &key, ACTIVE, now).await?,
            record,
        ]);
    }
    roots.first(&name)?;
    Ok(vec![Row {
        id: name.clone(),
        root: name,
        wrapped: None,
        state: ACTIVE.to_owned(),
        created: now,
        activated: Some(now),
        emptied: None,
        retired: None,
    }])
}

/// The row of a later key of the record, under a root key.
pub(super) async fn later_record_row(
    roots: &Roots,
    key: &SealingKey,
    root: &str,
    now: DateTime<Utc>,
) -> Result<Row, VaultError> {
    let wrapped = roots.wrap_under(root, &key.name(), &key.to_bytes()).await?;
    Ok(Row {
        id: key.name(),
        state: OF_RECORD.to_owned(),
        wrapped: Some(wrapped),
        activated: None,
        ..record_row(roots, key, root, now).await?
    })
}

async fn unwrap(roots: &Roots, row: &Row) -> Result<SealingKey, VaultError> {
    match &row.wrapped {
        None => roots.first(&row.root),
        Some(wrapped) => {
            let bytes: Zeroizing<Vec<u8>> = roots.unwrap(&row.root, &row.id, wrapped).await?;
            let key = SealingKey::from_bytes(&bytes).ok_or(VaultError::Altered)?;
            // The name is a part of what the wrapping vouches for, too.
            if row.id != RECORD && row.id != key.name() {
                return Err(VaultError::Altered);
            }
            Ok(key)
        }
    }
}
