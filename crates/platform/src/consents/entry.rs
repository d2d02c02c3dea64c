//! An entry of the record, before it has its place in a chain.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::access::caller::{self, Who};
use crate::access::company_tokens::Audience;
use crate::app::App;
use crate::consents::disclosure::person::{self, Claims};
use store::connections::Connection;
use store::consents::Consent;
use store::entries;
use store::model::{Actor, ApiKeyId, ClientId, CompanyId, ConnectionId, ConsentId, RecordKind};

/// The member of a sealed value that holds its bytes, in Base64.
const SEALED: &str = "sealed";

/// An act to be put on record through a [`Change`](crate::change::Change).
#[derive(Debug)]
pub struct Entry {
    pub(super) client: ClientId,
    pub(super) kind: RecordKind,
    pub(super) company: Option<CompanyId>,
    pub(super) connection: Option<ConnectionId>,
    pub(super) consent: Option<ConsentId>,
    /// The consent as the entry leaves it.
    pub(super) leaves: Option<Consent>,
    pub(super) body: Map<String, Value>,
    pub(super) at: DateTime<Utc>,
    pub(super) actor: &'static str,
    pub(super) key: Option<ApiKeyId>,
}

impl Entry {
    /// An act that concerns a client itself.
    pub fn new(client: ClientId, kind: RecordKind) -> Self {
        Self {
            client,
            kind,
            company: None,
            connection: None,
            consent: None,
            leaves: None,
            body: Map::new(),
            at: DateTime::UNIX_EPOCH,
            actor: Actor::Moorline.as_str(),
            key: None,
        }
    }

    #[must_use]
    pub fn of_company(mut self, company: CompanyId) -> Self {
        self.company = Some(company);
        self
    }

    #[must_use]
    pub fn of_connection(mut self, connection: ConnectionId) -> Self {
        self.connection = Some(connection);
        self
    }

    /// The consent that the act concerns, as it leaves it.
    pub(super) fn of_consent(mut self, consent: Consent) -> Self {
        self.company = Some(consent.company_id);
        self.connection = Some(consent.connection_id);
        self.consent = Some(consent.id);
        self.leaves = Some(consent);
        self
    }

    /// Names the API key by which it was done, if the change isn't the key's own.
    #[must_use]
    pub(super) fn by_key(mut self, key: ApiKeyId) -> Self {
        self.key = Some(key);
        self
    }

    /// Names an operator who does it outside of a change.
    pub(crate) fn by_operator(mut self, now: DateTime<Utc>) -> Self {
        (self.actor, self.at) = ("operator", now);
        if let Some(Who::Command(command)) = caller::current().and_then(|caller| caller.who()) {
            self = self.with("by", json!({ "command": command }));
        }
        self
    }

    /// Adds a member to the body. A value that is nothing is left out.
    ///
    /// # Panics
    /// The value can't be written as JSON, which plain values always can.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("a plain value");
        if !value.is_null() {
            self.body.insert(name.to_owned(), value);
        }
        self
    }

    /// Adds what was before and what is after, with only the members that differ.
    #[must_use]
    pub fn changing(self, before: &Value, after: &Value) -> Self {
        let (before, after) = differences(before, after);
        self.with("before", before).with("after", after)
    }

    /// Names the time and the actor: the change's, and the caller's that caused it.
    pub(crate) fn by(mut self, app: &App, actor: Actor, now: DateTime<Utc>) -> Self {
        let caller = caller::current();
        let who = caller.as_ref().and_then(|caller| caller.who());
        let mut by = Map::new();
        (self.actor, self.at) = (actor.as_str(), now);
        match (&who, actor) {
            (Some(Who::Command(command)), Actor::Client) => {
                self.actor = "operator";
                by.insert("command".into(), json!(command));
            }
            (Some(Who::Key(key, _)), Actor::Client) => self.key = Some(*key),
            (Some(Who::Service(service)), Actor::Client) => {
                by.insert("service".into(), json!(service));
            }
            (Some(Who::Token(audience)), Actor::Customer) => {
                let via = match audience {
                    Audience::Company => "company token",
                    Audience::ConnectionManagement => "connections component",
                };
                by.insert("via".into(), json!(via));
            }
            (None, Actor::Customer) if caller.is_some() => {
                by.insert("via".into(), json!("hosted page"));
            }
            _ => {}
        }
        if let Some(caller) = &caller
            && matches!(actor, Actor::Client | Actor::Customer)
        {
            by.extend(whereabouts(app, caller));
        }
        if !by.is_empty() {
            self.body.insert("by".into(), Value::Object(by));
        }
        self
    }
}

/// The person of a consent as the record keeps it: personal data is sealed wherever it is stored.
pub(super) fn sealed(app: &App, connection: &Connection, claims: &Claims) -> Value {
    let sealed = person::seal_for_record(app, connection.client_id, connection.id, claims);
    json!({ SEALED: STANDARD.encode(sealed) })
}

/// The details of an entry, with the person opened. None if they were erased.
///
/// A person who can't be opened with this installation's key stays as it is stored.
pub fn details(app: &App, entry: &entries::Entry) -> Option<Value> {
    let mut body: Value = serde_json::from_str(entry.body.as_deref()?).ok()?;
    let person = body["person"][SEALED].as_str();
    let sealed = person.and_then(|text| STANDARD.decode(text).ok());
    if let (Some(sealed), Some(connection)) = (sealed, entry.connection_id)
        && let Some(claims) = person::open_on_record(app, entry.client_id, connection, sealed)
    {
        body["person"] = Value::Object(claims);
    }
    Some(body)
}

/// The address and the browser of a caller, as far as the settings let them be kept.
pub(super) fn whereabouts(app: &App, caller: &caller::Caller) -> Map<String, Value> {
    let settings = &app.config.record;
    let mut found = Map::new();
    if let Some(address) = caller.address.filter(|_| settings.addresses) {
        found.insert("address".into(), json!(address.to_canonical()));
    }
    if let Some(browser) = caller.browser.as_ref().filter(|_| settings.browsers) {
        found.insert("browser".into(), json!(browser));
    }
    found
}

/// Two objects without the members that are the same in both.
fn differences(before: &Value, after: &Value) -> (Value, Value) {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return (before.clone(), after.clone());
    };
    let without = |one: &Map<String, Value>, other: &Map<String, Value>| {
        let kept = one
            .iter()
            .filter(|(name, value)| other.get(*name) != Some(value));
        Value::Object(
            kept.map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    };
    (without(before, after), without(after, before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_shows_only_what_differs() {
        let before = json!({ "name": "Harbour", "redirectUrl": "https://a.example", "logo": null });
        let after = json!({ "name": "Harbour", "redirectUrl": null, "logo": null });
        let (before, after) = differences(&before, &after);
        assert_eq!(before, json!({ "redirectUrl": "https://a.example" }));
        assert_eq!(after, json!({ "redirectUrl": null }));
    }
}
