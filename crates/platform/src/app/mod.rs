//! The parts of the program, built in order and handed to every request and every job.

pub mod config;
mod detached;
pub(crate) mod health;
pub mod metrics;
pub mod readiness;
pub(crate) mod spool;
pub mod timekeeping;

use std::sync::{Arc, Weak};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connectors::{Catalogue, Way};
use egress::{Door, Policy};
use tokio::sync::{Notify, watch};

use crate::access::keys::ApiKeys;
use crate::app::config::Config;
use crate::app::health::PlatformHealth;
use crate::app::metrics::Metrics;
use crate::app::readiness::Readiness;
use crate::app::spool::{InHandIds, Spool};
use crate::companies::funnel::Opened;
use crate::connecting::SIGN_IN;
use crate::consents::reads::Reads;
use crate::consents::retention::Enforced;
use crate::credentials::vault::openings::{self, Purpose};
use crate::credentials::vault::roots::{self, Roots, Source};
use crate::credentials::vault::{CHECK, Place, Row, Sealed, Vault, VaultError};
use crate::credentials::{Ahead, Frozen, Moved};
use crate::data::files::scan::Scanner;
use crate::data::files::underway::UnderWay;
use crate::data::pulling::LookedAt;
use crate::data::reconciliation::Reconciled;
use crate::events::live::Live;
use crate::events::nodes::Nodes;
use crate::events::outbox::Outbox;
use crate::limits::clients::{Caps, ClientLimits};
use crate::limits::platforms::PlatformLimits;
use crate::work::LatestTime;
use store::clock::Clock;
use store::model::ClientId;
use store::{Db, News, StoreError};

/// A reason why the program can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(
        "the key in {file} is not the one this database was made with; put the right key file back (every stored token is \
         sealed with it), or set database_url to another database"
    )]
    WrongKey { file: String },
    #[error(
        "the key in {file} is not the one this database was made with, or a newer one was added since: the database needs the root \
         key {name}. Put the newest key file back, with all of its lines (every stored token is sealed with them), or set \
         database_url to another database"
    )]
    OtherKeys { file: String, name: String },
    #[error(
        "the key file {file} is missing, and this database is in use: every token in it is sealed with that key. Put the key \
         file back from your copy, or set database_url to another database. No new key was made"
    )]
    NoKey { file: String },
    #[error(
        "a restore into this database has begun and not finished; run the same `moorline import` again"
    )]
    RestoreUnderWay,
    #[error("integrations.ways names '{way}' of '{key}'; there is: {known}")]
    UnknownWay {
        key: String,
        way: String,
        known: String,
    },
}

pub struct App {
    pub config: Config,
    pub db: Db,
    pub vault: Vault,
    pub clock: Clock,
    pub catalogue: Catalogue,
    pub door: Door,
    /// The way out for webhooks, whose hosts clients choose.
    pub webhook_door: Door,
    pub live: Arc<Live>,
    /// Wakes the one loop of this process that hands jobs out.
    pub work: Arc<Notify>,
    pub outbox: Arc<Outbox>,
    /// Turns true when the program is to stop.
    pub stop: watch::Sender<bool>,
    pub keys: ApiKeys,
    pub client_limits: ClientLimits,
    pub platform_limits: PlatformLimits,
    pub metrics: Metrics,
    pub(crate) health: PlatformHealth,
    pub readiness: Readiness,
    /// Reads of companies' data that are still to be written down.
    pub(crate) reads: Reads,
    pub(crate) funnel: Opened,
    pub(crate) enforced: Enforced,
    /// Results of reconciling connections, until their next pull.
    pub(crate) reconciled: Reconciled,
    pub(crate) latest_time: LatestTime,
    pub(crate) ahead: Ahead,
    pub(crate) frozen: Frozen,
    pub(crate) spool: Spool,
    pub(crate) in_hand: InHandIds,
    pub(crate) moved: Moved,
    pub(crate) clock_reported: timekeeping::Reported,
    pub(crate) looked_at: LookedAt,
    pub(crate) scanner: Scanner,
    pub(crate) uploads: UnderWay,
    detached: detached::Detached,
    /// This App, for work that outlives its caller.
    me: Weak<App>,
}

pub type Shared = Arc<App>;

