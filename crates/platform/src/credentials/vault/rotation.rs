//! Another key in the place of the one that seals, while nodes run.
//!
//! A key is added, and every node that runs notes that it knows it. It becomes active: from then on it seals, and the one before it only
//! opens. Everything that is sealed is walked through and sealed again, value by value, each only if it is still the one that was read: any
//! number of processes may do that at once, and one that is killed is gone on from anywhere. A key is retired, and erased, when nothing is
//! sealed with it, no node seals with it, and what it has signed has expired.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::key::{SealingKey, id_of};
use super::openings::{self, Purpose};
use super::ring::{self, RECORD};
use super::{CHECK, Place, RecordKeys, Row, Sealed, VaultError, hex};
use crate::access::links::passwords::RECEIPT_LIFETIME;
use crate::app::{App, CHECK_PLACE, check_word};
use crate::consents::{self, Entry};
use crate::data::pulling::page_key;
use store::clock::random_bytes;
use store::model::{ClientId, ConnectionId, DatasetId, FileId, RecordKind, WebhookId};
use store::sealed::{self, COLUMNS, Column, Found, To};
use store::sealing_keys::{self as rows, ACTIVE, ADDED, FORMER, Node, OF_RECORD, RETIRED};
use store::{Db, StoreError, meta};

/// A value that was sealed just before a node read of another key is in the database by then.
const UNDER_WAY: TimeDelta = TimeDelta::seconds(60);
/// Values that are sealed again in one transaction of SQLite. On PostgreSQL it is one: a transaction that holds one row can't be a part
/// of a deadlock.
const BATCH: usize = 100;

#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("there is no sealing key {0}; `moorline keys seal list` shows those there are")]
    NoKey(String),
    #[error("the key {0} is retired, and erased")]
    Retired(String),
    #[error(
        "the key {0} seals what is sealed now; activate another one first, or run: moorline keys seal rotate"
    )]
    Active(String),
    #[error(
        "the node {node} doesn't know the key {id}: give it the same root key as this command has, or name it with --without-node \
         if it is gone for good"
    )]
    Unknown { id: String, node: String },
    #[error("the node {node} {why}; if it is gone for good, name it with --without-node")]
    Node { node: String, why: String },
    #[error(
        "links, tokens and receipts' pages that the key {id} has signed are good until {}; retire it after that, or now with \
         --end-links: they end then",
        until.format("%Y-%m-%d %H:%M UTC")
    )]
    Links { id: String, until: DateTime<Utc> },
    #[error("{number} values are still sealed with the key {id}; run: moorline keys seal rotate")]
    Needed { id: String, number: i64 },
    #[error(
        "{number} values that name the key {id} can't be opened, the first in {first}: they were altered, or moved from another \
         row. Put them back, or give them up with --lose-unreadable"
    )]
    Unreadable {
        id: String,
        number: usize,
        first: String,
    },
}

/// A key, with the number of values that are sealed with it.
#[derive(Debug)]
pub struct Listed {
    pub key: rows::SealingKey,
    pub values: i64,
}

fn is_of_record(key: &rows::SealingKey) -> bool {
    key.id == RECORD || key.state == OF_RECORD
}

/// Every key but the record's, the oldest first.
///
/// # Errors
/// The database can't be read.
pub async fn list(app: &App) -> Result<Vec<Listed>, StoreError> {
    let mut counted = count(&app.db).await?;
    let keys = rows::list(&app.db).await?;
    let keys = keys.into_iter().filter(|key| !is_of_record(key));
    Ok(keys
        .map(|key| Listed {
            values: counted.remove(&key.id).unwrap_or_default(),
            key,
        })
        .collect())
}

/// The number of sealed values by the key that they name.
async fn count(db: &Db) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut counted = BTreeMap::new();
    for column in COLUMNS {
        for of_key in sealed::count(db, column).await? {
            *counted.entry(hex(&of_key.key_id)).or_default() += of_key.number;
        }
    }
    if let Some(check) = check(db).await? {
        *counted.entry(hex(&check.0[1..9])).or_default() += 1;
    }
    Ok(counted)
}

/// The word by which a wrong key is known, if it has the form of something sealed.
async fn check(db: &Db) -> Result<Option<Sealed>, StoreError> {
    use base64::Engine;
    let text = meta::get(db, CHECK).await?;
    let bytes = text.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
    Ok(bytes.map(Sealed).filter(|sealed| id_of(sealed).is_ok()))
}

