//! Contradictions in a manifest whose words are all known.
//!
//! A refusal is a dotted path in the manifest, and the message.

use std::collections::BTreeSet;

use super::ways;
use crate::described::manifest::{
    Manifest, Meaning, OperationSection, Paging, PlainerSection, ReadMethod, RefusalSection, When,
};
use crate::described::names;
use crate::described::template::is_host_pattern;

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
        .chain(manifest.auth.typed_names())
        .chain(&manifest.identity.variables);
    if let Some(name) = given.find(|name| names::all().any(|own| own == name.as_str())) {
        let message =
            format!("`{name}` is a reserved name in requests: give the variable another name");
        return Err((format!("variables.{name}"), message));
    }
    check_texts(manifest)?;
    ways::check(manifest)?;
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
    check_refusals("api", &manifest.api.refusals)?;
    let mut refused = manifest.api.token_refused.iter();
    if let Some(index) = refused.position(|rule| rule.values.is_empty() && rule.contains.is_empty())
    {
        let message = "api.token_refused needs the values that mean it (`values`), or words in them (`contains`)";
        return Err((format!("api.token_refused.{index}"), message.to_owned()));
    }
    for (index, data) in manifest.data.iter().enumerate() {
        let member = format!("data.{index}");
        check_refusals(&member, &data.refusals)?;
        check_plainer(&member, &data.plainer)?;
        if data.method == ReadMethod::Get
            && let Some(at) = data.plainer.iter().position(|plain| plain.body.is_some())
        {
            let message = format!(
                "{} has a body, which a GET can't have: add method = \"POST\"",
                data.r#type
            );
            return Err((format!("{member}.plainer.{at}"), message));
        }
    }
    check_identity(manifest)?;
    check_lists(manifest)?;
    check_scopes(manifest)?;
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

/// The first contradiction among the texts that are made of a connection's values, and the hosts that may come of them.
fn check_texts(manifest: &Manifest) -> Result<(), (String, String)> {
    for (index, pattern) in manifest.hosts.iter().enumerate() {
        if !is_host_pattern(pattern) {
            let message = format!(
                "hosts: `{pattern}` is not a pattern for the hosts of one owner: write labels, of which `*` may stand for one, and words for the last two, as in `*.example.com`"
            );
            return Err((format!("hosts.{index}"), message));
        }
    }
    let auth = &manifest.auth;
    let values = manifest.variables.keys();
    let values = values
        .chain(&auth.callback_parameters)
        .chain(&auth.token_claims);
    let values: Vec<&String> = values.chain(&manifest.identity.variables).collect();
    for (name, text) in &manifest.texts {
        let at = |member: &str, message: &str| {
            let member = format!("texts.{name}{member}");
            Err((member, format!("texts.{name}: {message}")))
        };
        if values.contains(&name) || names::all().any(|own| own == name) {
            return at(
                "",
                "a variable or a reserved name is called so: give the text a name of its own",
            );
        }
        let ways = [&text.of, &text.by, &text.text];
        if ways.into_iter().flatten().count() != 1 {
            return at("", "a text needs exactly one of `of`, `by` and `text`");
        }
        if text.of.is_none() && (text.lower_case || !text.replace.is_empty()) {
            return at(
                "",
                "`lower_case` and `replace` spell the value that `of` names",
            );
        }
        if text.by.is_none() && (text.otherwise.is_some() || !text.values.is_empty()) {
            return at(
                "",
                "`values` and `otherwise` are texts that `by` chooses among",
            );
        }
        if text.by.is_some() && text.values.is_empty() {
            return at(".by", "there is nothing to choose among: give `values`");
        }
    }
    Ok(())
}

/// The first contradiction among requests that are made if another is refused.
fn check_plainer(member: &str, plainer: &[PlainerSection]) -> Result<(), (String, String)> {
    for (index, section) in plainer.iter().enumerate() {
        let at = |message: &str| {
            let member = format!("{member}.plainer.{index}");
            Err((member.clone(), format!("{member}: {message}")))
        };
        if section.query.is_none() && section.body.is_none() {
            return at("it differs in nothing: give it a query or a body");
        }
        if section.body.as_ref().is_some_and(|body| !body.is_object()) {
            return at("the body is not a table");
        }
    }
    Ok(())
}

/// The first contradiction among refusals that mean something else than their status says.
fn check_refusals(member: &str, refusals: &[RefusalSection]) -> Result<(), (String, String)> {
    for (index, refusal) in refusals.iter().enumerate() {
        let at = |name: &str, message: &str| {
            Err((
                format!("{member}.refusals.{index}.{name}"),
                format!("{member}.refusals: {message}"),
            ))
        };
        if !(400..600).contains(&refusal.status) {
            return at("status", "a refusal's status is from 400 to 599");
        }
        let has_words = !refusal.values.is_empty() || !refusal.contains.is_empty();
        if refusal.path.as_slice().is_empty() == has_words {
            return at(
                "path",
                "a path and the values or words there (`values`, `contains`) go together",
            );
        }
        let is_told = refusal
            .reason
            .as_ref()
            .is_some_and(|reason| !reason.trim().is_empty());
        if refusal.means == Meaning::NotSupported && !is_told {
            return at("means", "not_supported needs a reason: one sentence");
        }
        if refusal.means == Meaning::Empty && member == "api" {
            return at(
                "means",
                "empty is said of one list: put it into its [[data]]",
            );
        }
        let tells = matches!(refusal.means, Meaning::NotSupported | Meaning::Forbidden);
        if refusal.reason.is_some() && !tells {
            return at(
                "reason",
                "a reason is told with not_supported and forbidden alone",
            );
        }
    }
    Ok(())
}

