//! A disclosure out of what will really be done: the settings that pulls, schedules and writes go by.

use std::collections::BTreeSet;

use connectors::{CustomData, DataType, Integration, SupplementalData, Way};

use super::language::Languages;
use super::object::{
    Access, Asker, Contact, Custom, Disclosure, Further, History, Links, PersonPart, Read, Stays,
    Target, Words as Text, Write,
};
use super::settings::{self, Settings};
use super::words::{GROUPS, of_detail, of_type};
use crate::app::App;
use crate::companies::{link, products};
use crate::credentials::variables_of;
use crate::data::pulling::settings as sync;
use store::StoreError;
use store::clients::Client;
use store::companies::Company;
use store::connections::Connection;
use store::data_config::{DataConfigKind, NamedConfig};
use store::model::{ClientId, CompanyId, SyncSetting, SyncSettings};
use words::Words;

const DAY_SECONDS: u64 = 86_400;

/// The circumstances under which a disclosure is made.
pub struct Wish<'a> {
    pub languages: &'a Languages,
    /// True if the client wants to know who the person is (`openId=true` on the link).
    pub person: bool,
    /// The way by which access is to be given, by its key; without it, the one by which the connection's access was given.
    pub way: Option<&'a str>,
}

/// Everything that the disclosures of a company's connections are made from, read once for all of them.
pub struct Basis {
    client: Client,
    company: Company,
    settings: Settings,
    sync: SyncSettings,
    /// The data types of the company's products.
    of_products: BTreeSet<DataType>,
    configs: Vec<NamedConfig>,
    /// True if customers may connect several businesses by one sign-in.
    several: bool,
}

impl Basis {
    /// Reads the settings that hold for a company.
    ///
    /// # Errors
    /// The database can't be read, or the company is gone.
    pub async fn of(app: &App, client: ClientId, company: CompanyId) -> Result<Self, StoreError> {
        let gone = || StoreError::Corrupt(format!("company {company} is gone"));
        let row = store::clients::get(&app.db, client)
            .await?
            .ok_or_else(gone)?;
        let company = store::companies::get(&app.db, client, company)
            .await?
            .ok_or_else(gone)?;
        let ids = company.product_ids();
        let own = ids.iter().filter_map(|id| products::find(&app.config, id));
        Ok(Self {
            of_products: own.flat_map(|product| product.data_types).collect(),
            settings: settings::of_client(app, client).await?,
            sync: sync::of_company(app, client, company.id).await?.settings,
            configs: store::data_config::of_client(&app.db, client).await?,
            several: link::of_client(app, client).await?.takes_several(None),
            client: row,
            company,
        })
    }

    /// The disclosure of one of the company's connections. Of a platform that isn't installed any more nothing is read.
    pub fn disclose(&self, app: &App, connection: &Connection, wish: &Wish<'_>) -> Disclosure {
        let integration = app.catalogue.get(&connection.integration_key);
        let integration = integration.map(|integration| &**integration);
        let way = integration.and_then(|integration| match wish.way {
            Some(key) => integration.way(key),
            None => integration.way_of(&variables_of(connection)),
        });
        let platform = connection.platform_name.as_str();
        let words = &*Words::of(wish.languages);
        let reads = integration.map_or_else(Vec::new, |integration| self.reads(integration, words));
        let writes =
            integration.map_or_else(Vec::new, |integration| self.writes(integration, words));
        let person = integration
            .filter(|_| wish.person && way.is_none())
            .map_or_else(Vec::new, |integration| person(integration, words));
        let named = |all: &[String]| -> Vec<DataType> {
            all.iter().filter_map(|name| name.parse().ok()).collect()
        };
        let read: Vec<String> = reads.iter().map(|read| read.data_type.clone()).collect();
        let written: Vec<String> = writes.iter().map(|write| write.data_type.clone()).collect();
        let custom = self.custom(&connection.integration_key);
        let further = reads.iter().flat_map(|read| &read.further);
        let further = further.filter_map(|further| further.source.as_deref());
        let sources = custom
            .iter()
            .map(|custom| custom.source.as_str())
            .chain(further);
        let sources: Vec<&str> = sources.collect();
        let signed_in = integration.filter(|_| way.is_none());
        let scopes = signed_in.map_or_else(Vec::new, |integration| {
            let mut read = named(&read);
            read.extend(
                sources
                    .iter()
                    .flat_map(|source| integration.types_read_at(source)),
            );
            integration.scopes_for(&read, &named(&written), !person.is_empty())
        });
        Disclosure {
            version: String::new(),
            language: words.language().to_owned(),
            statements: Some(self.settings.digest()),
            client: self.asker(wish.languages),
            target: Target {
                company: self.company.name.clone(),
                platform_key: connection.integration_key.clone(),
                platform_name: connection.platform_name.clone(),
                sandbox: integration.is_some_and(Integration::sandbox),
            },
            purpose: self.purpose(wish.languages, words),
            business: words
                .say("business-read")
                .with("platform", platform)
                .to_string(),
            reads,
            custom,
            writes,
            person,
            access: access(
                words,
                (self.client.name.as_str(), platform),
                integration,
                way,
                // Where one business's access can be ended alone, it ends there at once.
                self.may_share(connection)
                    && !integration.is_some_and(Integration::ends_one_account),
            ),
            stays: self.stays(wish.languages, words),
            scopes,
            scopes_note: signed_in
                .and_then(Integration::scopes_note)
                .map(str::to_owned),
        }
        .sealed()
    }

