//! Consents on record, and the entries of the record. Ours: the contract has neither.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::time;
use platform::app::App;
use platform::consents::{details, receipt};
use platform::credentials::vault::hex;
use platform::disclosure::additional::{self, Additional};
use store::consents as rows;
use store::entries;
use store::model::{ApiKeyId, CompanyId, ConnectionId, ConsentId, ConsentState, RecordKind};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Consent {
    id: ConsentId,
    company_id: CompanyId,
    connection_id: ConnectionId,
    platform_key: String,
    platform_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    business: Option<String>,
    state: ConsentState,
    given: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    renewed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<String>,
    /// The members of the newest entry that gave it, as they were written then; the scopes as they are in force.
    #[serde(flatten)]
    told: Map<String, Value>,
    /// The answers to questions for a further purpose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    additional_consents: Vec<Additional>,
    /// The page for the person, with a fresh ticket.
    receipt_url: String,
    entries: Vec<Entry>,
}

/// The members of an entry's body that a consent shows as its own.
const TOLD: [&str; 7] = [
    "collectionMethod",
    "disclosure",
    "disclosureVersion",
    "language",
    "person",
    "scopes",
    "shownAt",
];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    seq: i64,
    at: String,
    kind: String,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_id: Option<ApiKeyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<CompanyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<ConnectionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_id: Option<ConsentId>,
    /// None once it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Value>,
    hash: String,
}

/// The names of a client's API keys.
pub(crate) type KeyNames = BTreeMap<ApiKeyId, Option<String>>;

impl Entry {
    pub(crate) fn new(app: &App, row: entries::Entry, names: &KeyNames) -> Self {
        let details = details(app, &row);
        Self {
            seq: row.seq,
            at: time(row.at),
            kind: row.kind,
            actor: row.actor,
            api_key_id: row.api_key_id,
            api_key_name: row
                .api_key_id
                .and_then(|key| names.get(&key).cloned().flatten()),
            company_id: row.company_id,
            connection_id: row.connection_id,
            consent_id: row.consent_id,
            details,
            hash: hex(&row.hash),
        }
    }
}

/// Puts each consent's entries beside it.
pub(crate) fn shape(
    app: &App,
    consents: Vec<rows::Consent>,
    entries: Vec<entries::Entry>,
    names: &KeyNames,
) -> Vec<Consent> {
    let mut additional = additional::among(app, &consents, &entries);
    let mut of_consent: BTreeMap<ConsentId, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        if let Some(consent) = entry.consent_id {
            let shaped = Entry::new(app, entry, names);
            of_consent.entry(consent).or_default().push(shaped);
        }
    }
    consents
        .into_iter()
        .map(|row| {
            let entries = of_consent.remove(&row.id).unwrap_or_default();
            Consent {
                told: told_by(&entries),
                additional_consents: additional.remove(&row.id).unwrap_or_default(),
                receipt_url: receipt::url(app, row.id),
                entries,
                id: row.id,
                company_id: row.company_id,
                connection_id: row.connection_id,
                platform_key: row.integration_key,
                platform_name: row.platform_name,
                business: row.business,
                state: row.state,
                given: time(row.given),
                renewed: row.renewed.map(time),
                valid_until: row.valid_until.map(time),
                ended: row.ended.map(time),
                ended_by: row.ended_by,
            }
        })
        .collect()
}

/// The members of the newest entry that gave the consent, with the scopes that are in force.
fn told_by(entries: &[Entry]) -> Map<String, Value> {
    let giving = entries.iter().rev().find(|entry| {
        matches!(
            entry.details.as_ref().map(|d| &d["collectionMethod"]),
            Some(Value::String(_))
        )
    });
    let Some(Value::Object(details)) = giving.and_then(|entry| entry.details.as_ref()) else {
        return Map::new();
    };
    let told = TOLD.iter();
    let told = told.filter_map(|name| Some(((*name).to_owned(), details.get(*name)?.clone())));
    let mut told: Map<String, Value> = told.collect();
    // A renewal at the platform may have changed what is granted since.
    let changed = entries.iter().rev().find(|entry| {
        entry.kind == RecordKind::ConsentChanged.as_str()
            && giving.is_some_and(|giving| entry.seq > giving.seq)
    });
    let granted = changed.and_then(|entry| entry.details.as_ref()?["scopes"].get("granted"));
    if let (Some(granted), Some(scopes)) = (granted, told.get_mut("scopes")) {
        scopes["granted"] = granted.clone();
    }
    told
}

/// The columns of the list as a table.
pub(crate) const COLUMNS: [&str; 17] = [
    "id",
    "companyId",
    "connectionId",
    "platformKey",
    "platformName",
    "business",
    "state",
    "given",
    "renewed",
    "validUntil",
    "ended",
    "endedBy",
    "collectionMethod",
    "language",
    "disclosureVersion",
    "scopesRequested",
    "scopesGranted",
];

impl Consent {
    /// The cells of a table's row, in the order of [`COLUMNS`].
    pub(crate) fn cells(&self) -> Vec<String> {
        let shown = |value: &Option<String>| value.clone().unwrap_or_default();
        let told = |name: &str| {
            let value = self.told.get(name).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let scopes = |name: &str| {
            let listed = self.told.get("scopes").and_then(|all| all[name].as_array());
            let words = listed.into_iter().flatten().filter_map(Value::as_str);
            words.collect::<Vec<_>>().join(" ")
        };
        vec![
            self.id.to_string(),
            self.company_id.to_string(),
            self.connection_id.to_string(),
            self.platform_key.clone(),
            self.platform_name.clone(),
            shown(&self.business),
            self.state.to_string(),
            self.given.clone(),
            shown(&self.renewed),
            shown(&self.valid_until),
            shown(&self.ended),
            shown(&self.ended_by),
            told("collectionMethod"),
            told("language"),
            told("disclosureVersion"),
            scopes("requested"),
            scopes("granted"),
        ]
    }
}
