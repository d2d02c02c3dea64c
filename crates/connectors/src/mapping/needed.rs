//! Which of the functions that a map may call it needs.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jaq_core::load::parse::Def;
use jaq_core::native::Fun;

use super::functions;

/// Read once: every map is compiled with those of them that it needs.
static ALL: LazyLock<Vec<(Def<&'static str>, Words)>> =
    LazyLock::new(|| functions::definitions().map(with_words).collect());

fn with_words(definition: Def<&str>) -> (Def<&str>, Words) {
    let words = Words::of(&format!("{:?}", definition.body));
    (definition, words)
}

/// The words of a text, whatever they are there: names of filters, of fields, or in a string.
struct Words(BTreeSet<String>);

impl Words {
    fn of(text: &str) -> Self {
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || "_@".contains(letter);
        let words = text.split(|letter| !is_word(letter));
        Self(
            words
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }
}

/// What a program may call, without what it doesn't: a compiled program carries every definition that it is given, and there
/// are more than a hundred programs.
pub(super) fn needed<'s>(
    source: &str,
    common: Vec<Def<&'s str>>,
) -> (Vec<Def<&'s str>>, Vec<Fun<functions::Data>>) {
    let common: Vec<(Def<&'s str>, Words)> = common.into_iter().map(with_words).collect();
    let mut said = Words::of(source).0;
    let mut wanted = |name: &str, words: &Words| {
        let is_wanted = said.contains(name);
        if is_wanted {
            said.extend(words.0.iter().cloned());
        }
        is_wanted
    };
    // Those behind call those before, and themselves.
    let mut definitions = Vec::new();
    for (definition, words) in common.into_iter().rev() {
        if wanted(definition.name, &words) {
            definitions.push(definition);
        }
    }
    for (definition, words) in ALL.iter().rev() {
        if wanted(definition.name, words) {
            definitions.push(shortened(definition.clone()));
        }
    }
    definitions.reverse();
    let natives = functions::natives(&|name| said.contains(name)).collect();
    (definitions, natives)
}

/// The same definition, to live as long as the others.
fn shortened<'s>(definition: Def<&'static str>) -> Def<&'s str> {
    definition
}