    /// True if other connections share the access, or may come to.
    fn may_share(&self, connection: &Connection) -> bool {
        let may_come = self.several && connection.first_authorized.is_none();
        may_come || connection.shared_grant.is_some()
    }

    fn reads(&self, integration: &Integration, words: &Words) -> Vec<Read> {
        let types = integration.data().iter().map(|support| support.data_type);
        let types: Vec<DataType> = types
            .filter(|data_type| {
                let setting = self.sync.of(*data_type);
                setting.fetch_on_first_link
                    || setting.sync_schedule > 0
                    || self.on_request(*data_type)
            })
            .collect();
        let of_group = |group: &'static str| {
            let own = types.iter().copied();
            own.filter(move |data_type| of_type(*data_type).0 == group)
        };
        let ordered = GROUPS.into_iter().flat_map(of_group);
        ordered
            .map(|data_type| {
                let (group, name) = of_type(data_type);
                let setting = self.sync.of(data_type);
                Read {
                    data_type: data_type.as_str().to_owned(),
                    group: words.say(group).to_string(),
                    name: words.say(name).to_string(),
                    history: history(setting, words),
                    at_once: setting.fetch_on_first_link,
                    every_hours: setting.sync_schedule,
                    on_request: self.on_request(data_type),
                    further: self.further(integration.key(), data_type),
                }
            })
            .collect()
    }

    /// True if the client may ask for it at any time, though neither a first link nor a schedule reads it.
    fn on_request(&self, data_type: DataType) -> bool {
        self.of_products.contains(&data_type) || self.settings.on_request.contains(&data_type)
    }

    fn configs(&self, key: &str, kind: DataConfigKind) -> impl Iterator<Item = &NamedConfig> {
        let all = self.configs.iter();
        all.filter(move |config| config.is(kind) && config.platform_key == key)
    }

    fn further(&self, key: &str, data_type: DataType) -> Vec<Further> {
        let mut of_type = self.configs(key, DataConfigKind::Supplemental);
        let found = of_type.find(|config| config.name == data_type.as_str());
        let config = found.and_then(|found| serde_json::from_str(&found.config).ok());
        config.as_ref().map_or_else(Vec::new, further)
    }

    fn custom(&self, key: &str) -> Vec<Custom> {
        let own = self.configs(key, DataConfigKind::Custom);
        own.filter_map(|config| {
            let data = serde_json::from_str::<CustomData>(&config.config).ok()?;
            Some(custom(&config.name, &data))
        })
        .collect()
    }

    fn writes(&self, integration: &Integration, words: &Words) -> Vec<Write> {
        let chosen = self.settings.writes.get(integration.key());
        let types = integration.written_types();
        types
            .filter(|data_type| chosen.is_none_or(|chosen| chosen.contains(data_type)))
            .filter_map(|data_type| {
                let support = integration.writes(data_type)?;
                Some(Write {
                    data_type: data_type.as_str().to_owned(),
                    name: words.say(of_type(data_type).1).to_string(),
                    create: support.create,
                    update: support.update,
                })
            })
            .collect()
    }

    fn asker(&self, languages: &Languages) -> Asker {
        let settings = &self.settings;
        let text =
            |texts: &super::language::Texts| texts.pick(languages).map(|(_, text)| text.to_owned());
        Asker {
            name: self.client.name.clone(),
            logo_url: self.client.logo_url.clone(),
            links: Links {
                privacy_notice: text(&settings.privacy_notice_url),
                terms: text(&settings.terms_url),
            },
            support: Contact {
                email: settings.support.email.clone(),
                phone: settings.support.phone.clone(),
                url: text(&settings.support.url),
            },
        }
    }

    fn purpose(&self, languages: &Languages, words: &Words) -> Text {
        match self.settings.purpose.pick(languages) {
            Some((language, text)) => Text {
                text: text.to_owned(),
                language: language.to_owned(),
                stated: true,
            },
            None => self.said(words, "purpose-unstated"),
        }
    }

    /// A sentence of ours about the client.
    fn said(&self, words: &Words, key: &'static str) -> Text {
        let said = words.say(key).with("client", &self.client.name);
        Text::own(said.to_string(), words)
    }

    fn stays(&self, languages: &Languages, words: &Words) -> Stays {
        let retention = &self.settings.retention;
        let said = match (retention.text.pick(languages), retention.days) {
            (Some((language, text)), _) => Text {
                text: text.to_owned(),
                language: language.to_owned(),
                stated: true,
            },
            (None, Some(0)) => Text {
                stated: true,
                ..self.said(words, "stays-not")
            },
            (None, Some(days)) => {
                let said = words.say("stays-days").with("client", &self.client.name);
                let said = said.with("time", words.span(days.into()));
                Text {
                    stated: true,
                    ..Text::own(said.to_string(), words)
                }
            }
            (None, None) => self.said(words, "stays-unstated"),
        };
        Stays {
            words: said,
            days: retention.days,
        }
    }
}

