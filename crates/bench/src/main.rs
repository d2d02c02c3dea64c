//! `cargo xtask bench`: Moorline's figures beside those of floors, servers that do as little as possible, in one run.

#![expect(
    clippy::disallowed_methods,
    reason = "what it measures, it measures in real time"
)]

mod database;
mod delivery;
mod floor;
mod growth;
mod inside;
mod load;
mod maps;
mod process;
mod queue;
mod report;
mod sums;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use clap::{Parser, Subcommand};
use platform::app::config::Config;
use platform::app::{App, Shared};
use platform::connecting;
use store::clock::{Clock, new_id};
use store::model::{ClientId, CompanyId, ConnectionId, ConnectionStatus};
use store::{companies, connections};
use url::Url;
use uuid::Uuid;

use database::Database;
use growth::{Latencies, growth};
use load::{Requests, Window, drive, median};
use process::{Server, free_address};
use report::{COMPANY, Figure, MAPPED, RECORD, Report, STORED, Section};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// Measure everything and write the report
    Measure(Measure),
    /// Measure the maps of the platforms alone, and print the figures
    Maps,
    /// Measure the queue alone, and print the figures
    Queue {
        /// The program to measure, built with --release
        #[arg(long)]
        program: PathBuf,
        /// A PostgreSQL server with durable commits; without it SQLite alone is measured
        #[arg(long)]
        postgres: Option<String>,
        #[command(flatten)]
        sizes: queue::Sizes,
    },
    /// A platform that has nothing, and says so after a time
    Platform {
        #[arg(long)]
        listen: SocketAddr,
        #[arg(long)]
        delay_ms: u64,
    },
    /// A floor: a server that does as little as it can
    Floor {
        #[arg(long)]
        listen: SocketAddr,
        #[arg(long)]
        database: String,
    },
}

#[derive(clap::Args)]
struct Measure {
    /// The program to measure, built with --release
    #[arg(long)]
    program: PathBuf,
    /// A PostgreSQL server; without it SQLite alone is measured
    #[arg(long)]
    postgres: Option<String>,
    /// Folder that PERFORMANCE.md is written to
    #[arg(long)]
    docs: PathBuf,
    /// Number of companies, three connections each; one measurement for each size
    #[arg(long, value_delimiter = ',', default_value = "1000,200000,1000000")]
    companies: Vec<usize>,
    #[command(flatten)]
    sizes: queue::Sizes,
}

const RUNS: usize = 5;
const LENGTH: Duration = Duration::from_secs(2);
/// Clients at once, for throughput and for memory.
const CLIENTS: usize = 16;
const MANY_CLIENTS: usize = 64;
const TAGGED_PAGE: &str = "/companies?tags=portfolio%3Dnorth&pageSize=100";
const NAMED_PAGE: &str = "/companies?query=name~t-777&pageSize=100";

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().command {
        Kind::Floor { listen, database } => floor::serve(listen, &database).await,
        Kind::Platform { listen, delay_ms } => queue::platform(listen, delay_ms).await,
        Kind::Queue {
            program,
            postgres,
            sizes,
        } => {
            let mut engines = vec![Engine::Sqlite];
            engines.extend(postgres.is_some().then_some(Engine::Postgres));
            for engine in engines {
                println!("{}", engine.name());
                let figures = queue::measure(&program, engine, postgres.as_deref(), sizes).await?;
                for figure in figures {
                    println!(
                        "{:>12}  {} ({})",
                        figure.reached, figure.name, figure.target
                    );
                }
            }
            Ok(())
        }
        Kind::Maps => {
            maps::print()?;
            let sums = sums_beside_mapping()?;
            println!("{:>12}  {} ({})", sums.reached, sums.name, sums.target);
            Ok(())
        }
        Kind::Measure(measure) => measure.run().await,
    }
}

/// The share of the sums, over the fixtures of every platform.
fn sums_beside_mapping() -> Result<Figure> {
    let share = step("sums", sums::share(&maps::folder())?);
    let name = "checking every record's sums, as a share of mapping it";
    Ok(Figure::at_most(name, share, sums::MOST, " %"))
}

