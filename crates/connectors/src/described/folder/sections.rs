//! A manifest's sections, turned into the description that requests are made from.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::time::Duration;

use egress::HeaderName;
use records::DataType;

use super::lists::{self, Bases};
use super::machine;
use super::reach::Reach;
use super::reader::Reader;
use super::ways;
use crate::described::access::approval::Approval;
use crate::described::access::revoke::RevokeRequest;
use crate::described::branding::{Asset, AssetRole};
use crate::described::integration::{Api, Auth, DataSupport, IdentityRequest, Integration};
use crate::described::list::Each;
use crate::described::manifest::{
    ApiSection, ApprovalSection, AuthSection, BodyFormat, BrandingSection, ClientAuthentication,
    DataSection, Manifest, OperationSection, Paths, RevokeMethod, RevokeSection, WriteSection,
};
use crate::described::names::{APPROVAL, REVOCATION};
use crate::described::options::PushOption;
use crate::described::problem::{LoadProblem, with_suggestion, without_position};
use crate::described::write::{Lookup, Operation, Write};

/// The time before a grant's end at which the client is warned, if the manifest doesn't say.
const WARNING: Duration = Duration::from_secs(7 * 86_400);

pub(super) fn days(days: NonZeroU16) -> Duration {
    Duration::from_secs(u64::from(days.get()) * 86_400)
}

