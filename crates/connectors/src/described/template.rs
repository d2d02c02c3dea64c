//! `${name}` in a manifest's URLs, headers and queries.

use std::collections::BTreeMap;

use egress::HeaderName;

/// A text with names in it. A deployment's variables are put in when the manifest is read, a connection's (a tenant's id at
/// the platform) for each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

/// A header's name, and the text of its value.
pub(crate) type Headers = Vec<(HeaderName, Template)>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(String),
}

/// A name that has no value, or that no `}` closes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no value for ${{{0}}}")]
pub(crate) struct MissingName(pub(crate) String);

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, MissingName> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after
                .split_once('}')
                .ok_or_else(|| MissingName(after.to_owned()))?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Name(name.to_owned()));
            rest = tail;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    /// Puts in the deployment's values, and leaves open the names in `later`. Any other name is an error.
    pub(crate) fn bind(
        text: &str,
        values: &BTreeMap<String, String>,
        later: &[String],
    ) -> Result<Self, MissingName> {
        let bind = |part| match part {
            Part::Name(name) => match values.get(&name) {
                Some(value) => Ok(Part::Text(value.clone())),
                None if later.contains(&name) => Ok(Part::Name(name)),
                None => Err(MissingName(name)),
            },
            text @ Part::Text(_) => Ok(text),
        };
        let parts = Self::parse(text)?.0;
        parts
            .into_iter()
            .map(bind)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// True if the name is still open.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let is_it = |part: &Part| matches!(part, Part::Name(own) if own == name);
        self.0.iter().any(is_it)
    }

    /// True if the text is this name, which is still open, and nothing else.
    pub(crate) fn is_only(&self, name: &str) -> bool {
        let mut parts = self.0.iter();
        self.uses(name)
            && parts.all(|part| {
                matches!(part, Part::Name(own) if own == name)
                    || matches!(part, Part::Text(text) if text.is_empty())
            })
    }

    /// The text as it is, with the names that are still open.
    pub(crate) fn raw(&self) -> String {
        let written = self.0.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Name(name) => format!("${{{name}}}"),
        });
        written.collect()
    }

    /// The text with every name replaced, each value through `encode`.
    pub(crate) fn fill(
        &self,
        values: &BTreeMap<String, String>,
        encode: impl Fn(&str) -> String,
    ) -> Result<String, MissingName> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Name(name) => {
                    let value = values.get(name).ok_or_else(|| MissingName(name.clone()))?;
                    filled.push_str(&encode(value));
                }
            }
        }
        Ok(filled)
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters, so that a value stays one segment of a path.
pub(crate) fn encode_segment(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    // A dot segment would climb out of its directory even when it is encoded.
    if matches!(encoded.as_str(), "." | "..") {
        encoded = encoded.replace('.', "%252E");
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn deployment_values_go_in_first_and_the_connections_later() {
        let later = ["tenant".to_owned()];
        let template = Template::bind(
            "${base}/v2/${tenant}/x",
            &values(&[("base", "http://a")]),
            &later,
        )
        .unwrap();
        let filled = template.fill(&values(&[("tenant", "a/../b c")]), encode_segment);
        assert_eq!(filled.unwrap(), "http://a/v2/a%2F..%2Fb%20c/x");
        assert!(template.fill(&values(&[]), encode_segment).is_err());
        assert_eq!(
            Template::bind("${bse}", &values(&[("base", "x")]), &later),
            Err(MissingName("bse".to_owned()))
        );
        assert!(Template::bind("${base", &values(&[("base", "x")]), &later).is_err());
    }
}
