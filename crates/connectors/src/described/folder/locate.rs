//! The position of a member in a manifest's text.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Finds `data.invoices.map` in a manifest: a step is a member's name or, in a list, an element's number from 0 or its
/// `type`. Gives the number of steps that were found, and the span of the last of them.
pub(crate) fn locate(source: &str, path: &str) -> Option<(usize, Range<usize>)> {
    let table = DeTable::parse(source).ok()?;
    let steps: Vec<&str> = path.split('.').filter(|step| !step.is_empty()).collect();
    let (mut taken, first, mut value) = member(table.get_ref(), &steps)?;
    let mut found = (taken, first);
    while taken < steps.len() {
        let next = match value.get_ref() {
            DeValue::Table(members) => member(members, &steps[taken..]),
            DeValue::Array(items) => items
                .iter()
                .enumerate()
                .find(|(index, item)| {
                    is_called(item, steps[taken]) || index.to_string() == steps[taken]
                })
                .map(|(_, item)| (1, item.span(), item)),
            _ => None,
        };
        let Some((count, span, inner)) = next else {
            break;
        };
        taken += count;
        found = (taken, span);
        value = inner;
    }
    Some(found)
}

type Member<'a, 'i> = (usize, Range<usize>, &'a Spanned<DeValue<'i>>);

/// The member that the first steps name, with their number: its name may have dots of its own.
fn member<'a, 'i>(members: &'a DeTable<'i>, steps: &[&str]) -> Option<Member<'a, 'i>> {
    (1..=steps.len()).find_map(|count| {
        let name = steps[..count].join(".");
        let (key, value) = members.iter().find(|(key, _)| key.get_ref() == &*name)?;
        Some((count, key.span(), value))
    })
}

fn is_called(item: &Spanned<DeValue<'_>>, name: &str) -> bool {
    let DeValue::Table(members) = item.get_ref() else {
        return false;
    };
    members.iter().any(|(key, value)| {
        key.get_ref() == "type" && matches!(value.get_ref(), DeValue::String(text) if text == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::line_and_column;

    const MANIFEST: &str = "key = \"abcd\"\n[auth]\nscopes = [\"a\"]\n\n[[data]]\ntype = \"invoices\"\n\n[[data]]\ntype = \"bills\"\npath = \"/bills\"\n";

    fn position(path: &str) -> Option<(usize, usize)> {
        locate(MANIFEST, path).map(|(_, span)| line_and_column(MANIFEST, span.start))
    }

    #[test]
    fn a_path_is_found_where_it_stands_or_as_near_as_can_be() {
        assert_eq!(position("key"), Some((1, 1)));
        assert_eq!(position("auth.scopes"), Some((3, 1)));
        assert_eq!(position("data.bills.path"), Some((10, 1)));
        assert_eq!(position("data.bills.query.x").map(|place| place.0), Some(8));
        assert_eq!(position("data.1").map(|place| place.0), Some(8));
        assert_eq!(position("nothing"), None);
        let dotted = "[api]\nheaders = { a = \"1\",\n  \"x.y\" = \"2\" }\n";
        let place =
            |path| locate(dotted, path).map(|(_, span)| line_and_column(dotted, span.start));
        assert_eq!(place("api.headers.x.y"), Some((3, 3)));
        assert_eq!(place("api.headers.x.z"), Some((2, 1)));
    }
}