/// The first contradiction in the way to the company.
fn check_identity(manifest: &Manifest) -> Result<(), (String, String)> {
    let identity = &manifest.identity;
    let at = |member: &str, message: String| Err((format!("identity.{member}"), message));
    check_plainer("identity", &identity.plainer)?;
    if identity.body.as_ref().is_some_and(|body| !body.is_object()) {
        return at(
            "body",
            "the body of the identity's request is not a table".to_owned(),
        );
    }
    let plain_body = identity
        .plainer
        .iter()
        .position(|plain| plain.body.is_some());
    if let (None, Some(index)) = (&identity.body, plain_body) {
        return at(
            &format!("plainer.{index}"),
            "a GET has no body: give the identity's request one, too".to_owned(),
        );
    }
    let Some(each) = &identity.each else {
        let skips = [
            ("skipped_statuses", !identity.skipped_statuses.is_empty()),
            ("all_skipped", identity.all_skipped.is_some()),
        ];
        return match skips.into_iter().find(|(_, is_there)| *is_there) {
            Some((member, _)) => at(
                member,
                format!(
                    "identity.{member} is about the answers for identity.each, which there isn't"
                ),
            ),
            None => Ok(()),
        };
    };
    let name = each.name.as_str();
    let before = manifest.variables.keys();
    let mut before = before
        .chain(&manifest.auth.callback_parameters)
        .chain(&manifest.auth.token_claims);
    if name.is_empty() || names::all().any(|own| own == name) || before.any(|own| own == name) {
        return at(
            "each",
            "identity.each needs a name of its own, which no variable and no reserved name has"
                .to_owned(),
        );
    }
    if !identity.path.contains(&format!("${{{name}}}")) {
        return at(
            "path",
            format!("identity.path is read for each {name}: ${{{name}}} must stand in it"),
        );
    }
    if identity.all_skipped.is_some() && identity.skipped_statuses.is_empty() {
        return at(
            "all_skipped",
            "no answer is passed over: give identity.skipped_statuses, or leave all_skipped out"
                .to_owned(),
        );
    }
    Ok(())
}

/// The first contradiction among the scopes: none may be left to guessing.
fn check_scopes(manifest: &Manifest) -> Result<(), (String, String)> {
    let auth = &manifest.auth;
    let read: BTreeSet<_> = manifest.data.iter().map(|data| data.r#type).collect();
    let written: BTreeSet<_> = manifest.write.iter().map(|write| write.r#type).collect();
    let mut covered = BTreeSet::new();
    let mut covered_writes = BTreeSet::new();
    for (index, section) in auth.scope.iter().enumerate() {
        let at =
            |member: &str, message: String| Err((format!("auth.scope.{index}.{member}"), message));
        let scope = &section.scope;
        if scope.is_empty() || scope.contains(char::is_whitespace) {
            return at(
                "scope",
                format!("`{scope}` is not one scope: it is empty or has a space"),
            );
        }
        if section.reads.is_empty() && section.writes.is_empty() && section.identity.is_empty() {
            return at(
                "scope",
                format!(
                    "{scope} is for nothing: give it for, write or identity, or list it in auth.scopes"
                ),
            );
        }
        if auth.scopes.contains(scope) {
            return at(
                "scope",
                format!(
                    "{scope} stands in auth.scopes too, which every authorization requests: keep one of the two"
                ),
            );
        }
        if let Some(unknown) = section.reads.iter().find(|own| !read.contains(own)) {
            return at(
                "for",
                format!("{scope} is for {unknown}, of which there is no [[data]]"),
            );
        }
        if let Some(unknown) = section.writes.iter().find(|own| !written.contains(own)) {
            return at(
                "write",
                format!("{scope} is to write {unknown}, of which there is no [[write]]"),
            );
        }
        covered.extend(section.reads.iter().copied());
        covered_writes.extend(section.writes.iter().copied());
    }
    for data_type in &auth.scopes_suffice_for {
        let at = |message: String| Err(("auth.scopes_suffice_for".to_owned(), message));
        if !read.contains(data_type) {
            return at(format!("there is no [[data]] of {data_type}"));
        }
        if covered.contains(data_type) {
            return at(format!(
                "{data_type} has an [[auth.scope]] of its own: keep one of the two"
            ));
        }
    }
    let bare = |data_type: &&records::DataType| {
        !covered.contains(data_type) && !auth.scopes_suffice_for.contains(data_type)
    };
    if !covered.is_empty()
        && let Some(data_type) = read.iter().find(bare)
    {
        let message = format!(
            "no [[auth.scope]] is for {data_type}: add it to one, or to auth.scopes_suffice_for if it needs none"
        );
        return Err(("auth.scope".to_owned(), message));
    }
    if !covered_writes.is_empty()
        && let Some(data_type) = written.iter().find(|own| !covered_writes.contains(own))
    {
        let message = format!("no [[auth.scope]] is to write {data_type}: add it to one");
        return Err(("auth.scope".to_owned(), message));
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
        let may_fold = match &section.paging {
            Paging::None { .. } => true,
            Paging::Offset { size, .. } => size.is_some(),
            _ => false,
        };
        if !section.fold.is_empty() && !may_fold {
            let message = format!(
                "fold of {data_type}: a record's rows may go on beyond a page's end, and the next page must begin with them again. Valid pagings: style none, and style offset with size"
            );
            return at("fold", message);
        }
        if let Paging::Months {
            earliest: Some(name),
            ..
        } = &section.paging
            && !section.lookup.contains_key(name)
        {
            let message = format!(
                "earliest of {data_type} names the look-up that gives the first day: there is no look-up `{name}`"
            );
            return at("paging", message);
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