#[derive(Clone, Copy, PartialEq)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// An installation with companies in it.
struct World {
    folder: tempfile::TempDir,
    config: Config,
    authorization: String,
    client: ClientId,
    /// Companies and connections to request.
    some: Vec<(Uuid, Uuid)>,
}

impl Measure {
    async fn run(&self) -> Result<()> {
        let mut sections = vec![Section::of(
            "Inside one process, on one core",
            vec![
                Figure::at_least(MAPPED, step("mapping", inside::mapping()?), 15_000.0, "/s"),
                sums_beside_mapping()?,
            ],
        )];
        sections.push(Section::of(
            "Records mapped a second on one core, by platform",
            maps::by_platform(&maps::folder())?,
        ));
        let mut engines = vec![Engine::Sqlite];
        engines.extend(self.postgres.is_some().then_some(Engine::Postgres));
        for engine in engines {
            let mut figures = Vec::new();
            let mut latencies: Vec<(usize, Latencies)> = Vec::new();
            for &size in &self.companies {
                eprintln!("{}: {size} companies", engine.name());
                let world = self.world(engine, size).await?;
                if size == self.companies[0] {
                    figures.extend(self.inside(&world).await?);
                    figures.extend(self.delivery(&world).await?);
                    figures.extend(self.throughput(&world).await?);
                }
                latencies.push((size, self.latencies(&world, size).await?));
                if Some(&size) == self.companies.last() {
                    figures.extend(self.footprint(&world).await?);
                    let database = Database::open(&world.config.database_url).await?;
                    let each = database.bytes().await? / size as f64;
                    database.close().await;
                    figures.push(Figure::plain(COMPANY, each / 1e3, " kB"));
                }
                self.end(engine, world).await?;
            }
            figures.extend(growth(&latencies));
            sections.push(Section {
                title: engine.name().to_owned(),
                figures,
                growth: latencies,
            });
            eprintln!("{}: the queue", engine.name());
            let server = self.postgres.as_deref();
            let figures = queue::measure(&self.program, engine, server, self.sizes).await?;
            sections.push(Section::of(
                format!("The queue on {}", engine.name()),
                figures,
            ));
        }
        let size = process::size_of(&self.program)? as f64 / 1e6;
        sections.push(Section::of(
            "The program",
            vec![Figure::at_most("binary, stripped", size, 40.0, " MB")],
        ));
        let report = Report {
            machine: machine(),
            settings: format!(
                "Run on {}: {CLIENTS} clients that send the next request as soon as one is answered, unless stated otherwise. \
                 SQLite commits with `synchronous=FULL`; {}.",
                Utc::now().format("%-d %B %Y"),
                match &self.postgres {
                    Some(server) if database::is_durable(server).await? =>
                        "the PostgreSQL server's commits wait for the disk",
                    Some(_) =>
                        "the PostgreSQL server of the bench doesn't wait for the disk, so its commits can't be compared with those of a durable server",
                    None => "there was no PostgreSQL server",
                }
            ),
            sections,
        };
        report.write(&self.docs)
    }

    /// Makes an installation of a size.
    async fn world(&self, engine: Engine, size: usize) -> Result<World> {
        let folder = tempfile::tempdir()?;
        let database_url = match (engine, &self.postgres) {
            (Engine::Postgres, Some(server)) => {
                database::create_on(server, "moorline_bench").await?
            }
            _ => format!("sqlite:{}", folder.path().join("moorline.db").display()),
        };
        let listen = free_address()?;
        let mut config = Config {
            listen,
            public_url: Url::parse(&format!("http://localhost:{}", listen.port()))?,
            database_url,
            key_file: folder.path().join("moorline.key"),
            ..Config::default()
        };
        config.sync.every_hours = 0;
        let app = App::start(config.clone(), Clock::System).await?;
        let (client, key) = moorline::cli::create_client(&app, "Bench").await?;
        template(&app, client.id).await?;
        app.db.close().await;
        drop(app);
        let database = Database::open(&config.database_url).await?;
        database.multiply(size).await?;
        let some = database.some_connections(2_000.min(size)).await?;
        database.close().await;
        // Otherwise gigabytes of rows are still being written while the first figures are taken.
        #[cfg(unix)]
        std::process::Command::new("sync").status()?;
        Ok(World {
            folder,
            config,
            authorization: format!("Basic {}", STANDARD.encode(key)),
            client: client.id,
            some,
        })
    }

