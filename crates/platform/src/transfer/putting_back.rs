//! A backup, checked as a whole and put in the place of a database that is gone.
//!
//! The check works on a copy of its own. Nothing that is there is ever overwritten.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::backup::{self, BackupError, Form, Manifest, Objects};
use super::restore::{self, RestoreError};
use crate::app::config::Config;
use crate::app::{App, StartError};
use crate::consents::verify;
use crate::credentials::vault::roots::{self, Roots, Source};
use crate::credentials::vault::rotation::{self, RotationError};
use crate::credentials::{RestoredError, note_restored};
use store::clock::{Clock, random_bytes};
use store::{Db, StoreError, dump};

#[derive(Debug, thiserror::Error)]
pub enum PutBackError {
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Rotation(#[from] RotationError),
    #[error(transparent)]
    Restore(#[from] RestoreError),
    #[error(transparent)]
    Epoch(#[from] RestoredError),
    #[error(transparent)]
    Key(#[from] crate::credentials::vault::VaultError),
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(
        "{0} is there already, and is not overwritten; move it away, or set database_url to another database"
    )]
    Exists(PathBuf),
    #[error(
        "{place} lacks a key that this backup is sealed with, and is not overwritten; move it away if nothing of yours is sealed with \
         what it holds, and the key file of the backup ({theirs}) takes its place"
    )]
    OtherKeyFile { place: PathBuf, theirs: PathBuf },
    #[error(
        "{place} lacks a key that this backup is sealed with; let it give the keys of the backup's key file ({theirs}) too, or go by that file alone"
    )]
    OtherKeys { place: String, theirs: PathBuf },
    #[error(
        "this backup is a SQLite database, and database_url is PostgreSQL: put it back with database_url = \"sqlite:PATH\", then move it \
         with `moorline export` and `moorline import`"
    )]
    OtherEngine,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PutBackError {
    let path = path.to_owned();
    move |source| PutBackError::File { path, source }
}

/// The outcome of a check.
#[derive(Debug)]
pub struct Report {
    pub manifest: Manifest,
    /// Sealed values that were opened.
    pub opened: u64,
    /// Entries of the record.
    pub entries: u64,
    /// What is wrong. Empty for a backup that can be put back.
    pub faults: Vec<String>,
}

/// A folder of this process alone, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn make(within: &Path) -> Result<Self, PutBackError> {
        let name = format!(
            "moorline-check-{}",
            crate::credentials::vault::hex(&random_bytes::<8>())
        );
        let path = within.join(name);
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(at(&path))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A backup in a folder of this machine: it is there, or was fetched to there and goes with this value.
pub struct Fetched<'a> {
    given: &'a Path,
    scratch: Option<Scratch>,
}

impl Fetched<'_> {
    pub fn folder(&self) -> &Path {
        self.scratch.as_ref().map_or(self.given, |own| &own.0)
    }
}

/// Fetches a backup that is named by its address in an object store; one in a folder stays where it is.
///
/// # Errors
/// The store can't be reached or doesn't have it, or there is no room for it beside the database.
pub async fn fetched<'a>(config: &Config, backup: &'a Path) -> Result<Fetched<'a>, PutBackError> {
    let objects = Objects::of(backup, &config.backup).map_err(BackupError::from)?;
    let scratch = match objects {
        Some(objects) => {
            let scratch = Scratch::make(&config.data_folder())?;
            backup::fetch(&objects, &scratch.0).await?;
            Some(scratch)
        }
        None => None,
    };
    Ok(Fetched {
        given: backup,
        scratch,
    })
}

/// The place of a backup's key: beside it, or where the settings have it.
fn key_of(folder: &Path, manifest: &Manifest, config: &Config) -> Source {
    if manifest.has_key {
        Source::File(folder.join(backup::KEY))
    } else {
        Source::of(config)
    }
}

