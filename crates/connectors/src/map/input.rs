//! A platform's answer as jq's values: bounded, and with every digit of its numbers.

use std::collections::BTreeMap;

use jaq_json::Val;
use serde_json::value::RawValue;

use super::failure::Failure;

/// The longest page that is mapped, in bytes: nothing interrupts a running program.
pub(crate) const LONGEST_PAGE: usize = 32 * 1024 * 1024;

/// The deepest nesting that is parsed. No record nests deeper, and the parser recurses: it must not run out of stack.
const DEEPEST: usize = 64;

/// Values by their names as one object; null if there are none.
pub(crate) fn object(values: &BTreeMap<String, Box<RawValue>>) -> Result<Val, Failure> {
    if values.is_empty() {
        return Ok(Val::Null);
    }
    let text = serde_json::to_vec(values).map_err(|error| Failure::new(error.to_string()))?;
    parse(&text)
}

/// Refuses a page that is too long to be read.
pub(crate) fn check_length(body: &[u8]) -> Result<(), Failure> {
    if body.len() > LONGEST_PAGE {
        return Err(Failure::new(format!(
            "the page is too long: {} bytes, and at most {LONGEST_PAGE} are mapped",
            body.len()
        )));
    }
    Ok(())
}

fn check_depth(body: &[u8], what: &str) -> Result<(), Failure> {
    if depth(body) > DEEPEST {
        return Err(Failure::new(format!(
            "the {what} is nested too deeply: more than {DEEPEST} levels"
        )));
    }
    Ok(())
}

pub(super) fn parse(body: &[u8]) -> Result<Val, Failure> {
    check_length(body)?;
    value_of(body, "page")
}

/// A record of a page that isn't too long.
pub(crate) fn value(body: &[u8]) -> Result<Val, Failure> {
    value_of(body, "record")
}

fn value_of(body: &[u8], what: &str) -> Result<Val, Failure> {
    check_depth(body, what)?;
    jaq_json::read::parse_single(body)
        .map_err(|error| Failure::new(format!("the {what} is not JSON: {error}")))
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
        let error = parse(body.as_bytes()).unwrap_err();
        assert_eq!(
            error.message,
            "the page is nested too deeply: more than 64 levels"
        );
        assert_eq!(depth(br#"{"a":"[[[\"[[","b":[{}]}"#), 3);
    }
}
