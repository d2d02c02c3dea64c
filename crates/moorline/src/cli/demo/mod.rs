//! `moorline demo`: the platform and a sandbox to practise on, in one process, with everything set up.

pub(super) mod machine;
mod walk;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use egress::Secret;
use sandbox::Product;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

use super::running::serve;
use super::{NAMED_FILE, clients, log_to_stderr};
use platform::access::links;
use platform::app::config::{Config, Log, LogFormat};
use platform::app::{App, Shared};
use platform::credentials::oauth_clients;
use store::clock::{Clock, random_bytes};
use store::model::ClientId;

#[derive(Args)]
pub struct Demo {
    /// Folder of the database, key and settings, kept for the next start.
    #[arg(long, default_value = "demo-data")]
    data: PathBuf,
    /// Port of the platform.
    #[arg(long, default_value_t = 7400)]
    port: u16,
    /// Port of the sandbox.
    #[arg(long, default_value_t = 7410)]
    sandbox_port: u16,
    /// Print one line of JSON (platform, sandbox, apiKey) once everything answers, instead of the walk.
    #[arg(long)]
    json: bool,
}

/// Everything that the next start needs to go on. It holds the demo's API key: the file is readable by its owner alone.
#[derive(Serialize, Deserialize)]
struct Kept {
    client: ClientIdText,
    api_key: String,
    sandbox_secret: String,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct ClientIdText(uuid::Uuid);

impl Demo {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let filter =
            std::env::var("MOORLINE_LOG__FILTER").unwrap_or_else(|_| "warn,moorline=info".into());
        log_to_stderr(&Log {
            filter: if self.json { filter } else { "warn".into() },
            format: LogFormat::Text,
        })?;
        if let Some(file) = NAMED_FILE.get() {
            tracing::warn!(
                "the demo has settings of its own, in {}; {} is not read",
                self.data.display(),
                file.display()
            );
        }
        // Both ports first, so that a busy one is reported before anything is made.
        let listener = bind(self.port, "--port").await?;
        let sandbox_listener = bind(self.sandbox_port, "--sandbox-port").await?;
        let (port, sandbox_port) = (
            listener.local_addr()?.port(),
            sandbox_listener.local_addr()?.port(),
        );
        fs::create_dir_all(&self.data)
            .with_context(|| format!("can't make {}", self.data.display()))?;

        // Cookies ignore ports, so the two go by different names of this machine.
        let platform = format!("http://localhost:{port}");
        let sandbox = format!("http://127.0.0.1:{sandbox_port}");
        let app = App::start(
            self.config(&platform, &sandbox, sandbox_port)?,
            Clock::System,
        )
        .await?;
        let kept = self.kept(&app).await?;
        self.keep_settings(&app.config)?;

        let stop = app.stop.subscribe();
        let sandbox_config = self.sandbox_config(&app, &sandbox, &kept)?;
        let sandbox_server = tokio::spawn(sandbox::serve(
            sandbox_config,
            sandbox_listener,
            stopped(stop),
        ));
        let on_signal = Shared::clone(&app);
        let signal = serve::stop_signal()?;
        tokio::spawn(async move {
            signal.await;
            on_signal.stop.send_replace(true);
        });
        if self.json {
            println!(
                "{}",
                json!({ "platform": platform, "sandbox": sandbox, "apiKey": kept.api_key })
            );
        } else {
            print!(
                "{}",
                walk::introduction(&platform, &sandbox, &self.data, &kept.api_key)
            );
        }
        serve::until_stopped(app, listener).await?;
        sandbox_server
            .await
            .context("the sandbox stopped with an error")??;
        Ok(())
    }