impl App {
    /// Opens everything: the database (migrated), the key (checked against it), the integrations.
    pub async fn start(config: Config, clock: Clock) -> Result<Shared, StartError> {
        let source = Source::of(&config);
        Self::start_with(config, clock, &source).await
    }

    /// The same, with the root keys of another place than the settings name.
    ///
    /// # Errors
    /// As of [`App::start`].
    pub async fn start_with(
        config: Config,
        clock: Clock,
        source: &Source,
    ) -> Result<Shared, StartError> {
        let db = Db::open(&config.database_url, config.database_connections).await?;
        db.keep_time().await?;
        for name in db.migrate(clock.now()).await? {
            tracing::info!(migration = name, "schema migrated");
        }
        if crate::transfer::restore::is_under_way(&db).await? {
            return Err(StartError::RestoreUnderWay);
        }
        let vault = open_vault(&config, source, &db, &clock).await?;
        let (catalogue, problems) = Catalogue::load(
            connectors::BUILTIN,
            &config.integrations.dirs,
            &config.integrations.variables,
        );
        for problem in problems {
            tracing::error!(%problem, "integration refused");
        }
        check_ways(&config, &catalogue)?;
        let door = Door::new(Policy {
            allow_private: config.egress.allow_private.iter().cloned().collect(),
            connect_timeout: Duration::from_millis(config.egress.connect_timeout_ms),
            total_timeout: Duration::from_millis(config.egress.timeout_ms),
            max_body: config.egress.max_body_bytes,
        });
        let webhook_door = Door::new(Policy {
            allow_private: config.webhooks.allow_private.iter().cloned().collect(),
            connect_timeout: Duration::from_millis(
                config
                    .egress
                    .connect_timeout_ms
                    .min(config.webhooks.timeout_ms),
            ),
            total_timeout: Duration::from_millis(config.webhooks.timeout_ms),
            ..Policy::default()
        });
        let nodes = Arc::<Nodes>::default();
        let (live, work, outbox) = wake_on_commit(&db, Arc::clone(&nodes));
        let app = Arc::new_cyclic(|me| Self {
            keys: ApiKeys::new(db.clone(), clock.clone()),
            client_limits: ClientLimits::new(db.clone(), clock.clone(), caps(&config), nodes),
            platform_limits: PlatformLimits::new(db.clone(), clock.clone()),
            config,
            db,
            vault,
            clock,
            catalogue,
            door,
            webhook_door,
            live,
            work,
            outbox,
            stop: watch::Sender::new(false),
            metrics: Metrics::default(),
            health: PlatformHealth::default(),
            readiness: Readiness::default(),
            reads: Reads::default(),
            funnel: Opened::default(),
            enforced: Enforced::default(),
            reconciled: Reconciled::default(),
            latest_time: LatestTime::default(),
            ahead: Ahead::default(),
            frozen: Frozen::default(),
            spool: Spool::default(),
            in_hand: InHandIds::default(),
            moved: Moved::default(),
            clock_reported: timekeeping::Reported::default(),
            looked_at: LookedAt::default(),
            scanner: Scanner::default(),
            uploads: UnderWay::default(),
            detached: detached::Detached::default(),
            me: Weak::clone(me),
        });
        crate::consents::adopt(&app).await?;
        Ok(app)
    }

    /// Writes down which sealed values were opened, and closes what another process may open then.
    pub async fn close(&self) {
        if let Err(error) = openings::flush(self).await {
            tracing::error!(%error, "the last openings of sealed values could not be written to the record");
        }
        self.spool.close();
        self.db.close().await;
    }

    /// True once the program is to stop: nothing begins any more whose answer can't be had again.
    pub fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }
}

/// Wakes the workers, the live views and the deliveries of this process whenever a commit leaves them something to do.
fn wake_on_commit(db: &Db, nodes: Arc<Nodes>) -> (Arc<Live>, Arc<Notify>, Arc<Outbox>) {
    let (live, work, outbox) = (
        Arc::new(Live::new(nodes)),
        Arc::<Notify>::default(),
        Arc::<Outbox>::default(),
    );
    let woken = (Arc::clone(&live), Arc::clone(&work), Arc::clone(&outbox));
    db.on_commit(move |news| match news {
        News::Work => woken.1.notify_one(),
        News::Company(company) => woken.0.wake(*company),
        News::Webhook(consumer) => woken.2.add(*consumer),
    });
    (live, work, outbox)
}

