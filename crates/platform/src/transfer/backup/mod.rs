//! Backups: a folder each, with the database as it was at one moment and what is needed to check it.
//!
//! SQLite's is a database file that can be opened as it is; PostgreSQL's an archive, as `export` writes it. Servers go on meanwhile. A
//! folder gets its name once everything in it is on disk; in an object store, `backup.json` comes last.

mod objects;
mod places;
mod schedule;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use egress::Secret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::export::{self, ExportError};
use crate::app::App;
use crate::consents::exports::note_archive;
use crate::credentials::installation;
use crate::credentials::vault::roots::{self, Source};
use crate::credentials::vault::{VaultError, hex};
use store::{Db, StoreError, dump};

pub use objects::{ObjectError, Objects};
pub use places::Place;
pub use schedule::{Last, last, make_due, scheduled};

const NAME: &str = "backup";
const VERSION: u32 = 1;
const MANIFEST: &str = "backup.json";
pub(super) const KEY: &str = "moorline.key";
const PREFIX: &str = "moorline-";
const PARTIAL: &str = ".partial";
const TIME: &str = "%Y%m%dT%H%M%SZ";

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Objects(#[from] ObjectError),
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(
        "the key comes from {0} and can't go along; make the backup without it, and keep a copy of the key apart"
    )]
    KeyElsewhere(String),
    #[error("{0} is not a backup: it has no backup.json that this program can read")]
    NotABackup(PathBuf),
    #[error(
        "{0} has a log beside it, as a database that is in use: copy it with `moorline backup`, or have the program that restored it write it out"
    )]
    InUse(PathBuf),
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
    /// The installation that made it; none in those of before it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<String>,
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
        Self::parse(&text).ok_or_else(not_one)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let manifest: Self = serde_json::from_slice(text).ok()?;
        // A name with a path in it could lead out of the folder.
        let is_plain = Path::new(&manifest.file).file_name() == Some(manifest.file.as_ref());
        let is_ours = manifest.moorline == NAME && manifest.version == VERSION && is_plain;
        is_ours.then_some(manifest)
    }

    /// Of a backup: a folder with one, or a SQLite database by itself, as another program has restored it. Returns the path of its file,
    /// too.
    ///
    /// # Errors
    /// It is neither, or a database that may be in use.
    pub fn of(backup: &Path) -> Result<(Self, PathBuf), BackupError> {
        if !backup.is_file() {
            let manifest = Self::read(backup)?;
            let file = backup.join(&manifest.file);
            return Ok((manifest, file));
        }
        let name = backup.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| BackupError::NotABackup(backup.to_owned()))?;
        let log = backup.with_file_name(format!("{name}-wal"));
        if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
            return Err(BackupError::InUse(backup.to_owned()));
        }
        let (bytes, sha256) = digest(backup).map_err(at(backup))?;
        let changed = std::fs::metadata(backup).and_then(|file| file.modified());
        let changed = DateTime::<Utc>::from(changed.map_err(at(backup))?);
        let manifest = Self {
            moorline: NAME.to_owned(),
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            created: changed.to_rfc3339_opts(SecondsFormat::Secs, true),
            form: Form::Database,
            file: name.to_owned(),
            bytes,
            sha256,
            migrations: Vec::new(),
            root: String::new(),
            has_key: false,
            installation: None,
        };
        Ok((manifest, backup.to_owned()))
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}

/// Makes a backup in its place; with the key beside it if that is asked for and the key is a file. Returns its path or address.
///
/// # Errors
/// The database can't be read, or the place can't be written to. Nothing that passes for a whole backup is left then.
pub async fn run(app: &App, place: &Place, with_key: bool) -> Result<String, BackupError> {
    let source = Source::of(&app.config);
    let key = match (&source, with_key) {
        (_, false) => None,
        (Source::File(path), true) => roots::read_text(path)?,
        (other, true) => return Err(BackupError::KeyElsewhere(other.name())),
    };
    let name = format!("{PREFIX}{}", app.clock.now().format(TIME));
    // What goes to a store is made beside the database first, where there is room for a second one.
    let folder = match place {
        Place::Folder(folder) => folder.clone(),
        Place::Objects(_) => app.config.data_folder(),
    };
    let partial = folder.join(format!("{name}{PARTIAL}"));
    make_folder(&folder).map_err(at(&folder))?;
    forget(&partial).map_err(at(&partial))?;
    let made = match place {
        Place::Folder(_) => fill(app, &source, &partial, key).await.map(|_| ()),
        Place::Objects(objects) => send(app, &source, &partial, key, (objects, &name)).await,
    };
    let done = folder.join(&name);
    if made.is_err() || matches!(place, Place::Objects(_)) {
        // A full disk must not stay full of what no one can use.
        forget(&partial).map_err(at(&partial))?;
    } else {
        std::fs::rename(&partial, &done).map_err(at(&done))?;
        // The names must survive a power cut as surely as the files.
        for folder in [&done, &folder] {
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(at(folder))?;
        }
    }
    made?;
    Ok(place.address(&name))
}

/// Makes a backup in a folder of this machine, and stores what is in it.
async fn send(
    app: &App,
    source: &Source,
    partial: &Path,
    key: Option<Secret>,
    (objects, name): (&Objects, &str),
) -> Result<(), BackupError> {
    let manifest = fill(app, source, partial, key).await?;
    for file in files_of(&manifest).into_iter().chain([MANIFEST]) {
        let path = partial.join(file);
        objects.put(&format!("{name}/{file}"), &path).await?;
    }
    Ok(())
}

/// The files of a backup beside its manifest.
fn files_of(manifest: &Manifest) -> Vec<&str> {
    let key = manifest.has_key.then_some(KEY);
    [manifest.file.as_str()].into_iter().chain(key).collect()
}

/// Fetches a backup from an object store into a folder of this machine.
///
/// # Errors
/// The store can't be reached or doesn't have it, or there is no room for it.
pub async fn fetch(objects: &Objects, folder: &Path) -> Result<(), BackupError> {
    objects.get(MANIFEST, &folder.join(MANIFEST)).await?;
    let manifest = Manifest::read(folder)?;
    for file in files_of(&manifest) {
        objects.get(file, &folder.join(file)).await?;
    }
    Ok(())
}

/// Writes all files of a backup.
async fn fill(
    app: &App,
    source: &Source,
    partial: &Path,
    key: Option<Secret>,
) -> Result<Manifest, BackupError> {
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
        installation: installation(&app.db).await?,
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
    Ok(manifest)
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