    async fn end(&self, engine: Engine, world: World) -> Result<()> {
        if let (Engine::Postgres, Some(server)) = (engine, &self.postgres) {
            database::drop_on(server, "moorline_bench").await?;
        }
        drop(world.folder);
        Ok(())
    }

    async fn serve(&self, world: &World) -> Result<Server> {
        let mut command = Command::new(&self.program);
        command
            .arg("serve")
            .current_dir(world.folder.path())
            .env("MOORLINE_LISTEN", world.config.listen.to_string())
            .env("MOORLINE_PUBLIC_URL", world.config.public_url.as_str())
            .env("MOORLINE_DATABASE_URL", &world.config.database_url)
            .env("MOORLINE_KEY_FILE", &world.config.key_file)
            .env("MOORLINE_SYNC__EVERY_HOURS", "0")
            // Requests are counted as any client's; the limit is never reached.
            .env("MOORLINE_LIMITS__REQUESTS_PER_DAY", "4000000000")
            .env("MOORLINE_LIMITS__CONCURRENT_PER_COMPANY", "100000")
            .env(
                "MOORLINE_LIMITS__REQUESTS_PER_MINUTE_PER_ADDRESS",
                "4000000000",
            )
            .env("MOORLINE_WEBHOOKS__ALLOW_PRIVATE", "[\"127.0.0.1\"]")
            .env("MOORLINE_LOG__FORMAT", "json");
        Server::start(&mut command, world.config.listen, "/ready").await
    }

