//! Texts in several languages.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
pub use words::{Languages, OWN, is_tag};

/// The most languages that one text is kept in.
const MOST: usize = 40;

/// One text in several languages: language tag → text. A plain text is read as English.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            None(()),
            One(String),
            Several(BTreeMap<String, String>),
        }
        Ok(Self(match Given::deserialize(deserializer) {
            Ok(Given::None(())) => BTreeMap::new(),
            Ok(Given::One(text)) if text.is_empty() => BTreeMap::new(),
            Ok(Given::One(text)) => BTreeMap::from([(OWN.to_owned(), text)]),
            Ok(Given::Several(texts)) => texts,
            Err(_) => {
                return Err(serde::de::Error::custom(
                    "a text, or texts by language such as {\"en\": \"…\", \"de\": \"…\"}",
                ));
            }
        }))
    }
}

impl Texts {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text in the first of the languages that there is one in, with its own tag: the exact tag, else the same language
    /// of another region; else English, else the first that there is. A customer is better served by a text in a foreign
    /// language that says so than by none.
    pub fn pick(&self, languages: &Languages) -> Option<(&str, &str)> {
        let find = |wanted: &str| {
            let exact = self
                .0
                .iter()
                .find(|(tag, _)| tag.eq_ignore_ascii_case(wanted));
            let language = primary(wanted);
            exact.or_else(|| {
                let mut all = self.0.iter();
                all.find(|(tag, _)| primary(tag).eq_ignore_ascii_case(language))
            })
        };
        let wanted = languages.iter().find_map(find);
        wanted
            .or_else(|| find(OWN))
            .or_else(|| self.0.iter().next())
            .map(|(tag, text)| (tag.as_str(), text.as_str()))
    }

    /// Says what is wrong with the texts; `name` is theirs.
    pub(crate) fn check(&self, name: &str, most: usize) -> Result<(), String> {
        if self.0.len() > MOST {
            return Err(format!(
                "{name} has {} languages; at most {MOST}.",
                self.0.len()
            ));
        }
        for (tag, text) in &self.0 {
            if !is_tag(tag) {
                let tag: String = tag.chars().take(40).collect();
                return Err(format!(
                    "{name}: '{tag}' is not a language tag. Give one such as en, de or pt-BR."
                ));
            }
            if text.trim().is_empty() {
                return Err(format!(
                    "{name}: the text in {tag} is empty. Leave the language out."
                ));
            }
            let chars = text.chars().count();
            if chars > most {
                return Err(format!(
                    "{name}: the text in {tag} has {chars} characters; at most {most}."
                ));
            }
            if text.chars().any(|c| c.is_control() && c != '\n') {
                return Err(format!(
                    "{name}: the text in {tag} has a control character."
                ));
            }
        }
        Ok(())
    }
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(tags: &[&str]) -> Texts {
        Texts(
            tags.iter()
                .map(|tag| ((*tag).to_owned(), format!("in {tag}")))
                .collect(),
        )
    }

    #[test]
    fn the_nearest_text_is_picked_and_never_none_if_there_is_one() {
        let pick = |tags: &[&str], wish| {
            let texts = texts(tags);
            texts
                .pick(&Languages::read(wish))
                .map(|(tag, _)| tag.to_owned())
        };
        assert_eq!(pick(&["en", "de"], "de-AT, en").as_deref(), Some("de"));
        assert_eq!(pick(&["en", "pt-BR"], "pt-PT").as_deref(), Some("pt-BR"));
        assert_eq!(pick(&["de", "en-GB"], "fr").as_deref(), Some("en-GB"));
        assert_eq!(pick(&["de", "fr"], "it").as_deref(), Some("de"));
        assert_eq!(pick(&[], "it"), None);
    }

    #[test]
    fn a_plain_text_is_english() {
        let read = |json| serde_json::from_str::<Texts>(json);
        assert_eq!(read("\"Loans\"").unwrap().0["en"], "Loans");
        assert!(read("null").unwrap().is_empty() && read("\"\"").unwrap().is_empty());
        assert!(
            read("7")
                .unwrap_err()
                .to_string()
                .contains("texts by language")
        );
    }
}
