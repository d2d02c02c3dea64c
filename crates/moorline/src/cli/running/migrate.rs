//! `moorline migrate`: bring the database to the newest schema.

use platform::app::config::Config;
use store::Db;
use store::clock::Clock;

pub(in crate::cli) async fn run(config: Config) -> anyhow::Result<()> {
    let db = Db::open(&config.database_url, config.database_connections).await?;
    let applied = db.migrate(Clock::System.now()).await?;
    if applied.is_empty() {
        println!("The schema is up to date.");
    }
    for name in applied {
        println!("applied {name}");
    }
    db.close().await;
    Ok(())
}
