//! Servers under measurement, each a process of its own, so that its time and memory are its own.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A running server; dropping it ends it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its start to the first answer of its readiness path.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// Starts a command that listens on `address` and waits until `path` answers 200.
    pub(crate) async fn start(
        command: &mut Command,
        address: SocketAddr,
        path: &str,
    ) -> Result<Self> {
        let began = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let mut server = Self {
            child,
            address,
            ready_after: Duration::ZERO,
        };
        while !answers(address, path).await {
            ensure!(
                server.child.try_wait()?.is_none(),
                "the server ended at once"
            );
            ensure!(
                began.elapsed() < Duration::from_secs(60),
                "the server never became ready"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.ready_after = began.elapsed();
        Ok(server)
    }

    /// Processor time used so far, in user and kernel.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name may hold spaces; the fields after it don't (proc(5): utime is field 14, stime 15).
        let rest = text
            .rsplit_once(')')
            .context("/proc/…/stat has no name in brackets")?
            .1;
        let ticks: u64 = rest
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        // USER_HZ is 100 on every Linux that matters.
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Anonymous memory, in bytes: the program's own, without the files it maps.
    pub(crate) fn anonymous_memory(&self) -> Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib: u64 = text
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok())
            .context("no RssAnon in /proc/…/status")?;
        Ok(kib * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn answers(address: SocketAddr, path: &str) -> bool {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        let text = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(text.as_bytes()).await?;
        let mut answer = [0_u8; 12];
        stream.read_exact(&mut answer).await?;
        Ok::<bool, std::io::Error>(answer.ends_with(b"200"))
    };
    exchange.await.unwrap_or(false)
}

/// An address on a port that is free now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

pub(crate) fn size_of(program: &Path) -> Result<u64> {
    Ok(fs::metadata(program)?.len())
}
