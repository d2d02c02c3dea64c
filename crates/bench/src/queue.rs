//! The queue: a look at the clock over many connections and a long history, the order behind a pile of due pulls, pulls at once
//! against a slow platform, and pulls a second.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::routing::get;
use chrono::{SecondsFormat, TimeDelta, Utc};
use egress::Secret;
use platform::app::config::Config;
use platform::app::{App, Shared};
use platform::data::pulling;
use platform::work::chores_once;
use serde_json::json;
use store::clock::{Clock, new_id};
use store::connections::Connection;
use store::datasets::Dataset;
use store::model::{
    ClientId, CompanyId, ConnectionId, DatasetId, DatasetStatus, JobId, JobKind, PushId, PushStatus,
};
use store::pushes::Push;
use store::turns::{Class, Lane, Place as QueuePlace};
use url::Url;
use uuid::Uuid;

use crate::database::{self, Database};
use crate::process::{Server, free_address};
use crate::report::{Figure, PULLED};
use crate::{Engine, template};

/// The sizes of what is measured.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Sizes {
    /// Connections over which the clock is looked at
    #[arg(long, default_value_t = 200_000)]
    connections: usize,
    /// Earlier pulls of each of these connections
    #[arg(long, default_value_t = 30)]
    history: usize,
    /// Pulls that are due before a first link and a write come
    #[arg(long, default_value_t = 20_000)]
    due: usize,
}

const KEY: &str = "quay";
const DATA_TYPE: &str = "customers";
/// The slow platform's answer takes this long.
const SLOW_MS: u64 = 300;
const VERY_SLOW_MS: u64 = 5_000;
const ROUNDS: usize = 20;

const MANIFEST: &str = r#"
key = "quay"
name = "Quayside Books"
source_type = "Accounting"
integration_id = "0b4bd0fe-8a3f-4d0f-a7a3-51d8e6ab1c9c"
source_id = "5bdbcf7e-5d5c-4a55-9ff2-2f3a3a0a6a5d"

[variables]
host = "http://nowhere.invalid"

[auth]
kind = "oauth2"
authorize_url = "${host}/authorize"
token_url = "${host}/token"
client_authentication = "basic"

[identity]
path = "${host}/identity"
map = "identity.jq"

[api]
base_url = "${host}/v1"

[[data]]
type = "customers"
path = "/customers"
paging = { style = "none", full = 1000 }
items = "customers"
map = "customer.jq"
"#;

/// A platform that has nothing, and says so after a time.
pub(crate) async fn platform(listen: SocketAddr, delay_ms: u64) -> Result<()> {
    let nothing = move || async move {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        axum::Json(json!({ "customers": [] }))
    };
    let router = Router::new()
        .route("/ready", get(|| async {}))
        .route("/v1/customers", get(nothing));
    let listener = tokio::net::TcpListener::bind(listen).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn start_platform(listen: SocketAddr, delay_ms: u64) -> Result<Server> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["platform", "--listen", &listen.to_string()]);
    command.args(["--delay-ms", &delay_ms.to_string()]);
    Server::start(&mut command, listen, "/ready").await
}

/// An installation with connections to the bench's platform.
struct Place {
    folder: tempfile::TempDir,
    config: Config,
    client: ClientId,
    platform: SocketAddr,
}

/// All figures of one engine.
pub(crate) async fn measure(
    program: &Path,
    engine: Engine,
    server: Option<&str>,
    sizes: Sizes,
) -> Result<Vec<Figure>> {
    let mut figures = idle(engine, server, sizes).await?;
    let place = Place::new(program, engine, server, sizes.due).await?;
    figures.extend(place.order(program, sizes.due).await?);
    figures.extend(place.at_once(program).await?);
    figures.extend(place.instant(program, engine, sizes.due).await?);
    drop(place);
    if let (Engine::Postgres, Some(server)) = (engine, server) {
        database::drop_on(server, NAME).await?;
    }
    Ok(figures)
}

const NAME: &str = "moorline_bench_queue";

async fn database_url(engine: Engine, server: Option<&str>, folder: &Path) -> Result<String> {
    match (engine, server) {
        (Engine::Postgres, Some(server)) => database::create_on(server, NAME).await,
        _ => Ok(format!("sqlite:{}", folder.join("moorline.db").display())),
    }
}

