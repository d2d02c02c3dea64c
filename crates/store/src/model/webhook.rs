//! The events that a webhook consumer subscribes to, and the states of a message.

use std::str::FromStr;

use records::DataType;

use super::company::Tags;
use super::{EventType, MAX_TAG_KEY_CHARS, MAX_TAG_VALUE_CHARS};

/// Consumers that a client can have (the contract).
pub const MAX_WEBHOOKS: usize = 50;
/// Company tags that a consumer can filter by (the contract).
pub(crate) const MAX_TAGS: usize = 10;

super::words! {
    /// The state of a message.
    pub enum MessageState {
        /// Not accepted yet: its first attempt or a further one is to come.
        Waiting => "waiting",
        /// Answered with a 2xx.
        Delivered => "delivered",
        /// Given up after the last attempt, or at a 410.
        Failed => "failed",
    }
}

/// The contract's older rule names, and the event types that took their place.
const LEGACY: &[(&str, &[&str])] = &[
    ("ClientRateLimitReached", &["client.rateLimit.reached"]),
    ("ClientRateLimitReset", &["client.rateLimit.reset"]),
    (
        "DataConnectionStatusChanged",
        &[
            "connection.created",
            "connection.connected",
            "connection.disconnected",
            "connection.reconnected",
            "connection.deleted",
        ],
    ),
    ("DataSyncCompleted", &["read.completed"]),
    ("DataSyncStatusChangedToError", &["read.completed"]),
    ("DatasetDataChanged", &["read.completed"]),
    ("NewCompanySynchronized", &["read.completed.initial"]),
    (
        "PushOperationStatusChanged",
        &["*.write.successful", "*.write.unsuccessful"],
    ),
    ("PushOperationTimedOut", &["*.write.unsuccessful"]),
    ("SyncConnectionDeleted", &["connection.deleted"]),
];

/// The words that the old rules' own pages used if they differ from the names above.
const SPOKEN: &[(&str, &str)] = &[
    ("ratelimitreached", "ClientRateLimitReached"),
    ("ratelimitreset", "ClientRateLimitReset"),
    (
        "datasetstatuschangedtoerror",
        "DataSyncStatusChangedToError",
    ),
];

/// An event type as a consumer names it: one of ours, one of the contract's older rules, or a pattern in which `*` or a
/// word in braces stands for any one part, and a closing `*` for any rest: `{dataType}.write.successful`, `bills.write.*`,
/// `connection.*`, `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    /// As it is shown again.
    name: String,
}

/// A name that no event answers to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no event type that Moorline sends; docs/WEBHOOKS.md lists them. Patterns such as {{dataType}}.write.*, \
     connection.* and * are taken too"
)]
pub struct UnknownEventType(pub String);

impl FromStr for EventFilter {
    type Err = UnknownEventType;

    fn from_str(text: &str) -> Result<Self, UnknownEventType> {
        let text = text.trim();
        if let Some(name) = legacy_name(text) {
            return Ok(Self { name: name.into() });
        }
        let filter = Self { name: text.into() };
        // A pattern is right if some event can match it.
        let answered = EventType::ALL.iter().any(|kind| {
            if kind.is_write() {
                DataType::ALL
                    .iter()
                    .any(|data_type| filter.matches(&kind.name(Some(data_type.as_str()))))
            } else {
                filter.matches(kind.as_str())
            }
        });
        if answered {
            Ok(filter)
        } else {
            Err(UnknownEventType(text.chars().take(100).collect()))
        }
    }
}

impl EventFilter {
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// True if an event of this name (as the wire spells it) is wanted.
    pub fn matches(&self, event: &str) -> bool {
        match LEGACY.iter().find(|(name, _)| *name == self.name) {
            Some((_, patterns)) => patterns.iter().any(|pattern| answers(pattern, event)),
            None => answers(&self.name, event),
        }
    }
}

fn legacy_name(text: &str) -> Option<&'static str> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let spoken = SPOKEN
        .iter()
        .find(|(words, _)| *words == plain)
        .map(|(_, name)| *name);
    spoken.or_else(|| {
        LEGACY
            .iter()
            .map(|(name, _)| *name)
            .find(|name| name.to_ascii_lowercase() == plain)
    })
}

fn answers(pattern: &str, event: &str) -> bool {
    let (mut pattern, mut event) = (pattern.split('.').peekable(), event.split('.').peekable());
    loop {
        match (pattern.next(), event.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) if pattern.peek().is_none() => return true,
            (Some(part), Some(given)) if is_wild(part) || part == given => {}
            _ => return false,
        }
    }
}

