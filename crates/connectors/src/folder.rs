//! A platform's folder, read and checked.

mod lists;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::time::Duration;

use egress::HeaderName;
use records::DataType;
use serde::Deserialize;
use url::Url;

use crate::catalogue::LoadProblem;
use crate::integration::{
    Api, Asset, AssetRole, Auth, DataSupport, Headers, IdentityRequest, Integration,
};
use crate::manifest::{
    ApiSection, AuthSection, BodyFormat, BrandingSection, Manifest, OperationSection, RevokeMethod,
    RevokeSection, WriteSection,
};
use crate::mapping::{Program, ProgramError};
use crate::options::PushOption;
use crate::place::{locate, with_suggestion};
use crate::revocation::{self, RevokeRequest};
use crate::template::Template;
use crate::write::{Lookup, Operation, Write};
use crate::{data, paging};

/// The files of one platform.
#[derive(Clone)]
pub(crate) struct Folder {
    path: PathBuf,
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

/// How long before a grant ends somebody should hear of it, where the manifest doesn't say.
const WARNING: Duration = Duration::from_secs(7 * 86_400);

fn days(days: NonZeroU16) -> Duration {
    Duration::from_secs(u64::from(days.get()) * 86_400)
}

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

    /// `others` are the folders among which the one is that this one extends; a later one goes before an earlier one.
    pub(crate) fn read(
        &self,
        variables: &BTreeMap<String, String>,
        others: &[Folder],
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
            base: Some(Box::new(base.clone())),
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
        Reader {
            folder: self,
            common: self.common(manifest.common.as_deref())?,
            values: values_for(&manifest, variables),
            later: later_names(&manifest),
        }
        .integration(manifest)
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

/// The manifest's defaults, then what this deployment says for all platforms, then what it says for this one.
fn values_for(
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

/// The names that get their values with each request.
fn later_names(manifest: &Manifest) -> Vec<String> {
    let callback = manifest.auth.callback_parameters.iter();
    callback
        .chain(&manifest.auth.token_claims)
        .chain(&manifest.identity.variables)
        .cloned()
        .chain([crate::MONTHS_TO_SYNC, crate::TODAY].map(str::to_owned))
        .collect()
}

/// Names that requests give a meaning of their own, so that nothing else may be called so.
fn own_names() -> impl Iterator<Item = &'static str> {
    let requests = paging::NAMES.into_iter().chain(revocation::NAMES);
    requests.chain([data::SINCE, data::TIME, crate::MONTHS_TO_SYNC, crate::TODAY])
}

/// Turns a manifest's sections into what the requests need.
struct Reader<'a> {
    folder: &'a Folder,
    common: &'a str,
    values: BTreeMap<String, String>,
    later: Vec<String>,
}

impl Reader<'_> {
    fn integration(&self, manifest: Manifest) -> Result<Integration, LoadProblem> {
        let base = manifest.api.base_url.trim_end_matches('/').to_owned();
        let identity = IdentityRequest {
            url: self.url_template("identity.path", &base, &manifest.identity.path)?,
            id: manifest
                .identity
                .id
                .as_deref()
                .map(|id| self.template("identity.id", id))
                .transpose()?,
            map: self.program(&manifest.identity.map, "identity.map")?,
        };
        let known_before = |name: &String| {
            let auth = &manifest.auth;
            auth.callback_parameters.contains(name) || auth.token_claims.contains(name)
        };
        let answered = manifest.identity.variables.iter();
        for name in answered.filter(|name| !known_before(name)) {
            if identity.url.uses(name) {
                let message = format!(
                    "the request's address has ${{{name}}} in it, which its own answer is to tell: write the whole address here, beginning with ${{…}} or https://, where base_url has the name"
                );
                return Err(self.folder.problem_at("identity.path", message));
            }
        }
        let mut support: Vec<DataSupport> = Vec::new();
        for data in &manifest.data {
            let incremental = data.since.is_some();
            match support.iter_mut().find(|one| one.data_type == data.r#type) {
                Some(known) => known.incremental |= incremental,
                None => support.push(DataSupport {
                    data_type: data.r#type,
                    incremental,
                }),
            }
        }
        let unsupported = manifest.unsupported.into_iter();
        Ok(Integration {
            extends: manifest.extends,
            support,
            unsupported: unsupported
                .map(|section| (section.r#type, section.reason))
                .collect(),
            writes: self.writes(&base, &manifest.data, manifest.write)?,
            data: self.data(&base, manifest.data)?,
            auth: self.auth(&base, manifest.auth)?,
            identity,
            api: self.api(&base, manifest.api)?,
            custom: manifest.custom,
            assets: self.assets(&manifest.branding)?,
            key: manifest.key,
            name: manifest.name,
            source_type: manifest.source_type,
            integration_id: manifest.integration_id,
            source_id: manifest.source_id,
            beta: manifest.beta,
            sandbox: manifest.sandbox,
            steps: manifest.steps,
            limits: manifest.limits,
        })
    }

    fn auth(&self, base: &str, auth: AuthSection) -> Result<Auth, LoadProblem> {
        if auth.revoke_url.is_some() && !auth.revoke.is_empty() {
            let message = "auth has both revoke_url and [[auth.revoke]]: one of them";
            return Err(self.folder.problem_at("auth.revoke_url", message));
        }
        if auth.token_request == BodyFormat::None {
            let message = "auth.token_request is form or json";
            return Err(self.folder.problem_at("auth.token_request", message));
        }
        let optional = |name, url: Option<String>| url.map(|url| self.url(name, &url)).transpose();
        Ok(Auth {
            kind: auth.kind,
            authorize_url: self.url("auth.authorize_url", &auth.authorize_url)?,
            authorize_parameters: auth.authorize_parameters,
            token_url: self.url("auth.token_url", &auth.token_url)?,
            revoke_url: optional("auth.revoke_url", auth.revoke_url)?,
            userinfo_url: optional("auth.userinfo_url", auth.userinfo_url)?,
            issuer: auth
                .issuer
                .map(|issuer| self.text("auth.issuer", &issuer))
                .transpose()?,
            scopes: auth.scopes,
            client_authentication: auth.client_authentication,
            pkce: auth.pkce,
            refresh_expires_in: auth
                .refresh_expires_in
                .unwrap_or_else(|| "refresh_token_expires_in".to_owned()),
            refresh_token_lifetime: auth.refresh_token_days.map(days),
            consent_lifetime: auth.consent_days.map(days),
            expiry_warning: auth.warning_days.map_or(WARNING, days),
            callback_parameters: auth.callback_parameters,
            token_request: auth.token_request,
            token_headers: self.headers("auth.token_headers", &auth.token_headers)?,
            expires_at: auth.expires_at,
            refresh_expires_at: auth.refresh_expires_at,
            token_error: auth.token_error,
            token_error_description: auth.token_error_description,
            grant_lost: auth.grant_lost,
            token_claims: auth.token_claims,
            revoke: auth
                .revoke
                .into_iter()
                .map(|section| self.revoke(base, section))
                .collect::<Result<_, _>>()?,
        })
    }

    fn revoke(&self, base: &str, section: RevokeSection) -> Result<RevokeRequest, LoadProblem> {
        let place = "auth.revoke";
        let reader = self.with_names(revocation::NAMES);
        let parameters = section.parameters.iter();
        let parameters = parameters.map(|(name, text)| {
            let text = reader.template(place, text)?;
            Ok((name.clone(), text))
        });
        let url = reader.url_template(place, base, &section.url)?;
        if ["access_token", "refresh_token", "client_secret"]
            .iter()
            .any(|name| url.uses(name))
        {
            return Err(self
                .folder
                .problem_at(place, format!("{place}: a URL must not carry a secret")));
        }
        Ok(RevokeRequest {
            method: section.method,
            url,
            body: match section.method {
                RevokeMethod::Post => section.body,
                RevokeMethod::Delete => BodyFormat::None,
            },
            parameters: parameters.collect::<Result<_, LoadProblem>>()?,
            authorization: section
                .authorization
                .map(|text| reader.template(place, &text))
                .transpose()?,
        })
    }

    fn api(&self, base: &str, api: ApiSection) -> Result<Api, LoadProblem> {
        Ok(Api {
            base: self.url_template("api.base_url", base, base)?,
            headers: self.headers("api.headers", &api.headers)?,
            error_message: api.error_message.into_vec(),
            validation_errors: api.validation_errors,
        })
    }

    fn writes(
        &self,
        base: &str,
        data: &[crate::manifest::DataSection],
        sections: Vec<WriteSection>,
    ) -> Result<BTreeMap<DataType, Write>, LoadProblem> {
        let known = |data_type| data.iter().any(|section| section.r#type == data_type);
        let read = |section: WriteSection| {
            let place = format!("write.{}", section.r#type);
            let operation = |operation: Option<OperationSection>| {
                let read = |operation: OperationSection| {
                    Ok(Operation {
                        method: operation.method,
                        url: self.record_url(&place, base, &operation.path)?,
                    })
                };
                operation.map(read).transpose()
            };
            let lookups = section.lookup.into_iter().map(|(name, lookup)| {
                let url = self.record_url(&place, base, &lookup.path)?;
                let items = lookup.items;
                Ok(Lookup { name, url, items })
            });
            let header = section.idempotency_header.map(|name| {
                HeaderName::try_from(&name).map_err(|_| {
                    self.folder
                        .problem_at(&place, format!("`{name}` is no header name"))
                })
            });
            let write = Write {
                options: self.options(&section.options, &format!("{place}.options"), known)?,
                map: self.program(&section.map, &format!("{place}.map"))?,
                lookups: lookups.collect::<Result<_, LoadProblem>>()?,
                create: operation(section.create)?,
                update: operation(section.update)?,
                idempotency_header: header.transpose()?,
                result: section.result,
            };
            Ok((section.r#type, write))
        };
        sections.into_iter().map(read).collect()
    }

    fn options(
        &self,
        name: &str,
        named_by: &str,
        known: impl Fn(DataType) -> bool,
    ) -> Result<PushOption, LoadProblem> {
        let file = self.folder.place_of(name);
        let text = self.folder.text(name, named_by)?;
        let options: PushOption = serde_json::from_str(text).map_err(|error| LoadProblem {
            line: Some(error.line()),
            column: Some(error.column()),
            ..LoadProblem::of(&file, with_suggestion(&without_place(&error)))
        })?;
        for from in options.sources() {
            if !known(from.data_type) {
                let message = format!("options come from {}, which isn't read", from.data_type);
                return Err(LoadProblem::of(&file, message));
            }
        }
        Ok(options)
    }

    /// As [`Self::url_template`], with `${id}` for the record's own id.
    fn record_url(&self, place: &str, base: &str, path: &str) -> Result<Template, LoadProblem> {
        self.with_names(["id"]).url_template(place, base, path)
    }

    /// The same reader, which knows further names that get their values later.
    fn with_names<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut later = self.later.clone();
        later.extend(names.into_iter().map(str::to_owned));
        Reader {
            folder: self.folder,
            common: self.common,
            values: self.values.clone(),
            later,
        }
    }

    /// The pictures that the manifest names, and those that have the usual name.
    fn assets(
        &self,
        branding: &BrandingSection,
    ) -> Result<BTreeMap<AssetRole, Asset>, LoadProblem> {
        let mut assets = BTreeMap::new();
        for role in AssetRole::ALL {
            let named = match role {
                AssetRole::LogoFull => &branding.logo_full,
                AssetRole::LogoSquare => &branding.logo_square,
                AssetRole::ButtonDefault => &branding.button_default,
                AssetRole::ButtonHover => &branding.button_hover,
            };
            let usual = format!("{}.svg", role.as_str().replace('_', "-"));
            let name = match named {
                Some(name) => name,
                None if self.folder.holder(&usual).is_some() => &usual,
                None => continue,
            };
            let place = format!("branding.{}", role.as_str());
            let bytes = self.folder.file(name, &place)?;
            let asset = Asset::new(name, bytes).ok_or_else(|| {
                let message = format!("`{name}` is no picture (svg, png, jpg, webp)");
                self.folder.problem_at(&place, message)
            })?;
            assets.insert(role, asset);
        }
        Ok(assets)
    }

    fn program(&self, name: &str, named_by: &str) -> Result<Program, LoadProblem> {
        let source = self.folder.text(name, named_by)?;
        if self.folder.tested {
            return Ok(Program::later(self.common, source));
        }
        Program::compile(self.common, source).map_err(|error| self.folder.unreadable(name, error))
    }

    fn headers(
        &self,
        place: &str,
        headers: &BTreeMap<String, String>,
    ) -> Result<Headers, LoadProblem> {
        let read = |(name, value): (&String, &String)| {
            let header = HeaderName::try_from(name).map_err(|_| {
                self.folder
                    .problem_at(place, format!("`{name}` is no header name"))
            })?;
            Ok((header, self.template(place, value)?))
        };
        headers.iter().map(read).collect()
    }

    fn template(&self, place: &str, text: &str) -> Result<Template, LoadProblem> {
        Template::bind(text, &self.values, &self.later)
            .map_err(|missing| self.folder.problem_at(place, format!("{place}: {missing}")))
    }

    /// A text that must be complete now.
    fn text(&self, place: &str, text: &str) -> Result<String, LoadProblem> {
        let filled = Template::parse(text).and_then(|text| text.fill(&self.values, str::to_owned));
        filled.map_err(|missing| self.folder.problem_at(place, format!("{place}: {missing}")))
    }

    fn url(&self, place: &str, text: &str) -> Result<Url, LoadProblem> {
        self.checked_url(place, &self.text(place, text)?)
    }

    /// A URL below the base, or a whole one of its own. The connection's names may stand anywhere behind the host.
    fn url_template(&self, place: &str, base: &str, path: &str) -> Result<Template, LoadProblem> {
        let text = if path.starts_with('/') {
            format!("{base}{path}")
        } else {
            path.to_owned()
        };
        let template = self.template(place, &text)?;
        let sample = self.later.iter().map(|name| (name.clone(), "x".to_owned()));
        let sample = template
            .fill(&sample.collect(), str::to_owned)
            .map_err(|missing| self.folder.problem_at(place, format!("{place}: {missing}")))?;
        self.checked_url(place, &sample)?;
        Ok(template)
    }

    fn checked_url(&self, place: &str, text: &str) -> Result<Url, LoadProblem> {
        let url = Url::parse(text).map_err(|error| {
            self.folder
                .problem_at(place, format!("{place}: `{text}`: {error}"))
        })?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() {
            Ok(url)
        } else {
            let message = format!("{place}: `{text}` is no http(s) URL");
            Err(self.folder.problem_at(place, message))
        }
    }
}

/// serde_json's words without the line and the column, which are told beside them.
pub(crate) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}
