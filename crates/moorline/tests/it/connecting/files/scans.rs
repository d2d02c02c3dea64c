//! The virus scanner: a daemon or a program, its verdicts, and its absence.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener};

use super::{PDF, Uploads};
use crate::harness::{World, postgres_database};

/// EICAR's test file, which every scanner reports and which does nothing.
const EICAR: &[u8] = b"%PDF-X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/// A scanner that speaks as ClamAV's daemon does, until it is away.
struct Daemon {
    is_away: Arc<AtomicBool>,
}

impl Daemon {
    fn at(path: &std::path::Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let is_away = Arc::new(AtomicBool::new(false));
        let away = Arc::clone(&is_away);
        tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                if away.load(Ordering::SeqCst) {
                    continue;
                }
                let mut word = [0; 10];
                line.read_exact(&mut word).await.unwrap();
                assert_eq!(&word, b"zINSTREAM\0");
                let mut file = Vec::new();
                loop {
                    let length = line.read_u32().await.unwrap() as usize;
                    if length == 0 {
                        break;
                    }
                    let before = file.len();
                    file.resize(before + length, 0);
                    line.read_exact(&mut file[before..]).await.unwrap();
                }
                let found = file.windows(5).any(|window| window == b"EICAR");
                let answer: &[u8] = match found {
                    true => b"stream: Eicar-Test-Signature FOUND\0",
                    false => b"stream: OK\0",
                };
                line.write_all(answer).await.unwrap();
            }
        });
        Self { is_away }
    }
}

async fn told_of_scans(world: Arc<World>, daemon: Daemon) {
    let uploads = Uploads::of(&world).await;
    let books = uploads.begin("updc").await;
    let good: (&str, &[u8]) = ("a.pdf", PDF);
    uploads.upload(&books, &[good]).await.ok();
    let rows = uploads.rows().await;
    let answer = uploads.upload(&books, &[good, ("b.pdf", EICAR)]).await;
    assert!(answer.refused(400).contains("virus"));
    let rule = &answer.json()["validation"]["errors"][0]["validatorName"];
    assert_eq!(rule, "Infected");
    uploads.leaves(rows).await;
    daemon.is_away.store(true, Ordering::SeqCst);
    let text = uploads.upload(&books, &[good]).await.refused(503);
    assert!(text.contains("viruses"), "{text}");
    uploads.leaves(rows).await;
    let metrics = world
        .send(Method::GET, "/metrics", &[], vec![])
        .await
        .text();
    for outcome in ["clean", "infected", "failed"] {
        let line = format!("moorline_file_scans_total{{outcome=\"{outcome}\"}}");
        assert!(metrics.contains(&line), "{metrics}");
    }
    daemon.is_away.store(false, Ordering::SeqCst);
    uploads.upload(&books, &[good]).await.ok();
    assert_eq!(uploads.list().await.len(), 2);
    assert_eq!(uploads.list().await[0]["sourceType"], "Other");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_is_scanned_by_the_daemon_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let socket = folder.path().join("clamd.ctl");
    let daemon = Daemon::at(&socket);
    let world = World::start(url, folder, |config| {
        config.files.clamd = socket.display().to_string();
    })
    .await;
    told_of_scans(world, daemon).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_is_scanned_by_the_daemon_on_postgres() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("clamd.ctl");
    let daemon = Daemon::at(&socket);
    let world = World::start(url, folder, |config| {
        config.files.clamd = socket.display().to_string();
    })
    .await;
    told_of_scans(world, daemon).await;
}

/// A program's verdict, a bound of a company's room, and a scanner at a port at which nothing is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_can_be_the_scanner_and_a_company_has_bounded_room() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let world = World::start(url, folder, |config| {
        let script = "if grep -q EICAR; then exit 1; fi; test ! -e /nowhere";
        config.files.scan_command = ["sh", "-c", script].map(str::to_owned).into();
        config.files.company_mb = 1;
    })
    .await;
    let uploads = Uploads::of(&world).await;
    let books = uploads.begin("upbk").await;
    uploads.upload(&books, &[("a.pdf", PDF)]).await.ok();
    let answer = uploads.upload(&books, &[("b.pdf", EICAR)]).await;
    assert!(answer.refused(400).contains("virus"));
    let large = [PDF, &vec![b'x'; 1_100_000]].concat();
    let answer = uploads.upload(&books, &[("c.pdf", &large)]).await;
    assert!(answer.refused(400).contains("room"));
    assert_eq!(uploads.list().await.len(), 1);
    uploads.leaves(2).await;

    // Uploads under way: a few, and none of them takes another's room.
    let part = super::form(&[], &[("d.pdf", &large[..900_000])]);
    let mut lines = Vec::new();
    for number in 1..=3 {
        lines.push(uploads.hold(&books, &part[..800_000], part.len()).await);
        world
            .until("most of it is stored", || async {
                (uploads.rows().await == 2 + number * 13).then_some(())
            })
            .await;
    }
    let half: (&str, &[u8]) = ("e.pdf", &large[..500_000]);
    let text = uploads.upload(&books, &[half]).await.refused(429);
    assert!(text.contains("3 uploads"), "{text}");
    drop(lines.pop());
    uploads.leaves(2 + 2 * 13).await;
    uploads.upload(&books, &[half]).await.ok();
    drop(lines);
    world.end().await;

    // Nothing listens there any more.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = port.local_addr().unwrap().to_string();
    drop(port);
    let settings = |clamd: &str, words: &[&str]| platform::app::config::Files {
        clamd: clamd.to_owned(),
        scan_command: words.iter().map(|word| (*word).to_owned()).collect(),
        scan_timeout_ms: 200,
        ..Default::default()
    };
    for files in [
        settings(&address, &[]),
        settings("", &["/nowhere/scanner"]),
        settings("", &["sh", "-c", "exit 2"]),
        settings("", &["sleep", "60"]),
    ] {
        let answer = platform::data::files::scan::is_there(&files).await;
        assert!(answer.is_err(), "{files:?}");
    }
}

/// A program that hangs with a child that holds its input, in which 1 MB waits: all of it ends, and the upload is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scanner_that_hangs_is_ended_with_what_it_has_started() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let note = folder.path().join("pid");
    let script = format!(
        "exec 3<&0; sleep 600 <&3 & echo $! > {}; wait",
        note.display()
    );
    let world = World::start(url, folder, |config| {
        config.files.scan_command = ["sh", "-c", &script].map(str::to_owned).into();
        config.files.scan_timeout_ms = 1_000;
    })
    .await;
    let uploads = Uploads::of(&world).await;
    let books = uploads.begin("upbk").await;
    let large = [PDF, &vec![b'x'; 1_000_000]].concat();
    let answer = uploads.upload(&books, &[("a.pdf", &large)]).await;
    answer.refused(503);
    let rule = &answer.json()["validation"]["errors"][0]["validatorName"];
    assert_eq!(rule, "Unscanned");
    let child = std::fs::read_to_string(&note).unwrap();
    let state = format!("/proc/{}/stat", child.trim());
    world
        .until("its child has ended", || async {
            let state = std::fs::read_to_string(&state).unwrap_or_default();
            // Gone, or dead and not waited for by the system yet.
            (state.is_empty() || state.contains(") Z ")).then_some(())
        })
        .await;
    world.end().await;
}
