//! Receivers that never answer properly: slow, endless, silent, redirecting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::webhook_retries::messages;
use crate::harness::receiver::{Receiver, Reply, subscribe};
use crate::harness::{World, postgres_database};

/// Runs a story on both databases with settings of its own.
macro_rules! story_with {
    ($name:ident, $adjust:expr, $tell:expr) => {
        mod $name {
            use super::*;

            async fn tell(url: String) {
                let folder = tempfile::tempdir().unwrap();
                let url = url.replace("FOLDER", &folder.path().display().to_string());
                let world = World::start(url, folder, $adjust).await;
                let tell: fn(std::sync::Arc<World>) -> _ = $tell;
                tell(std::sync::Arc::clone(&world)).await;
                world.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                tell("sqlite:FOLDER/moorline.db".into()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(url) = postgres_database().await {
                    tell(url).await;
                }
            }
        }
    };
}

#[derive(Clone, Copy, Debug)]
enum Bad {
    /// The head comes a byte at a time and never ends.
    DripsHead,
    /// The head comes at once, the body a byte at a time.
    DripsBody,
    /// The body never ends.
    Endless,
    /// Accepts the connection and never answers.
    Silent,
    /// Closes with a reset.
    Resets,
}

/// Sends a text again and again, a byte at a time, until the other side closes.
async fn drip(stream: &mut TcpStream, text: &[u8]) {
    for byte in text.iter().cycle() {
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Starts one; returns its port, and the count of bytes of an endless body that senders have read.
async fn bad_receiver(kind: Bad) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken: Arc<AtomicUsize> = Arc::default();
    let counter = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 << 10];
                let _ = stream.read(&mut buffer).await;
                let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                match kind {
                    Bad::DripsHead => {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
                        drip(&mut stream, b"x-long: yes\r\n").await;
                    }
                    Bad::DripsBody => {
                        let _ = stream.write_all(head).await;
                        drip(&mut stream, b"1\r\nx\r\n").await;
                    }
                    Bad::Endless => {
                        let _ = stream.write_all(head).await;
                        let chunk = [b"10000\r\n".as_slice(), &[b'x'; 65_536], b"\r\n"].concat();
                        while stream.write_all(&chunk).await.is_ok() {
                            counter.fetch_add(chunk.len(), Ordering::Relaxed);
                        }
                    }
                    Bad::Silent => tokio::time::sleep(Duration::from_secs(600)).await,
                    Bad::Resets => {
                        let _ = stream.set_zero_linger();
                    }
                }
            });
        }
    });
    (port, taken)
}

story_with!(
    bad_receivers_free_their_worker_in_time,
    |config| config.webhooks.timeout_ms = 700,
    |world| async move {
        assert_eq!(
            platform::app::config::Config::default().webhooks.timeout_ms,
            15_000
        );
        let elsewhere = Receiver::start().await;
        let redirecting = Receiver::start().await;
        redirecting.answer(|_| Reply::status(302));
        let mut consumers = Vec::new();
        for (kind, scheme, good, words) in [
            (Bad::DripsHead, "http", false, "in time"),
            (Bad::DripsBody, "http", true, ""),
            (Bad::Endless, "http", true, ""),
            (Bad::Silent, "http", false, "in time"),
            (Bad::Silent, "https", false, ""),
            (Bad::Resets, "http", false, "127.0.0.1"),
        ] {
            let (port, taken) = bad_receiver(kind).await;
            let id = subscribe(
                &world,
                &format!("{scheme}://127.0.0.1:{port}/"),
                &["company.created"],
            )
            .await;
            consumers.push((format!("{kind:?} over {scheme}"), id, good, words, taken));
        }
        let id = subscribe(&world, &redirecting.url, &["company.created"]).await;
        consumers.push(("a redirect".into(), id, false, "", Arc::default()));
        world.company("merchant-42").await;
        for (kind, webhook, good, words, taken) in consumers {
            let attempt = world
                .until(format!("{kind} is over"), || async {
                    let message = messages(&world, &webhook, "").await.into_iter().next()?;
                    let path = format!(
                        "/webhooks/{webhook}/messages/{}",
                        message["id"].as_str().unwrap()
                    );
                    let attempt = world.get(&path).await.ok()["attempts"][0].clone();
                    attempt.is_object().then_some(attempt)
                })
                .await;
            assert!(
                attempt["durationMs"].as_i64() < Some(2_500),
                "{kind}: {attempt}"
            );
            assert_eq!(attempt["statusCode"] == 200, good, "{kind}: {attempt}");
            assert!(
                attempt["error"]
                    .as_str()
                    .unwrap_or_default()
                    .contains(words),
                "{kind}: {attempt}"
            );
            assert!(
                attempt["response"].as_str().unwrap_or_default().len() <= 1_024,
                "{kind}"
            );
            // No more than fits into the two sockets' buffers: the sender doesn't read a body to its end.
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken < 32 << 20, "{kind}: {taken} bytes were taken");
        }
        assert!(elsewhere.received().is_empty());
    }
);
