//! A client's own part of its disclosures: what it uses the data for, how long it keeps it, how it is reached, what it writes.

use std::collections::BTreeMap;

use connectors::DataType;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::colour::Colour;
use super::language::Texts;
use super::object::digest;
use super::reconsider;
use crate::app::App;
use crate::change::Change;
use store::StoreError;
use store::model::{Actor, ClientId};

/// In characters: a purpose is read on a telephone, before a button.
const MOST_WORDS: usize = 600;
const MOST_URL: usize = 500;
const MOST_DAYS: u32 = 36_500;

/// Everything may be left out; a client that says nothing is presented as one that has said nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub purpose: Texts,
    #[serde(skip_serializing_if = "Retention::is_empty")]
    pub retention: Retention,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub privacy_notice_url: Texts,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub terms_url: Texts,
    #[serde(skip_serializing_if = "Support::is_empty")]
    pub support: Support,
    /// `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// By a platform's key: the data types that the client writes there. A platform that isn't named: all that its folder can
    /// write.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub writes: BTreeMap<String, Vec<DataType>>,
    /// Data types that the client reads now and then, and that no first link and no schedule reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_request: Vec<DataType>,
}

/// The fate of the data once access has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Retention {
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub text: Texts,
    /// Days for which the data is kept after access has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

impl Retention {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Support {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub url: Texts,
}

impl Support {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The reason why settings were not kept; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The member, and what is wrong with it and would be right.
    #[error("{message}")]
    Invalid { member: String, message: String },
}

impl Settings {
    /// Stands for the texts that customers read, in all their languages.
    pub(super) fn digest(&self) -> String {
        digest(&json!({
            "purpose": self.purpose,
            "retention": self.retention.text,
            "privacyNoticeUrl": self.privacy_notice_url,
            "termsUrl": self.terms_url,
            "supportUrl": self.support.url,
        }))
    }

    /// Says which member is wrong, and what would be right.
    fn check(&self, app: &App) -> Result<(), (&'static str, String)> {
        let texts = |name: &'static str, texts: &Texts| {
            texts
                .check(name, MOST_WORDS)
                .map_err(|message| (name, message))
        };
        let urls = |name: &'static str, texts: &Texts| {
            texts
                .check(name, MOST_URL)
                .map_err(|message| (name, message))?;
            match texts.0.values().find(|text| !is_url(text)) {
                Some(wrong) => Err((
                    name,
                    format!(
                        "{name}: '{}' is not an address that a browser can open. Give a whole one, such as https://app.example/privacy.",
                        wrong.chars().take(80).collect::<String>()
                    ),
                )),
                None => Ok(()),
            }
        };
        texts("purpose", &self.purpose)?;
        texts("retention.text", &self.retention.text)?;
        if self.retention.days.is_some_and(|days| days > MOST_DAYS) {
            return Err((
                "retention.days",
                format!("retention.days is a number of days from 0 to {MOST_DAYS}."),
            ));
        }
        urls("privacyNoticeUrl", &self.privacy_notice_url)?;
        urls("termsUrl", &self.terms_url)?;
        urls("support.url", &self.support.url)?;
        if let Some(email) = &self.support.email
            && !is_email(email)
        {
            return Err((
                "support.email",
                "support.email is not an email address such as help@app.example.".to_owned(),
            ));
        }
        if let Some(phone) = &self.support.phone
            && !is_phone(phone)
        {
            return Err((
                "support.phone",
                "support.phone is not a telephone number such as +44 20 7946 0018.".to_owned(),
            ));
        }
        if let Some(colour) = &self.colour {
            let read = Colour::read(colour).ok_or_else(|| {
                (
                    "colour",
                    "colour is not a colour such as #0f5f7d.".to_owned(),
                )
            })?;
            read.check().map_err(|message| ("colour", message))?;
        }
        for (key, types) in &self.writes {
            let Some(integration) = app.catalogue.get(key) else {
                let keys: Vec<&str> = app.catalogue.iter().map(|own| own.key()).collect();
                return Err((
                    "writes",
                    format!(
                        "writes: there is no platform '{}'. Valid keys: {}.",
                        key.chars().take(40).collect::<String>(),
                        keys.join(", ")
                    ),
                ));
            };
            if let Some(wrong) = types.iter().find(|own| integration.writes(**own).is_none()) {
                let written: Vec<&str> =
                    integration.written_types().map(DataType::as_str).collect();
                let valid = if written.is_empty() {
                    "None can.".to_owned()
                } else {
                    format!("These can: {}.", written.join(", "))
                };
                return Err((
                    "writes",
                    format!(
                        "writes: {wrong} can't be written to {}. {valid}",
                        integration.name()
                    ),
                ));
            }
        }
        Ok(())
    }
}

fn is_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    })
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| !c.is_whitespace() && !c.is_control() && !"<>\"@?&#%".contains(c))
    };
    text.len() <= 254 && plain(name) && plain(host) && host.contains('.')
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (5..=20).contains(&digits)
        && text.len() <= 40
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || "+ -().".contains(c))
}

/// A client's settings; empty ones if it has set nothing.
///
/// # Errors
/// The database can't be read.
pub async fn of_client(app: &App, client: ClientId) -> Result<Settings, StoreError> {
    match store::disclosures::of_client(&app.db, client).await? {
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| StoreError::Corrupt(format!("disclosure settings: {error}"))),
        None => Ok(Settings::default()),
    }
}

/// Sets all of a client's settings. Connections of which more is wanted by them than was agreed to are looked for.
///
/// # Errors
/// Something in them is wrong, or the database can't be written to.
pub async fn set(app: &App, client: ClientId, settings: &Settings) -> Result<(), SettingsError> {
    settings
        .check(app)
        .map_err(|(member, message)| SettingsError::Invalid {
            member: member.to_owned(),
            message,
        })?;
    let text = serde_json::to_string(settings)
        .map_err(|error| StoreError::Corrupt(format!("disclosure settings: {error}")))?;
    let mut change = Change::begin(app, Actor::Client).await?;
    let now = change.now;
    store::disclosures::put(&mut change, client, &text, now).await?;
    store::clients::set_colour(&mut change, client, settings.colour.as_deref()).await?;
    reconsider::queue(&mut change, reconsider::Whose::Client(client)).await?;
    change.commit().await?;
    Ok(())
}
