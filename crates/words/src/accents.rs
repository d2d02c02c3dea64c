//! A language that nobody speaks: English with accents on every letter, by which a test finds text that doesn't come from the words.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Languages;

/// The tag that platforms use for a pseudo-language.
const TAG: &str = "en-xa";

static ALLOWED: AtomicBool = AtomicBool::new(false);

/// Lets readers ask for it by the tag `en-XA`, from now on. Only tests do.
pub fn allow() {
    ALLOWED.store(true, Ordering::Relaxed);
}

pub(crate) fn wanted(languages: &Languages) -> bool {
    ALLOWED.load(Ordering::Relaxed) && languages.iter().next().is_some_and(|tag| tag == TAG)
}

/// A text with an accent on every letter outside of markup.
pub(crate) fn accented(text: &str) -> Cow<'_, str> {
    let mut is_markup = false;
    let changed = text.chars().map(|c| {
        match c {
            '<' => is_markup = true,
            '>' => is_markup = false,
            _ => {}
        }
        let bases = [
            ('a', 'á'),
            ('e', 'é'),
            ('i', 'í'),
            ('o', 'ó'),
            ('u', 'ú'),
            ('A', 'Á'),
            ('E', 'É'),
            ('I', 'Í'),
            ('O', 'Ó'),
            ('U', 'Ú'),
        ];
        let vowel = bases.iter().find(|(plain, _)| *plain == c);
        match vowel {
            _ if is_markup => c,
            Some((_, accented)) => *accented,
            // Consonants become full-width, so that none is left plain.
            None if c.is_ascii_alphabetic() => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
            None => c,
        }
    });
    changed.collect::<String>().into()
}
