//! The contract's push options: the members that a written record may have, as a file of the platform's folder.

use std::collections::BTreeMap;

use records::DataType;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The contract's `PushOption` and, within it, `pushOptionProperty`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PushOption {
    pub r#type: OptionType,
    pub display_name: String,
    pub description: String,
    #[serde(default)]
    pub required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<BTreeMap<String, PushOption>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<PushChoice>>,
    /// Ours: the choices are the connection's own records.
    #[serde(default, skip_serializing)]
    pub options_from: Option<OptionSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<Validation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OptionType {
    Array,
    Object,
    String,
    Number,
    Boolean,
    DateTime,
}

/// A value that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PushChoice {
    pub value: String,
    pub r#type: OptionType,
    pub display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default)]
    pub required: bool,
}

/// The records that are the choices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OptionSource {
    pub data_type: DataType,
    /// The record's member that is the value.
    #[serde(default = "id")]
    pub value: String,
    /// The member that people know the record by.
    pub display_name: String,
    /// Only records whose members have one of these values.
    #[serde(default)]
    pub only: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Validation {
    pub warnings: Vec<FieldNote>,
    pub information: Vec<FieldNote>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldNote {
    pub field: String,
    pub details: String,
}

fn id() -> String {
    "id".to_owned()
}

impl PushOption {
    /// Every source of choices among the option and its properties.
    pub fn sources(&self) -> Vec<&OptionSource> {
        let own = self.options_from.iter();
        let below = self.properties.iter().flat_map(BTreeMap::values);
        own.chain(below.flat_map(|property| property.sources()))
            .collect()
    }

    /// Fills in the choices from the records of each source.
    pub fn fill(&mut self, choices: &impl Fn(&OptionSource) -> Vec<PushChoice>) {
        if let Some(source) = &self.options_from {
            self.options = Some(choices(source));
        }
        for property in self.properties.iter_mut().flat_map(BTreeMap::values_mut) {
            property.fill(choices);
        }
    }
}

impl OptionSource {
    /// The choice that a standard record makes, if it is one.
    pub fn choice(&self, record: &Value) -> Option<PushChoice> {
        let text = |name: &str| match record.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(record[name].to_string()),
            _ => None,
        };
        let fits = |(name, allowed): (&String, &Vec<String>)| {
            text(name).is_some_and(|value| allowed.contains(&value))
        };
        if !self.only.iter().all(fits) {
            return None;
        }
        let value = text(&self.value)?;
        Some(PushChoice {
            display_name: text(&self.display_name).unwrap_or_else(|| value.clone()),
            value,
            r#type: OptionType::String,
            description: None,
            required: false,
        })
    }
}
