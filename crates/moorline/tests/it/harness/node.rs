//! A further node: the platform once more, at an address of its own, over a database that nodes may share.

use std::sync::Arc;

use platform::app::config::Config;
use platform::app::{App, Shared};
use store::clock::Clock;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::World;

pub struct Node {
    pub app: Shared,
    pub port: u16,
    serving: JoinHandle<()>,
}

impl Node {
    /// A node on the world's own database.
    pub async fn on_database_of(world: &World) -> Self {
        Self::start(world.app.config.clone(), world.clock.clone()).await
    }

    pub async fn start(config: Config, clock: Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = App::start(config, clock).await.unwrap();
        let serving = serve(&app, listener);
        Self { app, port, serving }
    }

    pub async fn stop(self) {
        self.app.stop.send_replace(true);
        self.serving.await.unwrap();
    }
}

/// Serves until `app.stop` turns true.
pub(super) fn serve(app: &Shared, listener: TcpListener) -> JoinHandle<()> {
    let app = Arc::clone(app);
    tokio::spawn(async move { moorline::cli::until_stopped(app, listener).await.unwrap() })
}
