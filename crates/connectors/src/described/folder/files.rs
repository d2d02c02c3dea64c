//! A platform's folder as files, its own and those of the one that it extends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::locate::locate;
use crate::described::problem::LoadProblem;
use crate::map::{CompileError, Program};
use crate::text::closest;

/// The files of one platform.
#[derive(Clone)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// The platform that this one is another environment of: a file that isn't here is looked for there.
    pub(super) base: Option<Box<Folder>>,
    /// Tests have compiled its maps, so that they need not be compiled at start-up.
    pub(super) tested: bool,
}

pub(super) const MANIFEST: &str = "manifest.toml";

/// The longest file that is read, in bytes: a folder holds texts and small pictures.
const MAX_FILE: u64 = 1024 * 1024;

impl Folder {
    pub(crate) fn new(path: PathBuf, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            path,
            files,
            base: None,
            tested: false,
        }
    }

    /// A folder that comes with the program.
    pub(crate) fn built_in(path: PathBuf, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            tested: true,
            ..Self::new(path, files)
        }
    }

    pub(crate) fn on_disk(path: &Path) -> std::io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            // The target's metadata, since a mounted folder may consist of links.
            let metadata = std::fs::metadata(entry.path())?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                continue;
            };
            if metadata.is_file() && metadata.len() <= MAX_FILE {
                files.insert(name, std::fs::read(entry.path())?);
            }
        }
        Ok(Self::new(path.to_owned(), files))
    }

    /// The key that the manifest gives, as far as it can be read.
    pub(crate) fn key(&self) -> Option<String> {
        let table: toml::Table = self.manifest()?.parse().ok()?;
        Some(table.get("key")?.as_str()?.to_owned())
    }

    /// The refusal of this folder, whose key the other one has already.
    pub(crate) fn duplicate_of(&self, other: &Folder) -> LoadProblem {
        let key = self.key().unwrap_or_default();
        let message = format!(
            "key `{key}` is already that of {}: give one of the two folders another key",
            other.path.display()
        );
        self.problem_at("key", message)
    }

    fn manifest(&self) -> Option<&str> {
        std::str::from_utf8(self.files.get(MANIFEST)?).ok()
    }

    pub(crate) fn table(&self) -> Result<toml::Table, LoadProblem> {
        if !self.files.contains_key(MANIFEST) {
            let message = format!(
                "there is no {MANIFEST} in this folder: name a platform's own folder, or make one with `moorline pack new`"
            );
            return Err(LoadProblem::of(&self.path, message));
        }
        let source = self.text(MANIFEST, MANIFEST)?;
        source.parse().map_err(|error: toml::de::Error| {
            let problem = LoadProblem::of(self.path.join(MANIFEST), error.message());
            match error.span() {
                Some(span) => problem.at(source, span.start),
                None => problem,
            }
        })
    }

    pub(super) fn problem(&self, message: impl Into<String>) -> LoadProblem {
        LoadProblem::of(self.path.join(MANIFEST), message)
    }

    /// A problem at a dotted path of the manifest (see [`locate`]): at its position in this folder's manifest, or else in the
    /// extended one's.
    pub(crate) fn problem_at(&self, member: &str, message: impl Into<String>) -> LoadProblem {
        let mut problem = self.problem(message);
        let mut deepest = 0;
        for folder in std::iter::once(self).chain(self.base.as_deref()) {
            // As it is, and not as [`Self::text`] gives it: a text that is missing is reported with its place, which is looked for here.
            let Some(source) = folder.manifest() else {
                continue;
            };
            if let Some((depth, span)) = locate(source, member)
                && depth > deepest
            {
                deepest = depth;
                problem.file = folder.path.join(MANIFEST);
                problem = problem.at(source, span.start);
            }
        }
        problem
    }

    /// The folder that has the file: this one, or the one that it extends.
    pub(super) fn holder(&self, name: &str) -> Option<&Folder> {
        std::iter::once(self)
            .chain(self.base.as_deref())
            .find(|folder| folder.files.contains_key(name))
    }

    /// A file of the folder, or of the one that it extends. `named_by` is the path in the manifest that names it.
    pub(super) fn file(&self, name: &str, named_by: &str) -> Result<&[u8], LoadProblem> {
        match self.holder(name) {
            Some(holder) => Ok(&holder.files[name]),
            None => {
                let mut message = format!("there is no file `{name}`");
                let files = self.files.keys().map(String::as_str);
                if let Some(meant) = closest(name, files) {
                    message.push_str(&format!(": did you mean `{meant}`?"));
                }
                Err(self.problem_at(named_by, message))
            }
        }
    }

    pub(super) fn text(&self, name: &str, named_by: &str) -> Result<&str, LoadProblem> {
        std::str::from_utf8(self.file(name, named_by)?)
            .map_err(|_| LoadProblem::of(self.path_of(name), "the file is not UTF-8"))
    }

    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.holder(name).unwrap_or(self).path.join(name)
    }

    pub(super) fn unreadable(&self, name: &str, error: CompileError) -> LoadProblem {
        LoadProblem {
            file: self.path_of(name),
            line: error.line,
            column: error.column,
            message: error.message,
        }
    }

    /// The definitions that the maps share.
    pub(super) fn common(&self, name: Option<&str>) -> Result<&str, LoadProblem> {
        let Some(name) = name else { return Ok("") };
        let common = self.text(name, "common")?;
        if self.tested {
            return Ok(common);
        }
        Program::check_common(common)
            .map(|()| common)
            .map_err(|error| self.unreadable(name, error))
    }
}
