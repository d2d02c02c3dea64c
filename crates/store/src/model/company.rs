//! A company's name and tags, what may stand in them, and what its people may ask about its data.

use std::collections::BTreeMap;

super::words! {
    /// The wish of a business about the data that it shared.
    pub enum DataRequestKind {
        /// A copy of it.
        Copy => "Copy",
        /// Its deletion.
        Deletion => "Deletion",
    }
}

super::words! {
    pub enum DataRequestStatus {
        Open => "Open",
        Completed => "Completed",
        /// Not followed, for the reason in its note.
        Refused => "Refused",
    }
}

/// Tags as the contract bounds them: at most ten.
pub type Tags = BTreeMap<String, String>;

/// Characters of a company's or a client's name.
pub const MAX_NAME_CHARS: usize = 250;
/// Characters of a company's description.
pub const MAX_DESCRIPTION_CHARS: usize = 4_000;

pub(crate) const MAX_TAGS: usize = 10;
pub(crate) const MAX_TAG_KEY_CHARS: usize = 27;
pub(crate) const MAX_TAG_VALUE_CHARS: usize = 100;

/// Drops what the contract forbids in a company's name instead of refusing it: `Example (Codat[1])` becomes
/// `Example Codat1`. Letters and digits of every script stay: the contract speaks of letters, although its pattern knows
/// ASCII alone. `None` when nothing is left.
pub fn clean_name(name: &str) -> Option<String> {
    let kept: String = name.chars().filter(|c| may_stand_in_a_name(*c)).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

fn may_stand_in_a_name(c: char) -> bool {
    /// Marks that change or join the letters before them, by the blocks that hold them and few other things.
    const fn is_mark(c: char) -> bool {
        matches!(c,
            '\u{300}'..='\u{61b}' | '\u{61d}'..='\u{180d}' | '\u{180f}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
            | '\u{a66f}'..='\u{a6f1}' | '\u{a800}'..='\u{abff}' | '\u{fe20}'..='\u{fe2f}'
            // Joiners, without which some words of Persian and of Indian scripts are other words.
            | '\u{200c}' | '\u{200d}')
    }
    // As typesetters write `-` and `'`.
    const TYPESET: [char; 6] = ['‐', '‑', '‒', '–', '‘', '’'];
    c.is_alphanumeric()
        || (c.is_whitespace() && !c.is_control())
        || "-',&@.?!".contains(c)
        || is_mark(c)
        || TYPESET.contains(&c)
}

/// Says what is wrong with a set of tags and what would be right.
pub fn check_tags(tags: &Tags) -> Result<(), String> {
    if tags.len() > MAX_TAGS {
        return Err(format!(
            "A company can have at most {MAX_TAGS} tags; {} were given.",
            tags.len()
        ));
    }
    for (key, value) in tags {
        let chars = key.chars().count();
        if chars == 0 || chars > MAX_TAG_KEY_CHARS {
            return Err(format!(
                "A tag's key has 1 to {MAX_TAG_KEY_CHARS} characters; '{}' has {chars}.",
                key.chars().take(60).collect::<String>()
            ));
        }
        if value.chars().count() > MAX_TAG_VALUE_CHARS {
            return Err(format!(
                "A tag's value has at most {MAX_TAG_VALUE_CHARS} characters; that of '{key}' is longer."
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_are_dropped_from_names() {
        assert_eq!(
            clean_name("Example Company (Codat[1])").as_deref(),
            Some("Example Company Codat1")
        );
        for name in [
            "Müller & Söhne",
            "Harbour Lane Café",
            "Cafe\u{301} Zoë",
            "Łódź Piekarnia",
            "Ελληνικός Φούρνος",
            "株式会社さくら",
            "दुकान",
            "شركة النور",
            "Land’s End",
            "Ⅻ Apostel 24",
        ] {
            assert_eq!(clean_name(name).as_deref(), Some(name));
        }
        assert_eq!(
            clean_name("Rose™ <b>🌹\u{202e}\u{0}\u{7}/€5;").as_deref(),
            Some("Rose b5")
        );
        assert_eq!(clean_name("((()))"), None);
    }
}
