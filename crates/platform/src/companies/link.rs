//! A client's settings of Link: its own texts, and what is offered. The component and the hosted pages show the same.

use std::collections::BTreeMap;

use connectors::{Integration, SourceType};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::app::App;
use crate::change::Change;
use crate::data::files::sources as files;
use crate::disclosure::language::{Languages, Texts};
use crate::disclosure::settings::SettingsError;
use store::StoreError;
use store::model::{Actor, ClientId};
use words::FILES;

/// In characters: a text stands on a telephone's screen.
pub(crate) const MOST_WORDS: usize = 2_000;
/// In characters: the contract's bound of a section's title.
const MOST_HEADER: usize = 50;
/// As of the profile's logo.
const MOST_URL: usize = 2_048;

/// The texts that aren't a kind's own: those of the component's option `text`, and the question on leaving (ours).
const TEXTS: [&str; 13] = [
    "companyName",
    "landing.title",
    "landing.subtitle",
    "landing.nextButton",
    "main.title",
    "main.subtitle",
    "accounting.fileUpload.subtitle",
    "banking.fileUpload.subtitle",
    "businessDocuments.fileUpload.subtitle",
    "exit.title",
    "exit.text",
    "exit.stay",
    "exit.leave",
];
/// Those of a kind, below `accounting.consents.` and so on.
const CONSENTS: [&str; 13] = [
    "title",
    "subtitle",
    "termsAndConditions",
    "purpose",
    "access",
    "accountInformation",
    "retention",
    "nextButton",
    "headers.purpose",
    "headers.access",
    "headers.accountInformation",
    "headers.platformData",
    "headers.retention",
];

/// Those of a kind by which a further purpose is asked for, below `accounting.additionalConsents.` and so on.
const ADDITIONAL: [&str; 3] = ["title", "subtitle", "termsAndConditions"];

/// Everything may be left out; the page's own options go before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    /// By the names of the component's option `text`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub text: BTreeMap<String, Texts>,
    /// The address of a picture above the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hero_image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_landing_page: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_sandbox_integrations: Option<bool>,
    /// If there are any, only the kinds in it are offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_types: Option<SourceTypes>,
    /// True: of several businesses behind one sign-in, the customer connects as many as they like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_multi_entity_linking: Option<bool>,
    /// True: on a later visit, consent to a further purpose is asked for what is connected already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_additional_consent: Option<bool>,
    /// False: a page may mount Link with a company's one-time link in place of an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_access_token: Option<bool>,
    /// False: what becomes of customers in Link is not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funnel: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SourceTypes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounting: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banking: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commerce: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_documents: Option<Documents>,
}

/// Documents of a business, which no platform has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Documents {
    /// True: *Complete* doesn't wait for them.
    pub optional: bool,
    /// False: they can't be uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_file_upload: Option<bool>,
}

/// A kind of platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kind {
    /// True: *Complete* doesn't wait for it.
    pub optional: bool,
    /// False: platforms of this kind are not offered.
    pub enable_integrations: bool,
    /// Platform keys; left out, every platform of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_integrations: Option<Vec<String>>,
    /// True: files can be uploaded in place of connecting a platform. Not of commerce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_file_upload: Option<bool>,
}

/// The settings in the language of a reader.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    pub text: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hero_image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_landing_page: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_sandbox_integrations: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_types: Option<SourceTypes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_additional_consent: Option<bool>,
}

impl SourceTypes {
    fn of(&self, kind: SourceType) -> Option<&Kind> {
        match kind {
            SourceType::Accounting => self.accounting.as_ref(),
            SourceType::Banking => self.banking.as_ref(),
            SourceType::Commerce => self.commerce.as_ref(),
        }
    }

