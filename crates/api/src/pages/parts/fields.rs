//! The fields of a query or a form.

use std::collections::BTreeMap;

use url::form_urlencoded;

use platform::access::links::redirects::RESERVED;

/// Custom parameters that one link carries at most, and how long their names and values may be, in bytes.
const MAX_CUSTOM: usize = 32;
const MAX_CUSTOM_NAME: usize = 100;
const MAX_CUSTOM_VALUE: usize = 2_000;

/// The version of what a customer was shown.
pub(crate) const DISCLOSURE: &str = "link.disclosure";

/// `true`: the link was opened by a component, whose page waits; the journey ends with our own words in its window.
pub(crate) const EMBEDDED: &str = "link.embedded";

/// `true` or `false`: the component's page wants several businesses to be chosen, or one.
pub(crate) const SEVERAL: &str = "link.multiEntity";

/// Answers to steps are named so, to keep them apart from parameters of the client's own.
pub(crate) const STEP: &str = "step.";

/// True if a journey with these parameters was begun by a component.
pub(crate) fn is_embedded(parameters: &BTreeMap<String, String>) -> bool {
    parameters
        .get(EMBEDDED)
        .is_some_and(|value| value == "true")
}

#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`; what isn't UTF-8 is replaced, and U+0000 is left out: one of the databases has
    /// no such character.
    pub(crate) fn read(text: &[u8]) -> Self {
        let clean = |text: std::borrow::Cow<'_, str>| text.replace('\0', "");
        let pairs = form_urlencoded::parse(text);
        Self(
            pairs
                .map(|(name, value)| (clean(name), clean(value)))
                .collect(),
        )
    }

    /// The first value of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn has_twice(&self, name: &str) -> bool {
        self.0.iter().filter(|(own, _)| own == name).count() > 1
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The parameters that go with a journey to its end: the client's own, which the redirect can use, and those of
    /// the component's page.
    pub(crate) fn custom(&self) -> BTreeMap<String, String> {
        let mut custom = BTreeMap::new();
        for (name, value) in self.iter() {
            let ours = RESERVED.contains(&name)
                || matches!(name, "" | "otp" | "openId" | "platformKey" | "connectionId")
                || ["link.", "openId_", STEP]
                    .iter()
                    .any(|prefix| name.starts_with(prefix) && ![EMBEDDED, SEVERAL].contains(&name));
            let fits = name.len() <= MAX_CUSTOM_NAME
                && value.len() <= MAX_CUSTOM_VALUE
                && custom.len() < MAX_CUSTOM;
            if !ours && fits {
                custom
                    .entry(name.to_owned())
                    .or_insert_with(|| value.to_owned());
            }
        }
        custom
    }
}

impl Fields {
    /// True if the client wants to know who the person is (the contract's `openId=true`).
    pub(crate) fn open_id(&self) -> bool {
        let wish = self.get("openId");
        wish.is_some_and(|wish| wish.eq_ignore_ascii_case("true"))
    }

    /// Everything of a link's parameters that goes on to the next page.
    pub(crate) fn passed_on(&self) -> BTreeMap<String, String> {
        let mut parameters = self.custom();
        if self.open_id() {
            parameters.insert("openId".to_owned(), "true".to_owned());
        }
        parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_clients_own_parameters_are_custom() {
        let fields = Fields::read(
            b"otp=1&link.otp=2&link.showSandboxIntegrations=false&statusCode=200&openId_email=a&step.1=yes&env=u%2Fat&env=2&=x",
        );
        assert_eq!(
            fields.custom(),
            BTreeMap::from([("env".to_owned(), "u/at".to_owned())])
        );
        let embedded = Fields::read(b"otp=1&link.embedded=true");
        assert!(is_embedded(&embedded.custom()) && !is_embedded(&fields.custom()));
        assert!(!fields.open_id() && Fields::read(b"openId=True").open_id());
        let passed_on = Fields::read(b"openId=true&env=u").passed_on();
        assert_eq!(passed_on.keys().collect::<Vec<_>>(), ["env", "openId"]);
        assert_eq!(fields.get("otp"), Some("1"));
        assert!(fields.has_twice("env") && !fields.has_twice("otp"));
    }

    #[test]
    fn a_link_carries_a_bounded_number_of_parameters() {
        let many: Vec<String> = (0..100).map(|n| format!("p{n}=x")).collect();
        assert_eq!(
            Fields::read(many.join("&").as_bytes()).custom().len(),
            MAX_CUSTOM
        );
        let long = format!("a={}", "x".repeat(MAX_CUSTOM_VALUE + 1));
        assert!(Fields::read(long.as_bytes()).custom().is_empty());
    }
}
