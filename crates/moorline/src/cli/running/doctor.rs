//! `moorline doctor`: report everything that is wrong, and how to mend it.

use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use super::findings::Findings;
use super::init::without_password;
use super::platforms;
use super::scanner::scanner;
use crate::cli::command;
use platform::app::config::{Config, ConfigError};
use platform::app::timekeeping::wrong_clock;
use platform::app::{App, StartError, is_in_use};
use platform::credentials::find_unreadable;
use platform::credentials::vault::VaultError;
use platform::credentials::vault::roots::{Roots, Source};
use platform::transfer::backup;
use store::clock::Clock;
use store::model::GrantState;
use store::{Db, StoreError};

/// The remedy for a query that fails although the database could be opened.
const DATABASE_REMEDY: &str =
    "check that the database server runs and that its user may read and write every table";

/// The form of the report.
#[derive(Args)]
pub(in crate::cli) struct Doctor {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) async fn run(
    doctor: &Doctor,
    file: Option<&Path>,
    config: Result<Config, ConfigError>,
) -> ExitCode {
    let mut findings = Findings::new(doctor.json);
    match config {
        Ok(config) => {
            match file {
                Some(file) => findings.good(&format!("settings can be read ({})", file.display())),
                None => {
                    findings.good("settings can be read (no file: the defaults, and variables)")
                }
            }
            urls(&config, &mut findings);
            platforms::folders(&config, &mut findings);
            scanner(&config, &mut findings).await;
            let key = key(&config, &mut findings);
            if database(&config, &mut findings).await && key {
                together(config, &mut findings).await;
            }
        }
        Err(error @ ConfigError::File { .. }) => findings.wrong(
            &error.to_string(),
            "name a settings file that can be read, with --config; `moorline init` writes one",
        ),
        Err(error) => findings.wrong(
            &error.to_string(),
            "correct that setting; moorline.example.toml lists them all",
        ),
    }
    findings.conclude()
}

fn urls(config: &Config, findings: &mut Findings) {
    let url = &config.public_url;
    let host = url.host_str().unwrap_or_default();
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost");
    match (config.is_https(), local) {
        (true, _) => findings.good(&format!("public_url is https ({})", config.origin())),
        (false, true) => findings.note(&format!("public_url is {}: enough for this machine, but customers need https", config.origin())),
        (false, false) => findings.wrong(
            &format!("public_url is plain http ({}): tokens and link passwords would cross the network in the clear", config.origin()),
            "put a TLS proxy in front and set public_url to its https address",
        ),
    }
    // Without a proxy in front, customers' browsers go to the very port that the address names.
    let named = url.port_or_known_default();
    if local && !config.is_https() && named != Some(config.listen.port()) {
        findings.note(&format!(
            "public_url is {}, and the program listens on {}: right if a proxy on this machine passes on what comes to the former",
            config.origin(),
            config.listen
        ));
    }
    match std::net::TcpListener::bind(config.listen) {
        Ok(_) => findings.good(&format!("{} is free to listen on", config.listen)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            findings.note(&format!(
                "{} is in use; that is right if Moorline is running",
                config.listen
            ));
        }
        Err(error) => findings.wrong(
            &format!("can't listen on {}: {error}", config.listen),
            "set listen to an address and port of this machine, such as 127.0.0.1:7400",
        ),
    }
    if !config.webhooks.allow_private.is_empty() {
        findings.note(&format!(
            "webhook consumers may have these private addresses: {}",
            config.webhooks.allow_private.join(", ")
        ));
    }
    if config.webhooks.allow_http {
        findings.note("webhook consumers may have http URLs: messages to those cross the network in the clear");
    }
    if !config.egress.allow_private.is_empty() {
        findings.note(&format!(
            "platforms may have these private addresses: {}",
            config.egress.allow_private.join(", ")
        ));
    }
}