/// Rounds of the chores while nothing is due.
async fn idle(engine: Engine, server: Option<&str>, sizes: Sizes) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let mut config = Config {
        database_url: database_url(engine, server, folder.path()).await?,
        key_file: folder.path().join("moorline.key"),
        ..Config::default()
    };
    config.sync.every_hours = 24;
    let app = App::start(config.clone(), Clock::System).await?;
    let (client, _) = moorline::cli::create_client(&app, "Bench").await?;
    template(&app, client.id).await?;
    let database = Database::open(&config.database_url).await?;
    database.multiply((sizes.connections / 3).max(1)).await?;
    for integration in app.catalogue.iter() {
        let types = integration.data().iter().map(|own| own.data_type.as_str());
        database.schedule(integration.key(), types).await?;
    }
    // The first rounds find a schedule that is new to them.
    let mut counted = [rounds(&app).await?, (0.0, 0.0)];
    database.add_history(sizes.history).await?;
    counted[1] = rounds(&app).await?;
    app.db.close().await;
    database.close().await;
    let [(before, _), (mean, longest)] = counted;
    let connections = sizes.connections;
    let each = sizes.history;
    Ok(vec![
        Figure::at_most(
            format!(
                "nothing due, {connections} connections with {each} earlier pulls each: of a core"
            ),
            mean / 15.0 * 100.0,
            2.0,
            " %",
        ),
        Figure::at_most("the longest of such rounds", longest * 1e3, 50.0, " ms"),
        Figure::at_most(
            "a round, of one before there were earlier pulls",
            mean / before,
            1.5,
            " ×",
        ),
    ])
}

/// Mean and longest time of a round, in seconds.
async fn rounds(app: &Shared) -> Result<(f64, f64)> {
    // Walks and the chores of the day come first.
    for _ in 0..3 {
        chores_once(app).await?;
    }
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        chores_once(app).await?;
        times.push(began.elapsed().as_secs_f64());
    }
    let longest = times.iter().copied().fold(0.0, f64::max);
    Ok((times.iter().sum::<f64>() / times.len() as f64, longest))
}

impl Place {
    async fn new(
        program: &Path,
        engine: Engine,
        server: Option<&str>,
        connections: usize,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let own = folder.path().join("integrations").join(KEY);
        std::fs::create_dir_all(&own)?;
        std::fs::write(own.join("manifest.toml"), MANIFEST)?;
        std::fs::write(own.join("identity.jq"), "{id: .id, companyName: .name}")?;
        std::fs::write(own.join("customer.jq"), "{id: .id, customerName: .name}")?;
        let platform = free_address()?;
        let listen = free_address()?;
        let mut config = Config {
            listen,
            public_url: Url::parse(&format!("http://localhost:{}", listen.port()))?,
            database_url: database_url(engine, server, folder.path()).await?,
            key_file: folder.path().join("moorline.key"),
            ..Config::default()
        };
        config.sync.every_hours = 24;
        config
            .integrations
            .dirs
            .push(folder.path().join("integrations"));
        let host = format!("http://{platform}");
        config.integrations.variables.insert("host".into(), host);
        config.egress.allow_private.push(platform.to_string());
        let app = App::start(config.clone(), Clock::System).await?;
        ensure!(
            app.catalogue.get(KEY).is_some(),
            "the bench's platform is refused"
        );
        let (client, _) = moorline::cli::create_client(&app, "Bench").await?;
        let secret = Secret::new("a secret");
        platform::credentials::oauth_clients::configure(
            &app,
            client.id,
            KEY,
            "bench",
            Some(&secret),
        )
        .await?;
        app.db.close().await;
        let place = Self {
            folder,
            config,
            client: client.id,
            platform,
        };
        place.import(program, connections)?;
        Ok(place)
    }

