//! `${name}` in a manifest's URLs, headers and queries.

use std::collections::BTreeMap;
use std::sync::Arc;

use egress::HeaderName;
use url::Url;

use super::manifest::TextSection;

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
    /// A name of `[texts]`, and what stands for it.
    Derived(String, Derived),
}

/// A text that is made of a value which comes with each request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Derived {
    /// The value in another spelling.
    Spelled {
        of: String,
        lower_case: bool,
        replace: BTreeMap<String, String>,
    },
    /// One of several texts, by the value.
    ByValue {
        by: String,
        texts: BTreeMap<String, Template>,
        otherwise: Option<Template>,
    },
}

/// A name that has no value, or that no `}` closes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no value for ${{{0}}}")]
pub(crate) struct MissingName(pub(crate) String);

/// The names that a manifest's texts may use.
#[derive(Clone)]
pub(crate) struct Names {
    /// The deployment's values, which may have names in them.
    pub(crate) values: BTreeMap<String, String>,
    /// Names that get their values with each request.
    pub(crate) later: Vec<String>,
    /// `[texts]`
    pub(crate) texts: Arc<BTreeMap<String, TextSection>>,
}

/// The deepest that values and texts may use each other: more is a circle.
pub(crate) const DEEPEST: usize = 8;

impl Names {
    /// All of them.
    pub(crate) fn known(&self) -> impl Iterator<Item = &str> {
        let values = self.values.keys().chain(self.texts.keys());
        values.chain(&self.later).map(String::as_str)
    }

    fn parts(&self, text: &str, depth: usize) -> Result<Vec<Part>, MissingName> {
        let mut parts = Vec::new();
        for part in Template::parse(text)?.0 {
            let name = match part {
                Part::Name(name) => name,
                part => {
                    parts.push(part);
                    continue;
                }
            };
            if depth == DEEPEST {
                return Err(MissingName(name));
            }
            if let Some(value) = self.values.get(&name) {
                parts.extend(self.parts(value, depth + 1)?);
            } else if let Some(section) = self.texts.get(&name) {
                parts.extend(self.text(&name, section, depth + 1)?);
            } else if self.later.contains(&name) {
                parts.push(Part::Name(name));
            } else {
                return Err(MissingName(name));
            }
        }
        Ok(parts)
    }

    fn text(
        &self,
        name: &str,
        section: &TextSection,
        depth: usize,
    ) -> Result<Vec<Part>, MissingName> {
        let known = |name: &String| {
            let is_known = self.later.contains(name);
            is_known
                .then(|| name.clone())
                .ok_or_else(|| MissingName(name.clone()))
        };
        let read = |text: &String| self.parts(text, depth).map(Template);
        let derived = match section {
            TextSection {
                text: Some(text), ..
            } => return self.parts(text, depth),
            TextSection { of: Some(of), .. } => Derived::Spelled {
                of: known(of)?,
                lower_case: section.lower_case,
                replace: section.replace.clone(),
            },
            TextSection { by, .. } => Derived::ByValue {
                by: known(by.as_ref().unwrap_or(&String::new()))?,
                texts: section
                    .values
                    .iter()
                    .map(|(value, text)| Ok((value.clone(), read(text)?)))
                    .collect::<Result<_, MissingName>>()?,
                otherwise: section.otherwise.as_ref().map(read).transpose()?,
            },
        };
        Ok(vec![Part::Derived(name.to_owned(), derived)])
    }
}

impl Derived {
    fn lacks(&self, has: &dyn Fn(&str) -> bool) -> Option<&str> {
        match self {
            Self::Spelled { of, .. } => (!has(of)).then_some(of.as_str()),
            Self::ByValue {
                by,
                texts,
                otherwise,
            } if has(by) => {
                let mut texts = texts.values().chain(otherwise);
                texts.find_map(|text| text.lacks(has))
            }
            // Without a value, it is the text of any other.
            Self::ByValue { by, otherwise, .. } => match otherwise {
                Some(otherwise) => otherwise.lacks(has),
                None => Some(by),
            },
        }
    }

    fn uses(&self, name: &str) -> bool {
        match self {
            Self::Spelled { of, .. } => of == name,
            Self::ByValue {
                by,
                texts,
                otherwise,
            } => by == name || texts.values().chain(otherwise).any(|text| text.uses(name)),
        }
    }

