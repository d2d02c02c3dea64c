//! Places of backups, a folder or an object store: the names in them, and which of them go.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::objects::{ObjectError, Objects};
use super::{BackupError, MANIFEST, Manifest, PARTIAL, PREFIX, TIME, at, forget};
use crate::app::config::Backup;

/// A backup that was begun this long ago is not being written any more.
const ABANDONED: TimeDelta = TimeDelta::days(1);

/// A place in which backups are kept.
pub enum Place {
    Folder(PathBuf),
    Objects(Box<Objects>),
}

/// Something that has the name of a backup, or of one that was begun.
struct Named {
    time: DateTime<Utc>,
    name: String,
    /// True once everything of it is there.
    is_whole: bool,
    /// The names of its objects; empty in a folder.
    objects: Vec<String>,
}

impl Place {
    /// A folder, or an address `s3://BUCKET/PREFIX`.
    ///
    /// # Errors
    /// The address can't be used with these settings.
    pub fn of(to: &Path, settings: &Backup) -> Result<Self, ObjectError> {
        Ok(match Objects::of(to, settings)? {
            Some(objects) => Self::Objects(Box::new(objects)),
            None => Self::Folder(to.to_owned()),
        })
    }

    /// The path or address of what has a name here.
    pub fn address(&self, name: &str) -> String {
        match self {
            Self::Folder(folder) => folder.join(name).display().to_string(),
            Self::Objects(objects) => objects.address(name),
        }
    }

    /// The names of the backups here with their times, the newest first.
    ///
    /// # Errors
    /// The place can't be read.
    pub async fn list(&self) -> Result<Vec<(DateTime<Utc>, String)>, BackupError> {
        let found = self.named().await?.into_iter();
        let mut found: Vec<_> = found
            .filter(|one| one.is_whole)
            .map(|one| (one.time, one.name))
            .collect();
        found.sort();
        found.reverse();
        Ok(found)
    }

    /// Deletes backups but for the newest, and what was begun a day ago and never finished. Returns the addresses of what was deleted.
    ///
    /// # Errors
    /// The place can't be read or written to.
    pub async fn prune(&self, keep: usize, now: DateTime<Utc>) -> Result<Vec<String>, BackupError> {
        let mut found = self.named().await?;
        found.sort_by_key(|one| std::cmp::Reverse(one.time));
        let (whole, begun): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.is_whole);
        let begun = begun.into_iter();
        let begun = begun.filter(|one| one.time < now - ABANDONED);
        let mut gone = Vec::new();
        for one in whole.into_iter().skip(keep.max(1)).chain(begun) {
            match self {
                Self::Folder(folder) => {
                    let path = folder.join(&one.name);
                    forget(&path).map_err(at(&path))?;
                }
                Self::Objects(objects) => {
                    // What makes it a whole backup goes first, so that nobody takes a part for one.
                    let is_manifest = |name: &&String| name.ends_with(MANIFEST);
                    let (first, rest): (Vec<_>, Vec<_>) = one.objects.iter().partition(is_manifest);
                    for name in first.into_iter().chain(rest) {
                        objects.delete(name).await?;
                    }
                }
            }
            gone.push(self.address(&one.name));
        }
        Ok(gone)
    }

    async fn named(&self) -> Result<Vec<Named>, BackupError> {
        match self {
            // None was made yet.
            Self::Folder(folder) if !folder.exists() => Ok(Vec::new()),
            Self::Folder(folder) => {
                let mut found = Vec::new();
                for entry in std::fs::read_dir(folder).map_err(at(folder))? {
                    let name = entry.map_err(at(folder))?.file_name();
                    let Some(name) = name.to_str() else { continue };
                    if let Some((time, is_partial)) = time_of(name) {
                        found.push(Named {
                            time,
                            name: name.to_owned(),
                            is_whole: !is_partial && Manifest::read(&folder.join(name)).is_ok(),
                            objects: Vec::new(),
                        });
                    }
                }
                Ok(found)
            }
            Self::Objects(objects) => {
                let mut by_name = BTreeMap::<String, Vec<String>>::new();
                for object in objects.list().await? {
                    if let Some((name, _)) = object.split_once('/') {
                        by_name.entry(name.to_owned()).or_default().push(object);
                    }
                }
                let found = by_name.into_iter().filter_map(|(name, objects)| {
                    let (time, _) = time_of(&name)?;
                    let manifest = format!("{name}/{MANIFEST}");
                    Some(Named {
                        time,
                        is_whole: objects.contains(&manifest),
                        name,
                        objects,
                    })
                });
                Ok(found.collect())
            }
        }
    }
}

/// The time in a backup's name, and true if it is only begun.
fn time_of(name: &str) -> Option<(DateTime<Utc>, bool)> {
    let rest = name.strip_prefix(PREFIX)?;
    let (time, is_partial) = match rest.strip_suffix(PARTIAL) {
        Some(time) => (time, true),
        None => (rest, false),
    };
    let time = NaiveDateTime::parse_from_str(time, TIME).ok()?;
    Some((time.and_utc(), is_partial))
}
