//! The accept loop: takes connections until the program stops, then lets requests under way end.
//!
//! hyper-util's own loop instead of `axum::serve`, which would wait for ever for the rest of a half-sent header.

mod framing;
mod socket;

use std::io;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::ServiceExt;

use self::framing::{Framing, Verdicts};
use self::socket::Socket;
use super::layers::Refused;
use super::rate_headers::Peer;
use platform::app::Shared;

/// Serves until the program is to stop.
pub async fn serve(app: Shared, listener: TcpListener) -> io::Result<()> {
    let mut stop = app.stop.subscribe();
    let router = crate::router::router(Shared::clone(&app));
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(app.config.limits.header_timeout_ms))
        .max_buf_size(32 << 10);
    let send_timeout = Duration::from_millis(app.config.limits.send_timeout_ms);
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // A stop that was requested before this loop began counts too.
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok((stream, address)) => (stream, Peer(address.ip())),
            Err(error) => {
                // Out of file descriptors, most likely: others will close theirs.
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let verdicts = Verdicts::default();
        let framing = Framing::new(verdicts.clone());
        let socket = Socket::new(stream, framing, send_timeout);
        let service = TowerToHyperService::new(router.clone().map_request(
            move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(peer);
                if let Some(why) = verdicts.next() {
                    request.extensions_mut().insert(Refused(why));
                }
                crate::paths::correct(request.uri_mut());
                request
            },
        ));
        let connection = builder.serve_connection(TokioIo::new(socket), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::trace!(%error, "connection ended");
            }
        });
    }
    drop(listener);
    let patience = Duration::from_secs(app.config.shutdown_seconds);
    if tokio::time::timeout(patience, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests were still under way and were cut off");
    }
    Ok(())
}
