//! `[[auth.way]]`, checked and turned into the ways of giving access.

use std::collections::BTreeSet;
use std::time::Duration;

use regex::Regex;

use super::reader::Reader;
use super::sections::days;
use crate::described::access::way::{CertificateProof, Proof, TypedProof, Way, WayField};
use crate::described::manifest::{
    AuthKind, AuthSection, FieldSection, Manifest, Paging, WayKind, WaySection,
};
use crate::described::names;
use crate::described::problem::LoadProblem;
use crate::text::closest;

/// The lifetime of a certificate, and the warning before its end, if the manifest doesn't say.
const LIFETIME: Duration = Duration::from_secs(700 * 86_400);
const WARNING: Duration = Duration::from_secs(30 * 86_400);

/// The largest program that a pattern may become, in bytes.
const LARGEST_PATTERN: usize = 1 << 20;

type Refusal = (String, String);

/// The first contradiction among the ways of giving access.
pub(super) fn check(manifest: &Manifest) -> Result<(), Refusal> {
    let auth = &manifest.auth;
    let sign_in = [
        ("authorize_url", auth.authorize_url.is_some()),
        ("token_url", auth.token_url.is_some()),
        (
            "client_authentication",
            auth.client_authentication.is_some(),
        ),
    ];
    match auth.kind {
        AuthKind::OAuth2 => {
            if let Some((member, _)) = sign_in.iter().find(|(_, is_there)| !is_there) {
                return Err(("auth".to_owned(), format!("auth: missing field `{member}`")));
            }
        }
        AuthKind::Typed => {
            let further = [("revoke_url", auth.revoke_url.is_some())];
            let mut given = sign_in.iter().chain(&further);
            if let Some((member, _)) = given.find(|(_, is_there)| *is_there) {
                return Err((
                    format!("auth.{member}"),
                    format!(
                        "auth.{member} is of a sign-in at the platform, which kind = \"typed\" has not: leave it out, or write kind = \"oauth2\""
                    ),
                ));
            }
            if auth.way.is_empty() {
                return Err((
                    "auth.kind".to_owned(),
                    "kind = \"typed\" needs at least one [[auth.way]]".to_owned(),
                ));
            }
        }
    }
    let mut keys = BTreeSet::new();
    let links = manifest
        .data
        .iter()
        .any(|data| matches!(data.paging, Paging::Link { .. }));
    for (index, way) in auth.way.iter().enumerate() {
        let at = |member: &str, message: &str| {
            let path = format!("auth.way.{index}{member}");
            Err((path, format!("auth.way `{}`: {message}", way.key)))
        };
        if !is_word(&way.key) || way.key == "sign-in" {
            return at(
                ".key",
                "a key is a word of lower-case letters, and not sign-in",
            );
        }
        if !keys.insert(way.key.as_str()) {
            return at(".key", "another way has this key: give each its own");
        }
        for (member, text) in [
            (".title", &way.title),
            (".body", &way.body),
            (".refused", &way.refused),
            (".manage_access", &way.manage_access),
        ] {
            if text.trim().is_empty() {
                return at(member, "this is for customers to read: it can't be empty");
            }
        }
        if links && !way.query.is_empty() {
            let message = "a list is paged by links (style \"link\"), and the platform's link to the next page would hold the key: send it in a header";
            return at(".query", message);
        }
        check_fields(manifest, index, way)?;
        match way.kind {
            WayKind::Fields => check_typed(index, way)?,
            WayKind::Certificate => check_certificate(index, way)?,
        }
    }
    Ok(())
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn check_fields(manifest: &Manifest, index: usize, way: &WaySection) -> Result<(), Refusal> {
    let mut names = BTreeSet::new();
    for (number, field) in way.field.iter().enumerate() {
        let at = |member: &str, message: String| {
            let path = format!("auth.way.{index}.field.{number}{member}");
            Err((
                path,
                format!("auth.way `{}`, field `{}`: {message}", way.key, field.name),
            ))
        };
        let name = field.name.as_str();
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name {
            return at(
                ".name",
                "a name has letters, digits and underscores".to_owned(),
            );
        }
        let taken = manifest.variables.contains_key(name) || manifest.texts.contains_key(name);
        if taken || names::all().any(|own| own == name) {
            let message =
                "a variable, a text or a reserved name is called so: give the field another name";
            return at(".name", message.to_owned());
        }
        if !names.insert(name) || way.values.contains_key(name) {
            return at(".name", "the way has this value already".to_owned());
        }
        let open = |other: &WaySection| {
            let mut fields = other.field.iter();
            fields.any(|one| one.name == field.name && one.secret != field.secret)
        };
        if manifest.auth.way.iter().any(open) {
            let message =
                "it is a secret in one way and not in another: give one of them another name";
            return at(".secret", message.to_owned());
        }
        if field.label.trim().is_empty() {
            return at(".label", "a label can't be empty".to_owned());
        }
        let auth = &manifest.auth;
        let learnt = auth.callback_parameters.iter().chain(&auth.token_claims);
        let mut learnt = learnt.chain(&manifest.identity.variables);
        if field.host && learnt.any(|other| other == name) {
            let message = "a value that is learnt at the sign-in, or of the company, is called so and would lead there unchecked: give the host another name";
            return at(".name", message.to_owned());
        }
        if field.host && (field.secret || field.pattern.is_none()) {
            let message =
                "a host is no secret, and needs a pattern for the hosts that may be typed";
            return at(".host", message.to_owned());
        }
        match (&field.pattern, &field.rule) {
            (Some(_), None) => {
                let message = "a pattern needs a rule: the sentence that says what is wanted";
                return at(".pattern", message.to_owned());
            }
            (None, Some(_)) => {
                return at(
                    ".rule",
                    "a rule says what a pattern wants: add the pattern".to_owned(),
                );
            }
            _ => {}
        }
        let pattern = match pattern(field) {
            Ok(pattern) => pattern,
            Err(message) => return at(".pattern", message),
        };
        if let (Some(pattern), Some(example)) = (pattern, &field.example)
            && !pattern.is_match(example)
        {
            let message = "the example isn't as the pattern wants it".to_owned();
            return at(".example", message);
        }
    }
    Ok(())
}

fn check_typed(index: usize, way: &WaySection) -> Result<(), Refusal> {
    let at = |member: &str, message: String| {
        let path = format!("auth.way.{index}{member}");
        Err((path, format!("auth.way `{}`: {message}", way.key)))
    };
    let foreign = [
        ("token_url", way.token_url.is_some()),
        ("client_id", way.client_id.is_some()),
        ("key_id", way.key_id.is_some()),
        ("audience", way.audience.is_some()),
        ("claims", !way.claims.is_empty()),
        ("parameters", !way.parameters.is_empty()),
        ("algorithm", way.algorithm.is_some()),
        ("certificate_days", way.certificate_days.is_some()),
        ("warning_days", way.warning_days.is_some()),
    ];
    if let Some((member, _)) = foreign.iter().find(|(_, is_there)| *is_there) {
        let message = format!("{member} is of kind = \"certificate\": leave it out");
        return at(&format!(".{member}"), message);
    }
    let secrets = way.field.iter().filter(|field| field.secret);
    let texts = || {
        let basic = way
            .basic
            .iter()
            .flat_map(|basic| [&basic.user, &basic.password]);
        way.headers.values().chain(way.query.values()).chain(basic)
    };
    if secrets.clone().next().is_none() {
        let message =
            "nothing that is typed is a secret: mark the key or the password with secret = true";
        return at(".field", message.to_owned());
    }
    for field in secrets {
        let named = format!("${{{}}}", field.name);
        // A name that was meant for it is reported where it stands.
        let nearly = |text: &String| {
            let names = text.split("${").skip(1);
            let mut names = names.filter_map(|rest| Some(rest.split_once('}')?.0));
            names.any(|name| closest(name, std::iter::once(field.name.as_str())).is_some())
        };
        if !texts().any(|text| text.contains(&named) || nearly(text)) {
            let message = format!(
                "the secret `{}` is sent nowhere: put {named} into headers, query or basic",
                field.name
            );
            return at(".field", message);
        }
    }
    Ok(())
}

fn check_certificate(index: usize, way: &WaySection) -> Result<(), Refusal> {
    let at = |member: &str, message: String| {
        let path = format!("auth.way.{index}{member}");
        Err((path, format!("auth.way `{}`: {message}", way.key)))
    };
    let foreign = [
        ("headers", !way.headers.is_empty()),
        ("query", !way.query.is_empty()),
        ("basic", way.basic.is_some()),
    ];
    if let Some((member, _)) = foreign.iter().find(|(_, is_there)| *is_there) {
        let message = format!(
            "{member} is of kind = \"fields\": requests of this kind carry an access token"
        );
        return at(&format!(".{member}"), message);
    }
    let needed = [
        ("token_url", &way.token_url),
        ("client_id", &way.client_id),
        ("key_id", &way.key_id),
    ];
    if let Some((member, _)) = needed.iter().find(|(_, text)| text.is_none()) {
        return at("", format!("kind = \"certificate\" needs {member}"));
    }
    if let Some(number) = way.field.iter().position(|field| field.secret) {
        let message = "the secret of this kind is the key that is made for the connection: nothing that is typed is one";
        return at(&format!(".field.{number}.secret"), message.to_owned());
    }
    Ok(())
}

/// The field's pattern, for the whole value.
fn pattern(field: &FieldSection) -> Result<Option<Regex>, String> {
    let Some(pattern) = &field.pattern else {
        return Ok(None);
    };
    let whole = regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(LARGEST_PATTERN)
        .build();
    match whole {
        Ok(whole) => Ok(Some(whole)),
        Err(error) => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim();
            Err(format!("the pattern can't be read: {last}"))
        }
    }
}