fn key(config: &Config, findings: &mut Findings) -> bool {
    let source = Source::of(config);
    if let Source::File(path) = &source
        && !path.exists()
        && !config.kms.is_set()
    {
        findings.note(&format!(
            "the key file {} does not exist; the first start makes one for a new database",
            path.display()
        ));
        return false;
    }
    let newest = Roots::read(source.clone(), config).and_then(|roots| roots.newest());
    match (newest, &source) {
        (Ok(root), _) if config.kms.is_set() => {
            findings.good(&format!("the root key is {}", root.name()));
            true
        }
        (Ok(root), Source::File(path)) => {
            findings.good(&format!(
                "the key {} is in {}, readable by its owner alone",
                root.name(),
                path.display()
            ));
            true
        }
        (Ok(root), _) => {
            findings.good(&format!(
                "the key {} comes from {}",
                root.name(),
                source.name()
            ));
            true
        }
        (Err(error), source) => {
            let mend = match (&error, source) {
                (VaultError::Exposed { path, .. }, _) => format!("chmod 600 {}", path.display()),
                (_, Source::Variable(_)) => "set it to the single line of a key file, or unset it".into(),
                (_, Source::Command(_)) => "correct key_command: it has to print what a key file holds".into(),
                (_, Source::File(_)) => "put the right key file back from your copy; without it no stored token can be opened".into(),
            };
            findings.wrong(&error.to_string(), &mend);
            false
        }
    }
}

async fn database(config: &Config, findings: &mut Findings) -> bool {
    if let Some(path) = config.database_url.strip_prefix("sqlite:")
        && !std::path::Path::new(path.trim_start_matches("//")).exists()
    {
        let folder = std::path::Path::new(path.trim_start_matches("//")).parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        match folder.filter(|folder| !folder.is_dir()) {
            Some(folder) => findings.wrong(
                &format!(
                    "the database {path} can't be made: {} is no folder",
                    folder.display()
                ),
                "make that folder, or set database_url to a file in one that is there",
            ),
            None => findings.note(&format!(
                "the database {path} does not exist yet; the first start makes it"
            )),
        }
        return false;
    }
    let db = match Db::open_as_it_is(&config.database_url, config.database_connections).await {
        Ok(db) => db,
        Err(error) => {
            findings.wrong(
                &error.to_string(),
                "check database_url, the database server, and the user's rights there",
            );
            return false;
        }
    };
    findings.good(&format!(
        "{} answers ({})",
        db.engine(),
        without_password(&config.database_url)
    ));
    match db.pending_migrations().await {
        Ok(pending) if pending.is_empty() => {
            findings.good("the schema is up to date");
            key_of(&db, config, findings).await;
            writing(&db, findings).await;
        }
        Ok(pending) => {
            findings.note(&format!(
                "migrations are pending; `moorline serve` applies them, and the rest is checked then: {}",
                pending.join(", ")
            ));
            db.close().await;
            return false;
        }
        Err(error) => findings.wrong(
            &error.to_string(),
            "check the user's rights in the database",
        ),
    }
    db.close().await;
    true
}

/// Looks for a key that is missing beside a database that is in use: no start makes a new one then.
async fn key_of(db: &Db, config: &Config, findings: &mut Findings) {
    let given = match Source::of(config) {
        Source::File(path) => path.exists() || config.kms.is_set(),
        Source::Variable(_) | Source::Command(_) => true,
    };
    if !given && is_in_use(db).await.unwrap_or_default() {
        findings.wrong(
            &format!(
                "this database is in use, and the key file {} is missing: no stored token can be opened",
                config.key_file.display()
            ),
            "put the key file back from your copy, or set database_url to another database",
        );
    }
}