/// Makes a new key, wrapped by the newest root key. It seals nothing until it is activated. Returns its id.
///
/// # Errors
/// The root key can't be used, or the database can't be written to.
pub async fn add(app: &App) -> Result<String, RotationError> {
    app.vault.roots.read_again()?;
    let now = app.clock.now();
    let key = SealingKey::of_root(&random_bytes::<32>());
    let row = ring::wrapped_row(&app.vault.roots, key.name(), &key, ADDED, now).await?;
    let mut tx = app.db.write().await?;
    rows::lock(&mut tx).await?;
    rows::insert(&mut tx, &row).await?;
    tx.commit().await?;
    app.vault.learn().await?;
    Ok(key.name())
}

/// A key that was added under the newest root key and is not activated yet, or else a new one.
///
/// # Errors
/// As of [`add`].
pub async fn next(app: &App) -> Result<String, RotationError> {
    app.vault.roots.read_again()?;
    let newest = app.vault.roots.newest()?;
    let keys = rows::list(&app.db).await?;
    let added = keys
        .into_iter()
        .find(|key| key.state == ADDED && key.root == newest.name());
    match added {
        Some(key) => Ok(key.id),
        None => add(app).await,
    }
}

/// The first node that doesn't know a key yet.
///
/// # Errors
/// The database can't be read.
pub async fn unknown_to(app: &App, id: &str) -> Result<Option<Node>, StoreError> {
    let nodes = rows::nodes(&app.db).await?;
    Ok(nodes
        .into_iter()
        .find(|node| !node.known.split(',').any(|known| known == id)))
}

/// Takes nodes that are gone for good off the list of those that seal.
///
/// # Errors
/// The database can't be written to.
pub async fn forget_nodes(app: &App, names: &[String]) -> Result<(), StoreError> {
    if names.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    for name in names {
        rows::forget_node(&mut tx, name).await?;
    }
    tx.commit().await
}

/// Makes a key the one that seals, and a new one the record's. The record's earlier keys, by which what was written under them is
/// verified, are put under the root key of the new one.
///
/// # Errors
/// There is no such key, it is retired, a node that runs doesn't know it, or the database can't be written to.
pub async fn activate(app: &App, id: &str) -> Result<(), RotationError> {
    app.vault.learn().await?;
    let key = find(app, id).await?;
    match key.state.as_str() {
        ACTIVE => return Ok(()),
        RETIRED => return Err(RotationError::Retired(id.to_owned())),
        _ => {}
    }
    if let Some(node) = unknown_to(app, id).await? {
        let (id, node) = (id.to_owned(), node.name);
        return Err(RotationError::Unknown { id, node });
    }
    let now = app.clock.now();
    let ring = app.vault.ring();
    // Under the root key of the new one: every node has shown that it has that.
    let (roots, root) = (&app.vault.roots, key.root.as_str());
    let record = ring::record_row(roots, ring.record(), root, now).await?;
    let of_record = SealingKey::of_root(&random_bytes::<32>());
    // Their order is that of their times.
    let last = ring.of_record().last().and_then(|last| last.since);
    let since = last.map_or(now, |last| now.max(last + TimeDelta::microseconds(1)));
    let next = ring::later_record_row(roots, &of_record, root, since).await?;
    let mut later = Vec::new();
    for known in &ring.of_record()[1..] {
        later.push(ring::later_record_row(roots, &known.key, root, now).await?);
    }
    let mut tx = app.db.write().await?;
    rows::lock(&mut tx).await?;
    still(&mut tx, &key).await?;
    let known = rows::list_in(&mut tx).await?;
    let known = known.iter().filter(|row| row.state == OF_RECORD).count();
    if known != later.len() {
        // Another command has just made one: behind that, this one would be unknown to the chains.
        return Err(StoreError::Conflict.into());
    }
    rows::insert(&mut tx, &record).await?;
    let wrapped = record.wrapped.as_deref().unwrap_or_default();
    rows::wrap(&mut tx, RECORD, &record.root, wrapped).await?;
    for row in &later {
        let wrapped = row.wrapped.as_deref().unwrap_or_default();
        rows::wrap(&mut tx, &row.id, &row.root, wrapped).await?;
    }
    rows::insert(&mut tx, &next).await?;
    rows::activate(&mut tx, id, now).await?;
    let kind = RecordKind::SealingKeyActivated;
    // The first entry of every chain under the record's new key, in the transaction that makes it.
    let keys = app.vault.record_keys().with(of_record, since);
    note(app, &mut tx, &keys, kind, &key, now).await?;
    tx.commit().await?;
    app.vault.learn().await?;
    Ok(())
}