/// Checks a backup from the first byte to the last secret, without changing it or anything else.
///
/// # Errors
/// The backup or the disk for its copy can't be used at all. What is wrong with the backup is in the report.
pub async fn check(config: &Config, folder: &Path) -> Result<Report, PutBackError> {
    let (manifest, file) = Manifest::of(folder)?;
    let mut report = Report {
        opened: 0,
        entries: 0,
        faults: Vec::new(),
        manifest: manifest.clone(),
    };
    match backup::digest(&file) {
        Ok((bytes, sha256)) if bytes == manifest.bytes && sha256 == manifest.sha256 => {}
        Ok((bytes, _)) => {
            report.faults.push(format!(
                "{} was damaged or altered: it has {bytes} bytes and another digest than the {} bytes that were written",
                manifest.file, manifest.bytes
            ));
            return Ok(report);
        }
        Err(error) => {
            report
                .faults
                .push(format!("{} can't be read: {error}", manifest.file));
            return Ok(report);
        }
    }
    let source = key_of(folder, &manifest, config);
    if let Err(error) = Roots::read(source.clone(), config) {
        report.faults.push(error.to_string());
        return Ok(report);
    }
    let scratch = Scratch::make(&std::env::temp_dir())?;
    let copy = scratch.0.join("moorline.db");
    let url = format!("sqlite:{}", copy.display());
    if let Err(fault) = fill(&manifest, &file, &copy, &url, &source).await? {
        report.faults.push(fault);
        return Ok(report);
    }
    let config = Config {
        database_url: url,
        database_connections: 2,
        ..config.clone()
    };
    let app = match App::start_with(config, Clock::System, &source).await {
        Ok(app) => app,
        Err(StartError::WrongKey { file } | StartError::OtherKeys { file, .. }) => {
            let why = format!("the key in {file} is not the one that the backup is sealed with");
            report.faults.push(why);
            return Ok(report);
        }
        Err(error) => {
            report.faults.push(error.to_string());
            return Ok(report);
        }
    };
    let looked = look(&app, &mut report).await;
    app.close().await;
    looked?;
    Ok(report)
}

/// Fills the copy that is checked. The inner error says what is wrong with the backup.
async fn fill(
    manifest: &Manifest,
    file: &Path,
    copy: &Path,
    url: &str,
    source: &Source,
) -> Result<Result<(), String>, PutBackError> {
    if manifest.form == Form::Database {
        copy_private(file, copy).map_err(at(copy))?;
    }
    match wrong_inside(manifest, url).await {
        Ok(None) => {}
        Ok(Some(fault)) => return Ok(Err(fault)),
        Err(error) => return Ok(Err(format!("it can't be opened: {error}"))),
    }
    if manifest.form == Form::Archive {
        let db = Db::open(url, 2).await?;
        db.migrate(Clock::System.now()).await?;
        let restored = restore::run(&db, file, source, None, false, &()).await;
        db.close().await;
        match restored {
            Ok(_) => {}
            Err(RestoreError::Store(error)) => return Err(error.into()),
            Err(error) => return Ok(Err(error.to_string())),
        }
    }
    Ok(Ok(()))
}

/// The reason why a database, or an archive of one, can't be used by this program.
async fn wrong_inside(manifest: &Manifest, url: &str) -> Result<Option<String>, StoreError> {
    let mut migrations = manifest.migrations.clone();
    let mut damage = Vec::new();
    if manifest.form == Form::Database {
        let db = Db::open(url, 2).await?;
        damage = dump::damage(&db).await?;
        if damage.is_empty() {
            migrations = dump::schema(&db).await?;
        }
        db.close().await;
    }
    if let Some(first) = damage.first() {
        let places = damage.len();
        return Ok(Some(format!(
            "the database is damaged in {places} places; the first: {first}"
        )));
    }
    let known = store::known_migrations();
    let unknown = migrations
        .iter()
        .find(|name| !known.contains(&name.as_str()));
    Ok(unknown.map(|unknown| {
        format!("it was made by a newer version of Moorline: this one doesn't know the migration {unknown}")
    }))
}

async fn look(app: &Arc<App>, report: &mut Report) -> Result<(), PutBackError> {
    let (opened, unreadable) = rotation::open_all(app).await?;
    report.opened = opened - unreadable.len() as u64;
    if let Some(first) = unreadable.first() {
        report.faults.push(format!(
            "{} sealed values can't be opened; the first in {}, sealed with the key {}",
            unreadable.len(),
            first.column,
            first.key
        ));
    }
    for client in store::clients::list(&app.db).await? {
        let verified = verify::verify(app, client.id, None).await?;
        report.entries += verified.entries;
        let faults = verified.faults.iter();
        report
            .faults
            .extend(faults.map(|fault| format!("the record of {}: {fault}", client.name)));
    }
    Ok(())
}

