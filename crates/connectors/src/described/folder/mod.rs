//! A platform's folder, read and checked.

mod check;
mod files;
mod lists;
mod locate;
mod machine;
mod reach;
mod reader;
mod sections;
mod texts;
mod values;
mod ways;

use std::collections::BTreeMap;

use serde::Deserialize;

pub(crate) use self::files::Folder;
use self::files::MANIFEST;
use self::reader::Reader;
use super::integration::Integration;
use super::manifest::Manifest;
use super::problem::{LoadProblem, with_suggestion};
use crate::map::Program;

/// The member of a manifest that names another platform, over which this manifest is laid.
const EXTENDS: &str = "extends";

impl Folder {
    /// Reads the folder. `others` are searched for the platform that it extends, the last one first.
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
            return Err(self.problem_at(
                EXTENDS,
                "extends must be the key of another platform, as a text",
            ));
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
            let message = format!(
                "extends = {extended:?}: that platform extends another one itself; name the other one"
            );
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
        check::check(&manifest)
            .and_then(|()| machine::check(&manifest))
            .and_then(|()| texts::check(&manifest, variables))
            .and_then(|()| values::check(&manifest))
            .map_err(|(member, message)| self.problem_at(&member, message))?;
        sections::integration(&Reader::new(self, &manifest, variables)?, manifest)
    }

    /// The first problem of each of the folder's maps, which are compiled whether or not the manifest names them.
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
}

/// Lays one manifest over another: tables are joined, everything else is the upper one's.
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