/// Refuses if a key isn't any more what it was when it was looked at.
async fn still(tx: &mut store::Tx, key: &rows::SealingKey) -> Result<(), RotationError> {
    let keys = rows::list_in(tx).await?;
    let now = keys.into_iter().find(|now| now.id == key.id);
    match now {
        Some(now) if now.state == key.state => Ok(()),
        Some(now) if now.state == ACTIVE => Err(RotationError::Active(now.id)),
        Some(now) if now.state == RETIRED => Err(RotationError::Retired(now.id)),
        _ => Err(StoreError::Conflict.into()),
    }
}

async fn find(app: &App, id: &str) -> Result<rows::SealingKey, RotationError> {
    let keys = rows::list(&app.db).await?;
    let key = keys
        .into_iter()
        .find(|key| key.id == id && !is_of_record(key));
    key.ok_or_else(|| RotationError::NoKey(id.to_owned()))
}

/// Puts it on every client's record.
async fn note(
    app: &App,
    tx: &mut store::Tx,
    keys: &RecordKeys,
    kind: RecordKind,
    key: &rows::SealingKey,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let clients = store::clients::list(&app.db).await?;
    let target = json!({ "key": key.id, "root": key.root });
    let entries = clients.iter().map(|client| {
        Entry::new(client.id, kind)
            .with("target", &target)
            .by_operator(now)
    });
    consents::append_under(&app.vault, keys, tx, entries.collect()).await
}

/// The outcome of a walk through everything that is sealed.
#[derive(Debug, Default)]
pub struct Walk {
    pub resealed: u64,
    /// Values that were written or moved meanwhile; the next walk meets them.
    pub missed: u64,
    /// Values that no key opens.
    pub unreadable: Vec<Unreadable>,
}

#[derive(Clone, Debug)]
pub struct Unreadable {
    /// Hexadecimal: the key that it names.
    pub key: String,
    /// The table and the column.
    pub column: String,
}

impl Unreadable {
    fn of(column: &Column, found: &Found) -> Self {
        let key = id_of(&Sealed(found.sealed.clone()));
        Self {
            key: key.map(|id| hex(&id)).unwrap_or_default(),
            column: format!("{}.{}", column.table, column.name),
        }
    }
}

/// Walks through everything that is sealed, and seals again what isn't sealed with the active key. `each` is called with the number
/// of values that were sealed so far.
///
/// # Errors
/// The database can't be read or written to. What was sealed stays so.
pub async fn reseal(app: &App, mut each: impl FnMut(u64)) -> Result<Walk, RotationError> {
    let mut walk = Walk::default();
    let ring = app.vault.ring();
    let active = ring.active().id();
    reseal_check(app).await?;
    let batch = match app.db {
        Db::Sqlite { .. } => BATCH,
        Db::Postgres(_) => 1,
    };
    for column in COLUMNS {
        let mut from = 0;
        while let Some((found, next)) = sealed::others_than(&app.db, column, &active, from).await? {
            from = next;
            for some in found.chunks(batch) {
                reseal_some(app, column, some, &mut walk).await?;
                each(walk.resealed);
            }
        }
    }
    // A command ends with this: what it has opened is written down.
    openings::flush(app).await?;
    Ok(walk)
}

