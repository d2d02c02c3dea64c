//! Which settings hold for whom: the installation's defaults, a client's over them, a company's over those.

use std::collections::HashMap;

use crate::app::App;
use store::connections::Connection;
use store::model::{ClientId, CompanyId, SyncSetting, SyncSettings};
use store::{StoreError, Tx, sync_settings as rows};

/// Somebody's settings, and whether they are of their own.
pub struct Held {
    pub settings: SyncSettings,
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

/// A company's, as they are inside a transaction.
pub async fn of_company_in(
    app: &App,
    tx: &mut Tx,
    client: ClientId,
    company: CompanyId,
) -> Result<SyncSettings, StoreError> {
    let of_client = rows::of_client_in(tx, client).await?;
    let base = laid_over(defaults(app), of_client.as_ref());
    let own = rows::of_company_in(tx, company).await?;
    Ok(laid_over(base, own.as_ref()))
}

/// The settings of many companies, read once for all of them.
pub(super) struct OfMany {
    base: SyncSettings,
    clients: HashMap<ClientId, Vec<SyncSetting>>,
    companies: HashMap<CompanyId, Vec<SyncSetting>>,
}

impl OfMany {
    /// `hours` is the installation's schedule. None where nobody at all has a schedule.
    pub(super) async fn with_schedules(app: &App, hours: u32) -> Result<Option<Self>, StoreError> {
        let many = Self {
            base: SyncSettings::defaults(hours),
            clients: rows::of_clients(&app.db).await?.into_iter().collect(),
            companies: HashMap::new(),
        };
        let scheduled = |own: &Vec<SyncSetting>| own.iter().any(|own| own.sync_schedule > 0);
        let any = many.base.has_schedule()
            || many.clients.values().any(scheduled)
            || rows::any_company(&app.db).await?;
        Ok(any.then_some(many))
    }

    /// Reads what the companies of these connections have set.
    pub(super) async fn read(
        &mut self,
        app: &App,
        connections: &[Connection],
    ) -> Result<(), StoreError> {
        let mut companies: Vec<CompanyId> = connections
            .iter()
            .map(|connection| connection.company_id)
            .collect();
        companies.sort();
        companies.dedup();
        self.companies = rows::of_companies(&app.db, &companies)
            .await?
            .into_iter()
            .collect();
        Ok(())
    }

    pub(super) fn of(&self, connection: &Connection) -> SyncSettings {
        let base = laid_over(self.base.clone(), self.clients.get(&connection.client_id));
        laid_over(base, self.companies.get(&connection.company_id))
    }
}
