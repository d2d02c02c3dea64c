//! Values that can't work, whatever the platform answers.

use egress::HeaderName;
use serde_json::Value;

use crate::described::manifest::{AuthKind, DataSection, Manifest, Paging, ReadMethod};
use crate::described::template::Template;
use crate::text::steps;

type Refusal = (String, String);

/// The parameters of a redirect back from a sign-in.
const OF_THE_REDIRECT: [&str; 5] = ["state", "code", "error", "error_description", "iss"];

/// The first of them.
pub(super) fn check(manifest: &Manifest) -> Result<(), Refusal> {
    check_headers(manifest)?;
    check_approval(manifest)?;
    for (name, text) in &manifest.texts {
        if text.replace.contains_key("") {
            let place = format!("texts.{name}.replace");
            let message = format!(
                "{place}: an empty text stands between all letters: give the one that is replaced"
            );
            return Err((place, message));
        }
    }
    check_statuses(
        "identity.skipped_statuses",
        &manifest.identity.skipped_statuses,
    )?;
    check_xml(manifest, "identity.body", manifest.identity.body.as_ref())?;
    for (index, data) in manifest.data.iter().enumerate() {
        let member = format!("data.{index}");
        check_statuses(&format!("{member}.empty_statuses"), &data.empty_statuses)?;
        check_xml(manifest, &format!("{member}.body"), data.body.as_ref())?;
        check_iterator(&member, &data.paging)?;
        check_first(&member, &data.paging)?;
        check_places(&member, data)?;
    }
    Ok(())
}

/// The first name of a header of `[limits]` that is not one: an answer never has it.
fn check_headers(manifest: &Manifest) -> Result<(), Refusal> {
    let headers = &manifest.limits.headers;
    let one = [
        ("minute_remaining", &headers.minute_remaining),
        ("day_remaining", &headers.day_remaining),
        ("app_minute_remaining", &headers.app_minute_remaining),
        ("problem", &headers.problem),
    ];
    let one = one.into_iter().filter_map(|(member, name)| {
        let name = name.as_ref()?;
        Some((member.to_owned(), name))
    });
    let waits = headers.retry_after.iter().enumerate();
    let waits = waits.map(|(index, name)| (format!("retry_after.{index}"), name));
    for (member, name) in one.chain(waits) {
        if HeaderName::try_from(name.as_str()).is_err() {
            let message = format!("limits.headers: `{name}` is not a header name");
            return Err((format!("limits.headers.{member}"), message));
        }
    }
    Ok(())
}

/// The first mistake in the page on which an administrator approves the application.
fn check_approval(manifest: &Manifest) -> Result<(), Refusal> {
    let Some(approval) = &manifest.auth.approval else {
        return Ok(());
    };
    let at = |member: &str, message: &str| {
        let place = format!("auth.approval{member}");
        Err((place.clone(), format!("{place}: {message}")))
    };
    if manifest.auth.kind != AuthKind::OAuth2 {
        return at(
            "",
            "it is for a sign-in at the platform, which kind = \"typed\" has not: leave it out",
        );
    }
    if approval.approved.is_empty() {
        return at(
            ".approved",
            "give the parameters of the redirect back that mean that it was approved",
        );
    }
    if let Some(own) = OF_THE_REDIRECT
        .iter()
        .find(|own| approval.approved.contains_key(**own))
    {
        let message = format!(
            "`{own}` has a meaning of its own in a redirect back (RFC 6749): give a parameter that an approval alone brings"
        );
        return at(&format!(".approved.{own}"), &message);
    }
    if let Some(index) = approval
        .needed
        .iter()
        .position(|words| words.trim().is_empty())
    {
        return at(
            &format!(".needed.{index}"),
            "empty words stand in every error",
        );
    }
    Ok(())
}

/// The first status that is not a refusal's: nothing else is looked at.
fn check_statuses(member: &str, statuses: &[u16]) -> Result<(), Refusal> {
    let wrong = statuses.iter().enumerate();
    let mut wrong = wrong.filter(|(_, status)| !(400..600).contains(*status));
    match wrong.next() {
        Some((index, status)) => {
            let message =
                format!("{member}: {status} is not a refusal's status, which is from 400 to 599");
            Err((format!("{member}.{index}"), message))
        }
        None => Ok(()),
    }
}

