//! Messages of an event to each consumer that subscribes to it, written in the transaction that caused the event.

use store::events::NewEvent;
use store::messages::{self, Message};
use store::model::company::Tags;
use store::model::webhook::{EventFilter, tags_match};
use store::model::{MessageState, WebhookId};
use store::{StoreError, Tx, companies, webhooks};

/// The events and companies that a consumer subscribes to.
pub(super) struct Filters {
    event_types: Vec<EventFilter>,
    company_tags: Vec<String>,
}

impl Filters {
    /// Reads the columns `event_types` and `company_tags`. A name that can't be read matches nothing.
    pub(super) fn read(event_types: &str, company_tags: &str) -> Self {
        Self {
            event_types: list(event_types)
                .iter()
                .filter_map(|name| name.parse().ok())
                .collect(),
            company_tags: list(company_tags),
        }
    }

    /// True for an event with this name on the wire, of any company.
    pub(super) fn match_event(&self, event: &str) -> bool {
        self.event_types.iter().any(|filter| filter.matches(event))
    }

    /// True for a company with these tags. An event that concerns no company has none.
    pub(super) fn match_company(&self, tags: &Tags) -> bool {
        tags_match(&self.company_tags, tags)
    }

    /// True if the consumer has no company tags.
    pub(super) fn match_any_company(&self) -> bool {
        self.company_tags.is_empty()
    }
}

/// A JSON array of text.
pub(super) fn list(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

pub(super) async fn to_subscribers(
    tx: &mut Tx,
    number: i64,
    event: &NewEvent,
) -> Result<(), StoreError> {
    let subscriptions = webhooks::subscriptions(tx, event.client_id).await?;
    if subscriptions.is_empty() {
        return Ok(());
    }
    let name = event.kind.name(event.data_type.as_deref());
    let mut tags: Option<Tags> = None;
    for subscription in subscriptions {
        let filters = Filters::read(&subscription.event_types, &subscription.company_tags);
        if !filters.match_event(&name) {
            continue;
        }
        if !filters.match_any_company() {
            if tags.is_none() {
                tags = Some(match event.company_id {
                    Some(company) => companies::tags_in(tx, company).await?,
                    None => Tags::new(),
                });
            }
            if !tags
                .as_ref()
                .is_some_and(|tags| filters.match_company(tags))
            {
                continue;
            }
        }
        messages::insert(tx, &message(subscription.id, number, &name, event)).await?;
    }
    Ok(())
}

fn message(webhook: WebhookId, number: i64, name: &str, event: &NewEvent) -> Message {
    let company = event.company_id.map(|id| id.0);
    Message {
        webhook_id: webhook,
        id: event.uid,
        event_id: number,
        body: None,
        event_type: name.to_owned(),
        company_id: event.company_id,
        lane: event
            .connection_id
            .map(|id| id.0)
            .or(company)
            .unwrap_or(event.uid),
        state: MessageState::Waiting,
        attempts: 0,
        tries: 0,
        next_at: Some(event.occurred),
        created: event.occurred,
        settled: None,
    }
}
