//! The scanner: ClamAV's daemon at its socket, or a program of the operator's. It sees every file before the file counts.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use zeroize::Zeroizing;

use crate::app::App;
use crate::app::config::Files as Settings;

/// A scanner's answer is a line or two.
const LONGEST_ANSWER: u64 = 4_096;

/// Scans at once: each holds a connection to the daemon, or a process and two threads.
const MOST_AT_ONCE: usize = 4;

/// The scanner's word on a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Clean,
    /// With the scanner's name for it.
    Infected(String),
}

/// The scanner gave no verdict.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ScanError(String);

#[derive(Debug)]
pub(crate) struct Scanner {
    /// Remembers if the scanner gave no verdict last, so that a change is logged once.
    is_away: AtomicBool,
    at_once: Arc<Semaphore>,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            is_away: AtomicBool::default(),
            at_once: Arc::new(Semaphore::new(MOST_AT_ONCE)),
        }
    }
}

/// A file's bytes on their way to the scanner.
pub(super) type Pieces = mpsc::Receiver<Zeroizing<Vec<u8>>>;

/// Has a file scanned.
///
/// # Errors
/// The scanner can't be reached, or gives no verdict in time.
pub(super) async fn scan(app: &App, pieces: Pieces) -> Result<Verdict, ScanError> {
    // Held until the program has ended, even if the upload is given up before.
    let turn = Arc::clone(&app.scanner.at_once).acquire_owned().await.ok();
    let scanned = ask(&app.config.files, pieces, turn).await;
    report(app, &scanned);
    scanned
}

/// Asks the scanner about a file of no bytes.
///
/// # Errors
/// It gives no verdict.
pub async fn is_there(settings: &Settings) -> Result<(), ScanError> {
    let (_, nothing) = mpsc::channel(1);
    ask(settings, nothing, None).await.map(|_| ())
}

async fn ask(
    settings: &Settings,
    pieces: Pieces,
    turn: Option<OwnedSemaphorePermit>,
) -> Result<Verdict, ScanError> {
    let limit = Duration::from_millis(settings.scan_timeout_ms);
    if settings.clamd.is_empty() {
        let words = settings.scan_command.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            by_command(&words, pieces, limit)
        });
        return done
            .await
            .unwrap_or_else(|error| Err(ScanError(error.to_string())));
    }
    let asked = tokio::time::timeout(limit, by_daemon(&settings.clamd, pieces)).await;
    asked.unwrap_or_else(|_| Err(ScanError(format!("no verdict within {limit:?}"))))
}

/// Counts a scan, and says in the log when the scanner fails and when it works again.
fn report(app: &App, scanned: &Result<Verdict, ScanError>) {
    let outcome = match scanned {
        Ok(Verdict::Clean) => "clean",
        Ok(Verdict::Infected(_)) => "infected",
        Err(_) => "failed",
    };
    app.metrics.count_scan(outcome);
    let was_away = app
        .scanner
        .is_away
        .swap(scanned.is_err(), Ordering::Relaxed);
    match scanned {
        Err(error) if !was_away => {
            tracing::error!(%error, "the virus scanner gives no verdict; files are refused until it does");
        }
        Ok(_) if was_away => tracing::warn!("the virus scanner answers again"),
        _ => {}
    }
    if let Ok(Verdict::Infected(name)) = scanned {
        tracing::warn!(
            infection = name,
            "a file was refused, because the virus scanner found something in it"
        );
    }
}

/// ClamAV's `INSTREAM`: pieces with their lengths, an empty one at the end, and a line in answer.
async fn by_daemon(address: &str, mut pieces: Pieces) -> Result<Verdict, ScanError> {
    let away = |error: std::io::Error| ScanError(format!("{address}: {error}"));
    let mut answer = Vec::new();
    if address.starts_with('/') {
        let stream = UnixStream::connect(address).await.map_err(away)?;
        converse(stream, &mut pieces, &mut answer).await
    } else {
        let stream = TcpStream::connect(address).await.map_err(away)?;
        converse(stream, &mut pieces, &mut answer).await
    }
    .map_err(away)?;
    let answer = String::from_utf8_lossy(&answer);
    let answer = answer.trim_end_matches('\0').trim();
    let words = answer.strip_prefix("stream: ").unwrap_or(answer);
    match words.strip_suffix(" FOUND") {
        Some(name) => Ok(Verdict::Infected(name.to_owned())),
        None if words == "OK" => Ok(Verdict::Clean),
        None => Err(ScanError(format!("{address} answers \"{answer}\""))),
    }
}

async fn converse(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite,
    pieces: &mut Pieces,
    answer: &mut Vec<u8>,
) -> std::io::Result<()> {
    let (reading, mut writing) = tokio::io::split(stream);
    let told = async {
        writing.write_all(b"zINSTREAM\0").await?;
        while let Some(piece) = pieces.recv().await {
            let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
            writing.write_all(&length.to_be_bytes()).await?;
            writing.write_all(&piece).await?;
        }
        writing.write_all(&0_u32.to_be_bytes()).await?;
        writing.flush().await
    };
    let read = async { reading.take(LONGEST_ANSWER).read_to_end(answer).await };
    let told = {
        tokio::pin!(told, read);
        tokio::select! {
            // It may answer before it has taken everything: the rest is of no use to it.
            read = &mut read => read.map(|_| ()),
            told = &mut told => {
                // An answer may have come before the sending failed.
                read.await?;
                told
            }
        }
    };
    if answer.is_empty() {
        told?;
    }
    Ok(())
}

fn by_command(words: &[String], mut pieces: Pieces, limit: Duration) -> Result<Verdict, ScanError> {
    let program = words.first().map_or("", String::as_str);
    let failed = |error: std::io::Error| ScanError(format!("{program}: {error}"));
    let mut child = Command::new(program)
        .args(words.get(1..).unwrap_or_default())
        // The settings may hold secrets.
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A group of its own, so that what it starts ends with it.
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let mut input = child.stdin.take();
    // In a thread of its own: a program that doesn't read would hold the watch over it, too.
    std::thread::spawn(move || {
        while let (Some(into), Some(piece)) = (input.as_mut(), pieces.blocking_recv()) {
            // One that has seen enough closes its input.
            if into.write_all(&piece).is_err() {
                break;
            }
        }
    });
    let status = ended(&mut child, limit).map_err(failed)?;
    match status.and_then(|status| status.code()) {
        Some(0) => Ok(Verdict::Clean),
        Some(1) => Ok(Verdict::Infected(format!("{program} ended with 1"))),
        Some(code) => Err(ScanError(format!("{program} ended with {code}"))),
        None => Err(ScanError(format!(
            "{program} gave no verdict within {limit:?}"
        ))),
    }
}

/// The end of a program; None if it had to be ended. Whatever it has started ends with it: it would hold the program's input, and
/// the thread that feeds it, for good.
fn ended(child: &mut Child, limit: Duration) -> std::io::Result<Option<std::process::ExitStatus>> {
    let began = Instant::now();
    let group = Pid::from_child(child);
    // It stays in the table until it is waited for, so that its number can't be another group's meanwhile.
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    loop {
        let is_over = rustix::process::waitid(WaitId::Pid(group), look)?.is_some();
        if is_over || began.elapsed() >= limit {
            rustix::process::kill_process_group(group, Signal::KILL)?;
            let status = child.wait()?;
            return Ok(is_over.then_some(status));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
