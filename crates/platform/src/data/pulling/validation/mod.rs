//! Validation of pulled records: documents whose sums don't add up, references that are missing, ids that stand twice. The
//! sums are declared with the models (`records::Breach`), and come with the mapped page.
//!
//! A record is kept and shown as the platform has it, and a finding is a warning; one that can't be read is set aside, and the
//! finding is an error.

mod rules;

use std::collections::HashSet;

use connectors::{DataType, MapError, MappedPage, READ_IN_PART};
use serde_json::Value;

/// The most errors, and the most warnings, that are kept of one dataset: a platform that errs in every record shall not fill the disk.
pub(super) const MOST: usize = 1_000;

/// Something noticed about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// The data could not be used; else it is as it came, and suspicious.
    pub(super) is_error: bool,
    pub(super) rule: String,
    pub(super) item: String,
    pub(super) message: String,
    pub(super) validator: &'static str,
}

impl Finding {
    fn warning(
        rule: impl Into<String>,
        item: &str,
        message: String,
        validator: &'static str,
    ) -> Self {
        Self {
            is_error: false,
            rule: rule.into(),
            item: item.to_owned(),
            message,
            validator,
        }
    }
}

/// The findings of a mapped page, at most [`MOST`].
pub(super) fn of_page(data_type: DataType, page: &MappedPage) -> Vec<Finding> {
    let mut findings = Vec::new();
    for warning in &page.warnings {
        let validator = match warning.rule {
            READ_IN_PART => "Mapping",
            _ => rules::validator(data_type),
        };
        findings.push(Finding::warning(
            format!("{data_type}-{}", warning.rule),
            &warning.id,
            warning.message.clone(),
            validator,
        ));
    }
    let mut seen = HashSet::with_capacity(page.records.len());
    for record in &page.records {
        if !seen.insert(record.id.as_str()) {
            findings.push(Finding::warning(
                format!("{data_type}-duplicate-id"),
                &record.id,
                format!(
                    "The id {} stands twice on a page; the last one is kept.",
                    record.id
                ),
                "Records",
            ));
        }
        if rules::has_rules(data_type)
            && !record.deleted
            && let Ok(document) = serde_json::from_str::<Value>(record.document.as_str())
        {
            rules::check(data_type, &record.id, &document, &mut findings);
        }
        if findings.len() >= MOST {
            break;
        }
    }
    findings.truncate(MOST);
    findings
}

/// The finding of a record, or of a page, that the map or the model refused.
pub(super) fn of_refusal(error: &MapError) -> Finding {
    Finding {
        is_error: true,
        rule: format!("{}-unreadable", error.data_type),
        item: error.id.clone().unwrap_or_default(),
        message: error.to_string(),
        validator: "Mapping",
    }
}