/// Tries a write: a full disk and a file that is read-only can be read.
async fn writing(db: &Db, findings: &mut Findings) {
    match store::meta::try_write(db).await {
        Ok(()) => findings.good(&format!("{} takes writes", db.engine())),
        Err(error @ StoreError::Full(_)) => findings.wrong(
            &error.to_string(),
            "make space on that disk; a running Moorline goes on by itself then",
        ),
        Err(error) => findings.wrong(
            &format!("nothing can be written: {error}"),
            "check the file's and its folder's rights, that its disk isn't mounted read-only, and that no other program locks it; \
             on PostgreSQL, that database_url leads to the primary",
        ),
    }
}

/// Checks that need the key and the database together.
async fn together(config: Config, findings: &mut Findings) {
    let app = match App::start(config, Clock::System).await {
        Ok(app) => app,
        Err(
            error @ (StartError::WrongKey { .. }
            | StartError::OtherKeys { .. }
            | StartError::NoKey { .. }),
        ) => {
            findings.wrong(
                &error.to_string(),
                "put back the key file that this database was made with",
            );
            return;
        }
        Err(error) => {
            findings.wrong(
                &error.to_string(),
                "do what it says, then run moorline doctor again",
            );
            return;
        }
    };
    findings.good("the key opens what the database holds");
    jobs(&app, findings).await;
    pulls(&app, findings).await;
    webhooks(&app, findings).await;
    grants(&app, findings).await;
    renewals(&app, findings).await;
    sealed(&app, findings).await;
    restored(&app, findings).await;
    backups(&app, findings).await;
    time(&app, findings);
    match store::clients::list(&app.db).await {
        Ok(clients) if clients.is_empty() => {
            findings.note("there is no client organisation yet: moorline clients create NAME")
        }
        Ok(clients) => {
            for client in clients {
                platforms::unconfigured(&app, &client, findings).await;
            }
        }
        Err(error) => findings.wrong(&error.to_string(), DATABASE_REMEDY),
    }
    app.close().await;
}

/// Reports jobs that were given up after their last attempt.
async fn jobs(app: &App, findings: &mut Findings) {
    const MOST: i64 = 20;
    match store::jobs::list(&app.db, true, MOST).await {
        Ok(dead) if dead.is_empty() => findings.good("no job was given up"),
        Ok(dead) => {
            for job in dead {
                findings.note(&format!(
                    "the job {} ({}) was given up: {}. `moorline jobs show {}` says what it is about",
                    job.id,
                    job.kind,
                    job.last_error.unwrap_or_default(),
                    job.id
                ));
            }
        }
        Err(error) => findings.wrong(&error.to_string(), DATABASE_REMEDY),
    }
}

/// Reports platforms whose newest pulls failed, or wait, with the reasons.
async fn pulls(app: &App, findings: &mut Findings) {
    match store::datasets::failing(&app.db).await {
        Ok(failing) if failing.is_empty() => findings.good("the newest pull of all data succeeded"),
        Ok(failing) => {
            for one in failing {
                let pulls = match one.number {
                    1 => "1 pull".to_owned(),
                    number => format!("{number} pulls"),
                };
                findings.note(&format!(
                    "{}: {pulls} {} ({}). `moorline datasets list --failing` lists them",
                    one.platform_name,
                    if one.status.is_error() {
                        "failed"
                    } else {
                        "waiting"
                    },
                    one.reason
                ));
            }
        }
        Err(error) => findings.wrong(&error.to_string(), DATABASE_REMEDY),
    }
}

