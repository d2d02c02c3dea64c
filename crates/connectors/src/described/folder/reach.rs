//! The names that each way of giving access brings, held against those that requests need.

use std::collections::BTreeSet;

use super::reader::Reader;
use crate::described::manifest::{AuthKind, Manifest};
use crate::described::problem::LoadProblem;

/// The names that the ways of giving access bring.
pub(super) struct Reach {
    /// The names of all of them together, and of the company.
    all: BTreeSet<String>,
    /// Those that the identity's answer brings, whatever the way.
    learnt: Vec<String>,
    ways: Vec<OneWay>,
}

struct OneWay {
    /// Its number and key; none of a sign-in.
    key: Option<(usize, String)>,
    names: BTreeSet<String>,
}

impl Reach {
    pub(super) fn of(manifest: &Manifest) -> Self {
        let auth = &manifest.auth;
        let mut ways = Vec::new();
        if auth.kind == AuthKind::OAuth2 && manifest.machine.is_none() {
            let names = auth.callback_parameters.iter().chain(&auth.token_claims);
            ways.push(OneWay {
                key: None,
                names: names.cloned().collect(),
            });
        }
        for (index, way) in auth.way.iter().enumerate() {
            let typed = way.field.iter().filter(|field| !field.secret);
            let typed = typed.map(|field| &field.name);
            ways.push(OneWay {
                key: Some((index, way.key.clone())),
                names: typed.chain(way.values.keys()).cloned().collect(),
            });
        }
        let learnt = manifest.identity.variables.clone();
        let mut all: BTreeSet<String> = learnt.iter().cloned().collect();
        all.extend(ways.iter().flat_map(|way| way.names.iter().cloned()));
        Self { all, learnt, ways }
    }

    /// The first request that a way can't make, for want of a name.
    pub(super) fn check(&self, reader: &Reader<'_>) -> Result<(), LoadProblem> {
        let read = reader.texts_read();
        for way in &self.ways {
            for (member, text) in &read {
                // The id is asked for only if the answer has none.
                if member == "identity.id" || !way.makes(member) {
                    continue;
                }
                let is_own = member.starts_with("auth.way.");
                let has = |name: &str| {
                    !self.all.contains(name)
                        || way.names.contains(name)
                        || (!is_own && self.learnt.iter().any(|learnt| learnt == name))
                };
                let Some(name) = text.lacks(&has) else {
                    continue;
                };
                let (place, message) = match &way.key {
                    Some((index, key)) if !is_own => (
                        format!("auth.way.{index}"),
                        format!(
                            "auth.way `{key}` doesn't bring ${{{name}}}, which {member} needs: give it a field of that name, or a value (`values`), or let the identity's map bring it"
                        ),
                    ),
                    Some((_, key)) => (
                        member.clone(),
                        format!(
                            "{member}: no value for ${{{name}}}, which the way `{key}` has neither a field nor a value (`values`) for"
                        ),
                    ),
                    None => (
                        member.clone(),
                        format!(
                            "{member} needs ${{{name}}}, which a sign-in doesn't bring: name it in auth.callback_parameters or auth.token_claims, or let the identity's map bring it"
                        ),
                    ),
                };
                return Err(reader.folder.problem_at(&place, message));
            }
        }
        Ok(())
    }
}

impl OneWay {
    /// True if access that was given this way leads to a request with the text at `member`.
    fn makes(&self, member: &str) -> bool {
        if !member.starts_with("auth.") {
            return true;
        }
        match &self.key {
            None => !member.starts_with("auth.way."),
            Some((index, _)) => member.starts_with(&format!("auth.way.{index}.")),
        }
    }
}
