//! Serves the sandbox on `http://127.0.0.1:7410` with one client for each product; `cargo run -p sandbox --example serve [port] [state file]`.

use anyhow::Context as _;
use sandbox::{Client, Config, Product};
use tokio::net::TcpListener;
use url::Url;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .init();
    let mut arguments = std::env::args().skip(1);
    let port: u16 = match arguments.next() {
        Some(port) => port.parse().context("the port must be a number")?,
        None => 7410,
    };
    let public_url = Url::parse(&format!("http://127.0.0.1:{port}"))?;
    let callback = Url::parse("http://localhost:7400/oauth/callback")?;
    let mut config = Config::new(public_url.clone());
    config.state_file = arguments.next().map(Into::into);
    config.clients = Product::ALL
        .map(|product| Client {
            id: format!("example-{product}"),
            secret: "example-secret".into(),
            name: "Example application".into(),
            redirect_uris: vec![callback.clone()],
            product,
        })
        .into();
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("port {port} can't be opened"))?;
    println!(
        "{public_url} · {public_url}control · clients example-accounting, example-commerce, example-banking"
    );
    let stop = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "can't listen for Ctrl-C");
        }
    };
    sandbox::serve(config, listener, stop).await?;
    Ok(())
}
