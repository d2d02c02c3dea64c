//! The files of words, against each other and against the code and the templates that use them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use words::{FILES, Languages, Words};

/// A sentence's values, and whether it has markup.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shape {
    values: BTreeSet<String>,
    marks: usize,
}

impl Shape {
    fn take(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.marks += value.matches('<').count(),
                PatternElement::Placeable { expression } => self.take_expression(expression),
            }
        }
    }

    fn take_expression(&mut self, expression: &Expression<&str>) {
        let mut note = |inline: &InlineExpression<&str>| {
            if let InlineExpression::VariableReference { id } = inline {
                self.values.insert(id.name.to_owned());
            }
        };
        match expression {
            Expression::Inline(inline) => note(inline),
            Expression::Select { selector, variants } => {
                note(selector);
                // Every form has the same markup; it counts once.
                let before = self.marks;
                for variant in variants {
                    self.marks = before;
                    self.take(&variant.value);
                }
            }
        }
    }
}

fn sentences(text: &'static str) -> BTreeMap<String, Shape> {
    let read = parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut found = BTreeMap::new();
    for entry in read.body {
        let Entry::Message(message) = entry else {
            continue;
        };
        let mut shape = Shape::default();
        shape.take(&message.value.expect("a value"));
        let before = found.insert(message.id.name.to_owned(), shape);
        assert!(before.is_none(), "{} is there twice", message.id.name);
    }
    found
}

#[test]
fn every_language_has_every_sentence_with_the_same_values_and_markup() {
    let english = sentences(FILES[0].1);
    for (language, text) in FILES {
        let own = sentences(text);
        for (key, shape) in &english {
            let found = own.get(key);
            assert_eq!(found, Some(shape), "{language}: {key}");
        }
        for key in own.keys() {
            assert!(
                english.contains_key(key),
                "{language}: {key} isn't in English"
            );
        }
    }
}

#[test]
fn every_sentence_of_the_code_is_there_and_every_one_there_is_used() {
    let english = sentences(FILES[0].1);
    let mut used = BTreeSet::new();
    for (path, text) in sources() {
        for (call, is_markup) in [(".say(\"", false), (".mark(\"", true), ("said(\"", false)] {
            for after in text.split(call).skip(1) {
                let key = after.split('"').next().unwrap();
                let Some(shape) = english.get(key) else {
                    panic!("{path}: there is no sentence {key}");
                };
                // Markup that isn't taken as such would be shown as text.
                assert!(is_markup || shape.marks == 0, "{path}: {key} has markup");
            }
        }
        let quoted: BTreeSet<&str> = text.split('"').collect();
        used.extend(
            english
                .keys()
                .filter(|key| quoted.contains(key.as_str()))
                .cloned(),
        );
    }
    let unused: Vec<_> = english.keys().filter(|key| !used.contains(*key)).collect();
    assert!(unused.is_empty(), "nobody uses {unused:?}");
}

#[test]
fn every_sentence_gets_the_values_that_it_names() {
    let english = sentences(FILES[0].1);
    for (path, text) in sources() {
        if !path.ends_with(".html") {
            continue;
        }
        for call in [".say(\"", ".mark(\""] {
            for after in text.split(call).skip(1) {
                let key = after.split('"').next().unwrap();
                let expression = after.split("}}").next().unwrap();
                // A sentence within a sentence has its own values.
                let expression = expression.split(".say(\"").next().unwrap();
                let given = expression.split(".with(\"").skip(1);
                let given: BTreeSet<String> = given
                    .map(|rest| rest.split('"').next().unwrap().to_owned())
                    .collect();
                assert_eq!(given, english[key].values, "{path}: {key}");
            }
        }
    }
}

/// The sources and templates of the crates that show words.
fn sources() -> Vec<(String, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut left = ["api/src", "api/templates", "platform/src", "words/src"]
        .map(|folder| crates.join(folder))
        .to_vec();
    let mut found = Vec::new();
    while let Some(folder) = left.pop() {
        let entries: io::Result<Vec<PathBuf>> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.map(|entry| entry.path()))
            .collect();
        for path in entries.unwrap() {
            let end = path.extension().unwrap_or_default().to_owned();
            if path.is_dir() {
                left.push(path);
            } else if end == "rs" || end == "html" {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.display().to_string(), text));
            }
        }
    }
    found
}

