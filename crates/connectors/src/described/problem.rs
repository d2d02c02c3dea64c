//! The reasons why a folder is refused, each with its place.

use std::path::PathBuf;

use crate::text::{closest, line_and_column};

/// The reason why a folder is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{}: {message}", file.display(), colon(*line), colon(*column))]
pub struct LoadProblem {
    pub file: PathBuf,
    /// From 1, if the reason stands somewhere in the file.
    pub line: Option<usize>,
    /// From 1, in characters.
    pub column: Option<usize>,
    pub message: String,
}

fn colon(number: Option<usize>) -> String {
    number
        .map(|number| format!(":{number}"))
        .unwrap_or_default()
}

impl LoadProblem {
    /// A reason that concerns a file as a whole.
    pub(crate) fn of(file: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
            message: message.into(),
        }
    }

    /// Adds the position in the file's text, given as a byte offset.
    pub(crate) fn at(mut self, source: &str, offset: usize) -> Self {
        let (line, column) = line_and_column(source, offset);
        (self.line, self.column) = (Some(line), Some(column));
        self
    }
}

/// serde_json's message without its line and column, which [`LoadProblem`] has members for.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

/// serde's message on a name that it doesn't know, followed by the name that was probably meant. Rust's names of number
/// types become words.
pub(crate) fn with_suggestion(message: &str) -> String {
    let key = ["unknown data type `", "unknown source type `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.split_once("`; valid values: "));
    if let Some((wrong, valid)) = key {
        return match closest(wrong, valid.split(", ")) {
            Some(right) => {
                let (unknown, _) = message.split_once("; ").unwrap_or((message, ""));
                format!("{unknown}: did you mean `{right}`?")
            }
            None => message.to_owned(),
        };
    }
    for number in ["u8", "u16", "u32", "u64", "usize", "i64"] {
        if let Some(before) = message.strip_suffix(&format!("expected {number}")) {
            return format!("{before}expected a whole number");
        }
    }
    let unknown = ["unknown field `", "unknown variant `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.split_once('`'));
    let Some((wrong, rest)) = unknown else {
        return message.to_owned();
    };
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    match closest(wrong, known.iter().copied()) {
        Some(right) => format!("there is no `{wrong}` here: did you mean `{right}`?"),
        None if known.is_empty() => message.to_owned(),
        None => format!(
            "there is no `{wrong}` here; there may be {}",
            known.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use records::{DataType, SourceType};

    use super::*;

    #[test]
    fn the_word_that_was_meant_is_reported() {
        assert_eq!(
            with_suggestion("unknown field `pth`, expected one of `type`, `path`"),
            "there is no `pth` here: did you mean `path`?"
        );
        assert_eq!(
            with_suggestion("unknown field `colour`, expected `type` or `path`"),
            "there is no `colour` here; there may be type, path"
        );
        assert_eq!(
            with_suggestion(&"invoice".parse::<DataType>().unwrap_err().to_string()),
            "unknown data type `invoice`: did you mean `invoices`?"
        );
        assert_eq!(
            with_suggestion(&"accounting".parse::<SourceType>().unwrap_err().to_string()),
            "unknown source type `accounting`: did you mean `Accounting`?"
        );
        assert_eq!(
            with_suggestion("invalid type: string \"60\", expected u32"),
            "invalid type: string \"60\", expected a whole number"
        );
        assert_eq!(
            with_suggestion("missing field `key`"),
            "missing field `key`"
        );
    }
}
