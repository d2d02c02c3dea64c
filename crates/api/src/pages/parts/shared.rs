//! A disclosure's data types, grouped as the page shows them.

use platform::disclosure::{Disclosure, words};

use super::views::{SharedGroup, SharedItem};

/// The data that will be read, grouped; each name once.
pub(crate) fn groups(told: &Disclosure) -> Vec<SharedGroup> {
    let group = |title: &&str| {
        let mut items: Vec<SharedItem> = Vec::new();
        for read in told.reads.iter().filter(|read| read.group == *title) {
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
        (!items.is_empty()).then(|| SharedGroup {
            title: (*title).to_owned(),
            items,
        })
    };
    words::GROUPS.iter().filter_map(group).collect()
}

/// The data types by how far back they are read: the extent, and their names.
pub(crate) fn histories(told: &Disclosure) -> Vec<(String, String)> {
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
        .map(|(extent, names)| (extent, words::listed(&names)))
        .collect()
}

/// The times of reading, in a sentence or two.
pub(crate) fn rhythm(told: &Disclosure) -> String {
    let once = told.reads.iter().any(|read| read.at_once);
    let scheduled = told.reads.iter().filter(|read| read.every_hours > 0);
    let shortest = scheduled.map(|read| read.every_hours).min();
    let on_request = format!(
        "after that whenever {} asks for it, until access ends",
        told.client.name
    );
    match (once, shortest) {
        (true, Some(hours)) => format!(
            "It is read as soon as you have agreed, then by the clock (every {hours} hours where it is most frequent), and whenever {} asks for it, until access ends.",
            told.client.name
        ),
        (true, None) => format!("It is read as soon as you have agreed, and {on_request}."),
        (false, Some(hours)) => format!(
            "It is read by the clock (every {hours} hours where it is most frequent), and whenever {} asks for it, until access ends.",
            told.client.name
        ),
        (false, None) => format!(
            "It is read whenever {} asks for it, until access ends.",
            told.client.name
        ),
    }
}
