//! `moorline doctor`: what is wrong, and how to mend it.

use std::process::ExitCode;

use connectors::Catalogue;

use platform::app::config::{Config, ConfigError};
use platform::app::{App, StartError};
use platform::credentials::vault::{Vault, VaultError};
use store::clock::Clock;
use store::{Db, StoreError};

/// Findings are printed as they come; the exit code says whether any of them keeps the program from working.
#[derive(Default)]
struct Findings {
    wrong: usize,
}

impl Findings {
    fn good(&self, what: &str) {
        println!("ok     {what}");
    }

    fn note(&self, what: &str) {
        println!("note   {what}");
    }

    fn wrong(&mut self, what: &str, mend: &str) {
        self.wrong += 1;
        println!("WRONG  {what}");
        println!("       mend: {mend}");
    }
}

pub(super) async fn run(config: Result<Config, ConfigError>) -> ExitCode {
    let mut findings = Findings::default();
    match config {
        Ok(config) => {
            findings.good("settings can be read");
            urls(&config, &mut findings);
            integrations(&config, &mut findings);
            let key = key(&config, &mut findings);
            if database(&config, &mut findings).await && key {
                together(config, &mut findings).await;
            }
        }
        Err(error) => findings.wrong(
            &error.to_string(),
            "correct that setting; moorline.example.toml lists them all",
        ),
    }
    match findings.wrong {
        0 => {
            println!("Nothing is wrong.");
            ExitCode::SUCCESS
        }
        1 => {
            println!("One thing is wrong.");
            ExitCode::FAILURE
        }
        number => {
            println!("{number} things are wrong.");
            ExitCode::FAILURE
        }
    }
}

fn urls(config: &Config, findings: &mut Findings) {
    let url = &config.public_url;
    let host = url.host_str().unwrap_or_default();
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost");
    match (config.is_https(), local) {
        (true, _) => findings.good(&format!("public_url is https ({})", config.origin())),
        (false, true) => findings.note(&format!("public_url is {}: fine on this machine, not for customers", config.origin())),
        (false, false) => findings.wrong(
            &format!("public_url is plain http ({}): tokens and link passwords would cross the network in the clear", config.origin()),
            "put a TLS proxy in front and set public_url to its https address",
        ),
    }
    match std::net::TcpListener::bind(config.listen) {
        Ok(_) => findings.good(&format!("{} is free to listen on", config.listen)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            findings.note(&format!(
                "{} is in use: by Moorline, if it is running",
                config.listen
            ));
        }
        Err(error) => findings.wrong(
            &format!("can't listen on {}: {error}", config.listen),
            "change listen",
        ),
    }
    if !config.webhooks.allow_private.is_empty() {
        findings.note(&format!(
            "private addresses that webhook consumers may have: {}",
            config.webhooks.allow_private.join(", ")
        ));
    }
    if config.webhooks.allow_http {
        findings.note("webhook consumers may have http URLs: what is sent there crosses the network in the clear");
    }
    if !config.egress.allow_private.is_empty() {
        findings.note(&format!(
            "private addresses that may be called: {}",
            config.egress.allow_private.join(", ")
        ));
    }
}

fn integrations(config: &Config, findings: &mut Findings) {
    for dir in &config.integrations.dirs {
        if !dir.is_dir() {
            findings.wrong(
                &format!("{} is no folder", dir.display()),
                "correct integrations.dirs",
            );
        }
    }
    let (catalogue, problems) = Catalogue::load(
        connectors::BUILTIN,
        &config.integrations.dirs,
        &config.integrations.variables,
    );
    findings.good(&format!(
        "{} integrations can be used",
        catalogue.iter().count()
    ));
    for problem in problems {
        findings.wrong(
            &format!("an integration is refused: {problem}"),
            "correct that file; moorline pack check DIR tells all that is wrong with a folder",
        );
    }
}