async fn reseal_some(
    app: &App,
    column: &Column,
    some: &[Found],
    walk: &mut Walk,
) -> Result<(), RotationError> {
    let mut anew = Vec::new();
    for found in some {
        match resealed(app, column, found, Purpose::Rotation).await {
            Ok(sealed) => anew.push((found, sealed)),
            Err(VaultError::Store(error)) => return Err(error.into()),
            Err(_) => walk.unreadable.push(Unreadable::of(column, found)),
        }
    }
    if anew.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    // Another command may have made another key the active one, and could retire this one as soon as nothing is sealed with it.
    rows::lock(&mut tx).await?;
    let keys = rows::list_in(&mut tx).await?;
    let still_seals = |sealed: &Sealed| {
        let id = id_of(sealed).map(|id| hex(&id)).ok();
        keys.iter()
            .any(|key| key.state == ACTIVE && id.as_ref() == Some(&key.id))
    };
    if !anew.iter().all(|(_, sealed)| still_seals(sealed)) {
        drop(tx);
        app.vault.learn().await?;
        walk.missed += u64::try_from(anew.len()).unwrap_or(u64::MAX);
        return Ok(());
    }
    for (found, sealed) in anew {
        if sealed::replace(&mut tx, column, found, &sealed.0).await? {
            walk.resealed += 1;
        } else {
            walk.missed += 1;
        }
    }
    Ok(tx.commit().await?)
}