fn caps(config: &Config) -> Caps {
    let limits = &config.limits;
    Caps {
        requests_per_day: limits.requests_per_day.into(),
        concurrent_per_company: limits.concurrent_per_company.into(),
        requests_per_minute_per_address: limits.requests_per_minute_per_address,
    }
}

/// Refuses settings that offer a way of giving access which the platform hasn't. One whose folder was refused is passed over.
fn check_ways(config: &Config, catalogue: &Catalogue) -> Result<(), StartError> {
    for (key, chosen) in &config.integrations.ways {
        let Some(integration) = catalogue.get(key) else {
            continue;
        };
        let sign_in = integration.signs_in().then_some(SIGN_IN);
        let ways = integration.ways().iter().map(Way::key);
        let known: Vec<&str> = sign_in.into_iter().chain(ways).collect();
        if let Some(way) = chosen.iter().find(|way| !known.contains(&way.as_str())) {
            return Err(StartError::UnknownWay {
                key: key.clone(),
                way: way.clone(),
                known: known.join(", "),
            });
        }
    }
    Ok(())
}

/// Opens the keys, and checks them against the database. A new root key is made for a new database alone: beside one in use, a missing
/// key file is a fault that a new key would hide.
///
/// # Errors
/// A key is missing or another one, or the database can't be read or written to.
pub async fn open_vault(
    config: &Config,
    source: &Source,
    db: &Db,
    clock: &Clock,
) -> Result<Vault, StartError> {
    if let Source::File(path) = source
        && !path.exists()
        && !config.kms.is_set()
    {
        let file = source.name();
        if is_in_use(db).await? {
            return Err(StartError::NoKey { file });
        }
        // Another process may have made it in this moment.
        match roots::write_text(path, &roots::new_line()) {
            Ok(()) => tracing::warn!(
                file,
                "made a new key: every token is sealed with it, and without it none can be opened again; keep a copy apart from \
                 the database's backups"
            ),
            Err(error) if !path.exists() => return Err(error.into()),
            Err(_) => {}
        }
    }
    let vault = match Vault::load(db, Roots::read(source.clone(), config)?, clock.now()).await {
        Ok(vault) => vault,
        Err(VaultError::NoRoot(name)) => {
            let file = source.name();
            return Err(StartError::OtherKeys { file, name });
        }
        Err(error) => return Err(error.into()),
    };
    check_key(db, &vault, &source.name()).await?;
    Ok(vault)
}

/// True if a database holds what a key was made for.
///
/// # Errors
/// The database can't be read.
pub async fn is_in_use(db: &Db) -> Result<bool, StoreError> {
    Ok(store::meta::get(db, CHECK).await?.is_some())
}

/// Opens a sealed word in the database: only the key that the rest was sealed with can.
///
/// # Errors
/// The key is another one, or the database can't be read.
async fn check_key(db: &Db, vault: &Vault, file: &str) -> Result<(), StartError> {
    match store::meta::get(db, CHECK).await? {
        Some(text) => {
            let wrong = || StartError::WrongKey {
                file: file.to_owned(),
            };
            let sealed = STANDARD.decode(text).map_err(|_| wrong())?;
            match vault
                .open_sealed(&Sealed(sealed), CHECK_PLACE, Purpose::Check)
                .await
            {
                Ok(_) => Ok(()),
                Err(VaultError::Store(error)) => Err(error.into()),
                Err(_) => Err(wrong()),
            }
        }
        None => {
            let mut tx = db.write().await?;
            store::meta::set(&mut tx, CHECK, &check_word(vault)).await?;
            Ok(tx.commit().await?)
        }
    }
}

/// The place of the word by which a wrong key is known.
pub(crate) const CHECK_PLACE: Place<'static> = Place {
    client: ClientId(uuid::Uuid::nil()),
    row: Row::Installation,
    field: CHECK,
};

/// The word by which a wrong key is known, sealed by the key that seals now.
pub(crate) fn check_word(vault: &Vault) -> String {
    STANDARD.encode(vault.seal(&egress::Secret::new("moorline"), CHECK_PLACE).0)
}