    fn fill(
        &self,
        values: &BTreeMap<String, String>,
        encode: &dyn Fn(&str) -> String,
    ) -> Result<String, MissingName> {
        let value = |name: &String| values.get(name).ok_or_else(|| MissingName(name.clone()));
        match self {
            Self::Spelled {
                of,
                lower_case,
                replace,
            } => {
                let mut text = value(of)?.clone();
                if *lower_case {
                    text = text.to_lowercase();
                }
                for (theirs, ours) in replace {
                    text = text.replace(theirs, ours);
                }
                Ok(encode(&text))
            }
            Self::ByValue {
                by,
                texts,
                otherwise,
            } => {
                let chosen = match otherwise {
                    Some(otherwise) => values
                        .get(by)
                        .and_then(|value| texts.get(value))
                        .unwrap_or(otherwise),
                    None => texts
                        .get(value(by)?)
                        .ok_or_else(|| MissingName(by.clone()))?,
                };
                chosen.fill_with(values, encode)
            }
        }
    }
}

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

    /// The names in a text, as it is written.
    pub(crate) fn names_in(text: &str) -> Result<Vec<String>, MissingName> {
        let parts = Self::parse(text)?.0.into_iter();
        let named = parts.filter_map(|part| match part {
            Part::Name(name) => Some(name),
            Part::Text(_) | Part::Derived(..) => None,
        });
        Ok(named.collect())
    }

    /// A name that must have a value for the text, and for which `has` knows none.
    pub(crate) fn lacks(&self, has: &dyn Fn(&str) -> bool) -> Option<&str> {
        self.0.iter().find_map(|part| match part {
            Part::Text(_) => None,
            Part::Name(name) => (!has(name)).then_some(name.as_str()),
            Part::Derived(_, derived) => derived.lacks(has),
        })
    }

    /// Puts in the deployment's values, and leaves open the names that get their values later. Any other name is an error.
    pub(crate) fn bind(text: &str, names: &Names) -> Result<Self, MissingName> {
        names.parts(text, 0).map(Self)
    }

    /// True if the name is still open.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let is_it = |part: &Part| match part {
            Part::Text(_) => false,
            Part::Name(own) => own == name,
            Part::Derived(_, derived) => derived.uses(name),
        };
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
            Part::Name(name) | Part::Derived(name, _) => format!("${{{name}}}"),
        });
        written.collect()
    }

    /// The text with a word in place of every name.
    fn with(&self, word: &str) -> String {
        self.sample(&|_| word.to_owned())
    }

    /// The text with samples in place of the names; of texts that a value chooses among, the first.
    pub(crate) fn sample(&self, value: &dyn Fn(&str) -> String) -> String {
        let written = self.0.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Name(name) | Part::Derived(_, Derived::Spelled { of: name, .. }) => value(name),
            Part::Derived(
                _,
                Derived::ByValue {
                    texts, otherwise, ..
                },
            ) => {
                let mut all = texts.values().chain(otherwise);
                let first = all.next();
                first.map(|text| text.sample(value)).unwrap_or_default()
            }
        });
        written.collect()
    }

    /// The text with every name replaced, each value through `encode`.
    pub(crate) fn fill(
        &self,
        values: &BTreeMap<String, String>,
        encode: impl Fn(&str) -> String,
    ) -> Result<String, MissingName> {
        self.fill_with(values, &encode)
    }

    fn fill_with(
        &self,
        values: &BTreeMap<String, String>,
        encode: &dyn Fn(&str) -> String,
    ) -> Result<String, MissingName> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Name(name) => {
                    let value = values.get(name).ok_or_else(|| MissingName(name.clone()))?;
                    filled.push_str(&encode(value));
                }
                Part::Derived(_, derived) => filled.push_str(&derived.fill(values, encode)?),
            }
        }
        Ok(filled)
    }
}

/// An address with names in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    text: Template,
    /// The patterns of the hosts that it may lead to.
    hosts: Vec<String>,
}

/// The reason why no address comes of one with names in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    #[error(transparent)]
    Missing(#[from] MissingName),
    #[error("the request's URL can't be read: {0}")]
    Unreadable(#[from] url::ParseError),
    #[error("`{0}` is not a host of the platform's")]
    Elsewhere(String),
    /// Only of a manifest's own text.
    #[error("`{0}` is not an http or https URL")]
    NotHttp(String),
    #[error(
        "a name stands in the host of `{0}`: list the hosts that may come of it as `hosts`, such as [\"*.example.com\"]"
    )]
    AnyHost(String),
}

impl Address {
    /// Reads a manifest's address. `patterns` are those of the hosts that may come of names in a host.
    pub(crate) fn new(text: Template, patterns: &[String]) -> Result<Self, AddressError> {
        let sample = |word| Self::whole(&text.with(word));
        let (one, other) = (sample("x")?, sample("y")?);
        let open = one.host() != other.host();
        if open && patterns.is_empty() {
            return Err(AddressError::AnyHost(text.raw()));
        }
        let mut hosts = patterns.to_vec();
        if !open {
            // A text that is chosen by a value may bring another host than this one: that is held to the patterns.
            hosts.extend(one.host_str().map(str::to_owned));
        }
        let address = Self { text, hosts };
        address.admit(one, |_| Some("x"))?;
        Ok(address)
    }

    /// An address without names.
    pub(crate) fn whole(text: &str) -> Result<Url, AddressError> {
        let url = Url::parse(text)?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() {
            Ok(url)
        } else {
            Err(AddressError::NotHttp(text.to_owned()))
        }
    }

