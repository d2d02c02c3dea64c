//! A platform's answer as jq's values: bounded, and with every digit of its numbers.

use std::collections::BTreeMap;

use jaq_json::Val;
use serde_json::value::RawValue;

use super::failure::Failure;
use crate::text::steps;

/// The longest page that is mapped, in bytes: nothing interrupts a running program.
pub(crate) const LONGEST_PAGE: usize = 32 * 1024 * 1024;

/// The deepest nesting that is parsed. No record nests deeper, and the parser recurses: it must not run out of stack.
const DEEPEST: usize = 64;

/// The elements of the array at a dotted path of a body, or the one object there; None if nothing is there.
pub(crate) fn items(body: &[u8], path: &str) -> Result<Option<Vec<Val>>, Failure> {
    let mut value = parse(body)?;
    for step in steps(path) {
        let next = match &value {
            Val::Obj(members) => step
                .split('|')
                .find_map(|name| members.get(&Val::from(name.to_owned())).cloned()),
            Val::Arr(items) => {
                let index = step.parse().ok();
                index.and_then(|index: usize| items.get(index).cloned())
            }
            _ => None,
        };
        match next {
            Some(next) if !(matches!(next, Val::Null)) => value = next,
            _ => return Ok(None),
        }
    }
    Ok(Some(match value {
        Val::Arr(items) => {
            std::rc::Rc::try_unwrap(items).unwrap_or_else(|items| items.as_ref().clone())
        }
        one => vec![one],
    }))
}

/// Values by their names as one object; null if there are none.
pub(crate) fn object(values: &BTreeMap<String, Box<RawValue>>) -> Result<Val, Failure> {
    if values.is_empty() {
        return Ok(Val::Null);
    }
    let text = serde_json::to_vec(values).map_err(|error| Failure::new(error.to_string()))?;
    parse(&text)
}

pub(super) fn parse(body: &[u8]) -> Result<Val, Failure> {
    if body.len() > LONGEST_PAGE {
        return Err(Failure::new(format!(
            "the page is too long: {} bytes, and at most {LONGEST_PAGE} are mapped",
            body.len()
        )));
    }
    if depth(body) > DEEPEST {
        return Err(Failure::new(format!(
            "the page is nested too deeply: more than {DEEPEST} levels"
        )));
    }
    jaq_json::read::parse_single(body)
        .map_err(|error| Failure::new(format!("the page is not JSON: {error}")))
}

/// The depth to which brackets nest outside of strings.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_nests_without_end_is_refused_before_it_is_parsed() {
        let body = "[".repeat(1_000_000);
        let error = items(body.as_bytes(), "").unwrap_err();
        assert_eq!(
            error.message,
            "the page is nested too deeply: more than 64 levels"
        );
        assert_eq!(depth(br#"{"a":"[[[\"[[","b":[{}]}"#), 3);
    }
}
