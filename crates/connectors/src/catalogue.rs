//! Every platform that this deployment knows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::described::folder::Folder;
use crate::described::integration::Integration;
use crate::described::problem::LoadProblem;

/// The built-in platforms: the repository's `integrations/`, as pairs of path and content.
pub static BUILTIN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// The platforms by key.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    integrations: BTreeMap<String, Arc<Integration>>,
}

impl Catalogue {
    /// Reads `builtin` ([`BUILTIN`], or nothing), then every folder that holds a `manifest.toml` in each of `dirs`. The key
    /// stands in the manifest; a folder's name is free. A later directory replaces an earlier one's folder of the same key;
    /// two folders of one key in the same directory are a mistake, and the second is refused. `variables` override the
    /// manifests' own `[variables]`, as `key.name` for one platform or `name` for all. A broken folder is left out, and
    /// hinders nothing else.
    pub fn load(
        builtin: &[(&str, &[u8])],
        dirs: &[PathBuf],
        variables: &BTreeMap<String, String>,
    ) -> (Self, Vec<LoadProblem>) {
        let mut problems = Vec::new();
        let mut directories = vec![embedded(builtin)];
        for dir in dirs {
            let (found, refused) = folders_in(dir);
            directories.push(found);
            problems.extend(refused);
        }
        let all: Vec<&Folder> = directories.iter().flatten().collect();
        let mut integrations = BTreeMap::new();
        for directory in &directories {
            let mut here: BTreeMap<String, &Folder> = BTreeMap::new();
            for folder in directory {
                match folder.read(variables, &all) {
                    Ok(integration) => match here.get(integration.key()) {
                        Some(other) => problems.push(folder.duplicate_of(other)),
                        None => {
                            let key = integration.key().to_owned();
                            here.insert(key.clone(), folder);
                            integrations.insert(key, Arc::new(integration));
                        }
                    },
                    Err(problem) => problems.push(problem),
                }
            }
        }
        (Self { integrations }, problems)
    }

    pub fn get(&self, key: &str) -> Option<&Arc<Integration>> {
        self.integrations.get(key)
    }

    /// All of them, ordered by key.
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
        .map(|(name, files)| Folder::built_in(Path::new("integrations").join(name), files))
        .collect()
}

/// The folders of `dir` that hold a manifest, or `dir` itself if it holds one. An unreadable folder doesn't hinder the
/// others.
fn folders_in(dir: &Path) -> (Vec<Folder>, Vec<LoadProblem>) {
    let problem = |file: &Path, error: std::io::Error| LoadProblem::of(file, error.to_string());
    let mut paths = Vec::new();
    if dir.join("manifest.toml").is_file() {
        paths.push(dir.to_owned());
    } else {
        let entries = std::fs::read_dir(dir).and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<Vec<_>, _>>()
        });
        match entries {
            Ok(entries) => paths.extend(entries),
            Err(error) => return (Vec::new(), vec![problem(dir, error)]),
        }
        paths.retain(|path| path.join("manifest.toml").is_file());
        paths.sort();
    }
    let (mut folders, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        match Folder::on_disk(&path) {
            Ok(folder) => folders.push(folder),
            Err(error) => problems.push(problem(&path, error)),
        }
    }
    (folders, problems)
}

impl Integration {
    /// Opens one folder by itself; the platform that it extends is looked for beside it, then among `builtin`. Problems are
    /// reported together: the manifest's first, and the first of each map.
    pub fn open(
        builtin: &[(&str, &[u8])],
        dir: &Path,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, Vec<LoadProblem>> {
        // An absolute path has a parent; `.` has none.
        let dir = &std::fs::canonicalize(dir)
            .map_err(|error| vec![LoadProblem::of(dir, error.to_string())])?;
        let folder =
            Folder::on_disk(dir).map_err(|error| vec![LoadProblem::of(dir, error.to_string())])?;
        let mut others = embedded(builtin);
        if let Some(beside) = dir.parent() {
            others.extend(folders_in(beside).0);
        }
        let others: Vec<&Folder> = others.iter().collect();
        folder.read(variables, &others).map_err(|problem| {
            let mut problems = vec![problem];
            for further in folder.map_problems() {
                if !problems.contains(&further) {
                    problems.push(further);
                }
            }
            problems
        })
    }
}
