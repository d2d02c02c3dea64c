//! Backups: a folder each, with the database as it was at one moment and what is needed to check it.
//!
//! SQLite's is a database file that can be opened as it is; PostgreSQL's an archive, as `export` writes it. Servers go on meanwhile. A
//! folder gets its name once everything in it is on disk.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use egress::Secret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::export::{self, ExportError};
use crate::app::{App, Shared};
use crate::consents::exports::note_archive;
use crate::credentials::vault::roots::{self, Source};
use crate::credentials::vault::{VaultError, hex};
use store::{Db, StoreError, dump, meta};

const NAME: &str = "backup";
const VERSION: u32 = 1;
const MANIFEST: &str = "backup.json";
pub(super) const KEY: &str = "moorline.key";
const PREFIX: &str = "moorline-";
const PARTIAL: &str = ".partial";
const TIME: &str = "%Y%m%dT%H%M%SZ";
/// A folder that was begun this long ago is not being written any more.
const ABANDONED: TimeDelta = TimeDelta::days(1);

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(
        "the key comes from {0} and can't go along; make the backup without it, and keep a copy of the key apart"
    )]
    KeyElsewhere(String),
    #[error("{0} is not a backup: it has no backup.json that this program can read")]
    NotABackup(PathBuf),
}

/// What a backup says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub moorline: String,
    pub version: u32,
    /// Of the program that made it.
    pub program: String,
    pub created: String,
    pub form: Form,
    /// The file's name, its length in bytes, and its SHA-256 in hexadecimal.
    pub file: String,
    pub bytes: u64,
    pub sha256: String,
    /// The schema's migrations, by name.
    pub migrations: Vec<String>,
    /// The newest root key that it needs.
    pub root: String,
    /// True if the key file lies beside it.
    pub has_key: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A SQLite database.
    Database,
    /// An archive of `moorline export`.
    Archive,
}

impl Manifest {
    /// # Errors
    /// The folder has none that this program can read.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        let not_one = || BackupError::NotABackup(folder.to_owned());
        let text = std::fs::read(folder.join(MANIFEST)).map_err(|_| not_one())?;
        let manifest: Self = serde_json::from_slice(&text).map_err(|_| not_one())?;
        // A name with a path in it could lead out of the folder.
        let is_plain = Path::new(&manifest.file).file_name() == Some(manifest.file.as_ref());
        if manifest.moorline != NAME || manifest.version != VERSION || !is_plain {
            return Err(not_one());
        }
        Ok(manifest)
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}

/// Makes a backup in a folder of backups; with the key beside it if that is asked for and the key is a file. Returns its place.
///
/// # Errors
/// The database can't be read, or the folder can't be written to. Nothing that has a backup's name is left then.
pub async fn run(app: &App, backups: &Path, with_key: bool) -> Result<PathBuf, BackupError> {
    let source = Source::of(&app.config);
    let key = match (&source, with_key) {
        (_, false) => None,
        (Source::File(path), true) => roots::read_text(path)?,
        (other, true) => return Err(BackupError::KeyElsewhere(other.name())),
    };
    let now = app.clock.now();
    let name = format!("{PREFIX}{}", now.format(TIME));
    let (partial, done) = (
        backups.join(format!("{name}{PARTIAL}")),
        backups.join(&name),
    );
    make_folder(backups).map_err(at(backups))?;
    forget(&partial).map_err(at(&partial))?;
    let filled = fill(app, &source, &partial, key).await;
    if filled.is_err() {
        // A full disk must not stay full of what no one can use.
        forget(&partial).map_err(at(&partial))?;
    }
    filled?;
    std::fs::rename(&partial, &done).map_err(at(&done))?;
    // The names must survive a power cut as surely as the files.
    for folder in [&done, backups] {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(at(folder))?;
    }
    Ok(done)
}

/// Writes all files of a backup.
async fn fill(
    app: &App,
    source: &Source,
    partial: &Path,
    key: Option<Secret>,
) -> Result<(), BackupError> {
    let now = app.clock.now();
    make_folder(partial).map_err(at(partial))?;
    let details = json!({ "form": "backup", "keyIncluded": key.is_some() });
    note_archive(&app.db, &app.vault, now, &details).await?;
    let (form, file) = match &app.db {
        Db::Sqlite { .. } => (Form::Database, "moorline.db"),
        Db::Postgres(_) => (Form::Archive, "moorline.archive"),
    };
    let path = partial.join(file);
    let text = source.text()?;
    match (form, &text) {
        (Form::Database, _) => {
            drop(super::archive::private(&path).map_err(at(&path))?);
            dump::copy_into(&app.db, &path).await?;
        }
        (Form::Archive, Some(text)) => {
            export::run(&app.db, text, None, &path, now, &()).await?;
        }
        (Form::Archive, None) => return Err(BackupError::KeyElsewhere(source.name())),
    }
    let whole = path.clone();
    let digested = tokio::task::spawn_blocking(move || digest(&whole)).await;
    let (bytes, sha256) = digested
        .map_err(io::Error::other)
        .flatten()
        .map_err(at(&path))?;
    let manifest = Manifest {
        moorline: NAME.to_owned(),
        version: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        created: now.to_rfc3339_opts(SecondsFormat::Secs, true),
        form,
        file: file.to_owned(),
        bytes,
        sha256,
        migrations: dump::schema(&app.db).await?,
        root: app.vault.roots().newest()?.name().to_owned(),
        has_key: key.is_some(),
    };
    if let Some(key) = key {
        roots::write_text(&partial.join(KEY), &key)?;
    }
    let path = partial.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    let written = super::archive::private(&path).and_then(|mut file| {
        file.write_all(&text)?;
        file.sync_all()
    });
    written.map_err(at(&path))?;
    Ok(())
}

