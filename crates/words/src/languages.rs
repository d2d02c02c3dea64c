//! A reader's wish for languages.

/// The language of the house's own words.
pub const OWN: &str = "en";

/// Language tags in the order of preference, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Languages(Vec<String>);

impl Languages {
    /// Reads an `Accept-Language` (RFC 9110 § 12.5.4); what isn't a language is left out.
    pub fn read(header: &str) -> Self {
        let mut weighed: Vec<(u16, String)> = header
            .chars()
            .take(1000)
            .collect::<String>()
            .split(',')
            .filter_map(|range| {
                let mut parts = range.split(';');
                let tag = parts.next()?.trim().to_ascii_lowercase();
                let quality = parts
                    .filter_map(|part| part.trim().strip_prefix("q=")?.trim().parse::<f32>().ok())
                    .next()
                    .unwrap_or(1.0);
                let weight = (quality.clamp(0.0, 1.0) * 1000.0) as u16;
                (weight > 0 && is_tag(&tag)).then_some((weight, tag))
            })
            .collect();
        // Equals stay in the order in which they were given.
        weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        Self(weighed.into_iter().map(|(_, tag)| tag).collect())
    }

    /// The wish for one language alone, such as the option of the page that opened ours. None if it isn't a language tag.
    pub fn only(tag: &str) -> Option<Self> {
        // As browsers write it, or as other programs do: `de-AT`, `de_AT`.
        let tag = tag.trim().replace('_', "-").to_ascii_lowercase();
        (tag.len() <= 35 && is_tag(&tag)).then(|| Self(vec![tag]))
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// True for a language tag in its usual form: `de`, `pt-BR`, `zh-Hant` (BCP 47).
pub fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browsers_wish_is_read_in_its_order() {
        let read = |header| Languages::read(header).0;
        assert_eq!(read("de-AT, fr;q=0.5, en;q=0.8"), ["de-at", "en", "fr"]);
        assert_eq!(read("*, de;q=0, x y, <script>, it"), ["it"]);
        assert!(read("").is_empty());
    }

    #[test]
    fn an_option_is_one_language() {
        assert_eq!(Languages::only("pt_BR").unwrap().0, ["pt-br"]);
        assert_eq!(Languages::only("<b>"), None);
    }
}
