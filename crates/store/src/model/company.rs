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

pub(crate) const MAX_TAGS: usize = 10;
pub(crate) const MAX_TAG_KEY_CHARS: usize = 27;
pub(crate) const MAX_TAG_VALUE_CHARS: usize = 100;

/// Drops what the contract's pattern forbids in a company's name instead of refusing it: `Example (Codat[1])` becomes
/// `Example Codat1`. `None` when nothing is left.
pub fn clean_name(name: &str) -> Option<String> {
    let kept: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || c.is_whitespace() || "-',&@.?!".contains(*c))
        .collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
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
                "A tag's key has 1 to {MAX_TAG_KEY_CHARS} characters; '{key}' has {chars}."
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
        assert_eq!(
            clean_name("Müller & Söhne").as_deref(),
            Some("Mller & Shne")
        );
        assert_eq!(clean_name("((()))"), None);
    }
}