fn is_wild(part: &str) -> bool {
    part == "*" || (part.len() > 2 && part.starts_with('{') && part.ends_with('}'))
}

/// True if a company with these tags is one of those that `wanted` (each `key:value`) names: no tags are wanted, or any of
/// them is the company's, to the letter. What concerns no company has no tags, and so answers to none.
pub fn tags_match(wanted: &[String], tags: &Tags) -> bool {
    wanted.is_empty()
        || wanted
            .iter()
            .filter_map(|tag| tag.split_once(':'))
            .any(|(key, value)| tags.get(key).is_some_and(|own| own == value))
}

/// Says what is wrong with a consumer's company tags and what would be right.
pub fn check_company_tags(tags: &[String]) -> Result<(), String> {
    if tags.len() > MAX_TAGS {
        return Err(format!(
            "A consumer can filter by at most {MAX_TAGS} company tags; {} were given.",
            tags.len()
        ));
    }
    for tag in tags {
        let (key, value) = tag.split_once(':').ok_or_else(|| {
            let tag: String = tag.chars().take(100).collect();
            format!("A company tag has the form key:value; '{tag}' has no colon.")
        })?;
        let (key, value) = (key.chars().count(), value.chars().count());
        if key == 0 || key > MAX_TAG_KEY_CHARS || value > MAX_TAG_VALUE_CHARS {
            return Err(format!(
                "A company tag's key has 1 to {MAX_TAG_KEY_CHARS} characters, its value at most {MAX_TAG_VALUE_CHARS}."
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> EventFilter {
        text.parse().unwrap()
    }

    #[test]
    fn patterns_answer_to_what_they_name_and_nothing_else() {
        let table = [
            ("company.created", "company.created", true),
            ("company.created", "company.deleted", false),
            ("read.completed", "read.completed.initial", false),
            ("read.completed.initial", "read.completed.initial", true),
            (
                "{dataType}.write.successful",
                "bills.write.successful",
                true,
            ),
            (
                "{dataType}.write.successful",
                "bills.write.unsuccessful",
                false,
            ),
            (
                "{dataType}.write.*",
                "journalEntries.write.unsuccessful",
                true,
            ),
            ("*.write.*", "bills.write.successful", true),
            ("bills.write.*", "bills.write.successful", true),
            ("bills.write.*", "invoices.write.successful", false),
            ("connection.*", "connection.tokenRefresh.failing", true),
            ("connection.*", "company.created", false),
            ("*", "client.rateLimit.reached", true),
            ("DataSyncCompleted", "read.completed", true),
            ("Dataset data changed", "read.completed", true),
            ("Rate Limit Reached", "client.rateLimit.reached", true),
            ("NewCompanySynchronized", "read.completed.initial", true),
            ("NewCompanySynchronized", "read.completed", false),
            (
                "DataConnectionStatusChanged",
                "connection.reconnected",
                true,
            ),
            ("DataConnectionStatusChanged", "connection.failed", false),
            ("PushOperationStatusChanged", "bills.write.successful", true),
            ("PushOperationTimedOut", "bills.write.successful", false),
        ];
        for (text, event, wanted) in table {
            assert_eq!(filter(text).matches(event), wanted, "{text} {event}");
        }
    }

    #[test]
    fn a_legacy_name_is_shown_as_the_contract_spells_it() {
        assert_eq!(
            filter("Dataset data changed").as_str(),
            "DatasetDataChanged"
        );
        assert_eq!(filter("datasynccompleted").as_str(), "DataSyncCompleted");
    }

    #[test]
    fn names_that_nothing_answers_to_are_refused() {
        for text in [
            "",
            "company",
            "company.create",
            "Company.Created",
            "bill.write.successful",
            "nothing.*",
            "{a}.{b}.{c}.{d}.{e}",
            "bankFeeds.sourceAccount.connected",
            "{}.write.successful",
        ] {
            assert!(EventFilter::from_str(text).is_err(), "{text}");
        }
    }

    #[test]
    fn any_tag_that_matches_to_the_letter_is_enough() {
        let tags: Tags = [("region".to_owned(), "us".to_owned())].into();
        let wanted = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        assert!(tags_match(&[], &tags));
        assert!(tags_match(&wanted(&["region:us", "service:t2k"]), &tags));
        assert!(!tags_match(&wanted(&["region:US"]), &tags));
        assert!(!tags_match(&wanted(&["region:uk"]), &tags));
        assert!(!tags_match(&wanted(&["region:uk"]), &Tags::new()));
        assert!(check_company_tags(&wanted(&["region"])).is_err());
        assert!(check_company_tags(&wanted(&["region:us:east"])).is_ok());
    }
}
