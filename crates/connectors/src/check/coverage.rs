//! Coverage: the members of the standard models that records fill, and those that no record fills.

use std::collections::BTreeSet;

use records::{DataType, Schemas};
use serde_json::Value;

/// The members of one data type's model by their paths, `lineItems[].taxRateRef.id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    pub data_type: DataType,
    members: Vec<String>,
    filled: BTreeSet<String>,
}

impl Coverage {
    pub fn new(data_type: DataType) -> Self {
        let mut schemas = Schemas::default();
        let root = records::describe_record(data_type, &mut schemas);
        let mut members = Vec::new();
        collect(&root, &schemas, "", &mut Vec::new(), &mut members);
        Self {
            data_type,
            members,
            filled: BTreeSet::new(),
        }
    }

    /// Counts the members that a standard record, as JSON, fills.
    pub fn add(&mut self, record: &str) {
        if let Ok(record) = serde_json::from_str(record) {
            fill(&record, "", &mut self.filled);
        }
    }

    pub fn members(&self) -> usize {
        self.members.len()
    }

    pub fn filled(&self) -> usize {
        self.members
            .iter()
            .filter(|member| self.filled.contains(*member))
            .count()
    }

    /// The members that no record fills; an absent member stands for all that would be in it.
    pub fn never_filled(&self) -> Vec<&str> {
        let mut absent: Vec<&str> = Vec::new();
        for member in &self.members {
            let inside = absent.iter().any(|outer| {
                member
                    .strip_prefix(outer)
                    .is_some_and(|rest| rest.starts_with(['.', '[']))
            });
            if !inside && !self.filled.contains(member) {
                absent.push(member);
            }
        }
        absent
    }
}

/// Collects the members of a model. A member that leads back to a model around it is not followed.
fn collect(
    schema: &Value,
    schemas: &Schemas,
    path: &str,
    within: &mut Vec<String>,
    members: &mut Vec<String>,
) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or(reference).to_owned();
        if within.contains(&name) {
            return;
        }
        if let Some(schema) = schemas.0.get(&name) {
            within.push(name);
            collect(schema, schemas, path, within, members);
            within.pop();
        }
    } else if let Some(properties) = schema["properties"].as_object() {
        for (name, schema) in properties {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            members.push(path.clone());
            collect(schema, schemas, &path, within, members);
        }
    } else if schema["items"].is_object() {
        collect(
            &schema["items"],
            schemas,
            &format!("{path}[]"),
            within,
            members,
        );
    }
}

fn fill(value: &Value, path: &str, filled: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                filled.insert(path.clone());
                fill(value, &path, filled);
            }
        }
        Value::Array(items) => {
            for item in items {
                fill(item, &format!("{path}[]"), filled);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_record_fills_is_reported_once() {
        let mut coverage = Coverage::new(DataType::CommerceProducts);
        assert_eq!(coverage.filled(), 0);
        coverage.add(r#"{"id":"1","variants":[{"id":"a","prices":[{"unitPrice":1.00}]}]}"#);
        coverage.add(r#"{"id":"2","name":"Tea","variants":[]}"#);
        let absent = coverage.never_filled();
        assert!(absent.contains(&"description"));
        assert!(absent.contains(&"variants[].prices[].currency"));
        assert!(absent.contains(&"variants[].inventory"));
        assert!(
            !absent
                .iter()
                .any(|member| member.starts_with("variants[].inventory."))
        );
        assert!(!absent.contains(&"name") && !absent.contains(&"variants[].prices[].unitPrice"));
        assert_eq!(coverage.filled(), 6);
        assert!(coverage.members() > 20);
    }

    #[test]
    fn a_model_that_leads_back_to_itself_comes_to_an_end() {
        for data_type in DataType::ALL {
            assert!(Coverage::new(*data_type).members() > 0, "{data_type}");
        }
    }
}
