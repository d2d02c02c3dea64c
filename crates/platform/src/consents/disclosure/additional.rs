//! Consent to a further purpose, which Link asks for what is connected already: once for each connection and each wording.
//!
//! The record of consents is all that is kept of it: an answer is an entry of the consent that it adds to, with the words that were
//! shown. So it ends with that consent, and a connection that is connected again after its end is asked anew.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::language::Languages;
use crate::app::App;
use crate::change::Change;
use crate::companies::link::{self, MOST_WORDS, Settings};
use crate::consents::{self, details};
use crate::credentials::vault::hex;
use crate::events::Event;
use store::StoreError;
use store::connections::Connection;
use store::consents::Consent;
use store::entries::Entry;
use store::model::{
    Actor, ClientId, ConnectionId, ConnectionStatus, ConsentId, ConsentState, EventType, RecordKind,
};

/// The words by which a further purpose is asked for: Markdown, with the names filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Wording {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_and_conditions: Option<String>,
}

impl Wording {
    fn texts(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("title", self.title.as_deref()),
            ("subtitle", self.subtitle.as_deref()),
            ("termsAndConditions", self.terms_and_conditions.as_deref()),
        ]
    }

    /// The purpose, in the words that ask for it.
    pub fn purpose(&self) -> String {
        let parts: Vec<&str> = [&self.title, &self.subtitle]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        parts.join("\n\n")
    }

    /// True if it names a purpose: terms alone don't.
    fn says_something(&self) -> bool {
        !self.purpose().trim().is_empty()
    }

    fn version(&self) -> String {
        hex(&Sha256::digest(json!(self).to_string()))
    }
}

/// A wording in the language of its reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Of the client's settings it is the same in every language, so that a customer isn't asked twice for having read another one.
    pub version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(flatten)]
    pub wording: Wording,
    /// True if the words are those of the client's settings; else the page has said what it showed.
    #[serde(skip)]
    pub by_settings: bool,
}

/// The customer's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    Given,
    Refused,
}

impl Answer {
    const fn kind(self) -> RecordKind {
        match self {
            Self::Given => RecordKind::ConsentAdditionalGiven,
            Self::Refused => RecordKind::ConsentAdditionalRefused,
        }
    }
}

/// The place where the wording that was shown is from.
#[derive(Clone, Debug)]
pub enum Shown {
    /// From the client's settings, by the version that was shown.
    Settings(String),
    /// From the page that mounts Link, or from the client's own software.
    Page {
        wording: Wording,
        language: Option<String>,
    },
}

const REFUSED: &str = "refused";

/// An answer as the record has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Additional {
    pub consent_id: ConsentId,
    pub connection_id: ConnectionId,
    /// `refused`, or the state of the consent that it was given with.
    pub state: String,
    pub answered: DateTime<Utc>,
    /// The end of that consent, and of this with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<DateTime<Utc>>,
    pub version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(flatten)]
    pub wording: Wording,
    /// The number of its entry on the record.
    pub entry: i64,
}

impl Additional {
    /// True if the further purpose is agreed to now.
    pub fn is_given(&self) -> bool {
        self.state == ConsentState::Given.as_str()
    }

    /// True if it was agreed to, even if that has ended.
    pub fn was_given(&self) -> bool {
        self.state != REFUSED
    }

    fn of(app: &App, consent: &Consent, entry: &Entry) -> Option<Self> {
        let answer = match RecordKind::from_word(&entry.kind)? {
            RecordKind::ConsentAdditionalGiven => Answer::Given,
            RecordKind::ConsentAdditionalRefused => Answer::Refused,
            _ => return None,
        };
        // None once its time is over and it was erased.
        let body = details(app, entry)?;
        Some(Self {
            consent_id: consent.id,
            connection_id: consent.connection_id,
            state: match answer {
                Answer::Given => consent.state.to_string(),
                Answer::Refused => REFUSED.to_owned(),
            },
            answered: entry.at,
            ended: consent.ended,
            version: body["wordingVersion"].as_str()?.to_owned(),
            language: body["language"].as_str().map(str::to_owned),
            wording: serde_json::from_value(body["wording"].clone()).ok()?,
            entry: entry.seq,
        })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AdditionalError {
    #[error("{message}")]
    Invalid { item: &'static str, message: String },
    #[error(
        "The connection isn't Linked by a consent that is in force, so that there is nothing to use for a further purpose."
    )]
    NotLinked,
    #[error(
        "The words were changed since they were read. Read them again: nothing was agreed to or refused."
    )]
    OtherWords,
    #[error("This was answered already, and otherwise. It is asked again only in other words.")]
    Answered,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The wording of a client's settings for a connection, if they have one for its kind.
pub fn asked_of(
    settings: &Settings,
    client: &str,
    connection: &Connection,
    languages: &Languages,
) -> Option<Asked> {
    let kind = connection.source_type.to_string().to_lowercase();
    let company = settings.text("companyName", languages).unwrap_or(client);
    let mut language = None;
    let mut digest = Sha256::new();
    let mut text = |name: &str| {
        let name = format!("{kind}.additionalConsents.{name}");
        let texts = settings.text.get(&name)?;
        digest.update(json!({ name: texts }).to_string());
        let (tag, text) = texts.pick(languages)?;
        language.get_or_insert_with(|| tag.to_owned());
        Some(
            text.replace("{companyName}", company)
                .replace("{platformName}", &connection.platform_name),
        )
    };
    let wording = Wording {
        title: text("title"),
        subtitle: text("subtitle"),
        terms_and_conditions: text("termsAndConditions"),
    };
    wording.says_something().then(|| Asked {
        version: hex(&digest.finalize()),
        language,
        wording,
        by_settings: true,
    })
}

