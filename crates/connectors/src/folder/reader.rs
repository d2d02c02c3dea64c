//! A manifest's sections, turned into what the requests need.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::time::Duration;

use egress::HeaderName;
use records::DataType;
use url::Url;

use super::{Folder, without_place};
use crate::catalogue::LoadProblem;
use crate::integration::{
    Api, Asset, AssetRole, Auth, DataSupport, Headers, IdentityRequest, Integration,
};
use crate::manifest::{
    ApiSection, AuthSection, BodyFormat, BrandingSection, Manifest, OperationSection, RevokeMethod,
    RevokeSection, WriteSection,
};
use crate::mapping::Program;
use crate::options::PushOption;
use crate::place::with_suggestion;
use crate::revocation::{self, RevokeRequest};
use crate::template::Template;
use crate::write::{Lookup, Operation, Write};

/// How long before a grant ends somebody should hear of it, where the manifest doesn't say.
const WARNING: Duration = Duration::from_secs(7 * 86_400);

fn days(days: NonZeroU16) -> Duration {
    Duration::from_secs(u64::from(days.get()) * 86_400)
}

/// Turns a manifest's sections into what the requests need.
pub(super) struct Reader<'a> {
    pub(super) folder: &'a Folder,
    common: &'a str,
    values: BTreeMap<String, String>,
    later: Vec<String>,
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
            values: values_for(manifest, variables),
            later: later_names(manifest),
        })
    }

    pub(super) fn integration(&self, manifest: Manifest) -> Result<Integration, LoadProblem> {
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
            folder: self.folder.path.clone(),
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
    pub(super) fn with_names<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Self {
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

    pub(super) fn program(&self, name: &str, named_by: &str) -> Result<Program, LoadProblem> {
        let source = self.folder.text(name, named_by)?;
        if self.folder.tested {
            return Ok(Program::later(self.common, source));
        }
        Program::compile(self.common, source).map_err(|error| self.folder.unreadable(name, error))
    }

    pub(super) fn headers(
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

    pub(super) fn template(&self, place: &str, text: &str) -> Result<Template, LoadProblem> {
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
    pub(super) fn url_template(
        &self,
        place: &str,
        base: &str,
        path: &str,
    ) -> Result<Template, LoadProblem> {
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
