//! A folder that says only what it has other than another platform's folder: `extends = "abcd"` in its manifest.

use std::path::PathBuf;

use toml::{Table, Value};

use crate::catalogue::LoadProblem;
use crate::folder::Folder;

const EXTENDS: &str = "extends";

/// Puts each folder that extends another over that one: its files beside and instead of the other's, its manifest's
/// members over the other's. One whose other is missing, or extends in turn, is left out and told of. Manifests that
/// are no TOML stay as they are: reading them tells more.
pub(crate) fn resolve(folders: Vec<Folder>) -> (Vec<Folder>, Vec<LoadProblem>) {
    let manifests: Vec<Option<Table>> = folders
        .iter()
        .map(|folder| folder.manifest()?.parse().ok())
        .collect();
    let mut resolved = Vec::with_capacity(folders.len());
    let mut problems = Vec::new();
    for (folder, manifest) in folders.iter().zip(&manifests) {
        let extended = manifest
            .as_ref()
            .and_then(|own| Some((own, own.get(EXTENDS)?)));
        let Some((own, key)) = extended else {
            resolved.push(folder.clone());
            continue;
        };
        // The last of a key counts, as it does when folders are read.
        let base = folders
            .iter()
            .zip(&manifests)
            .rev()
            .find_map(|(base, manifest)| {
                let manifest = manifest.as_ref()?;
                (manifest.get("key") == Some(key)).then_some((base, manifest))
            });
        match base {
            Some((base, theirs)) if !theirs.contains_key(EXTENDS) => {
                let mut merged = theirs.clone();
                merge(&mut merged, own);
                merged.remove(EXTENDS);
                resolved.push(folder.over(base, merged.to_string()));
            }
            Some(_) => problems.push(problem(
                folder.manifest_path(),
                key,
                "extends another itself",
            )),
            None => problems.push(problem(
                folder.manifest_path(),
                key,
                "is not among the platforms",
            )),
        }
    }
    (resolved, problems)
}

/// Tables member by member; anything else instead of what was there.
fn merge(base: &mut Table, own: &Table) {
    for (name, value) in own {
        match (base.get_mut(name), value) {
            (Some(Value::Table(base)), Value::Table(own)) => merge(base, own),
            _ => {
                base.insert(name.clone(), value.clone());
            }
        }
    }
}

fn problem(file: PathBuf, key: &Value, what: &str) -> LoadProblem {
    LoadProblem {
        file,
        line: None,
        message: format!("{EXTENDS} = {key}: that one {what}"),
    }
}