pub(super) fn integration(
    reader: &Reader<'_>,
    mut manifest: Manifest,
) -> Result<Integration, LoadProblem> {
    let base = manifest.api.base_url.trim_end_matches('/').to_owned();
    // Before what stands below it.
    reader.url_template("api.base_url", &base, &base)?;
    let reach = Reach::of(&manifest);
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
    let bases = Bases {
        usual: &base,
        named: &manifest.api.bases,
    };
    for (name, address) in bases.named {
        let member = format!("api.bases.{name}");
        reader.url_template(&member, address, "/")?;
    }
    let machine = machine::machine(reader, manifest.machine.clone())?;
    if let Some(section) = &mut manifest.machine {
        manifest.auth.manage_access = section.manage_access.take();
        manifest.api.error_message = Paths::One(section.message.clone());
    }
    let identity = identity(reader, &bases, &manifest)?;
    let unsupported = manifest.unsupported.into_iter();
    let writes = writes(reader, &base, &manifest.data, manifest.write)?;
    let data = lists::data(reader, &bases, manifest.data)?;
    let api = api(reader, &base, manifest.api)?;
    let auth = auth(reader, &base, manifest.auth)?;
    reach.check(reader)?;
    Ok(Integration {
        folder: reader.folder.path.clone(),
        extends: manifest.extends,
        support,
        unsupported: unsupported
            .map(|section| (section.r#type, section.reason))
            .collect(),
        reconciliation: manifest.reconciliation,
        writes,
        data,
        api,
        auth,
        identity,
        machine,
        custom: manifest.custom,
        assets: assets(reader, &manifest.branding)?,
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

fn identity(
    reader: &Reader<'_>,
    bases: &Bases<'_>,
    manifest: &Manifest,
) -> Result<IdentityRequest, LoadProblem> {
    let section = &manifest.identity;
    let base = bases.usual;
    let each_name = section.each.as_ref().map(|each| each.name.as_str());
    let known_before = |name: &&String| {
        let auth = &manifest.auth;
        auth.callback_parameters.contains(name)
            || auth.token_claims.contains(name)
            || auth.typed_names().any(|typed| typed == *name)
    };
    let learnt = section.variables.iter().filter(|name| !known_before(name));
    // Only the answer brings these, so that no part of the request may have them.
    let before = reader.without_names(learnt.clone().map(String::as_str));
    let of_path = reader.with_names(each_name);
    let texts = before.with_names(each_name);
    let each = section.each.as_ref().map(|each| {
        Ok(Each {
            name: each.name.clone(),
            url: reader.url_template("identity.each.path", base, &each.path)?,
            query: Vec::new(),
            items: each.items.clone(),
            value: each.value.clone(),
            next: None,
            within: None,
        })
    });
    let lookups = section.lookup.iter().map(|(name, lookup)| {
        lists::lookup_of(&before, "identity", bases, name.clone(), lookup.clone())
    });
    let identity = IdentityRequest {
        each: each.transpose()?,
        skipped_statuses: section.skipped_statuses.clone(),
        all_skipped: section.all_skipped.clone(),
        url: of_path.url_template("identity.path", base, &section.path)?,
        query: lists::parameters_of(&texts, "identity.query", &section.query)?,
        body: lists::body_of(&texts, "identity.body", section.body.clone())?,
        plainer: lists::plainer_of(&texts, "identity.plainer", section.plainer.clone())?,
        lookups: lookups.collect::<Result<_, LoadProblem>>()?,
        id: section
            .id
            .as_deref()
            .map(|id| reader.template("identity.id", id))
            .transpose()?,
        map: reader.program(&section.map, "identity.map")?,
    };
    machine::check_body(reader, "identity.body", identity.body.as_ref())?;
    for (index, plainer) in identity.plainer.iter().enumerate() {
        let member = format!("identity.plainer.{index}.body");
        machine::check_body(reader, &member, plainer.body.as_ref())?;
    }
    let needs = |member: &str, name: &str| {
        let message = format!(
            "the request's address needs ${{{name}}}, which only its own answer brings. If base_url has the name, write the whole address here, beginning with ${{…}} or https://"
        );
        Err(reader.folder.problem_at(member, message))
    };
    for name in learnt {
        if let Some(each) = &identity.each
            && each.url.uses(name)
        {
            return needs("identity.each.path", name);
        }
        if identity.url.uses(name) && each_name != Some(name.as_str()) {
            return needs("identity.path", name);
        }
    }
    Ok(identity)
}

fn auth(reader: &Reader<'_>, base: &str, mut auth: AuthSection) -> Result<Auth, LoadProblem> {
    if auth.revoke_url.is_some() && !auth.revoke.is_empty() {
        let message = "auth has both revoke_url and [[auth.revoke]]: keep one of the two";
        return Err(reader.folder.problem_at("auth.revoke_url", message));
    }
    if auth.revocation_reach.is_some() && auth.revoke_url.is_none() && auth.revoke.is_empty() {
        let message = "auth.revocation_reach says how far a revocation reaches, but there is neither revoke_url nor [[auth.revoke]]: leave it out";
        return Err(reader.folder.problem_at("auth.revocation_reach", message));
    }
    if auth.token_request == BodyFormat::None {
        let message = "auth.token_request can't be none. Valid values: form, json";
        return Err(reader.folder.problem_at("auth.token_request", message));
    }
    let ways = ways::ways(reader, base, &mut auth)?;
    let approval = auth.approval.take();
    let approval = approval.map(|section| approval_of(reader, section));
    let optional = |name, url: Option<String>| url.map(|url| reader.url(name, &url)).transpose();
    Ok(Auth {
        authorize_url: optional("auth.authorize_url", auth.authorize_url)?,
        authorize_parameters: auth.authorize_parameters,
        token_url: auth
            .token_url
            .map(|url| reader.url_template("auth.token_url", base, &url))
            .transpose()?,
        revoke_url: auth
            .revoke_url
            .map(|url| reader.url_template("auth.revoke_url", base, &url))
            .transpose()?,
        userinfo_url: optional("auth.userinfo_url", auth.userinfo_url)?,
        issuer: auth
            .issuer
            .map(|issuer| reader.text("auth.issuer", &issuer))
            .transpose()?,
        scopes: auth.scopes,
        scope: auth.scope,
        scopes_note: auth.scopes_note,
        client_authentication: auth
            .client_authentication
            .unwrap_or(ClientAuthentication::None),
        pkce: auth.pkce,
        access_token_lifetime: auth
            .access_token_seconds
            .map(|seconds| Duration::from_secs(seconds.get().into())),
        refresh_expires_in: auth
            .refresh_expires_in
            .unwrap_or_else(|| "refresh_token_expires_in".to_owned()),
        refresh_token_lifetime: auth.refresh_token_days.map(days),
        consent_lifetime: auth.consent_days.map(days),
        expiry_warning: auth.warning_days.map_or(WARNING, days),
        callback_parameters: auth.callback_parameters,
        token_request: auth.token_request,
        token_answer: auth.token_answer,
        token_headers: reader.headers("auth.token_headers", &auth.token_headers)?,
        expires_at: auth.expires_at,
        refresh_expires_at: auth.refresh_expires_at,
        token_error: auth.token_error,
        token_error_description: auth.token_error_description,
        grant_lost: auth.grant_lost,
        grant_lost_reason: auth.grant_lost_reason,
        invalid_grant_may_pass: auth.invalid_grant_may_pass,
        cancelled: auth.cancelled,
        token_claims: auth.token_claims,
        revocation_reach: auth.revocation_reach,
        manage_access_url: optional("auth.manage_access_url", auth.manage_access_url)?,
        manage_access: auth.manage_access,
        approval: approval.transpose()?,
        ways,
        revoke: auth
            .revoke
            .into_iter()
            .enumerate()
            .map(|(index, section)| {
                let member = format!("auth.revoke.{index}");
                revoke(reader, &member, base, section)
            })
            .collect::<Result<_, _>>()?,
    })
}

fn approval_of(reader: &Reader<'_>, section: ApprovalSection) -> Result<Approval, LoadProblem> {
    let reader = reader.with_names(APPROVAL);
    let url = reader.url("auth.approval.url", &section.url)?;
    let parameters =
        lists::parameters_of(&reader, "auth.approval.parameters", &section.parameters)?;
    for name in APPROVAL {
        if !parameters.iter().any(|(_, text)| text.uses(name)) {
            let message =
                format!("auth.approval.parameters: ${{{name}}} must stand in one of them");
            let place = "auth.approval.parameters";
            return Err(reader.folder.problem_at(place, message));
        }
    }
    Ok(Approval {
        url,
        parameters,
        approved: section.approved,
        needed: section.needed,
    })
}

fn revoke(
    reader: &Reader<'_>,
    member: &str,
    base: &str,
    section: RevokeSection,
) -> Result<RevokeRequest, LoadProblem> {
    let reader = reader.with_names(REVOCATION);
    let parameters = section.parameters.iter();
    let parameters = parameters.map(|(name, text)| {
        let text = reader.template(&format!("{member}.parameters.{name}"), text)?;
        Ok((name.clone(), text))
    });
    let member_of_url = format!("{member}.url");
    let url = reader.url_template(&member_of_url, base, &section.url)?;
    if ["access_token", "refresh_token", "client_secret"]
        .iter()
        .any(|name| url.uses(name))
    {
        let message = format!("{member_of_url}: a URL must not carry a secret");
        return Err(reader.folder.problem_at(&member_of_url, message));
    }
    Ok(RevokeRequest {
        method: section.method,
        url,
        body: match section.method {
            RevokeMethod::Post => section.body,
            RevokeMethod::Delete => BodyFormat::None,
        },
        parameters: parameters.collect::<Result<_, LoadProblem>>()?,
        gone: section.gone.unwrap_or_else(|| match section.method {
            RevokeMethod::Post => Vec::new(),
            RevokeMethod::Delete => vec![404, 410],
        }),
        one_account: section.one_account,
        authorization: section
            .authorization
            .map(|text| reader.template(&format!("{member}.authorization"), &text))
            .transpose()?,
    })
}

fn api(reader: &Reader<'_>, base: &str, api: ApiSection) -> Result<Api, LoadProblem> {
    Ok(Api {
        base: reader.url_template("api.base_url", base, base)?,
        headers: reader.headers("api.headers", &api.headers)?,
        error_message: api.error_message.into_vec(),
        validation_errors: api.validation_errors,
        token_refused: api.token_refused,
        refusals: api.refusals,
    })
}

fn writes(
    reader: &Reader<'_>,
    base: &str,
    data: &[DataSection],
    sections: Vec<WriteSection>,
) -> Result<BTreeMap<DataType, Write>, LoadProblem> {
    let known = |data_type| data.iter().any(|section| section.r#type == data_type);
    let read = |section: WriteSection| {
        let member = format!("write.{}", section.r#type);
        let operation = |name: &str, operation: Option<OperationSection>| {
            let read = |operation: OperationSection| {
                let member = format!("{member}.{name}.path");
                Ok(Operation {
                    method: operation.method,
                    url: reader.record_url(&member, base, &operation.path)?,
                })
            };
            operation.map(read).transpose()
        };
        let lookups = section.lookup.into_iter().map(|(name, lookup)| {
            let member = format!("{member}.lookup.{name}.path");
            let url = reader.record_url(&member, base, &lookup.path)?;
            let items = lookup.items;
            Ok(Lookup { name, url, items })
        });
        let header = section.idempotency_header.map(|name| {
            HeaderName::try_from(&name).map_err(|_| {
                let member = format!("{member}.idempotency_header");
                reader
                    .folder
                    .problem_at(&member, format!("`{name}` is not a header name"))
            })
        });
        let write = Write {
            options: options(
                reader,
                &section.options,
                &format!("{member}.options"),
                known,
            )?,
            map: reader.program(&section.map, &format!("{member}.map"))?,
            lookups: lookups.collect::<Result<_, LoadProblem>>()?,
            create: operation("create", section.create)?,
            update: operation("update", section.update)?,
            idempotency_header: header.transpose()?,
            result: section.result,
        };
        Ok((section.r#type, write))
    };
    sections.into_iter().map(read).collect()
}

fn options(
    reader: &Reader<'_>,
    name: &str,
    named_by: &str,
    known: impl Fn(DataType) -> bool,
) -> Result<PushOption, LoadProblem> {
    let file = reader.folder.path_of(name);
    let text = reader.folder.text(name, named_by)?;
    let options: PushOption = serde_json::from_str(text).map_err(|error| LoadProblem {
        line: Some(error.line()),
        column: Some(error.column()),
        ..LoadProblem::of(&file, with_suggestion(&without_position(&error)))
    })?;
    for from in options.sources() {
        if !known(from.data_type) {
            let message = format!(
                "options come from {}, which isn't read: add a [[data]] of that type",
                from.data_type
            );
            return Err(LoadProblem::of(&file, message));
        }
    }
    Ok(options)
}

/// The pictures that the manifest names, or that have the usual name.
fn assets(
    reader: &Reader<'_>,
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
            None if reader.folder.holder(&usual).is_some() => &usual,
            None => continue,
        };
        let member = format!("branding.{}", role.as_str());
        let bytes = reader.folder.file(name, &member)?;
        let asset = Asset::new(name, bytes).ok_or_else(|| {
            let message =
                format!("`{name}` is not a picture. Valid endings: svg, png, jpg, jpeg, webp");
            reader.folder.problem_at(&member, message)
        })?;
        assets.insert(role, asset);
    }
    Ok(assets)
}