/// A copy for its owner alone, on disk; a file that is there is never overwritten.
fn copy_private(from: &Path, to: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(to)?;
    io::copy(&mut std::fs::File::open(from)?, &mut out)?;
    out.sync_all()
}

/// Puts a backup that was found good in the place that the settings name, where nothing may be. The key file goes along if the backup
/// has it and there is none: its place is returned then. Connections whose access may have been renewed since the backup was made are held back at the next start.
///
/// # Errors
/// There is something in its place, or it can't be written.
pub async fn put_back(config: &Config, folder: &Path) -> Result<Option<PathBuf>, PutBackError> {
    let (manifest, file) = Manifest::of(folder)?;
    let place = Source::of(config);
    let target = config.database_url.strip_prefix("sqlite:");
    let target = target.map(|path| PathBuf::from(path.strip_prefix("//").unwrap_or(path)));
    match (manifest.form, &target) {
        (Form::Database, None) => return Err(PutBackError::OtherEngine),
        (Form::Database, Some(path)) => {
            // A log that is left would be replayed over what is put back.
            let beside = ["", "-wal", "-shm", "-journal"].map(|end| with_ending(path, end));
            if let Some(there) = beside.into_iter().find(|path| path.exists()) {
                return Err(PutBackError::Exists(there));
            }
        }
        (Form::Archive, _) => {}
    }
    let new_key = match manifest.has_key {
        true => bring_key(&place, &folder.join(backup::KEY))?,
        false => None,
    };
    if let (Form::Database, Some(path)) = (manifest.form, &target) {
        let partial = with_ending(path, ".partial");
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(with_ending(&partial, end));
        }
        copy_private(&file, &partial).map_err(at(&partial))?;
        note(config, &format!("sqlite:{}", partial.display())).await?;
        // Unlike a rename, it overwrites nothing.
        std::fs::hard_link(&partial, path).map_err(at(path))?;
        std::fs::remove_file(&partial).map_err(at(&partial))?;
        if let Some(folder) = path
            .parent()
            .and_then(|folder| std::fs::File::open(folder).ok())
        {
            let _ = folder.sync_all();
        }
        return Ok(new_key);
    }
    let db = Db::open(&config.database_url, config.database_connections).await?;
    db.migrate(Clock::System.now()).await?;
    let restored = restore::run(&db, &file, &place, None, false, &()).await;
    db.close().await;
    restored?;
    note(config, &config.database_url).await?;
    Ok(new_key)
}

/// Writes a backup's key file to its place if there is none, and returns the place. Keys that are there may be more: `keys seal root`
/// adds some, and a backup from before has none of those.
fn bring_key(place: &Source, key: &Path) -> Result<Option<PathBuf>, PutBackError> {
    let Some(theirs) = roots::read_text(key)? else {
        return Ok(None);
    };
    match (place.text()?, place) {
        (Some(ours), _) if roots::has_all_of(&ours, &theirs) => Ok(None),
        (None, Source::File(path)) => {
            roots::write_text(path, &theirs)?;
            Ok(Some(path.clone()))
        }
        (_, Source::File(path)) => Err(PutBackError::OtherKeyFile {
            place: path.clone(),
            theirs: key.to_owned(),
        }),
        (_, other) => Err(PutBackError::OtherKeys {
            place: other.name(),
            theirs: key.to_owned(),
        }),
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Notes that a database is put back, and forgets the nodes that ran when it was copied.
async fn note(config: &Config, url: &str) -> Result<(), PutBackError> {
    let db = Db::open(url, 2).await?;
    let noted = async {
        let pending = db.pending_migrations().await?;
        if pending.is_empty() {
            let mut tx = db.write().await?;
            store::sealing_keys::forget_nodes(&mut tx).await?;
            tx.commit().await?;
        }
        note_restored(&db, &config.data_folder(), Clock::System.now()).await?;
        Ok(())
    };
    let noted = noted.await;
    db.close().await;
    noted
}