/// The ways of a manifest that [`check`] has passed.
pub(super) fn ways(
    reader: &Reader<'_>,
    base: &str,
    auth: &mut AuthSection,
) -> Result<Vec<Way>, LoadProblem> {
    let sections = std::mem::take(&mut auth.way).into_iter();
    sections
        .enumerate()
        .map(|(index, section)| way(reader, base, index, section))
        .collect()
}

fn way(
    reader: &Reader<'_>,
    base: &str,
    index: usize,
    section: WaySection,
) -> Result<Way, LoadProblem> {
    let member = |name: &str| format!("auth.way.{index}.{name}");
    let secrets = section.field.iter().filter(|field| field.secret);
    let reader = reader.with_names(secrets.map(|field| field.name.as_str()));
    let templates = |name: &str, texts: &std::collections::BTreeMap<String, String>| {
        let texts = texts.iter();
        texts
            .map(|(key, text)| {
                let place = format!("{}.{key}", member(name));
                Ok((key.clone(), reader.template(&place, text)?))
            })
            .collect::<Result<Vec<_>, LoadProblem>>()
    };
    let template = |name: &str, text: &Option<String>| {
        reader.template(&member(name), text.as_deref().unwrap_or_default())
    };
    let proof = match section.kind {
        WayKind::Fields => {
            let basic = section.basic.as_ref().map(|basic| {
                let user = reader.template(&member("basic.user"), &basic.user)?;
                let password = reader.template(&member("basic.password"), &basic.password)?;
                Ok((user, password))
            });
            Proof::Typed(TypedProof {
                headers: reader.headers(&member("headers"), &section.headers)?,
                query: templates("query", &section.query)?,
                basic: basic.transpose()?,
            })
        }
        WayKind::Certificate => {
            let url = section.token_url.as_deref().unwrap_or_default();
            Proof::Certificate(Box::new(CertificateProof {
                token_url: reader.url_template(&member("token_url"), base, url)?,
                client_id: template("client_id", &section.client_id)?,
                key_id: template("key_id", &section.key_id)?,
                audience: match &section.audience {
                    Some(_) => Some(template("audience", &section.audience)?),
                    None => None,
                },
                claims: templates("claims", &section.claims)?,
                parameters: templates("parameters", &section.parameters)?,
                algorithm: section.algorithm.unwrap_or_default(),
                lifetime: section.certificate_days.map_or(LIFETIME, days),
                warning: section.warning_days.map_or(WARNING, days),
            }))
        }
    };
    let fields = section.field.into_iter().map(|field| WayField {
        // It was read before.
        pattern: pattern(&field).ok().flatten(),
        name: field.name,
        label: field.label,
        help: field.help,
        example: field.example,
        rule: field.rule,
        is_secret: field.secret,
    });
    Ok(Way {
        fields: fields.collect(),
        key: section.key,
        title: section.title,
        body: section.body,
        refused: section.refused,
        manage_access: section.manage_access,
        values: section.values,
        proof,
    })
}
