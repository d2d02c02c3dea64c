//! A disclosure's data types, grouped as the page shows them.

use platform::disclosure::Disclosure;
use store::connections::Connection;
use words::Words;

use super::views::{SharedGroup, SharedItem};

/// The data that will be read, grouped; each name once. It is disclosed in the order of its groups.
pub(crate) fn groups(told: &Disclosure) -> Vec<SharedGroup> {
    let mut groups: Vec<SharedGroup> = Vec::new();
    for read in &told.reads {
        let at = groups.iter().position(|group| group.title == read.group);
        let at = at.unwrap_or_else(|| {
            groups.push(SharedGroup {
                title: read.group.clone(),
                items: Vec::new(),
            });
            groups.len() - 1
        });
        let items = &mut groups[at].items;
        match items.iter_mut().find(|item| item.name == read.name) {
            Some(item) => {
                item.data_types.push(' ');
                item.data_types.push_str(&read.data_type);
            }
            None => items.push(SharedItem {
                name: read.name.clone(),
                data_types: read.data_type.clone(),
            }),
        }
    }
    groups
}

/// The data types by how far back they are read: the extent, and their names.
pub(crate) fn histories(told: &Disclosure, w: &Words) -> Vec<(String, String)> {
    let mut extents: Vec<(String, Vec<String>)> = Vec::new();
    for read in &told.reads {
        let extent = &read.history.words;
        match extents.iter_mut().find(|(known, _)| known == extent) {
            Some((_, names)) if names.contains(&read.name) => {}
            Some((_, names)) => names.push(read.name.clone()),
            None => extents.push((extent.clone(), vec![read.name.clone()])),
        }
    }
    let listed = extents.into_iter();
    listed
        .map(|(extent, names)| (extent, w.list(&names)))
        .collect()
}

/// The times of reading, in a sentence or two.
pub(crate) fn rhythm(told: &Disclosure, w: &Words) -> String {
    let once = told.reads.iter().any(|read| read.at_once);
    let scheduled = told.reads.iter().filter(|read| read.every_hours > 0);
    let shortest = scheduled.map(|read| read.every_hours).min();
    let said = match (once, shortest) {
        (true, Some(hours)) => w.say("rhythm-once-clock").with("hours", hours),
        (true, None) => w.say("rhythm-once"),
        (false, Some(hours)) => w.say("rhythm-clock").with("hours", hours),
        (false, None) => w.say("rhythm-asked"),
    };
    said.with("client", &told.client.name).to_string()
}

/// The reason why a connection needs its owner's attention.
pub(crate) fn attention(connection: &Connection, w: &Words) -> String {
    let key = match connection.attention_code.as_deref() {
        Some("expired") => "attention-expired",
        Some("lost") => "attention-lost",
        _ => "attention-ended",
    };
    let why = w.say(key).with("platform", &connection.platform_name);
    why.to_string()
}