/// Reports consumers that are disabled or failing, and messages that wait.
async fn webhooks(app: &App, findings: &mut Findings) {
    match store::webhooks::troubled(&app.db).await {
        Ok(troubled) if troubled.is_empty() => findings.good("no webhook consumer is failing"),
        Ok(troubled) => {
            for webhook in troubled {
                let (id, url) = (webhook.id, origin(&webhook.url));
                match (webhook.disabled, webhook.disabled_reason) {
                    (true, Some(reason)) => findings.wrong(
                        &format!("the webhook consumer {id} at {url} is disabled: {reason}"),
                        &format!(
                            "mend the receiver, then: {}",
                            command(&format!(
                                "webhooks update {id} --enable --client {}",
                                webhook.client_id
                            ))
                        ),
                    ),
                    (false, _) => findings.note(&format!(
                        "the webhook consumer {id} at {url} has accepted nothing since {}",
                        webhook
                            .failing_since
                            .map(|since| since.format("%Y-%m-%d %H:%M UTC").to_string())
                            .unwrap_or_default()
                    )),
                    (true, None) => {}
                }
            }
        }
        Err(error) => findings.wrong(&error.to_string(), DATABASE_REMEDY),
    }
    match store::messages::depth(&app.db).await {
        Ok(depth) if depth.waiting > 0 => findings.note(&format!(
            "{} webhook messages are waiting, {} of them for a retry",
            depth.waiting, depth.retrying
        )),
        Ok(_) => {}
        Err(error) => findings.wrong(&error.to_string(), DATABASE_REMEDY),
    }
}

/// Reports grants that platforms don't take back.
async fn grants(app: &App, findings: &mut Findings) {
    let since = app.clock.now() - chrono::TimeDelta::days(90);
    let troubled = match store::held::troubled(&app.db, since).await {
        Ok(troubled) => troubled,
        Err(error) => return findings.wrong(&error.to_string(), DATABASE_REMEDY),
    };
    if troubled.is_empty() {
        findings.good("every grant that is no longer wanted was given back");
    }
    for trouble in troubled {
        let key = &trouble.integration_key;
        let answer = trouble.answer.as_deref().unwrap_or("no reason given");
        let grants = match trouble.number {
            1 => "one grant".to_owned(),
            number => format!("{number} grants"),
        };
        if trouble.state == GrantState::Refused {
            findings.note(&format!(
                "{} ({key}) did not take {grants} back ({answer}), which is no longer tried: its owners can remove it there",
                trouble.platform_name
            ));
            continue;
        }
        findings.wrong(
            &format!(
                "{grants} could not be given back yet at {} ({key}): {answer}",
                trouble.platform_name
            ),
            &format!(
                "check the platform, and its OAuth client here: {} < secret",
                command(&format!("integrations configure {key} --client-id ID"))
            ),
        );
    }
}

/// Reports clients whose credentials a platform refuses, and answers to renewals that can't be read.
async fn renewals(app: &App, findings: &mut Findings) {
    const MOST: i64 = 20;
    let name = |key: &str| {
        let integration = app.catalogue.get(key);
        integration.map_or_else(|| key.to_owned(), |known| known.name().to_owned())
    };
    let at = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d %H:%M UTC").to_string();
    match store::token_endpoints::misconfigured(&app.db).await {
        Ok(refusing) if refusing.is_empty() => {
            findings.good("no platform refuses a client's credentials");
        }
        Ok(refusing) => {
            for endpoint in refusing {
                let (client, key) = (endpoint.client_id, &endpoint.integration_key);
                findings.wrong(
                    &format!(
                        "{} refuses the OAuth client of {client} since {} ({}): nothing can be connected or renewed there",
                        name(key),
                        at(endpoint.since),
                        endpoint.fault.unwrap_or_default()
                    ),
                    &format!(
                        "compare id and secret with those at the platform, then: moorline integrations configure {key} --client-id ID --client {client} < secret"
                    ),
                );
            }
        }
        Err(error) => findings.wrong(&error.to_string(), DATABASE_REMEDY),
    }
    match store::doubtful::misread(&app.db, MOST).await {
        Ok(misread) => {
            for credential in misread {
                findings.wrong(
                    &format!(
                        "the answer of {} to a renewal for the connection {} on {} can't be read: {}",
                        name(&credential.integration_key),
                        credential.connection_id,
                        at(credential.unread_at),
                        credential.unread_why
                    ),
                    "correct [auth] of the platform's manifest or install a newer version: the answer is kept, sealed, and is read again before each renewal",
                );
            }
        }
        Err(error) => findings.wrong(&error.to_string(), DATABASE_REMEDY),
    }
}

