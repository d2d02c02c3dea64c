//! The agreement of a connection's customer and the grant of its platform; pulls and writes are held to both.

use chrono::{DateTime, Utc};
use connectors::{DataType, Integration, SupplementalData, scopes_in};
use serde::{Deserialize, Serialize};

use super::derive;
use super::object::{Agreed, Custom, Disclosure, Read, Write};
use super::person::{self, Claims};
use super::words::{listed, of_type};
use crate::app::App;
use crate::change::Change;
use crate::events::Event;
use store::agreements::Agreement;
use store::clock::new_id;
use store::connections::{Connection, ConnectionError};
use store::model::{Actor, ConnectionId};
use store::{StoreError, Tx};
use words::Words;

/// The customer's agreement on the way to the platform, as a grant brings it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Consent<'a> {
    /// The disclosure as it was shown, JSON. None if the tokens were given elsewhere.
    pub(crate) disclosure: Option<&'a str>,
    pub(crate) person: Option<&'a Claims>,
}

/// The bounds of what may be read and written through a connection.
///
/// A connection that was authorised before there were disclosures, or by tokens from elsewhere, has no agreement that could
/// be held against it: it has no bounds but those that the platform sets.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    agreed: Option<Agreed>,
    granted: Option<Vec<String>>,
}

/// The reason why something may not be done, in a sentence for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beyond {
    pub(crate) sentence: String,
    /// The scopes that are lacking; none if the customer wasn't told of it.
    scopes: Vec<String>,
}

impl Bounds {
    pub(super) fn of(agreement: Option<Agreement>) -> Result<Self, StoreError> {
        let Some(agreement) = agreement else {
            return Ok(Self::default());
        };
        let corrupt = |error| StoreError::Corrupt(format!("an agreement: {error}"));
        let agreed = agreement.disclosure.as_deref().map(serde_json::from_str);
        // A grant that was obtained elsewhere may have its scopes under names that the manifest doesn't know.
        let requested = agreement.scopes_requested.is_some();
        let granted = agreement.scopes_granted.filter(|_| requested);
        Ok(Self {
            agreed: agreed.transpose().map_err(corrupt)?,
            granted: granted.as_deref().map(scopes_in),
        })
    }

    pub(crate) async fn read(app: &App, connection: ConnectionId) -> Result<Self, StoreError> {
        Self::of(store::agreements::get(&app.db, connection).await?)
    }

    pub(crate) async fn read_in(tx: &mut Tx, connection: ConnectionId) -> Result<Self, StoreError> {
        Self::of(store::agreements::get_in(tx, connection).await?)
    }

    /// The reason why a data type may not be read.
    pub(crate) fn forbid_reading(
        &self,
        integration: &Integration,
        data_type: DataType,
    ) -> Option<Beyond> {
        if let Some(agreed) = &self.agreed
            && !agreed
                .reads
                .iter()
                .any(|read| read.data_type == data_type.as_str())
        {
            return Some(untold(&format!("{data_type} is read")));
        }
        let granted = self.granted.as_ref()?;
        let lacking = integration.lacks_to_read(data_type, granted);
        ungranted(integration, &format!("read {data_type}"), &lacking)
    }

    /// The reason why a data type of the client's own may not be read.
    pub(crate) fn forbid_custom(
        &self,
        integration: &Integration,
        wanted: &Custom,
    ) -> Option<Beyond> {
        let name = &wanted.name;
        if let Some(agreed) = &self.agreed
            && !agreed.custom.iter().any(|own| own.covers(wanted))
        {
            let what = format!("custom/{name} is read as it is configured now");
            return Some(untold(&what));
        }
        let granted = self.granted.as_ref()?;
        let types = integration.types_read_at(&wanted.source).into_iter();
        let lacking: Vec<&str> = types
            .flat_map(|data_type| integration.lacks_to_read(data_type, granted))
            .collect();
        ungranted(integration, &format!("read custom/{name}"), &lacking)
    }