async fn reseal_check(app: &App) -> Result<(), RotationError> {
    let Some(text) = meta::get(&app.db, CHECK).await? else {
        return Ok(());
    };
    if let Some(sealed) = check(&app.db).await? {
        app.vault
            .open_sealed(&sealed, CHECK_PLACE, Purpose::Rotation)
            .await?;
        if id_of(&sealed)? != app.vault.ring().active().id() {
            let mut tx = app.db.write().await?;
            meta::replace(&mut tx, CHECK, Some(&text), &check_word(&app.vault)).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn resealed(
    app: &App,
    column: &Column,
    found: &Found,
    purpose: Purpose,
) -> Result<Sealed, VaultError> {
    let word = found.word.as_deref().unwrap_or_default();
    let owner = found.owner.unwrap_or_default();
    let key = match (column.to, found.dataset, found.number) {
        (To::RawPage, Some(dataset), Some(number)) => page_key(DatasetId(dataset), number),
        _ => found.key.clone().unwrap_or_default(),
    };
    let place = Place {
        client: ClientId(found.client.unwrap_or_default()),
        row: match column.to {
            To::Connection => Row::Connection(ConnectionId(owner)),
            To::Integration | To::ReceiptKey => Row::Integration(word),
            To::Webhook => Row::Webhook(WebhookId(owner)),
            To::SetAside | To::RawPage => Row::Data(ConnectionId(owner), word, &key),
            To::File => Row::File(FileId(owner), found.number.unwrap_or_default()),
            To::Client => Row::Installation,
        },
        field: column.field,
    };
    let sealed = Sealed(found.sealed.clone());
    let bytes = app.vault.open_bytes(&sealed, place, purpose).await?;
    Ok(app.vault.seal_bytes(&bytes, place))
}

/// Opens everything that is sealed, and seals nothing. Returns the number of values, and those that no key opens.
///
/// # Errors
/// The database can't be read.
pub async fn open_all(app: &App) -> Result<(u64, Vec<Unreadable>), RotationError> {
    let (mut number, mut unreadable) = (0, Vec::new());
    for column in COLUMNS {
        let mut from = 0;
        // No key has this id.
        while let Some((found, next)) = sealed::others_than(&app.db, column, &[], from).await? {
            from = next;
            for one in &found {
                number += 1;
                match resealed(app, column, one, Purpose::Check).await {
                    Ok(_) => {}
                    Err(VaultError::Store(error)) => return Err(error.into()),
                    Err(_) => unreadable.push(Unreadable::of(column, one)),
                }
            }
        }
    }
    Ok((number, unreadable))
}

/// Seals everything again until nothing is left that former keys have sealed and no node seals with one. False if a node still does:
/// the caller waits and calls again.
///
/// # Errors
/// The database can't be read or written to.
pub async fn go_on(app: &App, each: impl FnMut(u64)) -> Result<bool, RotationError> {
    let keys = rows::list(&app.db).await?;
    let formers: Vec<_> = keys
        .into_iter()
        .filter(|key| key.state == FORMER && key.emptied.is_none())
        .collect();
    if formers.is_empty() {
        return Ok(true);
    }
    // In this order: what a node has sealed before it noted another key is met by the walk.
    let active = app.vault.key_id();
    let nodes = rows::nodes(&app.db).await?;
    let walk = reseal(app, each).await?;
    if nodes.iter().any(|node| node.key_id != active) || walk.missed > 0 {
        return Ok(false);
    }
    let left = count(&app.db).await?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let mut is_done = true;
    for key in &formers {
        let unreadable = walk.unreadable.iter().filter(|one| one.key == key.id);
        let left = left.get(&key.id).copied().unwrap_or_default();
        if left <= i64::try_from(unreadable.count()).unwrap_or(i64::MAX) {
            rows::emptied(&mut tx, &key.id, now).await?;
        } else {
            is_done = false;
        }
    }
    tx.commit().await?;
    Ok(is_done)
}

/// True if a rotation has begun and not ended.
///
/// # Errors
/// The database can't be read.
pub async fn is_under_way(app: &App) -> Result<bool, StoreError> {
    let keys = rows::list(&app.db).await?;
    Ok(keys
        .iter()
        .any(|key| key.state == FORMER && key.emptied.is_none()))
}

/// What an operator lets be lost with a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lost {
    /// Links, tokens and pages of receipts that it has signed.
    pub links: bool,
    /// Values that can't be opened.
    pub unreadable: bool,
}

/// Erases a key that nothing needs.
///
/// # Errors
/// Something needs it, or the database can't be read or written to. Nothing changed then, but that values were sealed again.
pub async fn retire(app: &App, id: &str, lost: Lost) -> Result<(), RotationError> {
    let key = find(app, id).await?;
    match key.state.as_str() {
        ACTIVE => return Err(RotationError::Active(id.to_owned())),
        RETIRED => return Err(RotationError::Retired(id.to_owned())),
        _ => {}
    }
    let now = app.clock.now();
    if key.state == FORMER {
        let nodes = rows::nodes(&app.db).await?;
        for node in nodes {
            if let Some(why) = needs(&node, id, now) {
                let node = node.name;
                return Err(RotationError::Node { node, why });
            }
        }
        let until = signed_until(app, &key).await?;
        if let Some(until) = until.filter(|until| *until > now && !lost.links) {
            let id = id.to_owned();
            return Err(RotationError::Links { id, until });
        }
    }
    let walk = reseal(app, |_| {}).await?;
    let unreadable: Vec<_> = walk.unreadable.iter().filter(|one| one.key == id).collect();
    if let (Some(first), false) = (unreadable.first(), lost.unreadable) {
        return Err(RotationError::Unreadable {
            id: id.to_owned(),
            number: unreadable.len(),
            first: first.column.clone(),
        });
    }
    let mut tx = app.db.write().await?;
    rows::lock(&mut tx).await?;
    still(&mut tx, &key).await?;
    let left = count(&app.db).await?.remove(id).unwrap_or_default();
    let number = left - i64::try_from(unreadable.len()).unwrap_or(i64::MAX);
    if number > 0 {
        let id = id.to_owned();
        return Err(RotationError::Needed { id, number });
    }
    rows::retire(&mut tx, id, now).await?;
    let keys = app.vault.record_keys();
    note(
        app,
        &mut tx,
        &keys,
        RecordKind::SealingKeyRetired,
        &key,
        now,
    )
    .await?;
    tx.commit().await?;
    app.vault.learn().await?;
    Ok(())
}

/// The reason why a node may need a former key.
fn needs(node: &Node, id: &str, now: DateTime<Utc>) -> Option<String> {
    if node.key_id == id {
        return Some("still seals with it".to_owned());
    }
    if node.kept > 0 {
        return Some(format!(
            "keeps {} answers of platforms beside the database, which may be sealed with it",
            node.kept
        ));
    }
    let wait = node.since + UNDER_WAY - now;
    (wait > TimeDelta::zero()).then(|| {
        format!(
            "has sealed with another key for less than a minute; try again in {} seconds",
            wait.num_seconds() + 1
        )
    })
}

/// The end of what a key has signed. None if it has signed nothing.
async fn signed_until(
    app: &App,
    key: &rows::SealingKey,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let Some(activated) = key.activated else {
        return Ok(None);
    };
    let keys = rows::list(&app.db).await?;
    let later = keys.iter().filter(|other| !is_of_record(other));
    let later = later.filter_map(|other| other.activated.filter(|at| *at > activated));
    Ok(later
        .min()
        .map(|at| at + ring::KNOWN_TO_ALL + RECEIPT_LIFETIME))
}