fn by(header: &str) -> std::sync::Arc<Words> {
    Words::of(&Languages::read(header))
}

#[test]
fn the_first_language_with_words_is_taken_and_the_region_is_kept() {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 6, 15).unwrap();
    for (header, language, direction, date) in [
        ("", "en", "ltr", "15 June 2026"),
        ("en", "en", "ltr", "15 June 2026"),
        ("en-US", "en", "ltr", "June 15, 2026"),
        ("pl-PL, de;q=0.5", "de", "ltr", "15. Juni 2026"),
        ("de-AT", "de", "ltr", "15. Juni 2026"),
        ("pl-PL", "en", "ltr", "15 June 2026"),
        ("zh-Hant-US", "en", "ltr", "June 15, 2026"),
        ("fr-CA", "fr", "ltr", "15 juin 2026"),
        ("es", "es", "ltr", "15 de junio de 2026"),
        ("nl-BE", "nl", "ltr", "15 juni 2026"),
        ("ar-EG", "ar", "rtl", "١٥ يونيو ٢٠٢٦"),
        ("ar-MA", "ar", "rtl", "15 يونيو 2026"),
    ] {
        let words = by(header);
        assert_eq!(
            (
                words.language(),
                words.direction(),
                words.date(day).as_str()
            ),
            (language, direction, date),
            "{header}"
        );
    }
}

#[test]
fn plurals_follow_the_language() {
    let spans = |header: &str, days: &[u64]| -> Vec<String> {
        days.iter().map(|days| by(header).span(*days)).collect()
    };
    assert_eq!(
        spans("en", &[0, 1, 60, 365, 1825]),
        ["at once", "1 day", "60 days", "1 year", "5 years"]
    );
    assert_eq!(
        spans("ar-MA", &[1, 2, 3, 11, 100]).map_plain(),
        ["يوم واحد", "يومين", "3 أيام", "11 يومًا", "100 يوم"]
    );
    assert_eq!(spans("de", &[36_500 * 365]), ["36.500 Jahre"]);
    assert_eq!(spans("de-CH", &[36_500 * 365]), ["36'500 Jahre"]);
}

/// Texts without the marks that keep directions apart.
trait Plain {
    fn map_plain(self) -> Vec<String>;
}

impl Plain for Vec<String> {
    fn map_plain(self) -> Vec<String> {
        let plain = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
        self.into_iter().map(plain).collect()
    }
}

#[test]
fn lists_read_as_a_sentence() {
    assert_eq!(by("en-US").list(&["a", "b", "c"]), "a, b and c");
    assert_eq!(by("de").list(&["a", "b", "c"]), "a, b und c");
    assert_eq!(by("es").list(&["a", "ingresos"]), "a e ingresos");
    assert_eq!(by("en").list(&["a"]), "a");
}

#[test]
fn values_are_escaped_in_markup_and_a_name_has_one_full_stop() {
    let words = by("en");
    let lead = words.mark("receipt-lead").with("platform", "<b>");
    let lead = lead.with("client", "A & B").to_string();
    assert!(
        lead.contains("&lt;b&gt;") && lead.contains("<strong>A &amp; B</strong>"),
        "{lead}"
    );
    let nothing = words.say("end-nothing-new").with("client", "Noord B.V.");
    assert_eq!(
        nothing.to_string(),
        "Nothing new was shared with Noord B.V."
    );
    let chosen = words.mark("different-chosen").with("before", "Noord B.V.");
    let chosen = chosen
        .with("platform", "X")
        .with("now", "Zuid B.V.")
        .to_string();
    assert!(!chosen.contains("B.V.</strong>."), "{chosen}");
    let arabic = by("ar")
        .say("end-nothing-new")
        .with("client", "Noord B.V.")
        .to_string();
    assert!(arabic.ends_with("Noord B.V.\u{2069}"), "{arabic}");
}