    /// Companies with a connection each, whose tokens last.
    fn import(&self, program: &Path, connections: usize) -> Result<()> {
        let mut lines = String::new();
        let expires = Utc::now() + TimeDelta::days(700);
        let expires = expires.to_rfc3339_opts(SecondsFormat::Secs, true);
        for number in 0..connections {
            let (company, connection) = (Uuid::new_v4(), Uuid::new_v4());
            for line in [
                json!({ "id": company, "name": format!("merchant-{number}") }),
                json!({ "id": connection, "companyId": company, "integrationKey": KEY, "status": "Linked" }),
                json!({
                    "companyId": company, "connectionId": connection, "accessToken": format!("token-{number}"),
                    "expiresAt": expires,
                }),
            ] {
                lines.push_str(&line.to_string());
                lines.push('\n');
            }
        }
        let file = self.folder.path().join("lines.jsonl");
        std::fs::write(&file, lines)?;
        let mut command = self.command(program);
        let map = format!("{KEY}={KEY}");
        let output = command
            .arg("import")
            .arg(file)
            .args(["--map", &map])
            .output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the import failed: {text}");
        Ok(())
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let dirs = self.folder.path().join("integrations");
        command
            .current_dir(self.folder.path())
            .env("MOORLINE_LISTEN", self.config.listen.to_string())
            .env("MOORLINE_PUBLIC_URL", self.config.public_url.as_str())
            .env("MOORLINE_DATABASE_URL", &self.config.database_url)
            .env("MOORLINE_KEY_FILE", &self.config.key_file)
            .env("MOORLINE_INTEGRATIONS__DIRS", format!("[{dirs:?}]"))
            .env(
                "MOORLINE_INTEGRATIONS__VARIABLES__HOST",
                format!("\"http://{}\"", self.platform),
            )
            .env(
                "MOORLINE_EGRESS__ALLOW_PRIVATE",
                format!("[\"{}\"]", self.platform),
            )
            .env("MOORLINE_LOG__FILTER", "warn")
            .stdin(Stdio::null());
        command
    }

    async fn serve(&self, program: &Path) -> Result<Server> {
        let mut command = self.command(program);
        Server::start(command.arg("serve"), self.config.listen, "/ready").await
    }

    /// Makes every connection due, and queues its pull.
    async fn pile_up(&self) -> Result<Shared> {
        let database = Database::open(&self.config.database_url).await?;
        let app = App::start(self.config.clone(), Clock::System).await?;
        database.make_due().await?;
        database.close().await;
        let queued = pulling::queue_due(&app).await?;
        eprintln!("  {queued} pulls are due");
        Ok(app)
    }