/// Refuses a machine's request where there is no machine.
fn check_xml(manifest: &Manifest, member: &str, body: Option<&Value>) -> Result<(), Refusal> {
    let members = body.and_then(Value::as_object);
    let is_request =
        members.is_some_and(|members| members.len() == 1 && members.contains_key("xml"));
    if is_request && manifest.machine.is_none() {
        let message = format!(
            "{member}: `xml` is a request to a machine that calls, and there is no [machine]: a body is sent as JSON"
        );
        return Err((format!("{member}.xml"), message));
    }
    Ok(())
}

/// A walk goes on by its name, and by nothing else.
fn check_iterator(member: &str, paging: &Paging) -> Result<(), Refusal> {
    let Paging::Iterator { first, then, .. } = paging else {
        return Ok(());
    };
    let at = |name: &str, message: &str| {
        Err((
            format!("{member}.paging.{name}"),
            format!("{member}.paging.{name}: {message}"),
        ))
    };
    if first.contains("${") {
        return at("first", "it is sent as it is, and knows no names");
    }
    match Template::names_in(then) {
        Ok(names) if names.is_empty() => at(
            "then",
            "the walk goes on by its name: put ${id} where that stands",
        ),
        Ok(names) if names.iter().all(|name| name == "id") => Ok(()),
        _ => at("then", "it knows ${id} alone, the walk's name"),
    }
}

/// A start below zero is for ids: pages and rows are counted.
fn check_first(member: &str, paging: &Paging) -> Result<(), Refusal> {
    let counted = match paging {
        Paging::Page { first, .. } => Some(first),
        Paging::Offset {
            first, last: None, ..
        } => Some(first),
        _ => None,
    };
    if counted.is_some_and(|first| *first < 0) {
        let place = format!("{member}.paging.first");
        let message = format!(
            "{place}: pages and rows are counted from 0 or more; a start below zero is for ids, with `last`"
        );
        return Err((place, message));
    }
    Ok(())
}

/// The first path into a list's body that leads past the end of a list there.
fn check_places(member: &str, data: &DataSection) -> Result<(), Refusal> {
    if data.method != ReadMethod::Post {
        return Ok(());
    }
    let (parameter, size) = match &data.paging {
        Paging::Page {
            parameter,
            size_parameter,
            ..
        }
        | Paging::Cursor {
            parameter,
            size_parameter,
            ..
        }
        | Paging::Offset {
            parameter,
            size_parameter,
            ..
        } => (parameter.as_ref(), size_parameter.as_ref()),
        _ => (None, None),
    };
    let since = data.since.as_ref().and_then(|since| since.body.as_ref());
    let paths = [
        ("since.body", since),
        ("paging.parameter", parameter),
        ("paging.size_parameter", size),
    ];
    for (name, path) in paths {
        let Some(path) = path else { continue };
        if let Some(why) = misses(data.body.as_ref(), path) {
            let place = format!("{member}.{name}");
            return Err((place.clone(), format!("{place}: {why}")));
        }
    }
    Ok(())
}

/// The reason why a path can't be gone in a body, in which a number is a place in a list.
fn misses(body: Option<&Value>, path: &str) -> Option<String> {
    let mut at = body;
    let mut passed = Vec::new();
    for step in steps(path) {
        let place = step
            .parse::<usize>()
            .ok()
            .filter(|_| !at.is_some_and(Value::is_object));
        let list = at.and_then(Value::as_array);
        let length = list.map_or(0, Vec::len);
        match place {
            Some(place) if place > length => {
                let list = passed.join(".");
                let valid = match length {
                    0 => "0".to_owned(),
                    _ => format!("from 0 to {length}"),
                };
                return Some(format!(
                    "`{path}` leads past the end of `{list}`, which has {length} in the body: valid places are {valid}"
                ));
            }
            Some(place) => at = list.and_then(|list| list.get(place)),
            None if list.is_some() => {
                let list = passed.join(".");
                return Some(format!(
                    "`{list}` is a list in the body, in which `{step}` is not a place: give a number from 0"
                ));
            }
            None => at = at.and_then(|at| at.get(&step)),
        }
        passed.push(step);
    }
    None
}
