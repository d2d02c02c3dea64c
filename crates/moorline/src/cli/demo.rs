//! `moorline demo`: the platform and a sandbox to practise on, in one process, with everything set up.

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

use super::{clients, log_to_stderr, serve};
use crate::app::{App, Shared};
use crate::clock::{Clock, random_bytes};
use crate::config::{Config, Log, LogFormat};
use crate::model::ClientId;
use crate::{integrations, linking};

#[derive(Args)]
pub struct Demo {
    /// Where its database, key and settings are kept, for the next start.
    #[arg(long, default_value = "demo-data")]
    data: PathBuf,
    /// The platform's port.
    #[arg(long, default_value_t = 7400)]
    port: u16,
    /// The sandbox's port.
    #[arg(long, default_value_t = 7410)]
    sandbox_port: u16,
    /// Print one line of JSON (platform, sandbox, apiKey) once everything answers, instead of the walk.
    #[arg(long)]
    json: bool,
}

/// What the next start needs to find everything again. Holds the demo's API key: the file is for its owner alone.
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
        // Both ports first, so that a busy one is said before anything is made.
        let listener = bind(self.port, "--port").await?;
        let sandbox_listener = bind(self.sandbox_port, "--sandbox-port").await?;
        let (port, sandbox_port) = (
            listener.local_addr()?.port(),
            sandbox_listener.local_addr()?.port(),
        );
        fs::create_dir_all(&self.data)
            .with_context(|| format!("can't make {}", self.data.display()))?;

        // Cookies ignore ports, so the two stand under different names of this machine.
        let platform = format!("http://localhost:{port}");
        let sandbox = format!("http://127.0.0.1:{sandbox_port}");
        let app = App::start(
            self.config(&platform, &sandbox, sandbox_port)?,
            Clock::System,
        )
        .await?;
        let kept = self.kept(&app).await?;

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
            print!("{}", self.walk(&app, &platform, &sandbox, &kept.api_key));
        }
        serve::until_stopped(app, listener).await?;
        sandbox_server.await.context("the sandbox ended badly")??;
        Ok(())
    }

    /// Defaults, settings from the environment, and over both what makes this the demo.
    fn config(&self, platform: &str, sandbox: &str, sandbox_port: u16) -> anyhow::Result<Config> {
        let mut config = Config::load(None, std::env::vars())?;
        config.public_url = Url::parse(platform)?;
        if std::env::var_os("MOORLINE_DATABASE_URL").is_none() {
            config.database_url = format!("sqlite:{}", self.data.join("moorline.db").display());
        }
        config.key_file = self.data.join("moorline.key");
        config
            .egress
            .allow_private
            .push(format!("127.0.0.1:{sandbox_port}"));
        config
            .integrations
            .variables
            .insert("sandbox".into(), sandbox.to_owned());
        Ok(config)
    }

    async fn kept(&self, app: &App) -> anyhow::Result<Kept> {
        let path = self.data.join("demo.json");
        let kept = match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text)
                .with_context(|| format!("{} can't be read", path.display()))?,
            Err(_) => {
                let (client, api_key) = clients::create(app, "Tidewell").await?;
                let sandbox_secret = crate::vault::hex(&random_bytes::<24>());
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
        if crate::store::clients::get(&app.db, client).await?.is_none() {
            bail!(
                "{} belongs to another database; remove it, or the whole folder, and start again",
                path.display()
            );
        }
        let secret = Secret::new(kept.sandbox_secret.clone());
        for (product, key) in sandbox_integrations(app) {
            integrations::configure(app, client, &key, &oauth_client_id(product), Some(&secret))
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
                redirect_uris: vec![Url::parse(&linking::redirect_uri(app, &key))?],
                product,
            });
        }
        Ok(config)
    }

    fn walk(&self, app: &App, platform: &str, sandbox: &str, api_key: &str) -> String {
        let accounting = sandbox_integrations(app)
            .into_iter()
            .find(|(product, _)| *product == Product::Accounting)
            .map_or_else(String::new, |(_, key)| key);
        format!(
            r#"
Moorline is running.

  platform   {platform}
  sandbox    {sandbox}   (a platform to practise on; faults on demand at {sandbox}/control)
  data       {data}

A walk through the journey. Paste these into another terminal:

  export KEY='{api_key}'
  export AUTH="Authorization: Basic $(printf %s "$KEY" | base64 | tr -d '\n')"

  # 1. Create a company
  COMPANY=$(curl -s {platform}/companies -H "$AUTH" -H 'Content-Type: application/json' \
    -d '{{"name":"merchant-42"}}' | sed -E 's/.*"id":"([^"]+)".*/\1/'); echo $COMPANY

  # 2. See which platforms it can connect
  curl -s "{platform}/integrations?query=enabled%3Dtrue" -H "$AUTH"

  # 3. Create a connection to the accounting sandbox, and open its linkUrl in a browser
  curl -s {platform}/companies/$COMPANY/connections -H "$AUTH" -H 'Content-Type: application/json' \
    -d '{{"platformKey":"{accounting}"}}' | sed -E 's/.*"linkUrl":"([^"]+)".*/\1/'

  # 4. Watch the data arrive
  curl -s {platform}/companies/$COMPANY/dataStatus -H "$AUTH"

  # 5. Read it
  curl -s "{platform}/companies/$COMPANY/data/invoices?page=1&pageSize=3" -H "$AUTH"

Ctrl-C stops it; the next start finds the data and the key again.
"#,
            data = self.data.display(),
        )
    }
}

/// Which integration leads to which product of the sandbox, by the kind of source that its manifest names.
fn sandbox_integrations(app: &App) -> Vec<(Product, String)> {
    let product_of = |source: connectors::SourceType| match source {
        connectors::SourceType::Accounting => Product::Accounting,
        connectors::SourceType::Banking => Product::Banking,
        connectors::SourceType::Commerce => Product::Commerce,
    };
    app.catalogue
        .iter()
        .filter(|integration| integration.sandbox())
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