/// Reports connections whose stored access can't be opened.
async fn sealed(app: &App, findings: &mut Findings) {
    const MOST: usize = 20;
    match find_unreadable(app, MOST).await {
        Ok(found) if found.is_empty() => {
            findings.good("the access of every connection can be opened")
        }
        Ok(found) => {
            for (connection, why) in found {
                findings.wrong(
                    &format!("the stored access of the connection {connection} can't be opened: {why}"),
                    "find out who changed that row of the table credential; put it back from a backup that is not older than its last renewal, or let the customer connect again",
                );
            }
        }
        Err(error) => findings.wrong(&error.to_string(), DATABASE_REMEDY),
    }
}

/// Reports connections that are held back since a backup was restored.
async fn restored(app: &App, findings: &mut Findings) {
    const MOST: i64 = 100;
    match store::doubtful::held_back(&app.db, MOST).await {
        Ok(held_back) if held_back.is_empty() => {
            findings.good("no connection is held back since a backup was restored");
        }
        Ok(held_back) => {
            for one in held_back {
                let id = one.connection_id;
                findings.wrong(
                    &format!(
                        "the connection {id} is held back since a backup was restored on {}: its tokens may have been renewed since the backup was made",
                        one.restored_at.format("%Y-%m-%d %H:%M UTC")
                    ),
                    &format!("let its customer connect again; or, if its platform takes earlier refresh tokens or nothing was renewed: {}", command(&format!("connections renew {id}"))),
                );
            }
        }
        Err(error) => findings.wrong(&error.to_string(), DATABASE_REMEDY),
    }
}

/// Reports scheduled backups that fail or stay away.
async fn backups(app: &App, findings: &mut Findings) {
    let settings = &app.config.backup;
    let Some(to) = settings.to().filter(|_| settings.every_hours > 0) else {
        return;
    };
    let last = match backup::last(&app.db).await {
        Ok(last) => last,
        Err(error) => return findings.wrong(&error.to_string(), DATABASE_REMEDY),
    };
    let (made, failed) = last.map_or((None, None), |last| (last.made, last.failed));
    let shown = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M UTC").to_string();
    if let Some((at, why)) = failed {
        let newest = made.map_or("there is none yet".to_owned(), |made| {
            format!("the newest is of {}", shown(made))
        });
        return findings.wrong(
            &format!(
                "the scheduled backup of {} failed: {why}; {newest}",
                shown(at)
            ),
            &format!(
                "see that servers can write to {}; they try again each hour",
                to.display()
            ),
        );
    }
    let late = TimeDelta::hours(i64::from(settings.every_hours) * 2);
    match made {
        Some(made) if app.clock.now() - made > late => findings.wrong(
            &format!("the newest scheduled backup is of {}", shown(made)),
            "see that `moorline serve` runs with the same settings: a server makes them",
        ),
        Some(made) => findings.good(&format!(
            "the newest scheduled backup is of {}",
            shown(made)
        )),
        None => findings.note("no scheduled backup was made yet: a server makes the first"),
    }
}

/// Compares this machine's clock with the database's.
fn time(app: &App, findings: &mut Findings) {
    match wrong_clock() {
        Some(words) => findings.wrong(
            &format!("{words}: Moorline goes by the database's"),
            "let NTP set this machine's clock, and the database server's",
        ),
        None => findings.good(match app.db {
            Db::Sqlite { .. } => "the machine's clock is the only one",
            Db::Postgres(_) => "the machine's clock agrees with the database's",
        }),
    }
}

/// A URL's origin: its path and query may be secret.
fn origin(url: &str) -> String {
    url::Url::parse(url).map_or_else(
        |_| "(unreadable)".into(),
        |url| url.origin().ascii_serialization(),
    )
}
