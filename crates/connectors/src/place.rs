//! Where in a manifest something stands, and which word was meant.

use std::ops::Range;

use records::DataType;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in a text, both from 1; a column counts characters.
pub(crate) fn line_and_column(source: &str, offset: usize) -> (usize, usize) {
    let before = source.get(..offset).unwrap_or(source);
    let line = 1 + before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, 1 + before[start..].chars().count())
}

/// Finds `data.invoices.map` in a manifest: a step is a member's name or, in a list, an element's number from 0 or its
/// `type`. Gives how many steps were found, and where the last of them stands.
pub(crate) fn locate(source: &str, path: &str) -> Option<(usize, Range<usize>)> {
    let table = DeTable::parse(source).ok()?;
    let mut steps = path.split('.').filter(|step| !step.is_empty());
    let first = steps.next()?;
    let (key, mut value) = table
        .get_ref()
        .iter()
        .find(|(key, _)| key.get_ref() == first)?;
    let mut found = (1, key.span());
    for step in steps {
        let next = match value.get_ref() {
            DeValue::Table(members) => member(members, step),
            DeValue::Array(items) => items
                .iter()
                .enumerate()
                .find(|(index, item)| is_called(item, step) || index.to_string() == step)
                .map(|(_, item)| (item.span(), item)),
            _ => None,
        };
        let Some((span, inner)) = next else { break };
        found = (found.0 + 1, span);
        value = inner;
    }
    Some(found)
}

const SOURCE_TYPES: [&str; 3] = ["Accounting", "Banking", "Commerce"];

type Member<'a, 'i> = (Range<usize>, &'a Spanned<DeValue<'i>>);

fn member<'a, 'i>(members: &'a DeTable<'i>, name: &str) -> Option<Member<'a, 'i>> {
    members
        .iter()
        .find(|(key, _)| key.get_ref() == name)
        .map(|(key, value)| (key.span(), value))
}

fn is_called(item: &Spanned<DeValue<'_>>, name: &str) -> bool {
    let DeValue::Table(members) = item.get_ref() else {
        return false;
    };
    members.iter().any(|(key, value)| {
        key.get_ref() == "type" && matches!(value.get_ref(), DeValue::String(text) if text == name)
    })
}

/// serde's words on a name that it doesn't know, followed by the one that was probably meant; Rust's names of types in words.
pub(crate) fn with_suggestion(message: &str) -> String {
    let key = message
        .strip_prefix('`')
        .and_then(|rest| rest.strip_suffix("` is not one of the contract's keys"));
    if let Some(wrong) = key {
        let types = DataType::ALL.iter().map(|data_type| data_type.as_str());
        return match closest(wrong, SOURCE_TYPES.into_iter().chain(types)) {
            Some(right) => format!("{message}: did you mean `{right}`?"),
            None => message.to_owned(),
        };
    }
    for number in ["u8", "u16", "u32", "u64", "usize"] {
        if let Some(before) = message.strip_suffix(&format!("expected {number}")) {
            return format!("{before}expected a whole number");
        }
    }
    let unknown = ["unknown field `", "unknown variant `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.split_once('`'));
    let Some((wrong, rest)) = unknown else {
        return message.to_owned();
    };
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    match closest(wrong, known.iter().copied()) {
        Some(right) => format!("there is no `{wrong}` here: did you mean `{right}`?"),
        None if known.is_empty() => message.to_owned(),
        None => format!(
            "there is no `{wrong}` here; there may be {}",
            known.join(", ")
        ),
    }
}

/// The word that is a few letters away, where there is one.
pub(crate) fn closest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = |word: &str| distance(&wrong.to_lowercase(), &word.to_lowercase());
    known
        .map(|word| (near(word), word))
        .filter(|(distance, word)| *distance <= (wrong.len().max(word.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// How many letters must be put in, taken out or replaced (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "key = \"abcd\"\n[auth]\nscopes = [\"a\"]\n\n[[data]]\ntype = \"invoices\"\n\n[[data]]\ntype = \"bills\"\npath = \"/bills\"\n";

    fn place(path: &str) -> Option<(usize, usize)> {
        locate(MANIFEST, path).map(|(_, span)| line_and_column(MANIFEST, span.start))
    }

    #[test]
    fn a_path_is_found_where_it_stands_or_as_near_as_can_be() {
        assert_eq!(place("key"), Some((1, 1)));
        assert_eq!(place("auth.scopes"), Some((3, 1)));
        assert_eq!(place("data.bills.path"), Some((10, 1)));
        assert_eq!(place("data.bills.query.x").map(|place| place.0), Some(8));
        assert_eq!(place("data.1").map(|place| place.0), Some(8));
        assert_eq!(place("nothing"), None);
    }

    #[test]
    fn a_column_counts_characters() {
        assert_eq!(line_and_column("é = 1\nüx = 2", 9), (2, 2));
    }

    #[test]
    fn the_word_that_was_meant_is_told() {
        assert_eq!(
            with_suggestion("unknown field `pth`, expected one of `type`, `path`"),
            "there is no `pth` here: did you mean `path`?"
        );
        assert_eq!(
            with_suggestion("unknown field `colour`, expected `type` or `path`"),
            "there is no `colour` here; there may be type, path"
        );
        assert_eq!(
            with_suggestion("`invoice` is not one of the contract's keys"),
            "`invoice` is not one of the contract's keys: did you mean `invoices`?"
        );
        assert_eq!(
            with_suggestion("`accounting` is not one of the contract's keys"),
            "`accounting` is not one of the contract's keys: did you mean `Accounting`?"
        );
        assert_eq!(
            with_suggestion("invalid type: string \"60\", expected u32"),
            "invalid type: string \"60\", expected a whole number"
        );
        assert_eq!(
            with_suggestion("missing field `key`"),
            "missing field `key`"
        );
        assert_eq!(
            closest("Invoice", ["bills", "invoices"].into_iter()),
            Some("invoices")
        );
        assert_eq!(closest("x", ["bills"].into_iter()), None);
    }
}