/// A folder for its owner alone; one that is there stays as it is.
fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn forget(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A file's length and its SHA-256, once it is on disk.
pub(super) fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    file.sync_all()?;
    let (mut digest, mut length, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((length, hex(&digest.finalize()))),
            read => {
                digest.update(&buffer[..read]);
                length += read as u64;
            }
        }
    }
}

/// The backups in a folder with their times, the newest first.
///
/// # Errors
/// The folder can't be read.
pub fn list(backups: &Path) -> Result<Vec<(DateTime<Utc>, PathBuf)>, BackupError> {
    let mut found = Vec::new();
    for (time, path, is_partial) in named(backups).map_err(at(backups))? {
        if !is_partial && Manifest::read(&path).is_ok() {
            found.push((time, path));
        }
    }
    found.sort();
    found.reverse();
    Ok(found)
}

/// Everything in a folder that has the name of a backup, or of one that was begun.
fn named(backups: &Path) -> io::Result<Vec<(DateTime<Utc>, PathBuf, bool)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(backups)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else {
            continue;
        };
        let (time, is_partial) = match rest.strip_suffix(PARTIAL) {
            Some(time) => (time, true),
            None => (rest, false),
        };
        if let Ok(time) = NaiveDateTime::parse_from_str(time, TIME) {
            found.push((time.and_utc(), entry.path(), is_partial));
        }
    }
    Ok(found)
}

/// Deletes backups but for the newest, and what was begun a day ago and never finished. Returns what was deleted.
///
/// # Errors
/// The folder can't be read or written to.
pub fn prune(backups: &Path, keep: usize, now: DateTime<Utc>) -> Result<Vec<PathBuf>, BackupError> {
    let old = list(backups)?.into_iter().skip(keep.max(1));
    let mut gone: Vec<PathBuf> = old.map(|(_, path)| path).collect();
    let begun = named(backups).map_err(at(backups))?.into_iter();
    let begun = begun.filter(|(time, _, is_partial)| *is_partial && *time < now - ABANDONED);
    gone.extend(begun.map(|(_, path, _)| path));
    for path in &gone {
        forget(path).map_err(at(path))?;
    }
    Ok(gone)
}

/// In `meta`: the time at which the next scheduled backup is due.
const DUE: &str = "backup.due";
/// Looked at this often.
const LOOK: Duration = Duration::from_secs(15);

/// Makes the backups that the settings ask for, one node at a time, until the program stops.
pub async fn scheduled(app: Shared) {
    let mut stop = app.stop.subscribe();
    while !*stop.borrow() && app.config.backup.every_hours > 0 {
        // A stop doesn't wait for a copy of everything; what was begun is deleted by a later one.
        let made = tokio::select! {
            made = make_due(&app) => made,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        if let Err(error) = made {
            tracing::error!(%error, "the scheduled backup failed; it is tried again in an hour");
        }
        tokio::select! {
            _ = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Makes a backup if one is due. Returns its place.
///
/// # Errors
/// It is due, and could not be made: it is due again in an hour.
pub async fn make_due(app: &App) -> Result<Option<PathBuf>, BackupError> {
    let settings = &app.config.backup;
    let Some(folder) = settings.folder().filter(|_| settings.every_hours > 0) else {
        return Ok(None);
    };
    let now = app.clock.now();
    let before = meta::get(&app.db, DUE).await?;
    let due = before
        .as_deref()
        .and_then(|text| text.parse::<DateTime<Utc>>().ok());
    if due.is_some_and(|due| due > now) {
        return Ok(None);
    }
    let next = |pause: TimeDelta| (now + pause).to_rfc3339_opts(SecondsFormat::Secs, true);
    let claim = next(TimeDelta::hours(1).min(TimeDelta::hours(settings.every_hours.into())));
    if !put(app, before.as_deref(), &claim).await? {
        return Ok(None);
    }
    // Before: there may be no room for another one.
    if folder.is_dir() {
        prune(folder, settings.keep, now)?;
    }
    let made = run(app, folder, settings.with_key).await?;
    prune(folder, settings.keep, now)?;
    put(
        app,
        Some(&claim),
        &next(TimeDelta::hours(settings.every_hours.into())),
    )
    .await?;
    tracing::info!(path = %made.display(), "made a backup");
    Ok(Some(made))
}

async fn put(app: &App, before: Option<&str>, value: &str) -> Result<bool, StoreError> {
    let mut tx = app.db.write().await?;
    let put = meta::replace(&mut tx, DUE, before, value).await?;
    tx.commit().await?;
    Ok(put)
}
