//! The end of an authorisation on the developer's own machine: a page on the loopback that takes the redirect.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use url::form_urlencoded;

/// The path that the redirect comes to.
pub(super) const PATH: &str = "/callback";

/// Lines typed at the terminal. One thread reads them for the whole run: a second reader would lose lines to it.
pub(super) type Lines = mpsc::Receiver<String>;

/// The parameters of the platform's redirect.
pub(super) type Query = BTreeMap<String, String>;

/// A listener on the loopback alone.
pub(super) struct Callback {
    listener: TcpListener,
}

impl Callback {
    pub(super) async fn listen(port: u16) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!(
                "can't listen for the redirect at {address}; choose another port with --port, and register its redirect URI at the platform"
            )
        })?;
        Ok(Self { listener })
    }

    pub(super) fn port(&self) -> anyhow::Result<u16> {
        Ok(self.listener.local_addr()?.port())
    }

    /// The query of the first redirect that carries `state`. If the browser runs on another machine, the developer can paste
    /// the address that it ended at instead.
    pub(super) async fn wait(self, state: &str, lines: &mut Lines) -> anyhow::Result<Query> {
        let state: Arc<str> = state.into();
        let (found, mut redirects) = mpsc::channel(1);
        let server = tokio::spawn(serve(self.listener, state.clone(), found));
        let query = loop {
            tokio::select! {
                query = redirects.recv() => break query.context("the page for the redirect stopped")?,
                Some(line) = lines.recv() => match query_of(line.trim()) {
                    Some(query) if query.contains_key("client_id") => {
                        eprintln!("  That is the address to open. Paste the one that the browser ends at after you have allowed the access.");
                    }
                    Some(query) if query.get("state").is_some_and(|given| **given == *state) => break query,
                    Some(_) => eprintln!("  That address belongs to another authorisation: its state differs. Begin at the address above."),
                    None if line.trim().is_empty() => {}
                    None => eprintln!("  That is not the whole address: paste it with everything behind its question mark."),
                },
            }
        };
        // The browser gets its page before the listener goes.
        server.abort();
        Ok(query)
    }
}

/// The lines typed at the terminal; none if standard input is not interactive. A read of the terminal can't be
/// interrupted, so that a thread of its own waits for them until the process ends.
pub(super) fn typed_lines(interactive: bool) -> Lines {
    let (sender, receiver) = mpsc::channel(1);
    if interactive {
        std::thread::spawn(move || {
            for line in std::io::stdin().lines().map_while(Result::ok) {
                if sender.blocking_send(line).is_err() {
                    break;
                }
            }
        });
    }
    receiver
}

fn query_of(address: &str) -> Option<Query> {
    let (_, query) = address.split_once('?')?;
    let query = query.split('#').next().unwrap_or(query);
    Some(
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
    )
}

async fn serve(listener: TcpListener, state: Arc<str>, found: mpsc::Sender<Query>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (state, found) = (state.clone(), found.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let (state, found) = (state.clone(), found.clone());
            async move { Ok::<_, Infallible>(answer(&request, &state, &found)) }
        });
        tokio::spawn(async move {
            // A browser that goes away has its page, or needs none.
            let _ = hyper::server::conn::http1::Builder::new()
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

fn answer(
    request: &Request<Incoming>,
    state: &str,
    found: &mpsc::Sender<Query>,
) -> Response<Full<Bytes>> {
    let query: Query = request
        .uri()
        .query()
        .map(|query| {
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect()
        })
        .unwrap_or_default();
    let (status, text) = if request.uri().path() != PATH {
        (
            StatusCode::NOT_FOUND,
            "There is no page here: the redirect goes to /callback.",
        )
    } else if query.get("state").map(String::as_str) != Some(state) {
        (
            StatusCode::BAD_REQUEST,
            "This redirect belongs to another authorisation: its state differs. Begin at the address in the terminal.",
        )
    } else {
        // A second redirect finds the first one taken.
        let _ = found.try_send(query);
        (
            StatusCode::OK,
            "Thank you: the terminal shows the rest. You can close this page.",
        )
    };
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    for (name, value) in [
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        response.headers_mut().insert(
            http::HeaderName::from_static(name),
            http::HeaderValue::from_static(value),
        );
    }
    response
}