    fn named(&self) -> [(&'static str, SourceType, Option<&Kind>); 3] {
        [
            ("accounting", SourceType::Accounting),
            ("banking", SourceType::Banking),
            ("commerce", SourceType::Commerce),
        ]
        .map(|(name, kind)| (name, kind, self.of(kind)))
    }
}

impl Settings {
    /// Says which member is wrong, and what would be right.
    fn check(&self, app: &App) -> Result<(), (String, String)> {
        for (name, texts) in &self.text {
            let member = format!("text.{name}");
            let (kind, own) = name.split_once(".consents.").unwrap_or_default();
            let (asked, further) = name.split_once(".additionalConsents.").unwrap_or_default();
            let is_kind = |kind| matches!(kind, "accounting" | "banking" | "commerce");
            let of_kind = (is_kind(kind) && CONSENTS.contains(&own))
                || (is_kind(asked) && ADDITIONAL.contains(&further));
            if !of_kind && !TEXTS.contains(&name.as_str()) {
                let message = format!(
                    "text: there is no text '{}'. Valid names: {}, and accounting., banking. or commerce.consents. before {}, or .additionalConsents. before {}.",
                    name.chars().take(80).collect::<String>(),
                    TEXTS.join(", "),
                    CONSENTS.join(", "),
                    ADDITIONAL.join(", ")
                );
                return Err(("text".to_owned(), message));
            }
            let most = if own.starts_with("headers.") {
                MOST_HEADER
            } else {
                MOST_WORDS
            };
            texts
                .check(&member, most)
                .and_then(|()| readable(&member, texts))
                .map_err(|message| (member.clone(), message))?;
        }
        self.check_picture()?;
        let commerce = self.source_types.as_ref();
        let commerce = commerce.and_then(|kinds| kinds.commerce.as_ref());
        if commerce.is_some_and(|kind| kind.enable_file_upload.is_some()) {
            let member = "sourceTypes.commerce.enableFileUpload".to_owned();
            let message = format!(
                "{member}: files can be uploaded for accounting and banking, and as businessDocuments; leave it out."
            );
            return Err((member, message));
        }
        for (name, kind, setting) in self.source_types.iter().flat_map(SourceTypes::named) {
            let allowed = setting.and_then(|setting| setting.allowed_integrations.as_ref());
            for key in allowed.into_iter().flatten() {
                let fits = app
                    .catalogue
                    .get(key)
                    .is_some_and(|integration| integration.source_type() == kind);
                if fits {
                    continue;
                }
                let member = format!("sourceTypes.{name}.allowedIntegrations");
                let of_kind = app.catalogue.iter().filter(|own| own.source_type() == kind);
                let keys: Vec<&str> = of_kind.map(|own| own.key()).collect();
                let message = format!(
                    "{member}: there is no such platform '{}'. Valid keys: {}.",
                    key.chars().take(40).collect::<String>(),
                    keys.join(", ")
                );
                return Err((member, message));
            }
        }
        Ok(())
    }

