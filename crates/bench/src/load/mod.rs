//! A load generator: clients that keep their connections and send the next request as soon as one is answered.

mod throughput;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Requests, ready to be written.
#[derive(Clone)]
pub(crate) struct Requests {
    pub(crate) address: SocketAddr,
    texts: Arc<Vec<Vec<u8>>>,
}

impl Requests {
    /// GETs of these paths in turn.
    pub(crate) fn to(address: SocketAddr, authorization: &str, paths: &[String]) -> Self {
        let text = |path: &String| {
            format!(
                "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\nAccept: application/json\r\n\r\n"
            )
            .into_bytes()
        };
        Self {
            address,
            texts: Arc::new(paths.iter().map(text).collect()),
        }
    }

    /// POSTs of one JSON body.
    pub(crate) fn posting(
        address: SocketAddr,
        authorization: &str,
        path: &str,
        body: &str,
    ) -> Self {
        let text = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\nAccept: application/json\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self {
            address,
            texts: Arc::new(vec![text.into_bytes()]),
        }
    }
}

/// Result of one window of load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) requests: u64,
}

/// Sends requests with `clients` at once for `length`.
pub(crate) async fn drive(requests: &Requests, clients: usize, length: Duration) -> Result<Window> {
    let stop = Arc::new(AtomicBool::new(false));
    let began = Instant::now();
    let mut tasks = Vec::with_capacity(clients);
    for number in 0..clients {
        tasks.push(tokio::spawn(repeat(
            requests.clone(),
            number,
            Arc::clone(&stop),
        )));
    }
    tokio::time::sleep(length).await;
    stop.store(true, Ordering::Relaxed);
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.context("a client of the load stopped")??);
    }
    let elapsed = began.elapsed().as_secs_f64();
    ensure!(!waits.is_empty(), "no request was answered in time");
    waits.sort_unstable();
    Ok(Window {
        per_second: waits.len() as f64 / elapsed,
        p50: waits[waits.len() / 2],
        p99: waits[waits.len() * 99 / 100],
        requests: waits.len() as u64,
    })
}

async fn repeat(requests: Requests, number: usize, stop: Arc<AtomicBool>) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(requests.address).await?;
    stream.set_nodelay(true)?;
    let mut waits = Vec::with_capacity(8192);
    let mut buffer = Vec::with_capacity(128 * 1024);
    let mut next = number * 7919;
    while !stop.load(Ordering::Relaxed) {
        let text = &requests.texts[next % requests.texts.len()];
        next += 1;
        let sent = Instant::now();
        stream.write_all(text).await?;
        read_answer(&mut stream, &mut buffer, text).await?;
        waits.push(sent.elapsed());
    }
    Ok(waits)
}

/// Reads one answer to its end; anything but 200 ends the measurement.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>, request: &[u8]) -> Result<()> {
    buffer.clear();
    let mut end = None;
    loop {
        if let Some(end) = end
            && buffer.len() >= end
        {
            return Ok(());
        }
        ensure!(
            stream.read_buf(buffer).await? > 0,
            "the server closed the connection"
        );
        if end.is_none()
            && let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
            if !text.starts_with("http/1.1 200") {
                let first = String::from_utf8_lossy(request);
                bail!("{} → {text}", first.lines().next().unwrap_or_default());
            }
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .and_then(|length| length.trim().parse::<usize>().ok())
                .context("an answer without Content-Length")?;
            end = Some(head + 4 + length);
        }
    }
}

/// The element in the middle of those ordered by `by`.
pub(crate) fn median<T: Copy>(mut of: Vec<T>, by: impl Fn(&T) -> f64) -> T {
    of.sort_by(|a, b| by(a).total_cmp(&by(b)));
    of[of.len() / 2]
}
