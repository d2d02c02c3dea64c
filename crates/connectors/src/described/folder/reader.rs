//! The texts and programs of a manifest, with the deployment's values put in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use egress::HeaderName;
use url::Url;

use super::files::Folder;
use crate::described::manifest::Manifest;
use crate::described::names::{MONTHS_TO_SYNC, OWNER, TODAY};
use crate::described::problem::LoadProblem;
use crate::described::template::{Address, AddressError, Headers, MissingName, Names, Template};
use crate::map::Program;
use crate::text::closest;

/// Reads a manifest's texts.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    pub(super) folder: &'a Folder,
    common: &'a str,
    names: Names,
    /// Patterns of the hosts that addresses with a name in their host may lead to.
    hosts: Vec<String>,
    /// The platform is a machine that calls: bodies are its XML.
    pub(super) calls: bool,
    /// The texts that were read, each with its place: whatever gives access must bring the names in them.
    read: Rc<RefCell<Vec<(String, Template)>>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        folder: &'a Folder,
        manifest: &Manifest,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, LoadProblem> {
        Ok(Self {
            folder,
            common: folder.common(manifest.common.as_deref())?,
            names: Names {
                values: values_for(manifest, variables),
                later: later_names(manifest),
                texts: Arc::new(manifest.texts.clone()),
            },
            hosts: hosts_of(manifest),
            calls: manifest.machine.is_some(),
            read: Rc::default(),
        })
    }

    /// The texts that were read so far, by this reader and those that were made of it, each with its place.
    pub(super) fn texts_read(&self) -> Vec<(String, Template)> {
        self.read.borrow().clone()
    }

    /// As [`Self::url_template`], with `${id}` for the record's own id.
    pub(super) fn record_url(
        &self,
        member: &str,
        base: &str,
        path: &str,
    ) -> Result<Address, LoadProblem> {
        self.with_names(["id"]).url_template(member, base, path)
    }

    /// The same reader, which knows further names that get their values later.
    pub(super) fn with_names<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut reader = self.clone();
        let names = names.into_iter().map(str::to_owned);
        reader.names.later.extend(names);
        reader
    }

    /// The same reader, which doesn't know some of the names that get their values later.
    pub(super) fn without_names<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut reader = self.clone();
        for name in names {
            reader.names.later.retain(|known| known != name);
        }
        reader
    }

    pub(super) fn program(&self, name: &str, named_by: &str) -> Result<Program, LoadProblem> {
        let source = self.folder.text(name, named_by)?;
        if self.folder.tested {
            return Ok(Program::later(self.common, source));
        }
        Program::compile(self.common, source).map_err(|error| self.folder.unreadable(name, error))
    }

    pub(super) fn headers(
        &self,
        member: &str,
        headers: &BTreeMap<String, String>,
    ) -> Result<Headers, LoadProblem> {
        let read = |(name, value): (&String, &String)| {
            let member = format!("{member}.{name}");
            let header = HeaderName::try_from(name).map_err(|_| {
                self.folder
                    .problem_at(&member, format!("`{name}` is not a header name"))
            })?;
            Ok((header, self.template(&member, value)?))
        };
        headers.iter().map(read).collect()
    }

    pub(super) fn template(&self, member: &str, text: &str) -> Result<Template, LoadProblem> {
        let template = self.optional(member, text)?;
        let mut read = self.read.borrow_mut();
        read.push((member.to_owned(), template.clone()));
        Ok(template)
    }

    /// The same of a text that is done without where a name in it has no value.
    pub(super) fn optional(&self, member: &str, text: &str) -> Result<Template, LoadProblem> {
        Template::bind(text, &self.names).map_err(|missing| self.no_value(member, &missing))
    }

    /// A text that must be complete now.
    pub(super) fn text(&self, member: &str, text: &str) -> Result<String, LoadProblem> {
        let filled = self
            .template(member, text)?
            .fill(&BTreeMap::new(), str::to_owned);
        filled.map_err(|missing| self.no_value(member, &missing))
    }

    pub(super) fn url(&self, member: &str, text: &str) -> Result<Url, LoadProblem> {
        let address = Address::whole(&self.text(member, text)?);
        address.map_err(|error| self.no_address(member, &error))
    }

    /// A URL below the base, or a whole one of its own. The connection's names may stand anywhere behind the host, and in it if what
    /// comes of them is one of the manifest's `hosts`.
    pub(super) fn url_template(
        &self,
        member: &str,
        base: &str,
        path: &str,
    ) -> Result<Address, LoadProblem> {
        let text = if path.starts_with('/') {
            format!("{base}{path}")
        } else {
            path.to_owned()
        };
        let template = self.template(member, &text)?;
        let raw = template.raw();
        Address::new(template, &self.hosts).map_err(|error| match error {
            AddressError::Unreadable(error) => {
                let message = format!("{member}: `{raw}`: {error}");
                self.folder.problem_at(member, message)
            }
            error => self.no_address(member, &error),
        })
    }

    fn no_address(&self, member: &str, error: &AddressError) -> LoadProblem {
        self.folder.problem_at(member, format!("{member}: {error}"))
    }

    fn no_value(&self, member: &str, missing: &MissingName) -> LoadProblem {
        let message = format!("{member}: {}", in_words(missing, self.names.known()));
        self.folder.problem_at(member, message)
    }
}

/// A name without a value, with the one that was probably meant.
pub(super) fn in_words<'a>(missing: &MissingName, known: impl Iterator<Item = &'a str>) -> String {
    let name = &missing.0;
    let is_name = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
    if !name.chars().all(is_name) {
        let start: String = name.chars().take_while(|letter| is_name(*letter)).collect();
        return format!("no `}}` ends the name that begins with `${{{start}`");
    }
    match closest(name, known) {
        Some(meant) => format!("{missing}: did you mean ${{{meant}}}?"),
        None => missing.to_string(),
    }
}

/// The patterns of the hosts that addresses may lead to, and the names of those that customers type.
fn hosts_of(manifest: &Manifest) -> Vec<String> {
    let fields = manifest.auth.way.iter().flat_map(|way| &way.field);
    let typed = fields.filter(|field| field.host);
    let typed = typed.map(|field| format!("${{{}}}", field.name));
    manifest.hosts.iter().cloned().chain(typed).collect()
}

/// The manifest's defaults, overridden by the deployment's values for all platforms, and those by its values for this one.
pub(super) fn values_for(
    manifest: &Manifest,
    variables: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut values = manifest.variables.clone();
    for (name, value) in &mut values {
        let own = variables.get(&format!("{}.{name}", manifest.key));
        if let Some(given) = own.or_else(|| variables.get(name)) {
            value.clone_from(given);
        }
    }
    values
}

/// The names whose values come with each request.
pub(super) fn later_names(manifest: &Manifest) -> Vec<String> {
    let callback = manifest.auth.callback_parameters.iter();
    callback
        .chain(&manifest.auth.token_claims)
        .chain(manifest.auth.typed_names())
        .chain(manifest.auth.way.iter().flat_map(|way| way.values.keys()))
        .chain(&manifest.identity.variables)
        .cloned()
        .chain([MONTHS_TO_SYNC, TODAY].map(str::to_owned))
        .chain(manifest.machine.as_ref().map(|_| OWNER.to_owned()))
        .collect()
}