    /// Defaults, overridden by settings from the environment, and both by what makes this a demo.
    fn config(&self, platform: &str, sandbox: &str, sandbox_port: u16) -> anyhow::Result<Config> {
        let mut config = Config::load(None, std::env::vars())?;
        config.public_url = Url::parse(platform)?;
        if std::env::var_os("MOORLINE_DATABASE_URL").is_none() {
            config.database_url = format!("sqlite:{}", self.data.join("moorline.db").display());
        }
        config.key_file = self.data.join("moorline.key");
        config.limits.requests_per_day = 0;
        config.limits.concurrent_per_company = 0;
        config.limits.requests_per_minute_per_address = 0;
        config.limits.streams_per_address = 0;
        config
            .egress
            .allow_private
            .push(format!("127.0.0.1:{sandbox_port}"));
        // A developer's webhook receiver runs on this machine, on any port.
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            config.webhooks.allow_private.push(host.to_owned());
        }
        config
            .integrations
            .variables
            .insert("sandbox".into(), sandbox.to_owned());
        Ok(config)
    }

    /// Writes the settings by which the other commands find this demo's database, while it runs and after.
    fn keep_settings(&self, config: &Config) -> anyhow::Result<()> {
        let database_url = match config.database_url.strip_prefix("sqlite:") {
            Some(_) if std::env::var_os("MOORLINE_DATABASE_URL").is_none() => "sqlite:moorline.db",
            _ => &config.database_url,
        };
        let text = format!(
            "# Of the demo: `moorline companies list --config {}` and such commands look into it.\n\
             listen = {}\npublic_url = {}\ndatabase_url = {}\nkey_file = \"moorline.key\"\n",
            self.settings().display(),
            toml::Value::from(config.listen.to_string()),
            toml::Value::from(config.origin()),
            toml::Value::from(database_url),
        );
        // Its address is another one whenever the port is.
        let _ = fs::remove_file(self.settings());
        write_private(&self.settings(), &text)
    }

    fn settings(&self) -> PathBuf {
        self.data.join("moorline.toml")
    }

    async fn kept(&self, app: &App) -> anyhow::Result<Kept> {
        let path = self.data.join("demo.json");
        let kept = match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text)
                .with_context(|| format!("{} can't be read", path.display()))?,
            Err(_) => {
                let (client, api_key) = clients::create(app, "Tidewell").await?;
                let sandbox_secret = platform::credentials::vault::hex(&random_bytes::<24>());
                let kept = Kept {
                    client: ClientIdText(client.id.0),
                    api_key,
                    sandbox_secret,
                };
                write_private(&path, &serde_json::to_string_pretty(&kept)?)?;
                kept
            }
        };
        let client = ClientId(kept.client.0);
        if store::clients::get(&app.db, client).await?.is_none() {
            bail!(
                "{} belongs to another database; remove it, or the whole folder, and start again",
                path.display()
            );
        }
        let secret = Secret::new(kept.sandbox_secret.clone());
        for (product, key) in sandbox_integrations(app) {
            oauth_clients::configure(app, client, &key, &oauth_client_id(product), Some(&secret))
                .await?;
        }
        Ok(kept)
    }

    fn sandbox_config(
        &self,
        app: &App,
        sandbox: &str,
        kept: &Kept,
    ) -> anyhow::Result<sandbox::Config> {
        let mut config = sandbox::Config::new(Url::parse(sandbox)?);
        config.state_file = Some(self.data.join("sandbox.json"));
        for (product, key) in sandbox_integrations(app) {
            config.clients.push(sandbox::Client {
                id: oauth_client_id(product),
                secret: kept.sandbox_secret.clone(),
                name: "Tidewell".into(),
                redirect_uris: vec![Url::parse(&links::redirect_uri(app, &key))?],
                product,
            });
        }
        Ok(config)
    }
}

/// The integrations that lead to the sandbox, each with the product that its manifest's source type stands for.
fn sandbox_integrations(app: &App) -> Vec<(Product, String)> {
    let product_of = |source: connectors::SourceType| match source {
        connectors::SourceType::Accounting => Product::Accounting,
        connectors::SourceType::Banking => Product::Banking,
        connectors::SourceType::Commerce => Product::Commerce,
    };
    let site = app.config.integrations.variables.get("sandbox");
    let site = site.and_then(|site| Url::parse(site).ok());
    app.catalogue
        .iter()
        .filter(|integration| {
            site.as_ref()
                .is_some_and(|site| integration.stands_at(site))
        })
        .map(|integration| {
            (
                product_of(integration.source_type()),
                integration.key().to_owned(),
            )
        })
        .collect()
}

fn oauth_client_id(product: Product) -> String {
    format!("moorline-{product}")
}

async fn bind(port: u16, flag: &str) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.with_context(|| {
        format!("port {port} is in use; stop what uses it, or choose another with {flag}")
    })
}

async fn stopped(mut stop: tokio::sync::watch::Receiver<bool>) {
    while !*stop.borrow() {
        if stop.changed().await.is_err() {
            return;
        }
    }
}

fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(path)
        .with_context(|| format!("can't make {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(())
}
