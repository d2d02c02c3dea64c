//! A database server that is lost for a while, in each of the ways in which one is: answers say so, and everything goes on once it is
//! back.
//!
//! The platform runs as a process of its own, and reaches PostgreSQL through a relay that the story steers.

use std::process::Stdio;
use std::sync::Arc;

use serde_json::json;
use sqlx::{Connection, Executor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

use super::full_disk::writes_again;
use super::kills::{BUSINESS, Process, finish, rows};
use crate::harness::command_line::{assert_prints, moorline};
use crate::harness::ports;
use crate::harness::{World, postgres_database};

/// The way in which a relay treats connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It passes everything on.
    Serving,
    /// It takes connections, and closes each before a word.
    Closing,
    /// It listens to the first words of each, and closes it without an answer, as a pooler does that reaches no server.
    Deaf,
    /// It closes each in the midst of its first answer.
    BreakingOff,
    /// It takes connections and never says a word, and passes nothing on in those it has.
    Silent,
}

/// Passes connections on to the database server, until it is told otherwise.
pub(crate) struct Relay {
    address: String,
    target: String,
    manner: watch::Sender<Manner>,
    running: Option<JoinHandle<()>>,
}

impl Relay {
    /// A relay to the server of a URL, and the URL through it.
    pub(crate) async fn to(url: &str) -> (Self, String) {
        let mut url = Url::parse(url).unwrap();
        let port = url.port().unwrap_or(5432);
        let target = format!("{}:{port}", url.host_str().unwrap());
        let port = ports::free();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        let mut relay = Self {
            address: format!("127.0.0.1:{port}"),
            target,
            manner: watch::Sender::new(Manner::Serving),
            running: None,
        };
        relay.start().await;
        (relay, url.to_string())
    }

    pub(crate) async fn start(&mut self) {
        let listener = TcpListener::bind(&self.address).await.unwrap();
        let (target, manner) = (self.target.clone(), self.manner.clone());
        self.running = Some(tokio::spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((here, _)) = listener.accept().await {
                open.spawn(treat(here, target.clone(), manner.subscribe()));
            }
        }));
    }

    /// Ends every connection, and takes none.
    pub(crate) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            let _ = running.await;
        }
    }

    /// Treats connections in another manner: also those it has, but for those that it is silent in, which stay as they are.
    fn behave(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }
}

/// One connection's life.
async fn treat(mut here: TcpStream, target: String, mut manner: watch::Receiver<Manner>) {
    let mut heard = [0; 8];
    let now = *manner.borrow_and_update();
    match now {
        Manner::Serving => {
            let Ok(mut there) = TcpStream::connect(target).await else {
                return;
            };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut here, &mut there) => {}
                _ = manner.changed() => {
                    if *manner.borrow() == Manner::Silent {
                        std::future::pending().await
                    }
                }
            }
        }
        Manner::Closing => {}
        Manner::Deaf => drop(here.read_exact(&mut heard).await),
        Manner::BreakingOff => {
            // The question if it speaks TLS, which it doesn't; then the name of who comes.
            let _ = here.read_exact(&mut heard).await;
            let _ = here.write_all(b"N").await;
            let _ = here.read(&mut [0; 1024]).await;
            let _ = here.write_all(b"R\0\0").await;
        }
        Manner::Silent => std::future::pending().await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_went_away_is_reported_and_work_goes_on_once_it_is_back() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let (mut relay, through) = Relay::to(&url).await;
    let world = World::start(through, tempfile::tempdir().unwrap(), |_| {}).await;
    let (_, whole) = world.synced("aiwb", BUSINESS).await;
    let expected = rows(&world, &whole).await;
    world.stop_platform().await;
    let mut process = Process::of(&world);
    process.start().await;
    world
        .fault(json!({ "kind": "api_delay", "delay_ms": 100 }))
        .await;
    let (company, connection) = world.linked("aiwb", BUSINESS).await;

    // The server ends every session, and takes new ones at once.
    let mut server = sqlx::PgConnection::connect(&url).await.unwrap();
    server
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .await
        .unwrap();
    server.close().await.unwrap();
    writes_again(&world).await;

    relay.stop().await;
    let (written, read) = tokio::join!(
        world.post("/companies", json!({ "name": "now" })),
        world.get("/companies"),
    );
    written.refused(503);
    read.refused(503);
    // By now the last good answer is older than a second.
    let ready = world.get("/ready").await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json()["status"], "database unavailable");
    relay.start().await;
    writes_again(&world).await;
    world.provider(http::Method::DELETE, "faults", None).await;
    finish(&world, &company, &connection).await;
    assert!(
        rows(&world, &connection).await == expected,
        "the rows are those of an uninterrupted run"
    );
    process.kill();
    world.end().await;
}

