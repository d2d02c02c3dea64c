//! Every platform that this deployment knows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::extends;
use crate::folder::Folder;
use crate::integration::Integration;

/// The platforms that come with the program: the repository's `integrations/`, as pairs of path and content.
pub static BUILTIN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// The platforms by key.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    integrations: BTreeMap<String, Arc<Integration>>,
}

/// A folder that was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {message}", file.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct LoadProblem {
    pub file: PathBuf,
    /// From 1, where the reason has a place.
    pub line: Option<usize>,
    pub message: String,
}

impl Catalogue {
    /// Reads `builtin` ([`BUILTIN`], or nothing), then every folder that holds a `manifest.toml` in each of `dirs`; a
    /// later one replaces an earlier one of the same key. `variables` override the manifests' own `[variables]`, as
    /// `key.name` for one platform or `name` for all. A broken folder is left out, and hinders nothing else.
    pub fn load(
        builtin: &[(&str, &[u8])],
        dirs: &[PathBuf],
        variables: &BTreeMap<String, String>,
    ) -> (Self, Vec<LoadProblem>) {
        let mut problems = Vec::new();
        let mut folders = embedded(builtin);
        for dir in dirs {
            match folders_in(dir) {
                Ok(found) => folders.extend(found),
                Err(problem) => problems.push(problem),
            }
        }
        let (folders, unresolved) = extends::resolve(folders);
        problems.extend(unresolved);
        let mut integrations = BTreeMap::new();
        for folder in folders {
            match folder.read(variables) {
                Ok(integration) => {
                    integrations.insert(integration.key.clone(), Arc::new(integration));
                }
                Err(problem) => problems.push(problem),
            }
        }
        (Self { integrations }, problems)
    }

    pub fn get(&self, key: &str) -> Option<&Arc<Integration>> {
        self.integrations.get(key)
    }

    /// By key.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Integration>> {
        self.integrations.values()
    }
}

fn embedded(files: &[(&str, &[u8])]) -> Vec<Folder> {
    let mut folders: BTreeMap<&str, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for (path, content) in files {
        if let Some((folder, name)) = path.split_once('/') {
            let files = folders.entry(folder).or_default();
            files.insert(name.to_owned(), content.to_vec());
        }
    }
    folders
        .into_iter()
        .filter(|(_, files)| files.contains_key("manifest.toml"))
        .map(|(name, files)| Folder::new(Path::new("integrations").join(name), files))
        .collect()
}

/// The folders of `dir` that hold a manifest, or `dir` itself where it holds one.
fn folders_in(dir: &Path) -> Result<Vec<Folder>, LoadProblem> {
    let problem = |error: std::io::Error| LoadProblem {
        file: dir.to_owned(),
        line: None,
        message: error.to_string(),
    };
    if dir.join("manifest.toml").is_file() {
        return Ok(vec![Folder::on_disk(dir).map_err(problem)?]);
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(problem)? {
        let path = entry.map_err(problem)?.path();
        if path.join("manifest.toml").is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    let folders = paths.iter().map(|path| Folder::on_disk(path));
    folders.collect::<Result<_, _>>().map_err(problem)
}
