//! A platform's folder, read and checked.

mod lists;
mod reader;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use self::reader::Reader;
use crate::catalogue::LoadProblem;
use crate::integration::Integration;
use crate::manifest::{Manifest, OperationSection};
use crate::mapping::{Program, ProgramError};
use crate::place::{locate, with_suggestion};
use crate::{data, paging, revocation};

/// The files of one platform.
#[derive(Clone)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    files: BTreeMap<String, Vec<u8>>,
    /// The platform that this one is another environment of: what isn't here is there.
    base: Option<Box<Folder>>,
    /// Tests have compiled its maps.
    tested: bool,
}

const MANIFEST: &str = "manifest.toml";

/// The member of a manifest that names another platform, over which this manifest is laid.
const EXTENDS: &str = "extends";

/// A file of a platform's folder is text or a small picture.
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

    /// One of those that come with the program.
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
            // Not the entry's own metadata: a mounted folder may well be links.
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
        let source = std::str::from_utf8(self.files.get(MANIFEST)?).ok()?;
        let table: toml::Table = source.parse().ok()?;
        Some(table.get("key")?.as_str()?.to_owned())
    }

    /// The refusal of this folder, whose key the other one has already.
    pub(crate) fn duplicate_of(&self, other: &Folder) -> LoadProblem {
        let key = self.key().unwrap_or_default();
        let message = format!(
            "The key \"{key}\" is already that of {}. Give one of the two folders another key.",
            other.path.display()
        );
        self.problem_at("key", message)
    }

    /// `others` are the folders among which the one is that this one extends; a later one goes before an earlier one.
    pub(crate) fn read(
        &self,
        variables: &BTreeMap<String, String>,
        others: &[&Folder],
    ) -> Result<Integration, LoadProblem> {
        let table = self.table()?;
        let Some(extended) = table.get(EXTENDS) else {
            let source = self.text(MANIFEST, MANIFEST)?;
            let manifest = toml::from_str(source).map_err(|error| {
                let message = with_suggestion(error.message());
                let problem = LoadProblem::of(self.path.join(MANIFEST), message);
                match error.span() {
                    Some(span) => problem.at(source, span.start),
                    None => problem,
                }
            })?;
            return self.integration(manifest, variables);
        };
        let Some(extended) = extended.as_str() else {
            return Err(self.problem_at(EXTENDS, "extends is the key of another platform"));
        };
        let base = others.iter().rev().find(|other| {
            other.path != self.path && other.key().is_some_and(|key| key == extended)
        });
        let Some(base) = base else {
            let message = format!("extends = {extended:?}: there is no such platform");
            return Err(self.problem_at(EXTENDS, message));
        };
        let below = base.table()?;
        if below.contains_key(EXTENDS) {
            let message = format!("extends = {extended:?}: that one extends another itself");
            return Err(self.problem_at(EXTENDS, message));
        }
        let whole = Folder {
            base: Some(Box::new((*base).clone())),
            ..self.clone()
        };
        let manifest = Manifest::deserialize(toml::Value::Table(laid_over(below, table)))
            .map_err(|error| whole.problem(with_suggestion(error.message())))?;
        whole.integration(manifest, variables)
    }

    fn integration(
        &self,
        manifest: Manifest,
        variables: &BTreeMap<String, String>,
    ) -> Result<Integration, LoadProblem> {
        self.check(&manifest)
            .map_err(|(place, message)| self.problem_at(&place, message))?;
        Reader::new(self, &manifest, variables)?.integration(manifest)
    }

    /// What is wrong with each of the folder's maps by itself, whatever the manifest says of them.
    pub(crate) fn map_problems(&self) -> Vec<LoadProblem> {
        let named = self.table().ok().and_then(|table| {
            let name = table.get("common")?.as_str()?;
            Some(name.to_owned())
        });
        let common = named.as_deref().and_then(|name| self.text(name, "").ok());
        if let (Some(name), Some(common)) = (&named, common)
            && let Err(error) = Program::check_common(common)
        {
            return vec![self.unreadable(name, error)];
        }
        let maps = self
            .files
            .keys()
            .filter(|name| name.ends_with(".jq") && Some(name.as_str()) != named.as_deref());
        maps.filter_map(|name| {
            let source = self.text(name, "").ok()?;
            let error = Program::compile(common.unwrap_or_default(), source).err()?;
            Some(self.unreadable(name, error))
        })
        .collect()
    }

    fn table(&self) -> Result<toml::Table, LoadProblem> {
        let source = self.text(MANIFEST, MANIFEST)?;
        source.parse().map_err(|error: toml::de::Error| {
            let problem = LoadProblem::of(self.path.join(MANIFEST), error.message());
            match error.span() {
                Some(span) => problem.at(source, span.start),
                None => problem,
            }
        })
    }

    fn check(&self, manifest: &Manifest) -> Result<(), (String, String)> {
        let key = &manifest.key;
        if key.len() != 4 || !key.bytes().all(|byte| byte.is_ascii_lowercase()) {
            let message = format!("key `{key}` is not four lower-case letters");
            return Err(("key".to_owned(), message));
        }
        if manifest.name.trim().is_empty() {
            return Err(("name".to_owned(), "name is empty".to_owned()));
        }
        let given = manifest.variables.keys();
        let mut given = given
            .chain(&manifest.auth.callback_parameters)
            .chain(&manifest.auth.token_claims)
            .chain(&manifest.identity.variables);
        if let Some(name) = given.find(|name| own_names().any(|own| own == name.as_str())) {
            let message = format!(
                "`{name}` has a meaning of its own in requests: call the variable something else"
            );
            return Err((format!("variables.{name}"), message));
        }
        let mut seen = BTreeSet::new();
        for (index, data) in manifest.data.iter().enumerate() {
            let at =
                |member: &str, message: String| Err((format!("data.{index}.{member}"), message));
            if data.r#type.source_type() != manifest.source_type {
                let message = format!(
                    "data type {} does not belong to source type {}",
                    data.r#type, manifest.source_type
                );
                return at("type", message);
            }
            seen.insert(data.r#type);
        }
        lists::check(manifest)?;
        let mut written = BTreeSet::new();
        for (index, write) in manifest.write.iter().enumerate() {
            let data_type = write.r#type;
            let at =
                |member: &str, message: String| Err((format!("write.{index}.{member}"), message));
            if !written.insert(data_type) {
                return at("type", format!("write of {data_type} is listed twice"));
            }
            if !seen.contains(&data_type) {
                let message =
                    format!("write of {data_type} needs its data, whose map reads the answer");
                return at("type", message);
            }
            if write.create.is_none() && write.update.is_none() {
                let message = format!("write of {data_type} has neither create nor update");
                return at("", message);
            }
            let lost = |update: &OperationSection| !update.path.contains("${id}");
            if write.update.as_ref().is_some_and(lost) {
                let message = format!("update of {data_type} has no ${{id}} in its path");
                return at("update", message);
            }
        }
        Ok(())
    }

    fn problem(&self, message: impl Into<String>) -> LoadProblem {
        LoadProblem::of(self.path.join(MANIFEST), message)
    }

    /// A problem with what stands at a dotted path of the manifest, see [`locate`]: where it is in this folder's, or
    /// else in the extended one's.
    fn problem_at(&self, place: &str, message: impl Into<String>) -> LoadProblem {
        let mut problem = self.problem(message);
        let mut deepest = 0;
        for folder in std::iter::once(self).chain(self.base.as_deref()) {
            let Ok(source) = folder.text(MANIFEST, MANIFEST) else {
                continue;
            };
            if let Some((depth, span)) = locate(source, place)
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
    fn holder(&self, name: &str) -> Option<&Folder> {
        std::iter::once(self)
            .chain(self.base.as_deref())
            .find(|folder| folder.files.contains_key(name))
    }

    /// A file of the folder, or of the one that it extends. `named_by` is the place in the manifest that asks for it.
    fn file(&self, name: &str, named_by: &str) -> Result<&[u8], LoadProblem> {
        match self.holder(name) {
            Some(holder) => Ok(&holder.files[name]),
            None => Err(self.problem_at(named_by, format!("there is no file `{name}`"))),
        }
    }

    fn text(&self, name: &str, named_by: &str) -> Result<&str, LoadProblem> {
        std::str::from_utf8(self.file(name, named_by)?)
            .map_err(|_| LoadProblem::of(self.place_of(name), "the file is not UTF-8"))
    }

    fn place_of(&self, name: &str) -> PathBuf {
        self.holder(name).unwrap_or(self).path.join(name)
    }

    fn unreadable(&self, name: &str, error: ProgramError) -> LoadProblem {
        LoadProblem {
            file: self.place_of(name),
            line: error.line,
            column: error.column,
            message: error.message,
        }
    }

    /// The definitions that the maps share.
    fn common(&self, name: Option<&str>) -> Result<&str, LoadProblem> {
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

/// What the upper manifest says goes before what the lower one says: tables are joined, everything else replaced.
fn laid_over(mut lower: toml::Table, upper: toml::Table) -> toml::Table {
    for (name, value) in upper {
        let joined = match (lower.remove(&name), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => {
                toml::Value::Table(laid_over(below, above))
            }
            (_, value) => value,
        };
        lower.insert(name, joined);
    }
    lower
}

/// Names that requests give a meaning of their own, so that nothing else may be called so.
fn own_names() -> impl Iterator<Item = &'static str> {
    let requests = paging::NAMES.into_iter().chain(revocation::NAMES);
    requests.chain([data::SINCE, data::TIME, crate::MONTHS_TO_SYNC, crate::TODAY])
}

/// serde_json's words without the line and the column, which are told beside them.
pub(crate) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}
