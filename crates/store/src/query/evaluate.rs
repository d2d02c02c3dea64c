//! Answers a query for a JSON value in memory.

use std::cmp::Ordering;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::Value;

use super::{Condition, Expression, Kind, Operator, read_time};

impl Expression {
    /// True if the value answers to the query. Lists on the way to a field are looked into only if the schema names the
    /// field.
    pub fn matches(&self, value: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(value)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(value)),
            Self::Condition(condition) => condition.matches(value),
        }
    }
}

impl Condition {
    fn matches(&self, value: &Value) -> bool {
        let path: Vec<&str> = self.field.split('.').collect();
        match self.operator {
            Operator::NotEqual => !self.holds(Operator::Equal, value, &path),
            operator => self.holds(operator, value, &path),
        }
    }

    fn holds(&self, operator: Operator, value: &Value, path: &[&str]) -> bool {
        match (value, path) {
            (Value::Array(elements), _) if self.kind != Kind::Any => elements
                .iter()
                .any(|element| self.holds(operator, element, path)),
            (Value::Object(fields), [name, rest @ ..]) => fields
                .get(*name)
                .is_some_and(|inner| self.holds(operator, inner, rest)),
            (_, []) => self.compares(operator, value),
            _ => false,
        }
    }

    fn compares(&self, operator: Operator, value: &Value) -> bool {
        let wanted = &self.value;
        match value {
            Value::String(text) if operator == Operator::Contains => text
                .to_ascii_lowercase()
                .contains(&wanted.text.to_ascii_lowercase()),
            Value::String(text) if operator == Operator::Equal => {
                let same_time = matches!(self.kind, Kind::Any | Kind::Time)
                    && wanted
                        .time
                        .is_some_and(|time| read_time(text) == Some(time));
                let same_text = match self.kind {
                    Kind::Exact => *text == wanted.text,
                    _ => text.eq_ignore_ascii_case(&wanted.text),
                };
                same_text || same_time
            }
            Value::String(text) => match (read_time(text), wanted.time) {
                (Some(time), Some(wanted)) => answers(operator, time.cmp(&wanted)),
                _ => false,
            },
            Value::Number(number) => match (read_json_number(&number.to_string()), wanted.number) {
                (Some(number), Some(wanted)) => answers(operator, number.cmp(&wanted)),
                _ => false,
            },
            Value::Bool(boolean) => operator == Operator::Equal && wanted.boolean == Some(*boolean),
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        }
    }
}

fn answers(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::Equal => ordering.is_eq(),
        Operator::NotEqual => ordering.is_ne(),
        Operator::Greater => ordering.is_gt(),
        Operator::GreaterOrEqual => ordering.is_ge(),
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Contains => false,
    }
}

fn read_json_number(text: &str) -> Option<Decimal> {
    Decimal::from_str(text)
        .or_else(|_| Decimal::from_scientific(text))
        .ok()
}
