//! The address for the customer's browser at the end of a link: the client's template, filled in.
//!
//! Rules: the contract's "Redirect URLs" (reserved parameters, custom ones from the link URL's query, missing ones become
//! empty), hardened: values are percent-encoded wherever they stand, and the resolved host must be one that was allowed.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// RFC 3986 unreserved characters stay as they are; all else is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Names that clients can't use for parameters of their own.
pub const RESERVED: &[&str] = &[
    "clientId",
    "connectionId",
    "companyId",
    "integrationId",
    "sourceId",
    "platform",
    "platformName",
    "sourceType",
    "statusCode",
    "errorMessage",
    "statusText",
    "data.company.companyName",
    "confirmation",
];

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    #[error(
        "the redirect URL must be an absolute http(s) URL such as https://app.example/linked?status={{statusCode}}"
    )]
    NotAUrl,
    #[error("the redirect URL's host may only hold parameters of your own, not {{{0}}}")]
    ReservedInHost(String),
    #[error("the redirect URL's scheme must be written out")]
    ParameterInScheme,
    #[error("{0} is not one of the allowed redirect hosts")]
    NotAllowed(String),
}

/// The part before the path: scheme and authority.
fn split_origin(template: &str) -> Result<(&str, &str), RedirectError> {
    let rest = template
        .strip_prefix("https://")
        .or_else(|| template.strip_prefix("http://"))
        .ok_or(if template.starts_with('{') {
            RedirectError::ParameterInScheme
        } else {
            RedirectError::NotAUrl
        })?;
    let scheme = template.len() - rest.len();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Ok(template.split_at(scheme + end))
}

/// Checks a template when it is set.
pub fn check_template(template: &str) -> Result<(), RedirectError> {
    let (origin, path) = split_origin(template)?;
    for name in placeholders(origin) {
        if RESERVED.contains(&name) || name.starts_with("openId_") {
            return Err(RedirectError::ReservedInHost(name.to_owned()));
        }
    }
    // Each by itself, as it will be filled in: a brace that is opened in the host and closed in the path is no placeholder.
    let [origin, path] = [origin, path].map(|part| fill(part, &|_| "x".to_owned()));
    if origin.contains(['{', '}']) {
        return Err(RedirectError::NotAUrl);
    }
    let url = Url::parse(&format!("{origin}{path}")).map_err(|_| RedirectError::NotAUrl)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RedirectError::NotAUrl);
    }
    Ok(())
}

fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
}

fn fill(template: &str, value: &dyn Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}') {
            Some((name, after)) => {
                filled.push_str(&value(name));
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// Fills a template in. `reserved` win over `custom`, whose names come from the link URL's query.
///
/// A host without placeholders is allowed by having been written into the profile; one with placeholders must come out
/// as an entry of `allowed` (scheme, host and port exactly).
pub fn resolve(
    template: &str,
    reserved: &BTreeMap<&str, String>,
    custom: &BTreeMap<String, String>,
    allowed: &[String],
) -> Result<Url, RedirectError> {
    check_template(template)?;
    let (origin, path) = split_origin(template)?;
    let value = |name: &str| {
        reserved
            .get(name)
            .or_else(|| custom.get(name))
            .cloned()
            .unwrap_or_default()
    };
    let dynamic = placeholders(origin).next().is_some();
    // In the host nothing is encoded: what isn't a plain host name then doesn't match the list.
    let origin = fill(origin, &value);
    if dynamic
        && !origin
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.:/[]".contains(&byte))
    {
        return Err(RedirectError::NotAllowed(printable(&origin)));
    }
    let path = fill(path, &|name| {
        utf8_percent_encode(&value(name), ENCODED).to_string()
    });
    let url = Url::parse(&format!("{origin}{path}"))
        .map_err(|_| RedirectError::NotAllowed(printable(&origin)))?;
    let here = url.origin();
    let own = Url::parse(&origin).map(|url| url.origin()).ok();
    if own.as_ref() != Some(&here) {
        return Err(RedirectError::NotAllowed(printable(&origin)));
    }
    let listed = allowed
        .iter()
        .filter_map(|entry| Url::parse(entry).ok())
        .any(|entry| entry.origin() == here);
    if !dynamic || listed {
        Ok(url)
    } else {
        Err(RedirectError::NotAllowed(printable(&origin)))
    }
}

fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_graphic())
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(
        template: &str,
        custom: &[(&str, &str)],
        allowed: &[&str],
    ) -> Result<String, RedirectError> {
        let reserved = BTreeMap::from([
            ("companyId", "c-1".to_owned()),
            ("statusCode", "403".to_owned()),
            ("errorMessage", "User cancelled.".to_owned()),
            ("platformName", "A & B/ü".to_owned()),
        ]);
        let custom = custom
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let allowed: Vec<String> = allowed.iter().map(|entry| (*entry).to_owned()).collect();
        resolve(template, &reserved, &custom, &allowed).map(|url| url.to_string())
    }

    #[test]
    fn values_are_encoded_wherever_they_stand_and_unknown_ones_are_empty() {
        assert_eq!(
            to("https://a.example/{companyId}/{nothing}/{platformName}?s={statusCode}&m={errorMessage}&x={mine}", &[("mine", "1&s=200#/../")], &[])
                .unwrap(),
            "https://a.example/c-1//A%20%26%20B%2F%C3%BC?s=403&m=User%20cancelled.&x=1%26s%3D200%23%2F..%2F"
        );
    }

    #[test]
    fn a_host_that_comes_from_the_link_must_be_on_the_list() {
        let template = "https://{environment}.x.example/done";
        assert_eq!(
            to(
                template,
                &[("environment", "uat")],
                &["https://uat.x.example"]
            )
            .unwrap(),
            "https://uat.x.example/done"
        );
        for bad in [
            "evil.example/",
            "evil.example#",
            "evil.example?",
            "a@evil.example",
            "evil.example\\",
            "uat.x.example%2f",
            "//evil",
            "javascript:alert(1)//",
            "\r\nLocation: x",
            "evil。example/",
            "",
            "1.1.1.1:80/",
            "[::1]/",
        ] {
            assert!(
                to(
                    template,
                    &[("environment", bad)],
                    &["https://uat.x.example"]
                )
                .is_err(),
                "{bad:?}"
            );
            assert!(
                to("https://{environment}/", &[("environment", bad)], &[]).is_err(),
                "{bad:?}"
            );
        }
        assert!(to(template, &[("environment", "uat")], &[]).is_err());
        assert!(matches!(
            to("https://{companyId}.example/", &[], &[]),
            Err(RedirectError::ReservedInHost(_))
        ));
        for braces in [
            "https://a{b.example:@evil.example/}c.example/",
            "https://a.example}/",
            "https://{a.example",
        ] {
            assert_eq!(
                check_template(braces),
                Err(RedirectError::NotAUrl),
                "{braces}"
            );
        }
        assert!(to("{scheme}://a.example", &[("scheme", "javascript")], &[]).is_err());
        assert!(to("javascript:alert({companyId})", &[], &[]).is_err());
    }
}