    fn admit<'v>(
        &self,
        url: Url,
        value: impl Fn(&str) -> Option<&'v str>,
    ) -> Result<Url, AddressError> {
        let host = url.host_str().unwrap_or_default();
        let fits = |pattern: &String| match typed_host(pattern) {
            Some(name) => value(name).is_some_and(|typed| typed.eq_ignore_ascii_case(host)),
            None => host_fits(pattern, host),
        };
        if self.hosts.iter().any(fits) {
            Ok(url)
        } else {
            Err(AddressError::Elsewhere(host.to_owned()))
        }
    }

    pub(crate) fn uses(&self, name: &str) -> bool {
        self.text.uses(name)
    }

    /// True if the address is on this site, whatever values its names get.
    pub(crate) fn is_at(&self, site: &Url) -> bool {
        let sample = Url::parse(&self.text.with("x"));
        sample.is_ok_and(|sample| sample.origin() == site.origin())
    }

    /// The text as it is, with the names that are still open.
    pub(crate) fn raw(&self) -> String {
        self.text.raw()
    }

    /// The address with every name replaced. Each value stays one segment of a path, or within a label of the host.
    pub(crate) fn fill(&self, values: &BTreeMap<String, String>) -> Result<Url, AddressError> {
        let url = Url::parse(&self.text.fill(values, encode_segment)?)?;
        self.admit(url, |name| values.get(name).map(String::as_str))
    }
}

/// The name in a pattern that stands for the host which a customer typed (`${shop}`).
fn typed_host(pattern: &str) -> Option<&str> {
    pattern.strip_prefix("${")?.strip_suffix('}')
}

/// True if a host is one of a pattern's, of whose labels each may be `*`: letters, digits and hyphens.
fn host_fits(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.split('.'), host.split('.'));
    pattern.clone().count() == host.clone().count()
        && pattern.zip(host).all(|(theirs, own)| {
            let is_label = !own.is_empty()
                && own
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            theirs.eq_ignore_ascii_case(own) || (theirs == "*" && is_label)
        })
}

/// True if it is a pattern for hosts of one owner: `*` may be a label, and the last two are words.
pub(crate) fn is_host_pattern(pattern: &str) -> bool {
    let labels: Vec<&str> = pattern.split('.').collect();
    let word = |label: &&str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    labels.len() > 2
        && labels.iter().all(|label| *label == "*" || word(label))
        && labels.iter().rev().take(2).all(word)
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

    fn names(values: BTreeMap<String, String>, texts: BTreeMap<String, TextSection>) -> Names {
        Names {
            values,
            later: ["tenant".to_owned(), "kind".to_owned()].to_vec(),
            texts: Arc::new(texts),
        }
    }

    #[test]
    fn deployment_values_go_in_first_and_the_connections_later() {
        let known = names(
            values(&[("base", "http://${host}"), ("host", "a")]),
            BTreeMap::new(),
        );
        let template = Template::bind("${base}/v2/${tenant}/x", &known).unwrap();
        let filled = template.fill(&values(&[("tenant", "a/../b c")]), encode_segment);
        assert_eq!(filled.unwrap(), "http://a/v2/a%2F..%2Fb%20c/x");
        assert!(template.fill(&values(&[]), encode_segment).is_err());
        assert_eq!(
            Template::bind("${bse}", &known),
            Err(MissingName("bse".to_owned()))
        );
        assert!(Template::bind("${base", &known).is_err());
        let circle = names(values(&[("a", "${b}"), ("b", "${a}")]), BTreeMap::new());
        assert!(Template::bind("${a}", &circle).is_err());
    }

    #[test]
    fn texts_are_spelled_or_chosen_by_a_connections_value() {
        let texts: BTreeMap<String, TextSection> = toml::from_str(
            "account = { of = \"tenant\", lower_case = true, replace = { \"_\" = \"-\" } }\n\
             part = { by = \"kind\", values = { T = \" and tenant = ${tenant}\", F = \"\" } }\n\
             twice = { text = \"${part}${part}\" }",
        )
        .unwrap();
        let known = names(BTreeMap::new(), texts);
        let text = Template::bind("x${twice}", &known).unwrap();
        assert!(text.uses("tenant") && text.uses("kind"));
        let fill = |kind| text.fill(&values(&[("kind", kind), ("tenant", "7")]), str::to_owned);
        assert_eq!(fill("T").unwrap(), "x and tenant = 7 and tenant = 7");
        assert_eq!(fill("F").unwrap(), "x");
        assert!(fill("other").is_err());

        let hosts = ["*.api.example.com".to_owned()];
        let text = Template::bind("https://${account}.api.example.com/${tenant}", &known).unwrap();
        assert!(matches!(
            Address::new(text.clone(), &[]),
            Err(AddressError::AnyHost(_))
        ));
        let address = Address::new(text, &hosts).unwrap();
        let fill = |tenant| address.fill(&values(&[("tenant", tenant)]));
        assert_eq!(
            fill("12_SB1").unwrap().as_str(),
            "https://12-sb1.api.example.com/12_SB1"
        );
        for wrong in ["", "a.b", "evil.example/", "a@b", "a:1", "a#"] {
            assert!(fill(wrong).is_err(), "{wrong}");
        }
        assert!(is_host_pattern("*.api.example.com") && !is_host_pattern("*.com"));
        assert!(!is_host_pattern("a.*.com") && !is_host_pattern("*.a..com"));
    }
}