/// The answers of a platform whose database is away.
async fn everything_is_unavailable(world: &World) {
    let ask = async || {
        tokio::join!(
            world.post("/companies", json!({ "name": "now" })),
            world.get("/companies"),
            world.get("/ready"),
        )
    };
    // A good answer of the last second is given again, and what was under way may have been in time.
    let (written, read, ready) = world
        .until("it is not ready", || async {
            let answers = ask().await;
            (answers.2.status == 503 && !answers.0.status.is_success()).then_some(answers)
        })
        .await;
    for answer in [&written, &read] {
        assert!(
            answer.refused(503).contains("database"),
            "{}",
            answer.text()
        );
        assert_eq!(answer.json()["canBeRetried"], "True");
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
    assert_eq!(ready.json()["status"], "database unavailable");
    assert_eq!(ready.header("retry-after"), Some("5"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_connections_and_serves_none_is_unavailable() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let (mut relay, through) = Relay::to(&url).await;
    let world = World::start(through.clone(), tempfile::tempdir().unwrap(), |_| {}).await;
    let (company, connection) = world.synced("aiwb", BUSINESS).await;
    world.stop_platform().await;
    let mut process = Process::of(&world);
    process.start().await;
    world
        .until("it is ready", || async {
            (world.get("/ready").await.status == 200).then_some(())
        })
        .await;
    let folder = tempfile::tempdir().unwrap();
    let doctor = {
        let (world, through) = (Arc::clone(&world), through.clone());
        let folder = folder.path();
        async move || {
            let mut doctor = moorline(folder, &["doctor"]);
            doctor
                .env("MOORLINE_DATABASE_URL", &through)
                .env("MOORLINE_KEY_FILE", &world.app.config.key_file)
                .stdin(Stdio::null());
            let run = tokio::task::spawn_blocking(move || doctor.output().unwrap());
            run.await.unwrap()
        }
    };
    let closed = "the other side closed the connection";
    let nonsense = "the connection broke off";
    for (manner, words) in [
        (Manner::Closing, vec![closed, nonsense]),
        (Manner::Deaf, vec![closed, nonsense]),
        (Manner::BreakingOff, vec![closed]),
        (Manner::Silent, vec!["no answer came in time"]),
    ] {
        relay.behave(manner);
        let (printed, ()) = tokio::join!(doctor(), everything_is_unavailable(&world));
        let printed = assert_prints(&printed, &format!("PostgreSQL at {}: ", relay.address));
        let is_told = words.iter().any(|words| printed.contains(words));
        assert!(is_told, "{manner:?}: {printed}");
        relay.behave(Manner::Serving);
        writes_again(&world).await;
    }
    relay.stop().await;
    let (printed, ()) = tokio::join!(doctor(), everything_is_unavailable(&world));
    assert_prints(
        &printed,
        "the port refused the connection: no server listens there",
    );
    relay.start().await;
    writes_again(&world).await;
    finish(&world, &company, &connection).await;
    process.kill();
    world.end().await;
}
