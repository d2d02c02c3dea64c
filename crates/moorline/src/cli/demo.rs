//! `moorline demo`: the platform and a sandbox to practise on, in one process, with everything set up.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use egress::Secret;
use sandbox::Product;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

use super::{clients, log_to_stderr, serve};
use platform::app::config::{Config, Log, LogFormat};
use platform::app::{App, Shared};
use platform::companies::{self, Family, New};
use platform::{connecting, credentials::oauth_clients};
use store::clock::{Clock, random_bytes};
use store::companies::Company;
use store::connections::Connection;
use store::list::Wanted;
use store::model::company::Tags;
use store::model::{Actor, ClientId};
use store::query::{Condition, Expression};

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
            let (company, connection) = walk_through(&app, ClientId(kept.client.0)).await?;
            print!(
                "{}",
                walk(&app, &sandbox, &self.data, &kept, &company, &connection)
            );
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
        config.limits.requests_per_day = 0;
        config.limits.concurrent_per_company = 0;
        config.limits.requests_per_minute_per_address = 0;
        config
            .egress
            .allow_private
            .push(format!("127.0.0.1:{sandbox_port}"));
        // A receiver that somebody tries out runs on this machine, on any port.
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            config.webhooks.allow_private.push(host.to_owned());
        }
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
                redirect_uris: vec![Url::parse(&connecting::redirect_uri(app, &key))?],
                product,
            });
        }
        Ok(config)
    }
}

/// What the walk goes through: the company and connection of an earlier start, or new ones.
async fn walk_through(app: &App, client: ClientId) -> anyhow::Result<(Company, Connection)> {
    const NAME: &str = "merchant-42";
    let named = Expression::Condition(Condition::equal("name", NAME));
    let wanted = Wanted {
        filter: Some(&named),
        limit: 1,
        ..Wanted::default()
    };
    let found = store::companies::list(&app.db, client, wanted, None).await?;
    let company = match found.rows.into_iter().next() {
        Some(company) => company,
        None => {
            let new = New {
                name: NAME.into(),
                description: Some("The demo's first customer".into()),
                tags: Tags::new(),
                products: Vec::new(),
                family: Family::default(),
            };
            companies::create(app, client, new).await?
        }
    };
    let existing = store::connections::of_companies(&app.db, &[company.id]).await?;
    let connection = match existing.into_iter().next() {
        Some(connection) => connection,
        None => {
            let accounting = sandbox_integrations(app)
                .into_iter()
                .find(|(product, _)| *product == Product::Accounting)
                .context("there is no accounting sandbox among the integrations")?;
            connecting::create(app, client, company.id, &accounting.1, Actor::Client).await?
        }
    };
    Ok((company, connection))
}

fn walk(
    app: &App,
    sandbox: &str,
    data: &Path,
    kept: &Kept,
    company: &Company,
    connection: &Connection,
) -> String {
    let platform = app.config.origin();
    format!(
        r#"
Moorline is running.

  platform   {platform}
  sandbox    {sandbox}   (a platform to practise on; faults on demand at {sandbox}/control)
  data       {data}

A walk through the journey. A company and a connection are there already; paste these into another terminal:

  AUTH="Authorization: Basic {basic}"

  # 1. The company (made with: curl {platform}/companies -H "$AUTH" --json '{{"name":"{name}"}}')
  curl -s {platform}/companies/{company} -H "$AUTH"

  # 2. The platforms that it can connect
  curl -s "{platform}/integrations?query=enabled%3Dtrue" -H "$AUTH"

  # 3. Its connection (made with: curl {platform}/companies/{company}/connections -H "$AUTH" --json '{{"platformKey":"{key}"}}').
  #    Send the customer to its linkUrl: open it in a browser now, and choose a business. This one is good for a day:
  #    {link}
  curl -s {platform}/companies/{company}/connections/{connection} -H "$AUTH"

  # 4. Watch the data arrive
  curl -s {platform}/companies/{company}/dataStatus -H "$AUTH"

  # 5. Read it
  curl -s "{platform}/companies/{company}/data/invoices?page=1&pageSize=3&query=amountDue%3E0" -H "$AUTH"

  # 6. What happened to the connection, and the way to end it
  curl -s {platform}/companies/{company}/connections/{connection}/timeline -H "$AUTH"
  curl -s -X PATCH {platform}/companies/{company}/connections/{connection} -H "$AUTH" --json '{{"status":"Unlinked"}}'

Ctrl-C stops it; the next start finds the data and the key again.
"#,
        data = data.display(),
        basic = STANDARD.encode(&kept.api_key),
        name = company.name,
        company = company.id,
        connection = connection.id,
        key = connection.integration_key,
        link = connecting::link_url(app, connection),
    )
}

/// Which integration leads to which product of the sandbox, by the kind of source that its manifest names.
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
