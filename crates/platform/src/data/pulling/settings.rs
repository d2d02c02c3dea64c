//! Sync settings: the installation's defaults, a client's over them, a company's over those.

use connectors::DataType;
use serde_json::{Value, json};

use super::schedule;
use crate::app::App;
use crate::change::Change;
use crate::consents::Entry;
use crate::disclosure;
use store::model::{Actor, ClientId, CompanyId, RecordKind, SyncSetting, SyncSettings};
use store::{StoreError, sync_settings as rows};

/// The settings that hold for a client or a company.
pub struct Held {
    pub settings: SyncSettings,
    /// True if it has settings of its own.
    pub overrides_defaults: bool,
}

fn defaults(app: &App) -> SyncSettings {
    SyncSettings::defaults(app.config.sync.every_hours)
}

fn laid_over(base: SyncSettings, own: Option<&Vec<SyncSetting>>) -> SyncSettings {
    match own {
        Some(own) => base.under(own),
        None => base,
    }
}

pub async fn of_client(app: &App, client: ClientId) -> Result<Held, StoreError> {
    let own = rows::of_client(&app.db, client).await?;
    Ok(Held {
        settings: laid_over(defaults(app), own.as_ref()),
        overrides_defaults: own.is_some(),
    })
}

pub async fn of_company(
    app: &App,
    client: ClientId,
    company: CompanyId,
) -> Result<Held, StoreError> {
    let base = of_client(app, client).await?.settings;
    let own = rows::of_company(&app.db, company).await?;
    Ok(Held {
        settings: laid_over(base, own.as_ref()),
        overrides_defaults: own.is_some(),
    })
}

/// A company's, as a change to it finds them.
pub(crate) async fn of_company_in(
    change: &mut Change<'_>,
    client: ClientId,
    company: CompanyId,
) -> Result<SyncSettings, StoreError> {
    let of_client = rows::of_client_in(change, client).await?;
    let base = laid_over(defaults(change.app), of_client.as_ref());
    let own = rows::of_company_in(change, company).await?;
    Ok(laid_over(base, own.as_ref()))
}

/// Sets a client's whole list; types that aren't in it follow the defaults, and all do if `own` is none.
pub async fn set_of_client(
    app: &App,
    client: ClientId,
    own: Option<&[SyncSetting]>,
) -> Result<(), StoreError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    let now = change.now;
    let before = rows::of_client_in(&mut change, client).await?;
    rows::set_client(&mut change, client, own, now).await?;
    let entry = Entry::new(client, RecordKind::SyncSettingsChanged);
    record(&mut change, entry, before.as_deref(), own);
    schedule::begin_walk(&mut change, client).await?;
    disclosure::queue_reconsideration(&mut change, disclosure::Whose::Client(client)).await?;
    change.commit().await
}

/// Puts on record how settings changed, if they did: the data types that differ, by their names.
fn record(
    change: &mut Change<'_>,
    entry: Entry,
    before: Option<&[SyncSetting]>,
    after: Option<&[SyncSetting]>,
) {
    let by_type = |own: Option<&[SyncSetting]>| {
        let settings = own.unwrap_or_default().iter();
        let named = settings.map(|own| (own.data_type.as_str().to_owned(), json!(own)));
        Value::Object(named.collect())
    };
    if before != after {
        change.record(entry.changing(&by_type(before), &by_type(after)));
    }
}

/// Why a company's settings were not set.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such company")]
    NoCompany(CompanyId),
    #[error("{0} is locked by the client's settings and can't be set otherwise for a company.")]
    Locked(DataType),
}

/// Sets a company's whole list. What its client has locked can't be set otherwise.
pub async fn set_of_company(
    app: &App,
    client: ClientId,
    company: CompanyId,
    own: Option<&[SyncSetting]>,
) -> Result<(), SettingsError> {
    let base = of_client(app, client).await?.settings;
    for setting in own.into_iter().flatten() {
        let locked = base.of(setting.data_type);
        // A locked setting may be repeated as it is, so that a list can be read, changed and sent back.
        if locked.is_locked && locked != setting {
            return Err(SettingsError::Locked(setting.data_type));
        }
    }
    let mut change = Change::of_company(app, company, Actor::Client).await?;
    if store::companies::find_in(&mut change, company)
        .await?
        .is_none()
    {
        return Err(SettingsError::NoCompany(company));
    }
    let now = change.now;
    let before = rows::of_company_in(&mut change, company).await?;
    rows::set_company(&mut change, client, company, own, now).await?;
    let entry = Entry::new(client, RecordKind::SyncSettingsChanged).of_company(company);
    record(&mut change, entry, before.as_deref(), own);
    schedule::follow_company(&mut change, company).await?;
    disclosure::queue_reconsideration(&mut change, disclosure::Whose::Company(company)).await?;
    change.commit().await?;
    Ok(())
}
