//! The commands, one file each.

mod clients;
mod consents;
mod demo;
mod integrations;
mod keys;
mod link_settings;
mod operating;
mod pack;
mod running;
mod transfer;
mod webhooks;

pub use clients::create as create_client;
pub use running::serve::until_stopped;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use platform::access::caller::{self, Caller};
use platform::app::config::{Config, Log, LogFormat};
use platform::app::{App, Shared, StartError};
use running::init::without_password;
use running::{doctor, migrate, serve};
use store::Db;
use store::clients::Client;
use store::clock::Clock;

/// Moorline keeps your customers' connections to accounting, banking and commerce platforms.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
pub struct Cli {
    /// The settings file; moorline.example.toml lists every setting. Without it: moorline.toml in the current folder if there is
    /// one, else the defaults. MOORLINE_… variables override both.
    #[arg(long, global = true, env = "MOORLINE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Begin: write a settings file, make the key, the database, the first client organisation and its API key.
    Init(running::init::Init),
    /// Run the platform.
    Serve,
    /// Run the platform and a sandbox to practise on, and print a walk through the journey.
    Demo(demo::Demo),
    /// Play a customer's computer with QuickBooks Desktop: it calls by the set-up file of a link page, and brings made-up books.
    DemoMachine(demo::machine::Machine),
    /// Check the settings, the database, the key and the URLs, and say how to mend what is wrong.
    Doctor(doctor::Doctor),
    /// Bring the database to the newest schema (serve does so too).
    Migrate(migrate::Migrate),
    /// Create, list and revoke API keys; change the keys that secrets are sealed with.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Choose the platforms that customers can connect, and configure your OAuth clients there.
    #[command(subcommand)]
    Integrations(integrations::Integrations),
    /// Show and set a client's texts and offer in Link and on the hosted pages.
    #[command(subcommand)]
    LinkSettings(link_settings::LinkSettings),
    /// Make, check and try the folder of a platform.
    #[command(subcommand)]
    Pack(pack::Pack),
    /// Write everything into an archive that restores another machine exactly.
    Export(transfer::export::Export),
    /// Restore an archive of `export`, or import companies, connections and tokens from Codat or Nango.
    Import(transfer::import::Import),
    /// Copy the database into a folder, while servers run.
    Backup(transfer::backup::Backup),
    /// Check a backup as a whole, and put it back where no database is.
    Restore(transfer::backup::Restore),
    /// Create, list, rename and delete client organisations (tenants), whose data is kept strictly apart.
    #[command(subcommand)]
    Clients(clients::Clients),
    /// List companies, and show one with its connections and data.
    #[command(subcommand)]
    Companies(operating::companies::Companies),
    /// List connections, show one with its history, and disconnect one.
    #[command(subcommand)]
    Connections(operating::connections::Connections),
    /// Show how far customers came in Link and on the hosted pages, by day and platform, and why they went no further.
    Funnel(operating::funnel::Funnel),
    /// List pulls, show one with its findings, and request data anew.
    #[command(subcommand)]
    Datasets(operating::datasets::Datasets),
    /// List what is queued and what was given up, and have it done again.
    #[command(subcommand)]
    Jobs(operating::jobs::Jobs),
    /// Verify the record of consents and of administrative acts, or write it out.
    #[command(subcommand)]
    Consents(consents::Consents),
    /// Manage webhook consumers: their events, secrets and messages.
    Webhooks(webhooks::Webhooks),
}

impl Command {
    /// The name by which the record has what it does. Never its arguments: some of them are secrets.
    fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Serve => "serve",
            Self::Demo(_) => "demo",
            Self::DemoMachine(_) => "demo-machine",
            Self::Doctor(_) => "doctor",
            Self::Migrate(_) => "migrate",
            Self::Keys(_) => "keys",
            Self::Integrations(_) => "integrations",
            Self::LinkSettings(_) => "link-settings",
            Self::Funnel(_) => "funnel",
            Self::Pack(_) => "pack",
            Self::Export(_) => "export",
            Self::Import(_) => "import",
            Self::Backup(_) => "backup",
            Self::Restore(_) => "restore",
            Self::Clients(_) => "clients",
            Self::Companies(_) => "companies",
            Self::Connections(_) => "connections",
            Self::Datasets(_) => "datasets",
            Self::Jobs(_) => "jobs",
            Self::Consents(_) => "consents",
            Self::Webhooks(_) => "webhooks",
        }
    }
}

