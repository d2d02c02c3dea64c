//! `[variables]` and `[texts]`, checked where they stand: whatever uses them may stand far away.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::{in_words, later_names, values_for};
use crate::described::manifest::{EachSection, Manifest};
use crate::described::names;
use crate::described::template::{DEEPEST, MissingName, Template};
use crate::text::closest;

/// The first of the variables and texts that uses a name which nothing brings, or that goes in a circle.
pub(super) fn check(
    manifest: &Manifest,
    variables: &BTreeMap<String, String>,
) -> Result<(), (String, String)> {
    let values = values_for(manifest, variables);
    let later = anywhere(manifest);
    let all = || {
        let given = values.keys().chain(manifest.texts.keys());
        given
            .map(String::as_str)
            .chain(later.iter().map(String::as_str))
    };
    let mut uses: BTreeMap<&str, (String, Vec<String>)> = BTreeMap::new();
    let mut note = |name, place: String, text: &str| {
        let wrong = |missing: &MissingName| {
            let message = format!("{place}: {}", in_words(missing, all()));
            (place.clone(), message)
        };
        let used = Template::names_in(text).map_err(|missing| wrong(&missing))?;
        if let Some(name) = used
            .iter()
            .find(|used| !all().any(|known| known == used.as_str()))
        {
            return Err(wrong(&MissingName(name.clone())));
        }
        let entry = uses.entry(name);
        entry.or_insert_with(|| (place, Vec::new())).1.extend(used);
        Ok(())
    };
    for (name, value) in &values {
        note(name.as_str(), format!("variables.{name}"), value)?;
    }
    for (name, section) in &manifest.texts {
        let place = format!("texts.{name}");
        for (member, of) in [("of", &section.of), ("by", &section.by)] {
            let Some(of) = of else { continue };
            if later.contains(of) {
                continue;
            }
            let place = format!("{place}.{member}");
            let message = if values.contains_key(of) || manifest.texts.contains_key(of) {
                format!(
                    "{place}: `{of}` is not a value of a connection's, which are those that differ from one to the other"
                )
            } else {
                let mut message = format!("{place}: a connection has no value `{of}`");
                if let Some(meant) = closest(of, later.iter().map(String::as_str)) {
                    message.push_str(&format!(": did you mean `{meant}`?"));
                }
                message
            };
            return Err((place, message));
        }
        if let Some(text) = &section.text {
            note(name.as_str(), format!("{place}.text"), text)?;
        }
        for (value, text) in &section.values {
            note(name.as_str(), format!("{place}.values.{value}"), text)?;
        }
        if let Some(text) = &section.otherwise {
            note(name.as_str(), format!("{place}.otherwise"), text)?;
        }
    }
    let mut depths = BTreeMap::new();
    for (name, (place, _)) in &uses {
        match depth(name, &uses, &mut Vec::new(), &mut depths) {
            Ok(depth) if depth <= DEEPEST => {}
            Ok(_) => {
                let message = format!("{place}: more than {DEEPEST} texts stand within each other");
                return Err((place.clone(), message));
            }
            Err(circle) => {
                let named: Vec<String> = circle.iter().map(|name| format!("${{{name}}}")).collect();
                let place = circle.first().and_then(|first| uses.get(first));
                let place = place.map(|(place, _)| place.clone()).unwrap_or_default();
                let message = format!("{place}: this goes in a circle: {}", named.join(" → "));
                return Err((place, message));
            }
        }
    }
    Ok(())
}

/// The number of texts that stand within each other at a name; or the circle that it leads into.
fn depth<'a>(
    name: &'a str,
    uses: &'a BTreeMap<&'a str, (String, Vec<String>)>,
    way: &mut Vec<&'a str>,
    known: &mut BTreeMap<&'a str, usize>,
) -> Result<usize, Vec<&'a str>> {
    if let Some(depth) = known.get(name) {
        return Ok(*depth);
    }
    let Some((_, used)) = uses.get(name) else {
        return Ok(0);
    };
    if let Some(at) = way.iter().position(|passed| *passed == name) {
        let mut circle = way.split_off(at);
        circle.push(name);
        return Err(circle);
    }
    way.push(name);
    let mut deepest = 0;
    for used in used {
        deepest = deepest.max(depth(used, uses, way, known)?);
    }
    way.pop();
    known.insert(name, deepest + 1);
    Ok(deepest + 1)
}

/// Every name that gets its value later somewhere in the manifest.
fn anywhere(manifest: &Manifest) -> BTreeSet<String> {
    let fields = manifest.auth.way.iter().flat_map(|way| &way.field);
    let mut later: BTreeSet<String> = later_names(manifest).into_iter().collect();
    later.extend(names::all().map(str::to_owned));
    later.extend(fields.map(|field| field.name.clone()));
    later.extend(manifest.identity.each.iter().map(|each| each.name.clone()));
    for data in &manifest.data {
        let mut each = data.each.as_ref();
        while let Some(EachSection { name, within, .. }) = each {
            later.insert(name.clone());
            each = within.as_deref();
        }
    }
    // Of a record that is written.
    later.insert("id".to_owned());
    later
}