/// The answers of some connections' customers, oldest first; those of consents that have ended, too.
///
/// # Errors
/// The database can't be read.
pub async fn answers(
    app: &App,
    client: ClientId,
    connections: &[ConnectionId],
) -> Result<BTreeMap<ConnectionId, Vec<Additional>>, StoreError> {
    let consents = store::consents::of_connections(&app.db, connections).await?;
    let ids: Vec<ConsentId> = consents.iter().map(|consent| consent.id).collect();
    let entries = store::entries::of_consents(&app.db, client, &ids).await?;
    let mut found: BTreeMap<ConnectionId, Vec<Additional>> = BTreeMap::new();
    for answer in among(app, &consents, &entries).into_values().flatten() {
        found.entry(answer.connection_id).or_default().push(answer);
    }
    for answers in found.values_mut() {
        answers.sort_by_key(|answer| answer.entry);
    }
    Ok(found)
}

/// The answers among the entries of some consents.
pub fn among(
    app: &App,
    consents: &[Consent],
    entries: &[Entry],
) -> BTreeMap<ConsentId, Vec<Additional>> {
    let consents: BTreeMap<ConsentId, &Consent> = consents
        .iter()
        .map(|consent| (consent.id, consent))
        .collect();
    let mut found: BTreeMap<ConsentId, Vec<Additional>> = BTreeMap::new();
    for entry in entries {
        let consent = entry.consent_id.and_then(|id| consents.get(&id));
        if let Some(answer) = consent.and_then(|consent| Additional::of(app, consent, entry)) {
            found.entry(answer.consent_id).or_default().push(answer);
        }
    }
    found
}

/// The further purposes that are agreed to now, of one connection.
///
/// # Errors
/// The database can't be read.
pub async fn given(app: &App, connection: &Connection) -> Result<Vec<Additional>, StoreError> {
    let mut all = answers(app, connection.client_id, &[connection.id]).await?;
    let mut given = all.remove(&connection.id).unwrap_or_default();
    given.retain(Additional::is_given);
    Ok(given)
}

/// Puts an answer on record. The same answer to the same words again changes nothing, and gives the one that there is.
///
/// # Errors
/// There is no consent to add to, the words are not those that are asked now, or were answered otherwise.
pub async fn answer(
    app: &App,
    connection: &Connection,
    actor: Actor,
    shown: Shown,
    answer: Answer,
    languages: &Languages,
) -> Result<Additional, AdditionalError> {
    let asked = match shown {
        Shown::Settings(version) => {
            let settings = link::of_client(app, connection.client_id).await?;
            let client = store::clients::get(&app.db, connection.client_id).await?;
            let client = client.map(|client| client.name).unwrap_or_default();
            let asked = asked_of(&settings, &client, connection, languages);
            asked
                .filter(|asked| asked.version == version)
                .ok_or(AdditionalError::OtherWords)?
        }
        Shown::Page { wording, language } => {
            check(&wording)?;
            Asked {
                version: wording.version(),
                language,
                wording,
                by_settings: false,
            }
        }
    };
    let mut change = Change::of_company(app, connection.company_id, actor).await?;
    let now = store::connections::find_in(&mut change, connection.id).await?;
    let now = now.filter(|now| now.status == ConnectionStatus::Linked);
    let connection = now.ok_or(AdditionalError::NotLinked)?;
    let consent = store::consents::in_force(&mut change, connection.id).await?;
    let consent = consent.ok_or(AdditionalError::NotLinked)?;
    let entries = store::entries::of_consent_in(&mut change, consent.client_id, consent.id).await?;
    let mut before = entries
        .iter()
        .filter_map(|entry| Additional::of(app, &consent, entry));
    if let Some(before) = before.find(|before| before.version == asked.version) {
        let same = before.is_given() == (answer == Answer::Given);
        return if same {
            Ok(before)
        } else {
            Err(AdditionalError::Answered)
        };
    }
    let (id, of) = (consent.id, connection.id);
    consents::additional_answered(&mut change, &connection, consent, answer.kind(), &asked).await?;
    change
        .event(Event::AdditionalConsent {
            connection: &connection,
            kind: match answer {
                Answer::Given => EventType::AdditionalConsentGiven,
                Answer::Refused => EventType::AdditionalConsentRefused,
            },
            asked: &asked,
        })
        .await?;
    change.commit().await?;
    let mut all = answers(app, connection.client_id, &[of]).await?;
    let mut all = all.remove(&of).unwrap_or_default();
    all.retain(|one| one.consent_id == id && one.version == asked.version);
    let gone = || StoreError::Corrupt(format!("the answer for connection {of} is not on record"));
    Ok(all.pop().ok_or_else(gone)?)
}

fn check(wording: &Wording) -> Result<(), AdditionalError> {
    let invalid = |item, message| AdditionalError::Invalid { item, message };
    if !wording.says_something() {
        let message = "Say what was asked: version, or the words as they were shown: title, subtitle and termsAndConditions.";
        return Err(invalid("title", message.to_owned()));
    }
    for (name, text) in wording.texts() {
        let text = text.unwrap_or_default();
        let chars = text.chars().count();
        if chars > MOST_WORDS {
            let message = format!("{name} has {chars} characters; at most {MOST_WORDS}.");
            return Err(invalid(name, message));
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err(invalid(name, format!("{name} has a control character.")));
        }
    }
    Ok(())
}
