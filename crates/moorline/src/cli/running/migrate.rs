//! `moorline migrate`: bring the database to the newest schema.

use clap::Args;

use crate::cli::operating::{Shown, print_one};
use platform::app::config::Config;
use store::Db;
use store::clock::Clock;

#[derive(Args)]
pub(in crate::cli) struct Migrate {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Migrate {
    pub(in crate::cli) async fn run(self, config: Config) -> anyhow::Result<()> {
        let db = Db::open(&config.database_url, config.database_connections).await?;
        let applied = db.migrate(Clock::System.now()).await;
        db.close().await;
        let applied = applied?;
        if self.json {
            print_one(&Shown::default().with("applied", applied), &[], true);
            return Ok(());
        }
        if applied.is_empty() {
            println!("The schema is up to date.");
        }
        for name in applied {
            println!("applied {name}");
        }
        Ok(())
    }
}
