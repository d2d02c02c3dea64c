//! Redirect templates, filled in with parameters of a link's address.

use std::collections::BTreeMap;

use platform::access::links::redirects::{check_template, resolve};
use url::{Origin, Url};

const ALLOWED: [&str; 2] = ["https://uat.x.example", "http://localhost:3000"];

/// A template with a customer's value in it leads only to a host that its author chose: the host written in it, or one of the
/// list. `{mine}` stands for the value. True if it leads anywhere.
pub fn holds(template: &str, value: &str) -> bool {
    let resolved = |value: &str, allowed: &[&str]| {
        let reserved = BTreeMap::from([("companyId", value.to_owned())]);
        let custom = BTreeMap::from([("mine".to_owned(), value.to_owned())]);
        let allowed: Vec<String> = allowed.iter().map(|&entry| entry.to_owned()).collect();
        resolve(template, &reserved, &custom, &allowed)
    };
    let Ok(url) = resolved(value, &ALLOWED) else {
        return false;
    };
    assert!(
        check_template(template).is_ok(),
        "{template:?} can be resolved, so it must pass the check on being set"
    );
    assert!(
        matches!(url.scheme(), "http" | "https"),
        "{template:?} with {value:?} leads to {url}"
    );
    assert!(
        url.username().is_empty() && url.password().is_none(),
        "{template:?} with {value:?} leads to {url}"
    );
    assert!(
        url.as_str().bytes().all(|byte| byte.is_ascii_graphic()),
        "{url:?} would split a header"
    );
    let listed = ALLOWED
        .iter()
        .any(|entry| origin(entry) == Some(url.origin()));
    // With an empty list, only a host that is written out is allowed.
    let written = resolved(value, &[]).is_ok()
        && resolved("", &[]).is_ok_and(|plain| plain.origin() == url.origin());
    assert!(
        listed || written,
        "{template:?} with {value:?} leads to {url}"
    );
    true
}

fn origin(text: &str) -> Option<Origin> {
    Url::parse(text).ok().map(|url| url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lead_nowhere_else() {
        let templates = [
            "https://a.example/{mine}",
            "https://a.example?{mine}",
            "https://{mine}.x.example/done",
            "https://{mine}/",
            "https://{companyId}.x.example/",
            "https://a.example{mine}",
            "http://localhost:{mine}/",
        ];
        let values = [
            "uat",
            "3000",
            "",
            "/",
            "\\",
            "@evil.example",
            ".evil.example",
            "//evil.example",
            "evil.example#",
            "\r\nx: y",
            "[::1]",
            "。",
            "%2f",
        ];
        let mut led = 0;
        for template in templates {
            led += values.iter().filter(|value| holds(template, value)).count();
        }
        assert!(led > 20, "only {led} led anywhere");
    }
}