fn key(config: &Config, findings: &mut Findings) -> bool {
    if let Ok(text) = std::env::var("MOORLINE_KEY") {
        return match Vault::from_text(&text, "MOORLINE_KEY") {
            Ok(vault) => {
                findings.good(&format!(
                    "the key {} comes from MOORLINE_KEY",
                    vault.key_id()
                ));
                true
            }
            Err(error) => {
                findings.wrong(
                    &error.to_string(),
                    "set it to the one line of a key file, or unset it",
                );
                false
            }
        };
    }
    if !config.key_file.exists() {
        findings.note(&format!(
            "{} does not exist yet; the first start makes it",
            config.key_file.display()
        ));
        return false;
    }
    match Vault::open(&config.key_file) {
        Ok((vault, _)) => {
            findings.good(&format!(
                "the key {} is in {}, for its owner alone",
                vault.key_id(),
                config.key_file.display()
            ));
            true
        }
        Err(error) => {
            let mend = match &error {
                VaultError::Exposed { path, .. } => format!("chmod 600 {}", path.display()),
                _ => "put the right key file back from your copy; without it no stored token can be opened".into(),
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
        findings.note(&format!(
            "{path} does not exist yet; the first start makes it"
        ));
        return false;
    }
    let db = match Db::open(&config.database_url, config.database_connections).await {
        Ok(db) => db,
        Err(error) => {
            findings.wrong(
                &error.to_string(),
                "check database_url, that the server runs, and the user's rights",
            );
            return false;
        }
    };
    findings.good(&format!("{} answers", db.engine()));
    match db.pending_migrations().await {
        Ok(pending) if pending.is_empty() => {
            findings.good("the schema is up to date");
            writing(&db, findings).await;
        }
        Ok(pending) => findings.note(&format!(
            "{} migrations are to come; serve applies them",
            pending.len()
        )),
        Err(error) => findings.wrong(
            &error.to_string(),
            "check the user's rights in the database",
        ),
    }
    db.close().await;
    true
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

/// What only shows when key and database meet.
async fn together(config: Config, findings: &mut Findings) {
    let app = match App::start(config, Clock::System).await {
        Ok(app) => app,
        Err(error @ StartError::WrongKey { .. }) => {
            findings.wrong(
                &error.to_string(),
                "put back the key file that this database was made with",
            );
            return;
        }
        Err(error) => {
            findings.wrong(&error.to_string(), "see above");
            return;
        }
    };
    findings.good("the key opens what the database holds");
    match store::jobs::depth(&app.db).await {
        Ok(depth) if depth.dead > 0 => {
            findings.note(&format!(
                "{} jobs were given up; the log of that time says why",
                depth.dead
            ));
        }
        Ok(_) => findings.good("no job was given up"),
        Err(error) => findings.wrong(&error.to_string(), "see above"),
    }
    webhooks(&app, findings).await;
    match store::clients::list(&app.db).await {
        Ok(clients) if clients.is_empty() => {
            findings.note("there is no client organisation yet: moorline clients create NAME")
        }
        Ok(clients) => {
            for client in clients {
                unconfigured(&app, &client, findings).await;
            }
        }
        Err(error) => findings.wrong(&error.to_string(), "see above"),
    }
    app.db.close().await;
}

/// Consumers that are sent nothing, or accept nothing.
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
                            "mend the receiver, then: moorline webhooks update {id} --enable --client {}",
                            webhook.client_id
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
        Err(error) => findings.wrong(&error.to_string(), "see above"),
    }
    match store::messages::depth(&app.db).await {
        Ok(depth) if depth.waiting > 0 => findings.note(&format!(
            "{} webhook messages wait to be sent, {} of them after a failure",
            depth.waiting, depth.retrying
        )),
        Ok(_) => {}
        Err(error) => findings.wrong(&error.to_string(), "see above"),
    }
}

/// A URL without its path and query, which may be secret.
fn origin(url: &str) -> String {
    url::Url::parse(url).map_or_else(
        |_| "(unreadable)".into(),
        |url| url.origin().ascii_serialization(),
    )
}

async fn unconfigured(app: &App, client: &store::clients::Client, findings: &mut Findings) {
    let Ok(settings) = store::integrations::list(&app.db, client.id).await else {
        return;
    };
    for setting in settings
        .iter()
        .filter(|setting| setting.enabled && setting.oauth_client_id.is_none())
    {
        findings.wrong(
            &format!(
                "{} is enabled for {} but has no OAuth client",
                setting.key, client.name
            ),
            &format!(
                "moorline integrations configure {} --client-id ID < secret",
                setting.key
            ),
        );
    }
}
