//! The contract's query language: text in, a checked expression out.
//!
//! ```text
//! expression = all { "||" all }          all = term { "&&" term }
//! term       = "{" expression "}" | property operator value
//! operator   = "=" | "!=" | "~" | ">" | ">=" | "<" | "<="
//! ```
//!
//! `&&` binds tighter than `||`, which the contract leaves open. A value runs to the next `&&`, `||` or brace and loses the
//! spaces around it; it is never quoted. `!=` is true exactly if `=` is not, so also if the property is missing, and of
//! a list if no element is equal. Text is compared without regard to ASCII case.

mod evaluate;
mod parse;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Timelike, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

pub use parse::{parse, parse_order, parse_tags};

/// A query must be shorter than this, in characters.
pub const MAX_CHARS: usize = 2_048;

/// Why a query can't be used; the text is the contract's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("Error parsing query - Malformed query.")]
    Malformed(Fault),
    #[error("Error parsing query - Query is too long, it must be under {MAX_CHARS} characters.")]
    TooLong,
    #[error("Error parsing query - Could not resolve property {property} on {schema}")]
    UnknownProperty {
        property: String,
        schema: &'static str,
    },
}

/// The place at which a text can't be read as a query or an order, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The request's parameter that it stands in.
    pub parameter: &'static str,
    /// From 1, in characters.
    pub at: usize,
    /// What is wrong there, or would be right.
    pub why: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "At character {} of {}: {}",
            self.at, self.parameter, self.why
        )
    }
}

/// The properties of a resource that a query can name.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// As the contract's messages name it, such as `Dataset`.
    pub name: &'static str,
    /// Dotted paths and what stands there. Their case doesn't matter in a query.
    pub fields: &'static [(&'static str, Kind)],
    /// Any other path is allowed too, and is compared by what its value turns out to be ([`Kind::Any`]).
    pub open: bool,
}

/// The kind of value that stands in a field, which decides the operators that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `=`, `!=` and `~`.
    Text,
    /// Text whose case matters: `=` and `!=`; `~` disregards case here too.
    Exact,
    /// One of these words, in any case: `=`, `!=` and `~`.
    Word(&'static [&'static str]),
    /// `=`, `!=`, `>`, `>=`, `<`, `<=`.
    Number,
    /// A date or a time, as [`Kind::Number`].
    Time,
    /// `=` and `!=`.
    Bool,
    /// A UUID: `=` and `!=`.
    Id,
    /// Unknown until it is met. Ordering needs a number or a date to compare with.
    Any,
}

/// A checked query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// True if all are; so if there are none.
    All(Vec<Expression>),
    /// True if one is.
    Any(Vec<Expression>),
    Condition(Condition),
}

/// A property compared with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The field as the schema spells it, or a dotted path of names (letters, digits, `_`, `-`; no digit in front).
    pub field: String,
    pub kind: Kind,
    pub operator: Operator,
    pub value: Literal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Contains,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Kind {
    /// Its values and operators in words.
    const fn takes(self) -> &'static str {
        match self {
            Self::Text | Self::Exact | Self::Word(_) => "a text, compared by =, != or ~",
            Self::Number => "a number, compared by =, !=, >, >=, < or <=",
            Self::Time => "a date such as 2026-01-31, compared by =, !=, >, >=, < or <=",
            Self::Bool => "true or false, compared by = or !=",
            Self::Id => "a UUID, compared by = or !=",
            Self::Any => "a value other than null, and after >, >=, < and <= a number or a date",
        }
    }
}

impl Operator {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Contains => "~",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }

    pub(crate) const fn is_ordering(self) -> bool {
        matches!(
            self,
            Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual
        )
    }
}

/// A value as it was written, and everything that it can be read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    pub text: String,
    /// Decimal digits with an optional sign and point, 28 digits at most.
    pub number: Option<Decimal>,
    /// `YYYY-MM-DD` (its midnight, UTC) or ISO 8601; without a zone it is UTC. Microseconds.
    pub time: Option<DateTime<Utc>>,
    pub boolean: Option<bool>,
    pub id: Option<Uuid>,
}

impl Literal {
    pub fn new(text: &str) -> Self {
        Self {
            number: read_number(text),
            time: read_time(text),
            boolean: match text {
                _ if text.eq_ignore_ascii_case("true") => Some(true),
                _ if text.eq_ignore_ascii_case("false") => Some(false),
                _ => None,
            },
            id: Uuid::parse_str(text).ok(),
            text: text.to_owned(),
        }
    }
}

impl Condition {
    /// `field = text`, exactly, for a condition that no customer wrote.
    pub fn equal(field: &str, text: &str) -> Self {
        let value = Literal {
            number: None,
            time: None,
            boolean: None,
            id: None,
            text: text.to_owned(),
        };
        Self {
            field: field.to_owned(),
            kind: Kind::Exact,
            operator: Operator::Equal,
            value,
        }
    }

    /// `metadata.isDeleted = false`.
    pub fn not_deleted() -> Self {
        Self {
            field: "metadata.isDeleted".to_owned(),
            kind: Kind::Bool,
            operator: Operator::Equal,
            value: Literal::new("false"),
        }
    }
}

/// The field that a list is ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub field: String,
    pub kind: Kind,
    pub descending: bool,
}

fn read_number(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain.then(|| Decimal::from_str_exact(text).ok()).flatten()
}

/// Reads a date or time that is written with a four-digit year.
pub fn read_time(text: &str) -> Option<DateTime<Utc>> {
    use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

    let year = text.as_bytes().get(..5)?;
    if !year[..4].iter().all(u8::is_ascii_digit) || year[4] != b'-' {
        return None;
    }
    let time = if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        time.to_utc()
    } else if let Some(time) = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
    ]
    .iter()
    .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    {
        time.and_utc()
    } else {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()?
            .and_time(NaiveTime::MIN)
            .and_utc()
    };
    time.with_nanosecond(time.nanosecond() / 1_000 * 1_000)
}
