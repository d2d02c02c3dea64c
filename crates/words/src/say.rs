//! A sentence on its way to the page.

use std::borrow::Cow;
use std::fmt;

use fluent_bundle::{FluentArgs, FluentValue};

use crate::Words;

/// A sentence by its key, with the values that were set so far; shown, it is the text.
pub struct Say<'w> {
    words: &'w Words,
    key: &'static str,
    values: FluentArgs<'w>,
    /// Values that end with a full stop, as names of companies do.
    stopped: Vec<String>,
    is_markup: bool,
}

/// A value of a sentence: a text, or a number that the sentence can go by.
pub trait Value {
    fn given(&self) -> Given;
}

/// A value as the sentence takes it.
pub enum Given {
    Text(String),
    Number(u64),
}

impl Value for str {
    fn given(&self) -> Given {
        Given::Text(self.to_owned())
    }
}

impl Value for String {
    fn given(&self) -> Given {
        Given::Text(self.clone())
    }
}

impl Value for u64 {
    fn given(&self) -> Given {
        Given::Number(*self)
    }
}

impl Value for u32 {
    fn given(&self) -> Given {
        Given::Number((*self).into())
    }
}

impl Value for usize {
    fn given(&self) -> Given {
        Given::Number(*self as u64)
    }
}

impl<T: Value + ?Sized> Value for &T {
    fn given(&self) -> Given {
        (**self).given()
    }
}

impl<'w> Say<'w> {
    pub(crate) fn new(words: &'w Words, key: &'static str, is_markup: bool) -> Self {
        Self {
            words,
            key,
            values: FluentArgs::new(),
            stopped: Vec::new(),
            is_markup,
        }
    }

    /// Sets a value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Value) -> Self {
        let value = match value.given() {
            Given::Text(text) => {
                let text = if self.is_markup { escaped(&text) } else { text };
                if text.ends_with('.') {
                    self.stopped.push(text.clone());
                }
                FluentValue::from(text)
            }
            Given::Number(number) => FluentValue::from(number),
        };
        self.values.set(name, value);
        self
    }
}

impl fmt::Display for Say<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = &self.words.bundle;
        let pattern = bundle
            .get_message(self.key)
            .and_then(|message| message.value());
        debug_assert!(pattern.is_some(), "there is no sentence {}", self.key);
        let Some(pattern) = pattern else {
            return f.write_str(self.key);
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&self.values), &mut errors);
        debug_assert!(errors.is_empty(), "{}: {errors:?}", self.key);
        f.write_str(&self.with_one_stop(text))
    }
}

impl Say<'_> {
    /// A name's own full stop ends the sentence, too: "shared with Noord B.V."
    fn with_one_stop<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        let mut text = text;
        for name in &self.stopped {
            for between in ["", "\u{2069}", "</strong>", "\u{2069}</strong>"] {
                let twice = format!("{name}{between}.");
                if text.contains(&twice) {
                    text = text.replace(&twice, &twice[..twice.len() - 1]).into();
                }
            }
        }
        text
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
