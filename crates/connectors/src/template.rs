//! `${name}` in a manifest's URLs, headers and queries.

use std::collections::BTreeMap;

/// A text with the names in it found: deployment variables are put in when the manifest is read, the variables of a
/// connection (a tenant's id at the platform) for each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(String),
}

/// The name that had no value, or was not closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no value for ${{{0}}}")]
pub(crate) struct MissingName(pub(crate) String);

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, MissingName> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after
                .split_once('}')
                .ok_or_else(|| MissingName(after.to_owned()))?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Name(name.to_owned()));
            rest = tail;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    /// The names in the text that `known` has no value for.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Name(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with every known name replaced through `encode`; an unknown one is an error.
    pub(crate) fn fill(
        &self,
        values: &BTreeMap<String, String>,
        encode: impl Fn(&str) -> String,
    ) -> Result<String, MissingName> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Name(name) => {
                    let value = values.get(name).ok_or_else(|| MissingName(name.clone()))?;
                    filled.push_str(&encode(value));
                }
            }
        }
        Ok(filled)
    }

    /// The template with every name in `values` replaced by its text, the others left open.
    pub(crate) fn bind(self, values: &BTreeMap<String, String>) -> Self {
        let bind = |part| match part {
            Part::Name(name) => match values.get(&name) {
                Some(value) => Part::Text(value.clone()),
                None => Part::Name(name),
            },
            text @ Part::Text(_) => text,
        };
        Self(self.0.into_iter().map(bind).collect())
    }
}