/// The settings file that every command reads if none is named and it is in the current folder.
const USUAL_FILE: &str = "moorline.toml";

/// The settings file that this command was given.
static NAMED_FILE: OnceLock<PathBuf> = OnceLock::new();

/// A command as it is to be typed next, with the settings file of this one: another would look into another database.
fn command(words: &str) -> String {
    match NAMED_FILE.get() {
        Some(file) => format!("moorline {words} --config {}", quoted(file)),
        None => format!("moorline {words}"),
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-".contains(letter);
    match text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

impl Cli {
    pub async fn run(mut self) -> anyhow::Result<ExitCode> {
        match &self.config {
            Some(named) => drop(NAMED_FILE.set(named.clone())),
            None if Path::new(USUAL_FILE).is_file() => {
                self.config = Some(PathBuf::from(USUAL_FILE));
            }
            None => {}
        }
        let caller = Caller::of_command(self.command.name());
        caller::called_by(Some(Arc::new(caller)), self.run_as_called()).await
    }

    async fn run_as_called(self) -> anyhow::Result<ExitCode> {
        if let Command::Demo(demo) = self.command {
            return demo.run().await.map(|()| ExitCode::SUCCESS);
        }
        if let Command::DemoMachine(machine) = self.command {
            return machine.run().await.map(|()| ExitCode::SUCCESS);
        }
        if let Command::Pack(pack) = self.command {
            return pack.run(self.config.as_deref()).await;
        }
        if let Command::Init(init) = self.command {
            return init.run(self.config.as_deref()).await;
        }
        let config = Config::load(self.config.as_deref(), std::env::vars());
        if let Command::Doctor(doctor) = &self.command {
            return Ok(doctor::run(doctor, self.config.as_deref(), config).await);
        }
        let config = config?;
        let file = self.config.as_deref();
        match self.command {
            Command::Serve => {
                log_to_stderr(&config.log)?;
                serve::run(config).await?;
            }
            Command::Migrate(migrate) => migrate.run(config).await?,
            Command::Export(export) => export.run(config).await?,
            Command::Import(import) => import.run(config).await?,
            Command::Backup(backup) => {
                let app = open_begun(config, file).await?;
                within(app, async |app| backup.run(app).await).await?
            }
            Command::Restore(restore) => restore.run(config).await?,
            Command::Keys(keys) => {
                let app = open_begun(config, file).await?;
                within(app, async |app| keys.run(app).await).await?
            }
            Command::Integrations(integrations) => {
                let app = open_begun(config, file).await?;
                within(app, async |app| integrations.run(app).await).await?
            }
            Command::Clients(clients) => {
                // A first client organisation begins an installation; what looks into one does not.
                let app = match &clients {
                    clients::Clients::Create { .. } => open(config).await?,
                    _ => open_begun(config, file).await?,
                };
                within(app, async |app| clients.run(app).await).await?
            }
            Command::LinkSettings(settings) => {
                let app = open_begun(config, file).await?;
                within(app, async |app| settings.run(app).await).await?
            }
            Command::Funnel(funnel) => {
                let app = open_begun(config, file).await?;
                within(app, async |app| funnel.run(app).await).await?
            }
            Command::Companies(companies) => {
                let app = open_begun(config, file).await?;
                within(app, async |app| companies.run(app).await).await?
            }
            Command::Connections(connections) => {
                let app = open_begun(config, file).await?;
                within(app, async |app| connections.run(app).await).await?
            }
            Command::Datasets(datasets) => {
                let app = open_begun(config, file).await?;
                within(app, async |app| datasets.run(app).await).await?
            }
            Command::Jobs(jobs) => {
                let app = open_begun(config, file).await?;
                within(app, async |app| jobs.run(app).await).await?
            }
            Command::Consents(consents) => {
                let app = open_begun(config, file).await?;
                return within(app, async |app| consents.run(app).await).await;
            }
            Command::Webhooks(webhooks) => {
                let app = open_begun(config, file).await?;
                within(app, async |app| webhooks.run(app).await).await?
            }
            Command::Init(_)
            | Command::Demo(_)
            | Command::DemoMachine(_)
            | Command::Doctor(_)
            | Command::Pack(_) => {
                unreachable!("handled above")
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Opens an installation that was begun: a question asked from the wrong folder must not make another one there.
async fn open_begun(config: Config, file: Option<&Path>) -> anyhow::Result<Shared> {
    let settings = match (std::env::var_os("MOORLINE_DATABASE_URL"), file) {
        (Some(_), _) => "the variable MOORLINE_DATABASE_URL".to_owned(),
        (None, Some(file)) => format!("the settings in {}", file.display()),
        (None, None) => format!("the defaults, for there is no {USUAL_FILE} here"),
    };
    let advice = "Name your settings with --config, or begin one here: moorline init, or moorline clients create NAME";
    let path = config.database_url.strip_prefix("sqlite:");
    let path = path.map(|path| Path::new(path.trim_start_matches("//")));
    match path {
        Some(path) if !path.exists() => bail!(
            "there is no database at {} (by {settings}). {advice}",
            path.display()
        ),
        Some(_) => {}
        None => {
            let shown = without_password(&config.database_url);
            let db = Db::open(&config.database_url, 1)
                .await
                .with_context(|| shown.clone())?;
            let begun = db.is_begun().await;
            db.close().await;
            if !begun.with_context(|| shown.clone())? {
                bail!("the database {shown} is empty (by {settings}). {advice}");
            }
        }
    }
    open(config).await
}

/// Runs a command within an installation, and closes that however the command ended: which sealed values were opened is on record then.
async fn within<T>(
    app: Shared,
    command: impl AsyncFnOnce(&App) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let done = command(&app).await;
    app.close().await;
    done
}

async fn open(config: Config) -> anyhow::Result<Shared> {
    log_to_stderr(&Log {
        filter: "warn".into(),
        format: LogFormat::Text,
    })?;
    start(config).await
}

/// Starts an installation. What can't be reached is named, for a settings file may be another one than was meant.
async fn start(config: Config) -> anyhow::Result<Shared> {
    let database = without_password(&config.database_url);
    let started = App::start(config, Clock::System).await;
    started.map_err(|error| match error {
        StartError::Store(_) => anyhow::Error::from(error).context(database),
        other => other.into(),
    })
}

fn log_to_stderr(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter).with_context(|| {
        format!(
            "log.filter: '{}' is not a log filter; write one such as \"info\" or \"moorline=debug,warn\"",
            log.filter
        )
    })?;
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr);
    let done = match log.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    done.map_err(|error| anyhow::anyhow!("logging could not be set up: {error}"))
}

/// The client organisation that `--client` names by id or name; without it, the only one that exists.
async fn choose_client(app: &App, id_or_name: Option<&str>) -> anyhow::Result<Client> {
    let clients = store::clients::list(&app.db).await?;
    match id_or_name {
        Some(given) => {
            let mut matching = clients
                .into_iter()
                .filter(|client| client.id.to_string() == given || client.name == given);
            match (matching.next(), matching.next()) {
                (Some(client), None) => Ok(client),
                (Some(_), Some(_)) => bail!(
                    "several client organisations are called '{given}'; give the id instead (moorline clients list)"
                ),
                (None, _) => {
                    bail!(
                        "there is no client organisation '{given}'; `moorline clients list` shows those there are"
                    )
                }
            }
        }
        None => {
            let mut clients = clients.into_iter();
            match (clients.next(), clients.next()) {
                (Some(client), None) => Ok(client),
                (None, _) => bail!(
                    "there is no client organisation yet; make one: moorline clients create NAME"
                ),
                (Some(_), Some(_)) => bail!(
                    "there are several client organisations; say which with --client (moorline clients list)"
                ),
            }
        }
    }
}