    /// The reason why a data type may not be written.
    pub(crate) fn forbid_writing(
        &self,
        integration: &Integration,
        data_type: DataType,
    ) -> Option<Beyond> {
        if let Some(agreed) = &self.agreed
            && !agreed
                .writes
                .iter()
                .any(|write| write.data_type == data_type.as_str())
        {
            return Some(untold(&format!("{data_type} is written")));
        }
        let granted = self.granted.as_ref()?;
        let lacking = integration.lacks_to_write(data_type, granted);
        ungranted(integration, &format!("write {data_type}"), &lacking)
    }

    /// Leaves out of a configuration what the customer wasn't told of: the records come without it.
    pub(crate) fn keep_told(&self, data_type: DataType, config: &mut SupplementalData) {
        let Some(agreed) = &self.agreed else { return };
        let told = agreed
            .reads
            .iter()
            .find(|read| read.data_type == data_type.as_str())
            .map_or(&[][..], |read| read.further.as_slice());
        let wanted = derive::further(config);
        let untold = wanted
            .iter()
            .filter(|wanted| !told.iter().any(|own| own.covers(wanted)));
        for group in untold {
            config.remove(&group.name);
        }
    }

    /// Narrows the extent of a pull to what the customer was told: the start of its window, and a statement's months.
    pub(crate) fn narrow(
        &self,
        data_type: DataType,
        now: DateTime<Utc>,
        window_from: Option<DateTime<Utc>>,
        months: Option<u32>,
    ) -> (Option<DateTime<Utc>>, Option<u32>) {
        let told = self.agreed.as_ref().and_then(|agreed| {
            let mut reads = agreed.reads.iter();
            reads.find(|read| read.data_type == data_type.as_str())
        });
        let Some(history) = told.map(|read| &read.history) else {
            return (window_from, months);
        };
        if data_type.is_statement() {
            let told = history.months;
            return (
                window_from,
                months.map_or(told, |own| Some(told.map_or(own, |told| told.min(own)))),
            );
        }
        // The later of the two; none reaches back to the beginning.
        (window_from.max(history.begins(now)), months)
    }

    /// True if nothing can be missing: no agreement is known.
    fn is_boundless(&self) -> bool {
        self.agreed.is_none() && self.granted.is_none()
    }

    /// Lists what is wanted and lies beyond.
    pub(super) fn missing(
        &self,
        integration: &Integration,
        (reads, custom, writes): (&[Read], &[Custom], &[Write]),
    ) -> Missing {
        let mut missing = Missing::default();
        let mut beyond = |list: fn(&mut Missing) -> &mut Vec<String>, name: &str, why: Beyond| {
            list(&mut missing).push(name.to_owned());
            for scope in why.scopes {
                if !missing.scopes.contains(&scope) {
                    missing.scopes.push(scope);
                }
            }
        };
        for read in reads {
            let Ok(data_type) = read.data_type.parse::<DataType>() else {
                continue;
            };
            if let Some(why) = self.forbid_reading(integration, data_type) {
                beyond(|missing| &mut missing.data_types, &read.data_type, why);
            }
        }
        for write in writes {
            let Ok(data_type) = write.data_type.parse::<DataType>() else {
                continue;
            };
            if let Some(why) = self.forbid_writing(integration, data_type) {
                beyond(|missing| &mut missing.writes, &write.data_type, why);
            }
        }
        for wanted in custom {
            if let Some(why) = self.forbid_custom(integration, wanted) {
                let name = format!("custom/{}", wanted.name);
                beyond(|missing| &mut missing.data_types, &name, why);
            }
        }
        let Some(agreed) = &self.agreed else {
            return missing;
        };
        for read in reads {
            let told = agreed
                .reads
                .iter()
                .find(|own| own.data_type == read.data_type);
            let Some(told) = told else { continue };
            if !told.history.covers(&read.history) {
                missing.history.push(read.data_type.clone());
            }
            for wanted in &read.further {
                if !told.further.iter().any(|own| own.covers(wanted)) {
                    missing
                        .further
                        .push(format!("{}/{}", read.data_type, wanted.name));
                }
            }
        }
        missing
    }
}

