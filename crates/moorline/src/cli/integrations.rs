//! `moorline integrations`: the platforms that customers can choose, and the OAuth clients there.

use std::io::Read;

use anyhow::{Context, bail};
use clap::Subcommand;
use egress::Secret;

use super::choose_client;
use super::operating::{Shown, print_all, print_one};
use platform::access::links;
use platform::app::App;
use platform::credentials::oauth_clients;
use platform::data::files::sources::{SOURCES, source};

#[derive(Subcommand)]
pub enum Integrations {
    /// List every platform with its state: enabled or disabled, configured or not.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
    /// Let customers choose a platform.
    Enable {
        /// The platform's key, as `moorline integrations list` shows it.
        key: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
    /// Take a platform off the list. Existing connections go on.
    Disable {
        /// The platform's key, as `moorline integrations list` shows it.
        key: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
    /// Set your OAuth client at a platform and enable it. The secret is read from standard input and stored sealed.
    Configure {
        /// The platform's key, as `moorline integrations list` shows it.
        key: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The id of your OAuth client at the platform.
        #[arg(long)]
        client_id: String,
        /// Read no secret: the OAuth client is a public one, which has none.
        #[arg(long)]
        no_secret: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
}

impl Integrations {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::List { client, json } => list(app, client.as_deref(), json).await,
            Self::Enable { key, client, json } => {
                set_enabled(app, &key, client.as_deref(), true, json).await
            }
            Self::Disable { key, client, json } => {
                set_enabled(app, &key, client.as_deref(), false, json).await
            }
            Self::Configure {
                key,
                json,
                client_id,
                no_secret,
                client,
            } => {
                anyhow::ensure!(
                    source(&key).is_none(),
                    "customers upload files to '{key}', which has no OAuth client; run: moorline integrations enable {key}"
                );
                ensure_known(app, &key)?;
                let signs_in = app.catalogue.get(&key).is_none_or(|known| known.signs_in());
                anyhow::ensure!(
                    signs_in,
                    "customers don't sign in at '{key}', which has no OAuth client; run: moorline integrations enable {key}"
                );
                let client = choose_client(app, client.as_deref()).await?;
                let secret = if no_secret {
                    None
                } else {
                    Some(read_secret()?)
                };
                oauth_clients::configure(app, client.id, &key, &client_id, secret.as_ref()).await?;
                if json {
                    let shown = Shown::default()
                        .with("key", &key)
                        .with("client", client.id)
                        .with("enabled", true)
                        .with("configured", true)
                        .with("redirectUri", links::redirect_uri(app, &key));
                    print_one(&shown, &[], true);
                    return Ok(());
                }
                println!("{key} is configured and enabled for {}.", client.name);
                println!(
                    "Register exactly this redirect URI at the platform: {}",
                    links::redirect_uri(app, &key)
                );
                Ok(())
            }
        }
    }
}

async fn list(app: &App, client: Option<&str>, json: bool) -> anyhow::Result<()> {
    let client = choose_client(app, client).await?;
    let settings = store::integrations::list(&app.db, client.id).await?;
    let mut shown = Vec::new();
    for integration in app.catalogue.iter() {
        let setting = settings
            .iter()
            .find(|setting| setting.key == integration.key());
        let enabled = setting.is_some_and(|setting| setting.enabled);
        let configured = setting.is_some_and(|setting| setting.oauth_client_id.is_some());
        if json {
            shown.push(
                Shown::default()
                    .with("key", integration.key())
                    .with("sourceType", integration.source_type().as_str())
                    .with("name", integration.name())
                    .with("enabled", enabled)
                    .with("configured", configured)
                    .with("beta", integration.beta()),
            );
            continue;
        }
        println!(
            "{}  {:<10}  {:<8}  {:<14}  {}{}",
            integration.key(),
            integration.source_type().as_str(),
            if enabled { "enabled" } else { "disabled" },
            match (configured, integration.signs_in()) {
                (true, _) => "configured",
                (false, true) if integration.ways().is_empty() => "not configured",
                (false, _) => "no sign-in",
            },
            integration.name(),
            if integration.beta() { " (beta)" } else { "" },
        );
    }
    for source in &SOURCES {
        let enabled = settings
            .iter()
            .any(|setting| setting.key == source.key && setting.enabled);
        if json {
            shown.push(
                Shown::default()
                    .with("key", source.key)
                    .with("sourceType", "Other")
                    .with("name", source.name)
                    .with("enabled", enabled)
                    .with("configured", false)
                    .with("beta", false),
            );
            continue;
        }
        println!(
            "{}  {:<10}  {:<8}  {:<14}  {}",
            source.key,
            "Other",
            if enabled { "enabled" } else { "disabled" },
            "no sign-in",
            source.name
        );
    }
    if json {
        print_all(&shown, true);
    }
    Ok(())
}

async fn set_enabled(
    app: &App,
    key: &str,
    client: Option<&str>,
    enabled: bool,
    json: bool,
) -> anyhow::Result<()> {
    ensure_known(app, key)?;
    let client = choose_client(app, client).await?;
    oauth_clients::set_enabled(app, client.id, key, enabled).await?;
    let configured = store::integrations::get(&app.db, client.id, key)
        .await?
        .is_some_and(|setting| setting.oauth_client_id.is_some());
    if json {
        let shown = Shown::default()
            .with("key", key)
            .with("client", client.id)
            .with("enabled", enabled)
            .with("configured", configured);
        print_one(&shown, &[], true);
        return Ok(());
    }
    println!(
        "{key} is {} for {}.",
        if enabled { "enabled" } else { "disabled" },
        client.name
    );
    let integration = app.catalogue.get(key);
    let signs_in = integration.is_some_and(|integration| integration.signs_in());
    let ways = integration.map_or(0, |integration| integration.ways().len());
    if enabled && !configured && signs_in {
        let until = match ways {
            0 => "yet",
            _ => "yet, so that its customers aren't offered a sign-in",
        };
        println!(
            "It has no OAuth client {until}: moorline integrations configure {key} --client-id ID < secret"
        );
    }
    Ok(())
}

fn ensure_known(app: &App, key: &str) -> anyhow::Result<()> {
    if app.catalogue.get(key).is_some() || source(key).is_some() {
        return Ok(());
    }
    let keys: Vec<_> = app
        .catalogue
        .iter()
        .map(|integration| integration.key())
        .chain(SOURCES.iter().map(|source| source.key))
        .collect();
    bail!(
        "no integration has the key '{key}'. Valid keys: {}",
        keys.join(", ")
    )
}

fn read_secret() -> anyhow::Result<Secret> {
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        eprintln!("Type the client secret, then Ctrl-D:");
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("the secret could not be read from standard input")?;
    let text = text.trim();
    anyhow::ensure!(
        !text.is_empty(),
        "standard input holds no client secret; pipe it in, or give --no-secret for a public client"
    );
    Ok(Secret::new(text))
}
