//! Contradictions in a manifest whose words are all known.
//!
//! A refusal is a dotted path in the manifest, and the message.

use std::collections::BTreeSet;

use crate::described::manifest::{Manifest, OperationSection, ReadMethod, When};
use crate::described::names;

pub(super) fn check(manifest: &Manifest) -> Result<(), (String, String)> {
    let key = &manifest.key;
    if key.len() != 4 || !key.bytes().all(|byte| byte.is_ascii_lowercase()) {
        let message = format!("key `{key}` is not four lower-case letters");
        return Err(("key".to_owned(), message));
    }
    if manifest.name.trim().is_empty() {
        return Err((
            "name".to_owned(),
            "name is empty: give the name that customers know the platform by".to_owned(),
        ));
    }
    let given = manifest.variables.keys();
    let mut given = given
        .chain(&manifest.auth.callback_parameters)
        .chain(&manifest.auth.token_claims)
        .chain(&manifest.identity.variables);
    if let Some(name) = given.find(|name| names::all().any(|own| own == name.as_str())) {
        let message =
            format!("`{name}` is a reserved name in requests: give the variable another name");
        return Err((format!("variables.{name}"), message));
    }
    let mut seen = BTreeSet::new();
    for (index, data) in manifest.data.iter().enumerate() {
        let at = |member: &str, message: String| Err((format!("data.{index}.{member}"), message));
        if data.r#type.source_type() != manifest.source_type {
            let message = format!(
                "data type {} does not belong to source type {} but to {}",
                data.r#type,
                manifest.source_type,
                data.r#type.source_type()
            );
            return at("type", message);
        }
        seen.insert(data.r#type);
    }
    check_lists(manifest)?;
    let mut written = BTreeSet::new();
    for (index, write) in manifest.write.iter().enumerate() {
        let data_type = write.r#type;
        let at = |member: &str, message: String| Err((format!("write.{index}.{member}"), message));
        if !written.insert(data_type) {
            return at(
                "type",
                format!("write of {data_type} is listed twice: keep one [[write]]"),
            );
        }
        if !seen.contains(&data_type) {
            let message = format!(
                "write of {data_type} needs a [[data]] of the same type, whose map reads the answer"
            );
            return at("type", message);
        }
        if write.create.is_none() && write.update.is_none() {
            let message =
                format!("write of {data_type} has neither create nor update: give one or both");
            return at("", message);
        }
        let lost = |update: &OperationSection| !update.path.contains("${id}");
        if write.update.as_ref().is_some_and(lost) {
            let message = format!(
                "update of {data_type} has no ${{id}} in its path: put it where the record's id stands"
            );
            return at("update", message);
        }
    }
    Ok(())
}

/// The first contradiction among the lists.
fn check_lists(manifest: &Manifest) -> Result<(), (String, String)> {
    let mut read = BTreeSet::new();
    for (index, section) in manifest.data.iter().enumerate() {
        let data_type = section.r#type;
        let at = |member: &str, message: String| Err((format!("data.{index}.{member}"), message));
        if section.when == When::Always {
            read.insert(data_type);
        }
        if let Some(since) = &section.since {
            let ways = [&since.query, &since.header, &since.body, &since.text];
            if ways.into_iter().flatten().count() != 1 {
                let message = format!(
                    "since of {data_type} needs exactly one of query, header, body and text"
                );
                return at("since", message);
            }
        }
        if section.method == ReadMethod::Get {
            let in_body = section.since.as_ref().is_some_and(|s| s.body.is_some());
            if section.body.is_some() || in_body {
                let message = format!(
                    "{data_type} has a body, which a GET can't have: add method = \"POST\""
                );
                return at("body", message);
            }
        }
        if section.body.as_ref().is_some_and(|body| !body.is_object()) {
            return at("body", format!("the body of {data_type} is not a table"));
        }
        let each = section.each.as_ref().map(|each| each.name.as_str());
        let values = manifest.variables.keys();
        let values = values
            .chain(&manifest.auth.callback_parameters)
            .chain(&manifest.identity.variables);
        let mut known: BTreeSet<&str> = names::all().collect();
        known.extend(values.map(String::as_str));
        if each.is_some_and(|each| each.is_empty() || known.contains(each)) {
            return at(
                "each",
                format!(
                    "each of {data_type} needs a name of its own, which no variable and no reserved name has"
                ),
            );
        }
    }
    if let Some(section) = manifest
        .data
        .iter()
        .find(|section| !read.contains(&section.r#type))
    {
        let message = format!(
            "no list of {} is read in every pull: add one without `when`",
            section.r#type
        );
        return Err((format!("data.{}.when", section.r#type), message));
    }
    let mut unsupported = BTreeSet::new();
    for (index, section) in manifest.unsupported.iter().enumerate() {
        let data_type = section.r#type;
        let at =
            |member: &str, message: String| Err((format!("unsupported.{index}.{member}"), message));
        if data_type.source_type() != manifest.source_type {
            let message = format!(
                "unsupported data type {data_type} does not belong to source type {} but to {}",
                manifest.source_type,
                data_type.source_type()
            );
            return at("type", message);
        }
        if read.contains(&data_type) || !unsupported.insert(data_type) {
            return at(
                "type",
                format!(
                    "{data_type} is listed as unsupported and elsewhere too: keep one of the two"
                ),
            );
        }
        if section.reason.trim().is_empty() {
            return at(
                "reason",
                format!("unsupported {data_type} needs a reason: one sentence"),
            );
        }
    }
    Ok(())
}