fn untold(what: &str) -> Beyond {
    Beyond {
        sentence: format!(
            "The customer was not told that {what}, so it isn't. Let them open the connection's link: they are shown what is asked for now, and can agree."
        ),
        scopes: Vec::new(),
    }
}

fn ungranted(integration: &Integration, what: &str, lacking: &[&str]) -> Option<Beyond> {
    (!lacking.is_empty()).then(|| Beyond {
        sentence: format!(
            "{} did not allow it to {what}: the grant lacks the scope {}. Let the customer open the connection's link and allow it there.",
            integration.name(),
            listed(lacking)
        ),
        scopes: lacking.iter().map(|scope| (*scope).to_owned()).collect(),
    })
}

/// The part of what is wanted by now that was neither agreed to nor granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Missing {
    /// Data types that aren't read; a client's own as `custom/…`.
    pub data_types: Vec<String>,
    /// Data types that aren't read as far back as is wanted.
    pub history: Vec<String>,
    /// Groups of supplemental fields that aren't read: the data type and the group's name.
    pub further: Vec<String>,
    /// Data types that aren't written.
    pub writes: Vec<String>,
    /// Scopes that the platform didn't grant.
    pub scopes: Vec<String>,
}

impl Missing {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// In the words of a business's owner.
    pub fn in_words(&self, words: &Words) -> String {
        let name = |key: &String| match key.parse::<DataType>() {
            Ok(data_type) => words.say(of_type(data_type).1).to_string(),
            Err(_) => key.trim_start_matches("custom/").to_owned(),
        };
        let listed = |names: &mut dyn Iterator<Item = &String>| -> Option<String> {
            let names: Vec<String> = names.map(name).collect();
            (!names.is_empty()).then(|| words.list(&names))
        };
        let parts = [
            listed(&mut self.data_types.iter().chain(&self.further))
                .map(|names| words.say("missing-reads").with("names", names)),
            listed(&mut self.history.iter())
                .map(|names| words.say("missing-history").with("names", names)),
            listed(&mut self.writes.iter())
                .map(|names| words.say("missing-writes").with("names", names)),
        ];
        let parts = parts.into_iter().flatten();
        parts
            .map(|part| part.to_string())
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// The same in the house's own language, for events and errors.
    pub fn words(&self) -> String {
        self.in_words(&Words::english())
    }
}

/// The part of what is wanted that was not agreed to, as it was last noted.
///
/// # Errors
/// The database can't be read.
pub async fn missing_of(app: &App, connection: &Connection) -> Result<Option<Missing>, StoreError> {
    if !connection.needs_consent {
        return Ok(None);
    }
    let agreement = store::agreements::get(&app.db, connection.id).await?;
    let text = agreement.and_then(|agreement| agreement.missing);
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Stores what a grant stands on. Fewer scopes than were requested are recognised here, and reported by the names of what
/// can't be done without them (RFC 6749 § 5.1: a token response without a scope grants those that were requested).
pub(crate) async fn keep(
    change: &mut Change<'_>,
    connection: &Connection,
    consent: Consent<'_>,
    scope: Option<&str>,
) -> Result<(), StoreError> {
    let app = change.app;
    let corrupt = |error| StoreError::Corrupt(format!("a disclosure: {error}"));
    let disclosure: Option<Agreed> = consent
        .disclosure
        .map(serde_json::from_str)
        .transpose()
        .map_err(corrupt)?;
    let requested = disclosure
        .as_ref()
        .map(|disclosure| disclosure.scopes.join(" "));
    let granted = match scope {
        Some(scope) => Some(scopes_in(scope).join(" ")),
        // None were requested: of a key that was typed, or a platform without scopes, nothing is lacking.
        None => requested.clone().filter(|scopes| !scopes.is_empty()),
    };
    let person = consent
        .person
        .map(|claims| person::seal(app, connection.client_id, connection.id, claims));
    let mut agreement = Agreement {
        connection_id: connection.id,
        client_id: connection.client_id,
        disclosure: consent.disclosure.map(str::to_owned),
        scopes_requested: requested,
        scopes_granted: granted,
        person,
        missing: None,
        agreed: change.now,
    };
    let bounds = Bounds::of(Some(agreement.clone()))?;
    let integration = app.catalogue.get(&connection.integration_key);
    let missing = match (&disclosure, integration) {
        (Some(told), Some(integration)) => {
            bounds.missing(integration, (&told.reads, &told.custom, &told.writes))
        }
        _ => Missing::default(),
    };
    if !missing.is_empty() {
        agreement.missing = Some(missing.to_text());
    }
    store::agreements::put(change, &agreement).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let words = missing.words();
    let reason = format!(
        "{} did not allow everything that was asked for: {words}.",
        connection.platform_name
    );
    let scopes = format!("Scopes that were not granted: {}.", listed(&missing.scopes));
    let lack = Lack {
        title: "Fewer permissions than requested",
        reason: &reason,
        scopes: &scopes,
    };
    report(change, connection, &missing, &lack).await
}

/// A platform's refusal of scopes, in sentences.
pub(super) struct Lack<'a> {
    pub(super) title: &'a str,
    pub(super) reason: &'a str,
    /// The scopes by name.
    pub(super) scopes: &'a str,
}

/// Reports by name what a grant doesn't allow: as an error of the connection, and as an event.
pub(super) async fn report(
    change: &mut Change<'_>,
    connection: &Connection,
    missing: &Missing,
    lack: &Lack<'_>,
) -> Result<(), StoreError> {
    let error = ConnectionError {
        id: new_id(change.now),
        connection_id: connection.id,
        status_code: "403".to_owned(),
        status_text: lack.title.to_owned(),
        error_message: format!("{} {}", lack.reason, lack.scopes),
        errored_on: change.now,
        resolved_on: None,
    };
    store::connections::insert_error(change, &error).await?;
    told(change, connection, missing, lack.reason).await
}

/// Compares what is wanted now with what was agreed to. Notes a difference, and reports it once. False if another note or another
/// agreement came in between, so that the comparison must be made anew.
pub(super) async fn reconsider(
    app: &App,
    connection: &Connection,
    agreement: Agreement,
    wanted: &Disclosure,
) -> Result<bool, StoreError> {
    let Some(integration) = app.catalogue.get(&connection.integration_key) else {
        return Ok(true);
    };
    let seen = agreement.clone();
    let bounds = Bounds::of(Some(agreement))?;
    if bounds.is_boundless() {
        return Ok(true);
    }
    let missing = bounds.missing(integration, (&wanted.reads, &wanted.custom, &wanted.writes));
    let text = (!missing.is_empty()).then(|| missing.to_text());
    if text == seen.missing {
        return Ok(true);
    }
    let mut change = Change::of_company(app, connection.company_id, Actor::Moorline).await?;
    let now = store::agreements::get_in(&mut change, connection.id).await?;
    let Some(now) = now else {
        return Ok(true);
    };
    let compared = |one: &Agreement| {
        let granted = one.scopes_granted.clone();
        (one.missing.clone(), one.disclosure.clone(), granted)
    };
    if compared(&now) != compared(&seen) {
        return Ok(false);
    }
    store::agreements::set_missing(&mut change, connection.id, text.as_deref()).await?;
    if !missing.is_empty() {
        let reason = format!(
            "{} asks for more than was agreed to: {}.",
            wanted.client.name,
            missing.words()
        );
        told(&mut change, connection, &missing, &reason).await?;
    }
    change.commit().await?;
    Ok(true)
}

async fn told(
    change: &mut Change<'_>,
    connection: &Connection,
    missing: &Missing,
    reason: &str,
) -> Result<(), StoreError> {
    change
        .event(Event::ConsentRequired {
            connection,
            missing,
            reason,
        })
        .await
}