    async fn floor(&self, world: &World) -> Result<Server> {
        let listen = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["floor", "--listen", &listen.to_string(), "--database"])
            .arg(&world.config.database_url);
        Server::start(&mut command, listen, "/json").await
    }

    async fn inside(&self, world: &World) -> Result<Vec<Figure>> {
        let app = App::start(world.config.clone(), Clock::System).await?;
        let (company, connection) = *world.some.first().context("the seed has no connection")?;
        let issued = inside::tokens(&app, inside::bearer(world.client, CompanyId(company)))?;
        let database = Database::open(&world.config.database_url).await?;
        let before = database.bytes().await?;
        let (first, again) =
            inside::storing(&app, ConnectionId(connection), CompanyId(company)).await?;
        let each = (database.bytes().await? - before) / inside::STORED as f64;
        database.close().await;
        let seen = inside::seeing(&app, ConnectionId(connection), CompanyId(company)).await?;
        let events = inside::recording(&app, world.client, company, CLIENTS).await?;
        app.db.close().await;
        Ok(vec![
            Figure::at_least("company tokens issued", issued, 10_000.0, "/s"),
            Figure::at_least(STORED, first, 20_000.0, "/s"),
            Figure::plain(RECORD, each / 1e3, " kB"),
            Figure::plain("mapped records stored, nothing changed", again, "/s"),
            Figure::at_least(
                "records pulled again, nothing changed",
                seen,
                20_000.0,
                "/s",
            ),
            Figure::plain("events recorded, a commit each", events, "/s"),
        ])
    }

    /// Events to a receiver on this machine.
    async fn delivery(&self, world: &World) -> Result<Vec<Figure>> {
        let receiver = delivery::Receiver::start().await?;
        let api = delivery::Api::at(world.config.listen, &world.authorization)?;
        let platform = self.serve(world).await?;
        api.subscribe(&receiver).await?;
        drop(platform);
        let app = App::start(world.config.clone(), Clock::System).await?;
        let ids: Vec<Uuid> = world.some.iter().map(|(company, _)| *company).collect();
        delivery::record(&app, world.client, &ids).await?;
        app.db.close().await;
        drop(app);
        let platform = self.serve(world).await?;
        let delivered = step("delivery", receiver.rate(delivery::WAITING).await?);
        let latency = api.latency(&receiver).await?;
        drop(platform);
        Ok(vec![
            Figure::at_least(
                "events delivered to a fast receiver",
                delivered,
                3_000.0,
                "/s",
            ),
            Figure::at_most(
                "from a commit to its event's first attempt, p50",
                latency.as_secs_f64() * 1e3,
                50.0,
                " ms",
            ),
        ])
    }

    /// Latencies of one client, at one size.
    async fn latencies(&self, world: &World, size: usize) -> Result<Latencies> {
        let platform = self.serve(world).await?;
        let time = async |paths: Vec<String>| -> Result<Duration> {
            let requests = Requests::to(platform.address, &world.authorization, &paths);
            drive(&requests, 1, Duration::from_millis(300)).await?;
            let mut windows: Vec<Window> = Vec::new();
            for _ in 0..RUNS {
                windows.push(drive(&requests, 1, LENGTH / 2).await?);
            }
            Ok(median(windows, |window| window.p50.as_secs_f64()).p50)
        };
        let one = world
            .some
            .iter()
            .map(|(company, connection)| format!("/companies/{company}/connections/{connection}"));
        Ok(Latencies {
            one: time(one.collect()).await?,
            first: time(vec!["/companies?page=1&pageSize=100".into()]).await?,
            last: time(vec![format!("/companies?page={}&pageSize=100", size / 100)]).await?,
            tagged: time(vec![TAGGED_PAGE.into()]).await?,
            named: time(vec![NAMED_PAGE.into()]).await?,
        })
    }

    /// Memory and start-up, at the largest size.
    async fn footprint(&self, world: &World) -> Result<Vec<Figure>> {
        let mut starts = Vec::new();
        for _ in 0..RUNS {
            starts.push(self.serve(world).await?.ready_after.as_secs_f64() * 1e3);
        }
        let platform = self.serve(world).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let rest = platform.anonymous_memory()? as f64 / 1e6;
        let paths: Vec<String> = world
            .some
            .iter()
            .map(|(company, connection)| format!("/companies/{company}/connections/{connection}"))
            .chain(["/companies?page=1&pageSize=100".into()])
            .collect();
        let requests = Requests::to(platform.address, &world.authorization, &paths);
        drive(&requests, MANY_CLIENTS, LENGTH * 2).await?;
        let busy = platform.anonymous_memory()? as f64 / 1e6;
        Ok(vec![
            Figure::at_most(
                "start to ready",
                median(starts, |start| *start),
                150.0,
                " ms",
            ),
            Figure::at_most("anonymous memory at rest", rest, 40.0, " MB"),
            Figure::at_most("anonymous memory with 64 clients", busy, 120.0, " MB"),
        ])
    }
}

/// The one company that the others are copies of.
async fn template(app: &Shared, client: ClientId) -> Result<()> {
    let now = Utc::now();
    let company = companies::Company {
        id: CompanyId(new_id(now)),
        client_id: client,
        name: "merchant-0".into(),
        description: None,
        created: now,
        last_sync: None,
        products: "[]".into(),
        parent_id: None,
    };
    let mut tx = app.db.write().await?;
    companies::insert(&mut tx, &company, &Default::default()).await?;
    for key in ["mqjo", "qhnd", "aiwb"] {
        let integration = app
            .catalogue
            .get(key)
            .with_context(|| format!("the sandbox integration `{key}` is missing"))?;
        let connection = connections::Connection {
            status: ConnectionStatus::Linked,
            first_authorized: Some(now),
            last_authorized: Some(now),
            ..connecting::unauthorised(client, company.id, integration, now)
        };
        connections::insert(&mut tx, &connection).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn machine() -> String {
    let model = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            text.lines()
                .find_map(|line| line.strip_prefix("model name").map(str::to_owned))
        })
        .map(|line| line.trim_start_matches([' ', '\t', ':']).to_owned())
        .unwrap_or_else(|| "an unnamed processor".into());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("Machine: {cores} cores ({model}).")
}

/// Prints a figure at once, so that a long run is not silent.
fn step(name: &str, value: f64) -> f64 {
    eprintln!("  {name}: {value:.0}");
    value
}