/// The groups of supplemental fields in a configuration.
pub(super) fn further(config: &SupplementalData) -> Vec<Further> {
    let groups = config.iter().filter_map(|(name, added)| {
        let mut fields: Vec<String> = added
            .pull_data
            .iter()
            .flatten()
            .map(|(_, path)| path.clone())
            .collect();
        fields.sort();
        fields.dedup();
        (!fields.is_empty()).then(|| Further {
            name: name.clone(),
            source: added.data_source.clone(),
            fields,
        })
    });
    groups.collect()
}

/// A data type of the client's own as it is disclosed.
pub(crate) fn custom(name: &str, data: &CustomData) -> Custom {
    let mut fields: Vec<String> = data
        .required_data
        .values()
        .chain(&data.key_by)
        .cloned()
        .collect();
    fields.sort();
    fields.dedup();
    Custom {
        name: name.to_owned(),
        source: data.data_source.clone(),
        fields,
    }
}

fn history(setting: &SyncSetting, words: &Words) -> History {
    if let Some(months) = setting.months_to_sync.or(setting.sync_from_window) {
        return History {
            months: Some(months),
            from: None,
            words: words
                .say("history-months")
                .with("count", months)
                .to_string(),
        };
    }
    match setting.sync_from_utc {
        Some(from) => History {
            months: None,
            from: Some(from.format("%Y-%m-%d").to_string()),
            words: words
                .say("history-since")
                .with("date", words.date(from.date_naive()))
                .to_string(),
        },
        None => History {
            words: words.say("history-all").to_string(),
            ..History::default()
        },
    }
}

fn person(integration: &Integration, words: &Words) -> Vec<PersonPart> {
    let details = integration.person_details().into_iter();
    details
        .map(|detail| PersonPart {
            detail,
            name: words.say(of_detail(detail)).to_string(),
        })
        .collect()
}

fn access(
    words: &Words,
    (client, platform): (&str, &str),
    integration: Option<&Integration>,
    way: Option<&Way>,
    may_share: bool,
) -> Access {
    let days = |life: Option<std::time::Duration>| life.map(|life| life.as_secs() / DAY_SECONDS);
    if let Some(way) = way {
        return access_by(words, client, platform, way);
    }
    let unused_days = days(integration.and_then(Integration::refresh_token_lifetime));
    let consent_days = days(integration.and_then(Integration::consent_lifetime));
    let revoked_at_platform = integration.is_some_and(Integration::can_revoke);
    let mut lasts = match consent_days {
        Some(days) => words
            .say("access-days")
            .with("time", words.span(days))
            .with("client", client)
            .to_string(),
        None => words.say("access-until-ended").to_string(),
    };
    if let Some(days) = unused_days {
        let unused = words.say("access-unused").with("time", words.span(days));
        lasts.push(' ');
        lasts.push_str(&unused.with("platform", platform).to_string());
    }
    let disconnecting = match (revoked_at_platform, may_share) {
        (true, true) => words.say("access-ends-with-last"),
        (true, false) => words.say("access-ends-there-too"),
        (false, _) => words.say("access-stays-listed"),
    };
    let taken_back = words.say("access-taken-back").with("platform", platform);
    Access {
        unused_days,
        consent_days,
        revoked_at_platform,
        program: integration
            .and_then(Integration::machine)
            .map(|machine| machine.program().to_owned()),
        lasts,
        ends: vec![
            disconnecting
                .with("client", client)
                .with("platform", platform)
                .to_string(),
            taken_back.to_string(),
        ],
    }
}

/// The same of access that is given without a sign-in: it is erased here, and ends at the platform by its own people's hand.
fn access_by(words: &Words, client: &str, platform: &str, way: &Way) -> Access {
    let days = way.certificate_lifetime();
    let days = days.map(|life| life.as_secs() / DAY_SECONDS);
    let lasts = match days {
        Some(days) => words
            .say("access-days")
            .with("time", words.span(days))
            .with("client", client)
            .to_string(),
        None => words.say("access-until-ended").to_string(),
    };
    let erased = words.say("access-erased").with("client", client);
    Access {
        unused_days: None,
        consent_days: days,
        revoked_at_platform: false,
        program: None,
        lasts,
        ends: vec![
            erased.with("platform", platform).to_string(),
            way.manage_access().to_owned(),
        ],
    }
}
