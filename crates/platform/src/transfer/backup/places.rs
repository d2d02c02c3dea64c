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
    state: State,
    /// The names of its objects; empty in a folder.
    objects: Vec<String>,
}

enum State {
    /// Not everything of it is there.
    Begun,
    Whole {
        /// The installation that made it, if it says so.
        by: Option<String>,
    },
    /// It can't be read by this program, such as one of a newer version: it is nobody's to delete.
    Strange,
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
            .filter(|one| matches!(one.state, State::Whole { .. }))
            .map(|one| (one.time, one.name))
            .collect();
        found.sort();
        found.reverse();
        Ok(found)
    }

    /// Deletes an installation's backups but for the newest, and what was begun a day ago and never finished. What another installation
    /// made, or what this program can't read, stays and isn't counted. Returns the addresses of what was deleted.
    ///
    /// # Errors
    /// The place can't be read or written to.
    pub async fn prune(
        &self,
        keep: usize,
        installation: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, BackupError> {
        let mut found = self.named().await?;
        found.sort_by_key(|one| std::cmp::Reverse(one.time));
        let mut kept = 0;
        let mut is_to_go = |one: &Named| match &one.state {
            State::Begun => one.time < now - ABANDONED,
            State::Whole { by } if by.is_some() && by.as_deref() == installation => {
                kept += 1;
                kept > keep.max(1)
            }
            State::Whole { .. } | State::Strange => false,
        };
        found.retain(|one| is_to_go(one));
        let mut gone = Vec::new();
        for one in found {
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
                    let Some((time, is_partial)) = time_of(name) else {
                        continue;
                    };
                    let state = match is_partial {
                        true => State::Begun,
                        false => Manifest::read(&folder.join(name)).ok().into(),
                    };
                    found.push(Named {
                        time,
                        name: name.to_owned(),
                        state,
                        objects: Vec::new(),
                    });
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
                let mut found = Vec::new();
                for (name, own) in by_name {
                    let Some((time, _)) = time_of(&name) else {
                        continue;
                    };
                    let manifest = format!("{name}/{MANIFEST}");
                    let state = match own.contains(&manifest) {
                        true => Manifest::parse(&objects.read(&manifest).await?).into(),
                        false => State::Begun,
                    };
                    found.push(Named {
                        time,
                        name,
                        state,
                        objects: own,
                    });
                }
                Ok(found)
            }
        }
    }
}

impl From<Option<Manifest>> for State {
    fn from(read: Option<Manifest>) -> Self {
        read.map_or(Self::Strange, |manifest| Self::Whole {
            by: manifest.installation,
        })
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
