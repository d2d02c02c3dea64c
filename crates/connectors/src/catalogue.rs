//! Every platform that this deployment knows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::integration::Integration;

/// The platforms that come with the program: the repository's `integrations/`, as (path, content) pairs.
pub static BUILTIN: &[(&str, &[u8])] = &[];

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
    /// Reads `builtin`, then every folder that holds a `manifest.toml` in each of `dirs`; a later one replaces an
    /// earlier one of the same key. `variables` override the manifests' own `[variables]`, as `key.name` for one
    /// platform or `name` for all. A broken folder is left out, and hinders nothing else.
    pub fn load(
        builtin: &[(&str, &[u8])],
        dirs: &[PathBuf],
        variables: &BTreeMap<String, String>,
    ) -> (Self, Vec<LoadProblem>) {
        let _ = (builtin, dirs, variables, Path::new(""));
        todo!()
    }

    pub fn get(&self, key: &str) -> Option<&Arc<Integration>> {
        self.integrations.get(key)
    }

    /// By key.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Integration>> {
        self.integrations.values()
    }
}