    /// A first link and a write behind a pile of due pulls, against a platform that takes its time.
    async fn order(&self, program: &Path, due: usize) -> Result<Vec<Figure>> {
        let app = self.pile_up().await?;
        let _platform = start_platform(self.platform, SLOW_MS).await?;
        let program = self.serve(program).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let connection = self.connection(&app).await?;
        let began = Instant::now();
        let first = self.first_pull(&app, &connection).await?;
        let write = self.write(&app, &connection).await?;
        let mut times = [None::<Duration>; 3];
        while times.iter().any(Option::is_none) {
            ensure!(
                began.elapsed() < Duration::from_secs(300),
                "nothing began within five minutes"
            );
            let pull = store::datasets::find(&app.db, first)
                .await?
                .context("the pull is gone")?;
            let push = store::pushes::find(&app.db, write)
                .await?
                .context("the write is gone")?;
            let happened = [
                pull.status != DatasetStatus::Queued,
                pull.completed.is_some(),
                push.completed.is_some(),
            ];
            for (time, happened) in times.iter_mut().zip(happened) {
                if happened && time.is_none() {
                    *time = Some(began.elapsed());
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let left = store::jobs::depth(&app.db).await?.waiting;
        eprintln!("  {left} jobs are left");
        app.db.close().await;
        drop(program);
        let seconds = times.map(|time| time.unwrap_or_default().as_secs_f64());
        let behind = format!("behind {due} due pulls at a platform that takes {SLOW_MS} ms");
        Ok(vec![
            Figure::at_most(
                format!("{behind}: a first link begins after"),
                seconds[0],
                2.0,
                " s",
            ),
            Figure::at_most("its first type has arrived after", seconds[1], 10.0, " s"),
            Figure::at_most("a write begins after", seconds[2], 2.0, " s"),
        ])
    }

    /// One of the connections, taken out of the pile.
    async fn connection(&self, app: &App) -> Result<Connection> {
        let waiting = store::connections::owned_after(&app.db, None, Uuid::nil(), 1).await?;
        let id = waiting.first().context("there is no connection")?.id;
        let mut tx = app.db.write().await?;
        let now = app.clock.now();
        let over = DatasetStatus::Cancelled;
        store::datasets::end_running(&mut tx, id, over, "Not in this pile.", now).await?;
        tx.commit().await?;
        let found = store::connections::find(&app.db, id).await?;
        found.context("the connection is gone")
    }

    fn place(&self, class: Class, connection: ConnectionId) -> QueuePlace {
        QueuePlace {
            lane: Lane {
                class,
                platform: KEY.to_owned(),
            },
            client: self.client,
            connection: connection.0,
        }
    }

    /// Queues what a first link queues.
    async fn first_pull(&self, app: &App, connection: &Connection) -> Result<DatasetId> {
        let now = app.clock.now();
        let dataset = Dataset {
            id: DatasetId(new_id(now)),
            client_id: connection.client_id,
            company_id: connection.company_id,
            connection_id: connection.id,
            data_type: DATA_TYPE.into(),
            batch_id: new_id(now),
            initial: true,
            status: DatasetStatus::Queued,
            status_description: None,
            error_message: None,
            progress: 0,
            requested: now,
            completed: None,
            since: None,
            window_from: None,
            months: None,
            next_page: None,
            pages: 0,
            records: 0,
            modified: 0,
            set_aside: 0,
        };
        let mut tx = app.db.write().await?;
        store::datasets::insert(&mut tx, &dataset, None).await?;
        let job = JobId(new_id(now));
        let subject = dataset.id.0;
        store::jobs::insert(&mut tx, job, JobKind::Sync, subject, "{}", now, now).await?;
        let place = self.place(Class::FirstLink, connection.id);
        store::turns::place(&mut tx, job, &place).await?;
        tx.commit().await?;
        Ok(dataset.id)
    }

    /// Queues a write; it ends as soon as it begins, since the platform takes none.
    async fn write(&self, app: &App, connection: &Connection) -> Result<PushId> {
        let now = app.clock.now();
        let push = Push {
            id: PushId(new_id(now)),
            client_id: connection.client_id,
            company_id: CompanyId(connection.company_id.0),
            connection_id: connection.id,
            data_type: DATA_TYPE.into(),
            target: None,
            request: "{}".into(),
            requested: now,
            timeout_minutes: None,
            sync_after: false,
            status: PushStatus::Pending,
            status_code: 202,
            error_message: None,
            validation: None,
            sent: None,
            in_hand_until: None,
            completed: None,
            record_id: None,
        };
        let mut tx = app.db.write().await?;
        store::pushes::insert(&mut tx, &push).await?;
        let job = JobId(new_id(now));
        store::jobs::insert(&mut tx, job, JobKind::Push, push.id.0, "{}", now, now).await?;
        let place = self.place(Class::Write, connection.id);
        store::turns::place(&mut tx, job, &place).await?;
        tx.commit().await?;
        Ok(push.id)
    }

    /// Pulls under way against a platform that takes seconds, and the program's memory with them.
    async fn at_once(&self, program: &Path) -> Result<Vec<Figure>> {
        let app = self.pile_up().await?;
        let _platform = start_platform(self.platform, VERY_SLOW_MS).await?;
        let program = self.serve(program).await?;
        let began = Instant::now();
        let (mut most, mut memory) = (0, 0);
        while began.elapsed() < Duration::from_secs(15) {
            tokio::time::sleep(Duration::from_millis(100)).await;
            most = most.max(store::turns::leased(&app.db).await?);
            memory = memory.max(program.anonymous_memory()?);
        }
        app.db.close().await;
        Ok(vec![
            Figure::at_least(
                format!(
                    "pulls under way at a platform that takes {} s",
                    VERY_SLOW_MS / 1000
                ),
                most as f64,
                500.0,
                "",
            ),
            Figure::at_most("memory with them", memory as f64 / 1e6, 150.0, " MB"),
        ])
    }

    /// Pulls of nothing from a platform that answers at once.
    async fn instant(&self, program: &Path, engine: Engine, due: usize) -> Result<Vec<Figure>> {
        let app = self.pile_up().await?;
        let _platform = start_platform(self.platform, 0).await?;
        let served = self.serve(program).await?;
        let began = Instant::now();
        let first = store::jobs::depth(&app.db).await?.waiting;
        let mut left = first;
        // The last few stand alone; the first second warms up.
        while left > first / 20 && began.elapsed() < Duration::from_secs(120) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            left = store::jobs::depth(&app.db).await?.waiting;
        }
        let done = (first - left) as f64;
        let each = served.processor_time()?.as_secs_f64() / done.max(1.0);
        let a_second = done / began.elapsed().as_secs_f64();
        app.db.close().await;
        eprintln!("  {done} of {due} pulls done");
        let target = match engine {
            Engine::Sqlite => 1_000.0,
            Engine::Postgres => 600.0,
        };
        Ok(vec![
            Figure::at_least(PULLED, a_second, target, "/s"),
            Figure::plain("processor time of the program for each", each * 1e6, " µs"),
        ])
    }
}