    fn check_picture(&self) -> Result<(), (String, String)> {
        let Some(address) = &self.hero_image else {
            return Ok(());
        };
        let url = Url::parse(address).ok();
        let fits = url.is_some_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty()
        });
        if fits && address.chars().count() <= MOST_URL {
            return Ok(());
        }
        let member = "heroImage".to_owned();
        let message = format!(
            "{member} must be the absolute http(s) address of a picture, of at most {MOST_URL} characters, such as https://lender.example/hero.jpg."
        );
        Err((member, message))
    }

    /// True if Link asks for an access token, and a link alone opens nothing but hosted pages.
    pub fn requires_token(&self) -> bool {
        self.require_access_token != Some(false)
    }

    /// True if a customer may choose several businesses: where the client's own setting says so. `page` is the wish of the page that
    /// mounts Link, which may only leave it out: a customer can write it into an address, and would make companies by it.
    pub(crate) fn takes_several(&self, page: Option<&str>) -> bool {
        self.enable_multi_entity_linking == Some(true) && page != Some("false")
    }

    /// True unless the client wants nothing counted.
    pub fn counts(&self) -> bool {
        self.funnel != Some(false)
    }

    /// True for a platform that the client's settings leave in.
    pub fn offers(&self, integration: &Integration) -> bool {
        let practice = !integration.sandbox() || self.show_sandbox_integrations != Some(false);
        let kind = match &self.source_types {
            None => true,
            Some(kinds) => kinds.of(integration.source_type()).is_some_and(|kind| {
                let allowed = kind.allowed_integrations.as_ref();
                let key = integration.key();
                kind.enable_integrations
                    && allowed.is_none_or(|keys| keys.iter().any(|own| own == key))
            }),
        };
        practice && kind
    }

    /// True for files of a kind that the client's settings leave in.
    pub fn offers_files(&self, kind: files::Kind) -> bool {
        let Some(kinds) = &self.source_types else {
            return true;
        };
        let of_kind = |kind: &Option<Kind>| {
            kind.as_ref().and_then(|kind| kind.enable_file_upload) == Some(true)
        };
        match kind {
            files::Kind::Accounting => of_kind(&kinds.accounting),
            files::Kind::Banking => of_kind(&kinds.banking),
            files::Kind::Documents => {
                let documents = kinds.business_documents.as_ref();
                documents.is_some_and(|documents| documents.enable_file_upload != Some(false))
            }
        }
    }

    /// A text by its name, in the reader's language.
    pub fn text(&self, name: &str, languages: &Languages) -> Option<&str> {
        let found = self.text.get(name)?.pick(languages)?;
        Some(found.1)
    }

    pub fn shown(self, languages: &Languages) -> Shown {
        let picked = self.text.iter().filter_map(|(name, texts)| {
            let (_, text) = texts.pick(languages)?;
            Some((name.clone(), text.to_owned()))
        });
        Shown {
            text: picked.collect(),
            hero_image: self.hero_image,
            show_landing_page: self.show_landing_page,
            show_sandbox_integrations: self.show_sandbox_integrations,
            source_types: self.source_types,
            enable_additional_consent: self.enable_additional_consent,
        }
    }
}

/// Refuses texts that stand in none of the languages of Link's own words: their readers would meet two languages on one page, and all
/// others a language that nothing else there is in.
fn readable(member: &str, texts: &Texts) -> Result<(), String> {
    let known = || FILES.iter().map(|(language, _)| *language);
    let is_known = |tag: &str| {
        let language = tag.split('-').next().unwrap_or_default();
        known().any(|known| known.eq_ignore_ascii_case(language))
    };
    if texts.is_empty() || texts.0.keys().any(|tag| is_known(tag)) {
        return Ok(());
    }
    let given: Vec<&str> = texts.0.keys().map(String::as_str).collect();
    Err(format!(
        "{member}: it stands in {} alone. Give it in a language that Link has, too: {}. English is shown to readers of any other.",
        given.join(", ").chars().take(80).collect::<String>(),
        known().collect::<Vec<_>>().join(", ")
    ))
}

/// A client's settings; empty ones if it has set nothing.
///
/// # Errors
/// The database can't be read.
pub async fn of_client(app: &App, client: ClientId) -> Result<Settings, StoreError> {
    read(store::disclosures::link_of_client(&app.db, client).await?)
}

/// Settings as they are stored.
pub(crate) fn read(text: Option<String>) -> Result<Settings, StoreError> {
    match text {
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| StoreError::Corrupt(format!("settings of Link: {error}"))),
        None => Ok(Settings::default()),
    }
}

/// Sets all of a client's settings.
///
/// # Errors
/// Something in them is wrong, or the database can't be written to.
pub async fn set(app: &App, client: ClientId, settings: &Settings) -> Result<(), SettingsError> {
    settings
        .check(app)
        .map_err(|(member, message)| SettingsError::Invalid { member, message })?;
    let text = serde_json::to_string(settings)
        .map_err(|error| StoreError::Corrupt(format!("settings of Link: {error}")))?;
    let mut change = Change::begin(app, Actor::Client).await?;
    let now = change.now;
    store::disclosures::put_link(&mut change, client, &text, now).await?;
    change.commit().await?;
    Ok(())
}
